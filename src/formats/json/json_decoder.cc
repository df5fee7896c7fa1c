#include "formats/json/json_decoder.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <new>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/measured_lease.h"
#include "formats/block.h"
#include "formats/json/piece_decoder.h"
#include "formats/json/record_reader.h"
#include "formats/json/record_table.h"
#include "formats/json/sample.h"
#include "formats/position.h"
#include "formats/row_rejects.h"
#include "frame/column_name.h"

namespace polarway::json {
namespace {

// A pipe's sample cannot be read twice, so the first block must hold it.
constexpr std::int64_t kPipeBlockBytes = 1 << 20;

// One thread finds pieces, and puts them together, about as fast as so many decode them.
constexpr int kMostThreads = 8;

class JsonDecoder final : public Decoder {
 public:
  JsonDecoder(JsonOptions options, std::int64_t block_bytes)
      : options_(std::move(options)), block_bytes_(block_bytes) {}

  std::int64_t working_set_bytes(const ScanRequest&) const override {
    return Block::memory_bytes(kPipeBlockBytes) + RecordParser::working_set_bytes();
  }

  Result<Schema> start(std::unique_ptr<ByteStream> bytes, const Schema& known,
                       const Context& context) override {
    bytes_ = std::move(bytes);
    context_ = context;
    return placed(find_columns(known));
  }

  Result<ScanPlan> open(const ScanRequest& request) override { return placed(plan(request)); }

  Result<std::optional<Batch>> read(const ChunkTarget& target) override {
    if (final_error_) return fail(*final_error_);
    try {
      Result<std::optional<Batch>> batch = counts_ ? count_chunk(target) : read_chunk(target);
      if (!batch && !batch.error().retryable()) final_error_ = batch.error();
      return batch;
    } catch (const std::bad_alloc&) {
      // Rows may have been taken that nobody will get, so there is no going on.
      final_error_ = {.kind = ErrorKind::MemoryLimit,
                      .where = {.location = bytes_->location(), .row = delivered_rows_ + 1},
                      .message = "the system refused memory in the middle of a chunk",
                      .hint = "lower the memory limit to what there is"};
      return fail(*final_error_);
    }
  }

  Result<std::vector<Split>> splits(int max_splits) override;

  std::int64_t next_row() const override { return delivered_rows_; }

  std::int64_t bytes_read() const override {
    return bytes_ ? bytes_->bytes_read() - sample_bytes_ : 0;
  }

 private:
  template <class T>
  Result<T> placed(Result<T> result) const {
    if (!result && result.error().where.location.empty()) {
      result.error().where.location = bytes_->location();
    }
    return result;
  }
  bool rescues() const { return options_.on_schema_change == SchemaChange::Rescue; }
  Result<Schema> find_columns(const Schema& known);
  Result<ScanPlan> plan(const ScanRequest& request);
  Result<std::vector<std::string>> wanted_names(const ScanRequest& request) const;
  std::unique_ptr<RecordReader> make_reader() {
    return std::make_unique<RecordReader>(*block_, bytes_->location(),
                                          make_scanner(sample_.layout, options_));
  }
  std::unique_ptr<PieceDecoder> decode_in_pieces(const std::vector<std::string>& wanted);
  Result<std::optional<std::string_view>> next_record(const std::stop_token& stop);
  bool has_all_rows() const { return options_.n_rows && records_->rows() >= *options_.n_rows; }
  std::int64_t rows_left(const ChunkTarget& target) const {
    const std::int64_t of_chunk = target.max_rows - table_->num_rows();
    return options_.n_rows ? std::min(of_chunk, *options_.n_rows - records_->rows()) : of_chunk;
  }
  Result<bool> add_record(std::string_view record);
  Result<std::optional<Batch>> read_chunk(const ChunkTarget& target);
  Result<std::optional<Batch>> count_chunk(const ChunkTarget& target);
  Batch finish_batch(std::shared_ptr<arrow::RecordBatch> rows);
  SourceError too_large(std::string_view record) const;

  JsonOptions options_;
  std::int64_t block_bytes_;
  std::unique_ptr<ByteStream> bytes_;
  Context context_;
  std::unique_ptr<Block> block_;
  std::unique_ptr<RecordParser> parser_;
  Sample sample_;
  std::vector<TableColumn> columns_;
  std::int64_t sample_bytes_ = 0;         // read for the sample, and read again
  std::optional<std::int64_t> end_byte_;  // of a split
  bool counts_ = false;                   // no column is wanted, and no filter reads any
  std::int64_t delivered_rows_ = 0;
  std::int64_t delivered_byte_ = 0;
  std::optional<SourceError> final_error_;
  std::unique_ptr<RecordReader> records_;
  std::unique_ptr<RecordTable> table_;
  std::unique_ptr<RowRejects> rejects_;
  std::unique_ptr<PieceDecoder> pieces_;  // where there are several threads; the last member: it
                                          // uses the others
};

Result<Schema> JsonDecoder::find_columns(const Schema& known) {
  const bool seekable = bytes_->seekable();
  POLARWAY_TRY(block_,
               Block::make(*bytes_, seekable ? block_bytes_ : kPipeBlockBytes, context_.budget));
  parser_ = std::make_unique<RecordParser>(context_.budget);
  POLARWAY_TRY(sample_, read_sample(*block_, *parser_, options_, known, seekable, context_.budget,
                                    context_.stop));
  POLARWAY_TRY(columns_,
               table_columns(sample_.root, sample_.num_records, sample_.layout, options_, known));
  settle_measured(sample_.lease);
  arrow::FieldVector fields;
  for (const TableColumn& column : columns_) {
    fields.push_back(
        arrow::field(column.name, column.is_seen ? column.type.arrow() : arrow::null()));
    if (rescues() && column.name == kRescuedColumn) return fail(rescued_column_is_there());
  }
  if (rescues()) fields.push_back(arrow::field(kRescuedColumn, arrow::utf8()));
  return Schema(arrow::schema(std::move(fields)));
}

// The columns that are wanted, and those that only the filter reads: the stream applies it.
Result<std::vector<std::string>> JsonDecoder::wanted_names(const ScanRequest& request) const {
  std::vector<std::string> names;
  for (const TableColumn& column : columns_) names.push_back(column.name);
  if (rescues()) names.emplace_back(kRescuedColumn);
  if (!request.columns) return names;
  std::vector<std::string> wanted = *request.columns;
  const std::unordered_set<std::string_view> known(names.begin(), names.end());
  std::unordered_set<std::string> there(wanted.begin(), wanted.end());
  if (request.filter) {
    for (std::string& name : request.filter->columns()) {
      if (there.insert(name).second) wanted.push_back(std::move(name));
    }
  }
  for (const std::string& name : wanted) {
    if (known.contains(name)) continue;
    return fail(no_such_column(name, names, {.location = bytes_->location(), .column = name}));
  }
  return wanted;
}

Result<ScanPlan> JsonDecoder::plan(const ScanRequest& request) {
  POLARWAY_TRY(const std::vector<std::string> wanted, wanted_names(request));
  counts_ = request.columns && wanted.empty();
  POLARWAY_TRY(table_,
               RecordTable::make(columns_, wanted, options_, context_.budget->arrow_pool()));
  // What is read again after the sample counts once.
  if (bytes_->random_access()) {
    sample_bytes_ = bytes_->bytes_read() - block_->offset() - std::ssize(block_->text());
  }
  records_ = make_reader();
  rejects_ = std::make_unique<RowRejects>(context_.rejects, true, options_.max_rejects);
  for (const auto& place :
       {request.split ? std::optional(request.split->piece) : std::nullopt, request.resume_from}) {
    if (!place) continue;
    POLARWAY_TRY(const Position position, Position::parse(*place, *bytes_));
    POLARWAY_CHECK(block_->seek(position.byte));
    records_->resume(position.row);
    if (position.end_byte) end_byte_ = position.end_byte;
  }
  delivered_rows_ = records_->rows();
  delivered_byte_ = records_->byte();
  if (!counts_) pieces_ = decode_in_pieces(wanted);

  SourceMetadata metadata{.schema = Schema(table_->schema()),
                          .size_bytes = bytes_->size_bytes(),
                          .num_records = {},
                          .bytes_per_row = 0.0,
                          .seekable = bytes_->seekable(),
                          .parallelizable = true,
                          .splittable = bytes_->random_access(),
                          .ordered = true,
                          .bounded = true};
  const std::unordered_set<std::string_view> names(wanted.begin(), wanted.end());
  for (const TableColumn& column : columns_) {
    if (names.contains(column.name)) *metadata.bytes_per_row += column.bytes_per_row;
  }
  return ScanPlan{
      .metadata = std::move(metadata), .residual = request.filter, .limit_applied = false};
}

// Null where one thread reads.
std::unique_ptr<PieceDecoder> JsonDecoder::decode_in_pieces(
    const std::vector<std::string>& wanted) {
  if (!context_.parallel || !context_.executor || sample_.layout == Layout::One) return nullptr;
  const int num_threads = std::min(context_.executor->num_threads(), kMostThreads);
  if (num_threads < 2) return nullptr;
  PieceRules rules{.make_table =
                       [this, wanted] {
                         return RecordTable::make(columns_, wanted, options_,
                                                  context_.budget->arrow_pool());
                       },
                   .make_scanner = [this] { return make_scanner(sample_.layout, options_); },
                   .layout = sample_.layout,
                   .piece_bytes = block_bytes_,
                   .num_columns = std::ssize(columns_),
                   .end_byte = end_byte_};
  return std::make_unique<PieceDecoder>(*block_, *records_, std::move(rules), context_.executor,
                                        num_threads - 1, context_.budget);
}

// The next record that is ours; nothing at the end, and at the end of a piece.
Result<std::optional<std::string_view>> JsonDecoder::next_record(const std::stop_token& stop) {
  if (has_all_rows()) return std::nullopt;
  POLARWAY_TRY(const auto record, records_->peek(stop));
  if (record && end_byte_ && records_->record_byte() >= *end_byte_) return std::nullopt;
  return record;
}

SourceError JsonDecoder::too_large(std::string_view record) const {
  SourceError error =
      records_->at_record({.kind = ErrorKind::MemoryLimit,
                           .message = "a record of " + std::to_string(record.size()) +
                                      " bytes is larger than a chunk may be",
                           .hint = "raise the memory limit"});
  error.memory = MemoryShortage{.limit_bytes = context_.budget->limit_bytes(),
                                .used_bytes = context_.budget->used_bytes(),
                                .needed_bytes = table_->needed_bytes(),
                                .holdings = {}};
  return error;
}

// False when the chunk is full.
Result<bool> JsonDecoder::add_record(std::string_view record) {
  if (Result<void> reserved = parser_->reserve(std::ssize(record)); !reserved) {
    return fail(records_->at_record(std::move(reserved.error())));
  }
  switch (table_->add(record, *parser_)) {
    case RecordTable::Added::Row:
      records_->take();
      return true;
    case RecordTable::Added::NoRoom:
      if (table_->num_rows() == 0) return fail(too_large(record));
      return false;
    case RecordTable::Added::Trouble:
      break;
  }
  SourceError error = records_->error_of(table_->trouble());
  if (options_.on_schema_change != SchemaChange::Reject || error.kind == ErrorKind::MemoryLimit) {
    return fail(std::move(error));
  }
  auto reject = std::make_unique<Reject>(Reject{.where = std::move(error.where),
                                                .message = std::move(error.message),
                                                .raw = std::string(record.substr(0, 1 << 10))});
  if (!rejects_->has_room()) return fail(rejects_->too_many(reject.get()));
  rejects_->add(std::move(reject));
  records_->take();
  return true;
}

Result<std::optional<Batch>> JsonDecoder::read_chunk(const ChunkTarget& target) {
  table_->start(target.max_rows, target.max_bytes);
  while (table_->num_rows() < target.max_rows) {
    if (target.stop.stop_requested() && table_->num_rows() == 0) {
      return fail({.kind = ErrorKind::Cancelled,
                   .where = {.location = bytes_->location()},
                   .message = "stopped"});
    }
    if (target.stop.stop_requested()) break;
    if (pieces_) {
      const PieceDecoder::Filled filled = pieces_->fill(*table_, rows_left(target), target.stop);
      if (filled == PieceDecoder::Filled::Full) break;
      if (filled == PieceDecoder::Filled::Rows) continue;
    }
    Result<std::optional<std::string_view>> record = next_record(target.stop);
    if (record && !*record && pieces_ && pieces_->is_within_piece() && !has_all_rows()) continue;
    if (record && !*record) break;
    Result<bool> added = record ? add_record(**record) : fail(std::move(record.error()));
    if (added && *added) continue;
    // The rows before an error are good; it comes next time.
    if (!added && table_->num_rows() == 0) return fail(std::move(added.error()));
    break;
  }
  if (table_->num_rows() == 0) return std::nullopt;
  POLARWAY_TRY(auto rows, table_->finish());
  return finish_batch(std::move(rows));
}

Result<std::optional<Batch>> JsonDecoder::count_chunk(const ChunkTarget& target) {
  std::int64_t num_rows = 0;
  for (; num_rows < target.max_rows; ++num_rows) {
    Result<std::optional<std::string_view>> record = next_record(target.stop);
    if (!record && num_rows == 0) return fail(std::move(record.error()));
    if (!record || !*record) break;
    records_->take();
  }
  if (num_rows == 0) return std::nullopt;
  return finish_batch(arrow::RecordBatch::Make(table_->schema(), num_rows, arrow::ArrayVector()));
}

Batch JsonDecoder::finish_batch(std::shared_ptr<arrow::RecordBatch> rows) {
  Batch batch{.rows = std::move(rows), .position_after = {}};
  delivered_rows_ = records_->rows();
  delivered_byte_ = records_->byte();
  if (bytes_->seekable()) {
    batch.position_after = Position{.byte = delivered_byte_,
                                    .row = delivered_rows_,
                                    .end_byte = end_byte_,
                                    .identity = bytes_->identity()}
                               .to_text();
  }
  return batch;
}

Result<std::vector<Split>> JsonDecoder::splits(int max_splits) {
  if (!bytes_->random_access()) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .where = {.location = bytes_->location()},
                 .message = "a pipe, or a file that is compressed, cannot be split",
                 .hint = "write it to a file first, decompressed"});
  }
  const std::int64_t size = bytes_->size_bytes().value_or(0);
  const std::int64_t first = sample_.data_offset;
  std::vector<Position> begins;
  // One pass over the structure: where a record begins is only known from all before it.
  while (static_cast<int>(begins.size()) < max_splits) {
    POLARWAY_TRY(const auto record, records_->peek(context_.stop));
    if (!record) break;
    const std::int64_t wanted =
        first + (size - first) / max_splits * static_cast<std::int64_t>(begins.size());
    if (records_->byte() >= wanted) {
      begins.push_back({.byte = records_->byte(),
                        .row = records_->rows(),
                        .end_byte = {},
                        .identity = bytes_->identity()});
    }
    records_->take();
  }
  return splits_at(std::move(begins), size, working_set_bytes({}));
}

}  // namespace

std::unique_ptr<Decoder> make_json_decoder(JsonOptions options, std::int64_t block_bytes) {
  return std::make_unique<JsonDecoder>(std::move(options), block_bytes);
}

}  // namespace polarway::json
