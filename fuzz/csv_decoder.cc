// A CSV decoder has the same rows, or the same error, however its bytes are cut, on however many
// threads, in chunks of any size; its splits together are the whole, and from each position it goes
// on exactly. Rows that are left out are the same, too, and with the others they are all there are.

#include "formats/csv/csv_decoder.h"

#include <arrow/memory_pool.h>
#include <arrow/table.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/memory_governor.h"
#include "law.h"
#include "polarway/expr.h"
#include "support/memory_stream.h"

namespace polarway::csv {
namespace {

using fuzz::require;
using testing::MemoryStream;

constexpr std::int64_t kLimitBytes = 256 << 20;
constexpr std::int64_t kManyRows = 1'000'000;
constexpr std::int64_t kManyBytes = 64 << 20;

// How a table is read: nothing of it may show in the rows.
struct Cuts {
  int num_threads = 1;
  std::int64_t block_bytes = kBlockBytes;
  std::size_t read_bytes = std::string::npos;
  bool seekable = true;
  std::int64_t max_rows = kManyRows;
  std::int64_t max_bytes = kManyBytes;
};

struct Outcome {
  std::vector<std::shared_ptr<MemoryBudget>> budgets;  // in whose pools the batches lie
  std::shared_ptr<arrow::Schema> schema;
  arrow::RecordBatchVector batches;
  std::vector<std::string> positions;
  std::vector<Split> splits;
  std::string error;
  std::int64_t num_rejects = 0;
  std::string rejects;  // all of them

  std::int64_t num_rows() const {
    std::int64_t rows = 0;
    for (const auto& batch : batches) rows += batch->num_rows();
    return rows;
  }
  std::shared_ptr<arrow::Table> table() const {
    return arrow::Table::FromRecordBatches(schema, batches).ValueOrDie();
  }
  void append(const Outcome& other) {
    budgets.insert(budgets.end(), other.budgets.begin(), other.budgets.end());
    batches.insert(batches.end(), other.batches.begin(), other.batches.end());
    rejects += other.rejects;
    num_rejects += other.num_rejects;
  }
};

// All that an error says, but for how full the memory was and what might help.
std::string text_of(SourceError error) {
  error.memory.reset();
  error.hint.clear();
  // How long a row is that is too long is known only where its end was read.
  if (error.message.find("max_line_size") != std::string::npos) error.message = "max_line_size";
  return error.to_string() + " byte " + std::to_string(error.where.byte_offset.value_or(-1)) +
         " row " + std::to_string(error.where.row.value_or(-1));
}

// All that a reject says; its place in bytes, as a split counts rows from its own start.
std::string text_of(std::vector<Reject> rejects) {
  std::string text;
  for (Reject& reject : rejects) {
    reject.where.row.reset();
    text += reject.to_json() + "\n";
  }
  return text;
}

const std::shared_ptr<Executor>& executor(int num_threads) {
  static const std::shared_ptr<Executor> one = std::make_shared<Executor>(1);
  static const std::shared_ptr<Executor> three = std::make_shared<Executor>(3);
  return num_threads > 1 ? three : one;
}

Context make_context(const Cuts& cuts) {
  Context context;
  // No lease pays for the chunks here, which a governor would take for memory that escaped.
  static MemoryGovernor idle(MemoryProbe("/nonexistent"));
  context.budget = MemoryBudget::make(kLimitBytes, MemoryScope::Accounted, idle);
  context.executor = executor(cuts.num_threads);
  context.rejects = std::make_shared<RejectChannel>(context.budget);
  context.parallel = cuts.num_threads > 1;
  return context;
}

void read_chunks(Decoder& decoder, const Cuts& cuts, Outcome& outcome) {
  std::int64_t max_bytes = cuts.max_bytes;
  for (;;) {
    auto batch = decoder.read({.max_rows = cuts.max_rows, .max_bytes = max_bytes, .stop = {}});
    if (!batch && batch.error().memory && batch.error().memory->needed_bytes > max_bytes) {
      max_bytes = batch.error().memory->needed_bytes;  // as a stream does that has the room
      continue;
    }
    if (!batch) {
      outcome.error = text_of(batch.error());
      const auto again = decoder.read({.max_rows = 1, .max_bytes = kManyBytes, .stop = {}});
      require(!again && text_of(again.error()) == outcome.error, "a final error repeats",
              outcome.error);
    }
    if (!batch || !*batch) return;
    const auto& rows = (*batch)->rows;
    require(rows->num_rows() > 0 && rows->num_rows() <= cuts.max_rows, "a chunk has 1 to max_rows");
    require(rows->ValidateFull().ok(), "a chunk is a valid batch", rows->ToString());
    outcome.batches.push_back(rows);
    outcome.positions.push_back((*batch)->position_after);
    max_bytes = cuts.max_bytes;
  }
}

Outcome read_all(const std::string& bytes, const CsvOptions& options, const Cuts& cuts,
                 const ScanRequest& request, int num_splits = 0) {
  Outcome outcome;
  const Context context = make_context(cuts);
  outcome.budgets.push_back(context.budget);
  auto decoder = make_csv_decoder(options, cuts.block_bytes);
  const auto plan = decoder->open(
      std::make_unique<MemoryStream>(bytes, cuts.read_bytes, cuts.seekable), request, context);
  if (!plan) {
    outcome.error = text_of(plan.error());
    return outcome;
  }
  outcome.schema = plan->metadata.schema.arrow();
  if (num_splits > 0) {
    auto splits = decoder->splits(num_splits);
    if (splits) outcome.splits = *std::move(splits);
    return outcome;
  }
  read_chunks(*decoder, cuts, outcome);
  decoder.reset();
  outcome.num_rejects = context.rejects->count();
  outcome.rejects = text_of(context.rejects->take());
  require(context.budget->reserved_bytes() == 0, "a closed decoder holds no lease");
  return outcome;
}

void require_equal(const Outcome& ours, const Outcome& whole, const char* law,
                   bool with_rejects = true) {
  require(ours.error == whole.error, law, ours.error + "\nwhole: " + whole.error);
  require((ours.schema == nullptr) == (whole.schema == nullptr), law);
  if (!ours.schema) return;
  require(ours.schema->Equals(*whole.schema), law, ours.schema->ToString());
  require(ours.table()->Equals(*whole.table(), arrow::EqualOptions().nans_equal(true)), law,
          ours.table()->ToString() + "\nwhole: " + whole.table()->ToString());
  if (!with_rejects) return;
  require(ours.num_rejects == whole.num_rejects && ours.rejects == whole.rejects, law,
          ours.rejects + "\nwhole: " + whole.rejects);
}

// The first bytes of the input say how to read the others.
class Choices {
 public:
  static constexpr std::size_t kCount = 16;

  explicit Choices(const std::uint8_t* bytes) : bytes_(bytes) {}

  std::map<std::string, std::string> options() const {
    const auto flag = [&](int bit) { return (bytes_[14] >> bit) % 2 != 0 ? "true" : "false"; };
    std::map<std::string, std::string> options = {
        {"delimiter", pick(0, {",", ";", "\t", "|", " ", "x", "||", "<>"})},
        {"quote_char", pick(1, {"\"", "\"", "'", "none"})},
        {"comment_char", pick(2, {"none", "none", "#", "//"})},
        {"encoding", pick(3, {"utf-8", "utf-8", "utf-8-lossy", "latin1"})},
        {"null_values", pick(4, {"", "NA", "NA,null,-", R"({"a": ["NA", "1"]})"})},
        {"has_header", bytes_[5] % 4 == 3 ? "false" : "true"},
        {"skip_rows", std::to_string((bytes_[5] >> 2) % 8 == 7 ? bytes_[5] >> 5 : 0)},
        {"infer_schema_length", std::to_string(bytes_[6] % 2 == 0 ? 1000 : 1 + bytes_[6] / 8)},
        {"escape_char", pick(12, {"none", "none", "none", "\\"})},
        {"max_line_size", bytes_[13] < 128 ? "none" : std::to_string(bytes_[13] - 127)},
        {"skip_lines", std::to_string(bytes_[13] % 8 == 7 ? bytes_[13] / 8 % 4 : 0)},
        {"missing_utf8_is_empty_string", flag(0)},
        {"empty_string_is_null", flag(1)},
        {"quoted_can_be_null", flag(2)},
        {"try_parse_dates", flag(3)},
        {"decimal_comma", flag(4)},
        {"infer_schema", flag(5)},
        {"skip_rows_after_header", std::to_string(bytes_[15] % 8 == 7 ? bytes_[15] / 8 % 4 : 0)}};
    if (bytes_[12] >= 128) options["eol_char"] = pick(12, {"\n", "\r", ";", "e"});
    if (bytes_[14] >= 192) options["thousands"] = "_";
    if (bytes_[2] >= 128) options["ragged"] = pick(2, {"truncate", "pad", "reject", "reject"});
    if (bytes_[3] >= 128) options["on_schema_change"] = pick(3, {"reject", "rescue"});
    if (bytes_[1] >= 192) options["ignore_errors"] = "true";
    if (bytes_[4] >= 192) options["max_rejects"] = std::to_string(bytes_[4] % 8);
    if (bytes_[15] >= 128 && num_splits() == 0) options["n_rows"] = std::to_string(bytes_[15] % 16);
    return options;
  }

  // Types for the columns; nothing leaves them as they are inferred.
  std::optional<Schema> pinned(const arrow::Schema& inferred) const {
    static const std::vector<DataType> kTypes = [] {
      std::vector<DataType> types;
      for (const char* name :
           {"int64", "float64", "bool", "string", "date", "timestamp[us]", "timestamp[us, UTC]",
            "int8", "uint8", "int32", "uint64", "float32", "decimal128(10, 2)", "time64[us]",
            "timestamp[s]", "timestamp[ns]", "uint16"}) {
        types.push_back(*DataType::parse(name));
      }
      return types;
    }();
    const int kind = bytes_[7] % 4;
    if (kind < 2) return std::nullopt;
    std::vector<Field> fields;
    for (int i = 0; i < inferred.num_fields(); ++i) {
      if (inferred.field(i)->name() == kRescuedColumn) continue;
      const std::size_t type = static_cast<std::size_t>(i + bytes_[7] / 4) % kTypes.size();
      fields.emplace_back(inferred.field(i)->name(), kind == 2 ? DataType::String : kTypes[type]);
    }
    return Schema(fields);
  }

  ScanRequest request(const arrow::Schema& schema) const {
    ScanRequest request;
    if (schema.num_fields() == 0) return request;
    const int last = schema.num_fields() - 1;
    if (bytes_[8] % 4 == 1) request.columns = std::vector<std::string>{};
    if (bytes_[8] % 4 == 2) request.columns = std::vector{schema.field(last)->name()};
    const Expr column = col(schema.field((bytes_[8] / 16) % schema.num_fields())->name());
    if ((bytes_[8] / 4) % 4 == 1) request.filter = column.is_null();
    if ((bytes_[8] / 4) % 4 == 2) request.filter = column.is_not_null();
    return request;
  }

  Cuts cuts() const {
    Cuts cuts;
    cuts.num_threads = 1 + bytes_[9] % 2 * 2;
    cuts.seekable = bytes_[9] % 8 < 6;
    cuts.block_bytes = 1 + bytes_[10];
    cuts.read_bytes = bytes_[9] < 128 ? 1u + bytes_[9] / 2u : std::string::npos;
    cuts.max_rows = bytes_[11] % 4 == 0 ? kManyRows : 1 + bytes_[11] / 8;
    cuts.max_bytes = bytes_[11] % 4 == 3 ? 600 : kManyBytes;
    return cuts;
  }

  int num_splits() const { return bytes_[9] % 16 == 0 ? 1 + bytes_[10] % 5 : 0; }
  bool resumes() const { return bytes_[9] % 16 == 2; }

 private:
  template <std::size_t kChoices>
  std::string pick(std::size_t at, const char* const (&choices)[kChoices]) const {
    return choices[bytes_[at] % kChoices];
  }

  const std::uint8_t* bytes_;
};

// A lone CR ends lines where the start of a file has no LF, and a byte order mark has three bytes.
// The start is a block: the law is about blocks that have it.
std::int64_t least_block(const std::string& bytes) {
  const std::size_t lf = std::min(bytes.find('\n'), bytes.size());
  return bytes.find('\r') < lf ? static_cast<std::int64_t>(lf) + 1 : 3;
}

// Without a filter, each row of the file is read or left out.
void check_number(const std::string& bytes, CsvOptions options, const Cuts& cuts,
                  const ScanRequest& request, const Outcome& whole) {
  if (!whole.schema || !whole.error.empty() || request.filter || options.max_line_size) return;
  options.ragged = Ragged::Truncate;
  options.on_schema_change.reset();
  options.ignore_errors = false;
  options.max_rejects.reset();
  ScanRequest count;
  count.columns.emplace();
  const Outcome all = read_all(bytes, options, cuts, count);
  require(all.schema != nullptr, "what opens can be counted", all.error);
  require(all.error.empty() && all.num_rows() == whole.num_rows() + whole.num_rejects,
          "rows read and rows left out are the rows of the file",
          all.error + std::to_string(all.num_rows()));
}

void check_splits(const std::string& bytes, const CsvOptions& options, const Cuts& cuts,
                  const ScanRequest& request, int num_splits, const Outcome& whole) {
  const Outcome planned = read_all(bytes, options, cuts, request, num_splits);
  Outcome joined;
  joined.schema = whole.schema;
  for (const Split& split : planned.splits) {
    ScanRequest piece = request;
    piece.split = split;
    const Outcome part = read_all(bytes, options, cuts, piece);
    if (!part.schema) fuzz::require(false, "a split opens", part.error);
    joined.append(part);
    joined.error = part.error;
    if (!part.error.empty()) break;
  }
  if (planned.splits.empty()) return;  // quotes that never close
  // A split counts rows from its own start.
  if (!whole.error.empty()) {
    require(!joined.error.empty(), "an error of the whole is one of the splits", whole.error);
    joined.error = whole.error;
  }
  require_equal(joined, whole, "splits together are the whole");
}

void check_resume(const std::string& bytes, const CsvOptions& options, const Cuts& cuts,
                  const ScanRequest& request, const Outcome& pieces) {
  if (pieces.positions.empty()) return;
  const std::size_t taken = (pieces.positions.size() + 1) / 2;
  ScanRequest rest_of = request;
  rest_of.resume_from = pieces.positions[taken - 1];
  const Outcome rest = read_all(bytes, options, cuts, rest_of);
  Outcome joined;
  joined.schema = pieces.schema;
  joined.batches.assign(pieces.batches.begin(),
                        pieces.batches.begin() + static_cast<std::ptrdiff_t>(taken));
  joined.append(rest);
  joined.error = rest.error;
  // Which of the rejects come before a position, nobody has kept.
  require_equal(joined, pieces, "a stream goes on after any position", false);
}

void check(const Choices& choices, const std::string& bytes) {
  Result<CsvOptions> options = parse_csv_options(choices.options());
  if (!options) return;
  Cuts cuts = choices.cuts();
  cuts.block_bytes = std::max(cuts.block_bytes, least_block(bytes));
  Cuts at_once;
  at_once.seekable = cuts.seekable;

  const Outcome inferred = read_all(bytes, *options, at_once, {});
  if (!inferred.schema) return;
  options->schema = choices.pinned(*inferred.schema);
  const ScanRequest request = choices.request(*inferred.schema);
  const Outcome whole = read_all(bytes, *options, at_once, request);
  const Outcome pieces = read_all(bytes, *options, cuts, request);
  require_equal(pieces, whole, "rows do not depend on cuts");
  check_number(bytes, *options, at_once, request, whole);
  // From elsewhere than the start, rejects are counted anew.
  if (!cuts.seekable || options->max_rejects) return;
  if (choices.num_splits() > 0) {
    check_splits(bytes, *options, cuts, request, choices.num_splits(), whole);
  }
  if (choices.resumes()) check_resume(bytes, *options, cuts, request, pieces);
}

}  // namespace
}  // namespace polarway::csv

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using polarway::csv::Choices;
  if (size < Choices::kCount) return -1;
  polarway::csv::check(Choices(data),
                       std::string(polarway::fuzz::text_of(data, size, Choices::kCount)));
  return 0;
}
