// A CSV decoder has the same rows, or the same error, however its bytes are cut, on however many
// threads, in chunks of any size; its splits together are the whole, and from each position it goes
// on exactly. Rows that are left out are the same, too, and with the others they are all there are.

#include "formats/csv/csv_decoder.h"

#include <arrow/type.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decoder_law.h"
#include "law.h"
#include "polarway/expr.h"

namespace polarway::csv {
namespace {

using fuzz::check_resume;
using fuzz::check_splits;
using fuzz::Cuts;
using fuzz::kManyBytes;
using fuzz::kManyRows;
using fuzz::Outcome;
using fuzz::read_all;
using fuzz::require_equal;

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
  const fuzz::MakeDecoder make = [&options](std::int64_t block_bytes) {
    return make_csv_decoder(options, block_bytes);
  };
  ScanRequest count;
  count.columns.emplace();
  const Outcome all = read_all(bytes, make, cuts, count);
  fuzz::require(all.schema != nullptr, "what opens can be counted", all.error);
  fuzz::require(all.error.empty() && all.num_rows() == whole.num_rows() + whole.num_rejects,
                "rows read and rows left out are the rows of the file",
                all.error + std::to_string(all.num_rows()));
}

void check(const Choices& choices, const std::string& bytes) {
  Result<CsvOptions> options = parse_csv_options(choices.options());
  if (!options) return;
  Cuts cuts = choices.cuts();
  cuts.block_bytes = std::max(cuts.block_bytes, least_block(bytes));
  Cuts at_once;
  at_once.seekable = cuts.seekable;

  const fuzz::MakeDecoder make = [&options](std::int64_t block_bytes) {
    return make_csv_decoder(*options, block_bytes);
  };
  const Outcome inferred = read_all(bytes, make, at_once, {});
  if (!inferred.schema) return;
  options->schema = choices.pinned(*inferred.schema);
  const ScanRequest request = choices.request(*inferred.schema);
  const Outcome whole = read_all(bytes, make, at_once, request);
  const Outcome pieces = read_all(bytes, make, cuts, request);
  require_equal(pieces, whole, "rows do not depend on cuts");
  check_number(bytes, *options, at_once, request, whole);
  // From elsewhere than the start, rejects are counted anew.
  if (!cuts.seekable || options->max_rejects) return;
  if (choices.num_splits() > 0) {
    check_splits(bytes, make, cuts, request, choices.num_splits(), whole);
  }
  if (choices.resumes()) check_resume(bytes, make, cuts, request, pieces);
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
