#include "formats/ipc/ipc_decoder.h"

#include <arrow/array/data.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/format_bytes.h"
#include "core/out_of_memory.h"
#include "formats/ipc/batch_source.h"
#include "formats/ipc/position.h"
#include "frame/column_name.h"

namespace polarway::ipc {
namespace {

constexpr std::int64_t kWorkingSetBytes = 256 << 10;  // metadata and what is made of them
constexpr double kExpansion = 4;                      // guessed, of what is compressed
// Pages of a mapped file cost the limit nothing, but they are resident while a chunk shows them.
constexpr std::int64_t kMostSharedBytes = 8 << 20;

class IpcDecoder final : public Decoder {
 public:
  std::int64_t working_set_bytes(const ScanRequest&) const override { return kWorkingSetBytes; }

  Result<Schema> start(std::unique_ptr<ByteStream> bytes, const Schema& known,
                       const Context& context) override;
  Result<ScanPlan> open(const ScanRequest& request) override;
  Result<std::optional<Batch>> read(const ChunkTarget& target) override;
  Result<std::vector<Split>> splits(int max_splits) override;

  std::int64_t next_row() const override { return rows_before_ + (batch_ ? batch_->row : 0); }
  std::int64_t bytes_read() const override { return source_ ? source_->bytes_read() : 0; }

 private:
  template <class T>
  Result<T> placed(Result<T> result) const;
  Result<void> choose_columns(const ScanRequest& request);
  Result<std::size_t> place_of(const std::string& name) const;
  Result<void> go_to_start(const ScanRequest& request);
  Result<void> open_batch();

  Result<std::optional<Batch>> read_chunk(const ChunkTarget& target);
  Result<std::shared_ptr<arrow::RecordBatch>> read_arrays(const ChunkTarget& target);
  Result<std::int64_t> rows_that_fit(ArrayReader& reader, const ChunkTarget& target) const;
  Result<std::shared_ptr<arrow::RecordBatch>> read_rows(ArrayReader& reader, Rows rows) const;
  std::string position() const;
  double row_bytes() const;

  Context context_;
  std::unique_ptr<BatchSource> source_;
  std::vector<std::size_t> chosen_;  // of its columns
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<std::int64_t> end_batch_;  // of a split
  std::int64_t rows_before_ = 0;           // of the batch at hand
  std::unique_ptr<OpenBatch> batch_;       // null at the end
  std::optional<SourceError> final_error_;
};

template <class T>
Result<T> IpcDecoder::placed(Result<T> result) const {
  if (!result && result.error().where.location.empty()) {
    result.error().where.location = source_->bytes().location();
  }
  return result;
}

Result<Schema> IpcDecoder::start(std::unique_ptr<ByteStream> bytes, const Schema&,
                                 const Context& context) {
  context_ = context;
  POLARWAY_TRY(source_, BatchSource::open(std::move(bytes), context));
  arrow::FieldVector fields;
  for (const Column& column : source_->columns()) fields.push_back(column.field);
  return Schema(arrow::schema(std::move(fields)));
}

Result<std::size_t> IpcDecoder::place_of(const std::string& name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < source_->columns().size(); ++i) {
    const std::string& found = source_->columns()[i].field->name();
    if (found == name) return i;
    names.push_back(found);
  }
  return fail(no_such_column(name, names, {.column = name}));
}

Result<void> IpcDecoder::choose_columns(const ScanRequest& request) {
  if (request.columns) {
    for (const std::string& name : *request.columns) {
      POLARWAY_TRY(const std::size_t place, place_of(name));
      chosen_.push_back(place);
    }
  } else {
    for (std::size_t i = 0; i < source_->columns().size(); ++i) chosen_.push_back(i);
  }
  // The stream applies the filter, and needs the columns for it.
  if (request.filter) {
    for (const std::string& name : request.filter->columns()) {
      POLARWAY_TRY(const std::size_t place, place_of(name));
      if (std::find(chosen_.begin(), chosen_.end(), place) == chosen_.end()) {
        chosen_.push_back(place);
      }
    }
  }
  arrow::FieldVector fields;
  for (const std::size_t place : chosen_) {
    fields.push_back(source_->columns()[place].field);
    source_->want(place);
  }
  schema_ = arrow::schema(std::move(fields));
  return {};
}

Result<ScanPlan> IpcDecoder::open(const ScanRequest& request) {
  return placed([&]() -> Result<ScanPlan> {
    POLARWAY_CHECK(choose_columns(request));
    POLARWAY_CHECK(go_to_start(request));
    const ByteStream& bytes = source_->bytes();
    SourceMetadata metadata{.schema = Schema(schema_),
                            .size_bytes = bytes.size_bytes(),
                            .num_records = {},
                            .bytes_per_row = {},
                            .seekable = bytes.seekable(),
                            .parallelizable = false,
                            .splittable = source_->has_list(),
                            .ordered = true,
                            .bounded = true};
    // Who asks for no columns wants to know how many rows there are, which the file says.
    if (chosen_.empty() && source_->has_list() && !request.split && !request.resume_from) {
      POLARWAY_TRY(const auto sizes, source_->sizes());
      metadata.num_records = 0;
      for (const BatchSource::Size& size : sizes) *metadata.num_records += size.rows;
    }
    if (!batch_ && source_->can_go_back()) POLARWAY_CHECK(open_batch());
    if (batch_ && batch_->num_rows() > 0) metadata.bytes_per_row = row_bytes();
    return ScanPlan{
        .metadata = std::move(metadata), .residual = request.filter, .limit_applied = false};
  }());
}

// To where a split or a position begins.
Result<void> IpcDecoder::go_to_start(const ScanRequest& request) {
  Position start;
  for (const auto& place :
       {request.split ? std::optional(request.split->piece) : std::nullopt, request.resume_from}) {
    if (!place) continue;
    POLARWAY_TRY(Position parsed, Position::parse(*place, source_->bytes()));
    if (!parsed.end_batch) parsed.end_batch = start.end_batch;
    start = std::move(parsed);
  }
  end_batch_ = start.end_batch;
  rows_before_ = start.rows_before;
  POLARWAY_CHECK(source_->go_to(start.batch, end_batch_));
  if (start.row == 0) return {};
  POLARWAY_CHECK(open_batch());
  if (batch_) batch_->row = std::min(start.row, batch_->num_rows());
  return {};
}

Result<void> IpcDecoder::open_batch() {
  if (batch_) rows_before_ += batch_->num_rows();
  batch_.reset();  // its memory is for the next
  POLARWAY_TRY(batch_, source_->next());
  return {};
}

// What the wanted columns take for a row, as the metadata tell.
double IpcDecoder::row_bytes() const {
  const BatchMetadata& metadata = batch_->message.batch;
  double bytes = 0;
  for (std::size_t i = 0; i < metadata.buffers.size(); ++i) {
    if (batch_->wanted[i]) bytes += static_cast<double>(metadata.buffers[i].length);
  }
  if (metadata.codec != BodyCodec::None) bytes *= kExpansion;
  return bytes / static_cast<double>(metadata.num_rows);
}

Result<std::optional<Batch>> IpcDecoder::read(const ChunkTarget& target) {
  if (final_error_) return fail(*final_error_);
  source_->stream().set_stop(target.stop);
  Result<std::optional<Batch>> batch = guard([&] { return placed(read_chunk(target)); });
  // What a pipe gave is gone.
  if (!batch && (!batch.error().retryable() || !source_->can_go_back())) {
    final_error_ = batch.error();
  }
  return batch;
}

Result<std::optional<Batch>> IpcDecoder::read_chunk(const ChunkTarget& target) {
  if (!batch_) POLARWAY_CHECK(open_batch());
  while (batch_ && batch_->row == batch_->num_rows()) POLARWAY_CHECK(open_batch());
  if (!batch_) {
    POLARWAY_CHECK(source_->check());
    return std::nullopt;
  }
  Result<std::shared_ptr<arrow::RecordBatch>> rows = read_arrays(target);
  if (!rows) {
    rows.error().message = fmt::format("record batch {}: {}", batch_->number, rows.error().message);
    return fail(std::move(rows.error()));
  }
  POLARWAY_CHECK(source_->check());
  batch_->row += (*rows)->num_rows();
  return Batch{.rows = *std::move(rows),
               .position_after = source_->bytes().seekable() ? position() : std::string()};
}

Result<std::shared_ptr<arrow::RecordBatch>> IpcDecoder::read_arrays(const ChunkTarget& target) {
  if (chosen_.empty()) {
    const std::int64_t rows = std::min(target.max_rows, batch_->num_rows() - batch_->row);
    return arrow::RecordBatch::Make(schema_, rows, arrow::ArrayDataVector{});
  }
  POLARWAY_CHECK(source_->open_body(*batch_));
  ArrayReader reader(batch_->message.batch, batch_->message.has_union_bitmaps, *batch_->body,
                     source_->dictionaries(), context_.budget->arrow_pool());
  POLARWAY_TRY(const std::int64_t rows, rows_that_fit(reader, target));
  return read_rows(reader, {batch_->row, batch_->row + rows});
}

// As many rows as a chunk may have; MemoryLimit where one is too large.
Result<std::int64_t> IpcDecoder::rows_that_fit(ArrayReader& reader,
                                               const ChunkTarget& target) const {
  std::int64_t rows = std::min(target.max_rows, batch_->num_rows() - batch_->row);
  if (batch_->body->shares_file()) {
    const double pages = std::max(1.0, static_cast<double>(kMostSharedBytes) / row_bytes());
    rows =
        std::min(rows, pages < static_cast<double>(rows) ? static_cast<std::int64_t>(pages) : rows);
  }
  for (;;) {
    const std::int64_t enough = rows > 1 ? target.max_bytes : INT64_MAX;
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < chosen_.size() && bytes <= enough; ++i) {
      const Column& column = source_->columns()[chosen_[i]];
      Result<std::int64_t> of_column = reader.measure(
          column.layout, batch_->cursors[i], {batch_->row, batch_->row + rows}, enough - bytes);
      if (!of_column) {
        of_column.error().where.column = column.field->name();
        return of_column;
      }
      bytes += *of_column;
    }
    if (bytes <= target.max_bytes) return rows;
    if (rows == 1) {
      SourceError error{.kind = ErrorKind::MemoryLimit,
                        .where = {.row = next_row() + 1},
                        .message = fmt::format("one row takes {}", format_bytes(bytes)),
                        .hint = "ask for fewer columns, or allow more memory"};
      error.memory = MemoryShortage{.limit_bytes = context_.budget->limit_bytes(),
                                    .used_bytes = context_.budget->used_bytes(),
                                    .needed_bytes = bytes,
                                    .holdings = context_.budget->holdings()};
      return fail(std::move(error));
    }
    // A little less than what should fit, and always less than half of what did not.
    const double part = 0.9 * static_cast<double>(target.max_bytes) / static_cast<double>(bytes);
    rows = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(static_cast<double>(rows) * std::min(part, 0.7)));
  }
}

Result<std::shared_ptr<arrow::RecordBatch>> IpcDecoder::read_rows(ArrayReader& reader,
                                                                  Rows rows) const {
  std::vector<std::shared_ptr<arrow::ArrayData>> arrays;
  for (std::size_t i = 0; i < chosen_.size(); ++i) {
    const Column& column = source_->columns()[chosen_[i]];
    auto array = reader.read(column.layout, batch_->cursors[i], rows);
    if (!array) {
      ErrorPlace& where = array.error().where;
      where.column = column.field->name();
      const bool is_flat = column.layout.children.empty();
      if (where.row)
        where.row = is_flat ? std::optional(next_row() + *where.row + 1) : std::nullopt;
      return fail(std::move(array.error()));
    }
    arrays.push_back(*std::move(array));
  }
  return arrow::RecordBatch::Make(schema_, rows.count(), std::move(arrays));
}

std::string IpcDecoder::position() const {
  const Position position{.batch = batch_->number,
                          .row = batch_->row,
                          .rows_before = rows_before_,
                          .end_batch = end_batch_,
                          .identity = source_->bytes().identity()};
  return position.to_text();
}

Result<std::vector<Split>> IpcDecoder::splits(int max_splits) {
  if (!source_->has_list()) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .where = {.location = source_->bytes().location()},
                 .message = "a stream has no list of its batches, and cannot be split",
                 .hint = "write it as an Arrow file first"});
  }
  return placed([&]() -> Result<std::vector<Split>> {
    POLARWAY_TRY(const std::vector<BatchSource::Size> batches, source_->sizes());
    std::int64_t bytes_left = 0;
    for (const BatchSource::Size& batch : batches) bytes_left += batch.bytes;
    std::vector<Split> splits;
    Position begin;
    begin.identity = source_->bytes().identity();
    std::int64_t bytes = 0;
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < batches.size(); ++i) {
      bytes += batches[i].bytes;
      rows += batches[i].rows;
      const std::int64_t splits_left = max_splits - static_cast<std::int64_t>(splits.size());
      if (i + 1 < batches.size() && bytes < bytes_left / splits_left) continue;
      if (i + 1 < batches.size() && splits_left == 1) continue;  // the last has all the rest
      begin.end_batch = static_cast<std::int64_t>(i) + 1;
      splits.push_back(
          {.piece = begin.to_text(), .size_bytes = bytes, .working_set_bytes = kWorkingSetBytes});
      begin.batch = *begin.end_batch;
      begin.rows_before += std::exchange(rows, 0);
      bytes_left -= std::exchange(bytes, 0);
    }
    return splits;
  }());
}

}  // namespace

std::unique_ptr<Decoder> make_ipc_decoder() { return std::make_unique<IpcDecoder>(); }

}  // namespace polarway::ipc
