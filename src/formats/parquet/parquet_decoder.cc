#include "formats/parquet/parquet_decoder.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/properties.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/nearest_name.h"
#include "core/quoted_text.h"
#include "formats/parquet/chunk_maker.h"
#include "formats/parquet/file_columns.h"
#include "formats/parquet/flat_column.h"
#include "formats/parquet/footer.h"
#include "formats/parquet/group_filter.h"
#include "formats/parquet/parquet_call.h"
#include "formats/parquet/position.h"
#include "formats/parquet/row_groups.h"
#include "frame/bound_expr.h"

namespace polarway::pq {
namespace {

// What a column takes besides its pages: a window, and batches as they are stored and decoded.
constexpr std::int64_t kColumnBytes = 40 << 10;

class ParquetDecoder final : public Decoder {
 public:
  // Columns and the footer are paid for when it is known how many and how large they are.
  std::int64_t working_set_bytes(const ScanRequest& /*request*/) const override { return 1 << 20; }

  Result<Schema> start(std::unique_ptr<ByteStream> bytes, const Schema& known,
                       const Context& context) override {
    file_ = std::make_unique<RandomAccess>(std::move(bytes));
    context_ = context;
    return placed(find_columns(known));
  }

  Result<ScanPlan> open(const ScanRequest& request) override { return placed(plan(request)); }

  Result<std::optional<Batch>> read(const ChunkTarget& target) override {
    if (final_error_) return fail(*final_error_);
    Result<std::optional<Batch>> batch = placed(read_chunk(target));
    if (!batch && !batch.error().retryable()) final_error_ = batch.error();
    return batch;
  }

  Result<std::vector<Split>> splits(int max_splits) override;

  std::int64_t next_row() const override {
    const std::int64_t row = chunks_->row();
    if (row >= groups_.num_rows()) return end_file_row_;
    const RowGroups::Group& group = groups_.groups()[groups_.find(row)];
    return group.file_row + (row - group.first_row);
  }

  std::int64_t bytes_read() const override { return file_ ? file_->bytes().bytes_read() : 0; }

 private:
  template <class T>
  Result<T> placed(Result<T> result) const {
    if (!result && result.error().where.location.empty()) {
      result.error().where.location = file_->bytes().location();
    }
    return result;
  }
  Result<Schema> find_columns(const Schema& known);
  Result<ScanPlan> plan(const ScanRequest& request);
  Result<std::int64_t> find_place(const ScanRequest& request);
  Result<std::vector<const FileColumn*>> choose_columns(const ScanRequest& request) const;
  Result<const FileColumn*> find(const std::string& name) const;
  Result<void> pay_for(std::size_t num_columns);
  Result<std::optional<Batch>> read_chunk(const ChunkTarget& target);
  Position position() const;

  std::unique_ptr<RandomAccess> file_;
  Context context_;
  Footer footer_;
  std::vector<FileColumn> columns_;
  RowGroups groups_;  // that are read
  std::int64_t end_file_row_ = 0;
  std::optional<std::int64_t> end_group_;  // of a split
  std::shared_ptr<arrow::Schema> schema_;  // of chunks
  MemoryLease columns_lease_;
  std::optional<SourceError> final_error_;
  std::unique_ptr<ChunkMaker> chunks_;  // the last member: it uses the others
};

Result<Schema> ParquetDecoder::find_columns(const Schema& known) {
  if (!file_->bytes().seekable()) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .message = "Parquet is read from its end on, which a pipe does not have",
                 .hint = "write it to a file first"});
  }
  POLARWAY_TRY(footer_, read_footer(*file_, context_.budget, context_.stop));
  POLARWAY_TRY(groups_,
               RowGroups::make(footer_.metadata, footer_.begin, file_->bytes().location()));
  POLARWAY_TRY(columns_, pq::find_columns(*footer_.metadata, *known.arrow()));
  arrow::FieldVector fields;
  for (const FileColumn& column : columns_) {
    fields.push_back(arrow::field(column.name, column.type));
  }
  return Schema(arrow::schema(std::move(fields)));
}

Result<const FileColumn*> ParquetDecoder::find(const std::string& name) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(),
                                  [&](const FileColumn& column) { return column.name == name; });
  if (found != columns_.end()) return &*found;
  std::vector<std::string> names;
  for (const FileColumn& column : columns_) names.push_back(column.name);
  return fail({.kind = ErrorKind::Config,
               .where = {.column = name},
               .message = "there is no column " + shorten(name),
               .hint = did_you_mean(name, names)});
}

// Those that are wanted, and behind them those that only the filter reads.
Result<std::vector<const FileColumn*>> ParquetDecoder::choose_columns(
    const ScanRequest& request) const {
  std::vector<const FileColumn*> chosen;
  if (request.columns) {
    for (const std::string& name : *request.columns) {
      POLARWAY_TRY(chosen.emplace_back(), find(name));
    }
  } else {
    for (const FileColumn& column : columns_) chosen.push_back(&column);
  }
  if (!request.filter) return chosen;
  for (const std::string& name : request.filter->columns()) {
    POLARWAY_TRY(const FileColumn* column, find(name));
    if (std::find(chosen.begin(), chosen.end(), column) == chosen.end()) chosen.push_back(column);
  }
  return chosen;
}

Result<void> ParquetDecoder::pay_for(std::size_t num_columns) {
  Result<MemoryLease> lease = context_.budget->reserve(
      static_cast<std::int64_t>(num_columns) * kColumnBytes, LeaseHolder::Reader);
  if (!lease) {
    lease.error().message =
        fmt::format("there is no room to read {} columns at the same time", num_columns);
    lease.error().hint = "raise the memory limit, or select fewer columns";
    return fail(std::move(lease.error()));
  }
  columns_lease_ = *std::move(lease);
  return {};
}

// Leaves the row groups that are to be read, and says at which of their rows to begin.
Result<std::int64_t> ParquetDecoder::find_place(const ScanRequest& request) {
  const int num_groups = footer_.metadata->num_row_groups();
  Position place{.row_group = 0, .row = 0, .end_group = {}, .identity = {}};
  for (const auto& given :
       {request.split ? std::optional(request.split->piece) : std::nullopt, request.resume_from}) {
    if (!given) continue;
    POLARWAY_TRY(place, Position::parse(*given, file_->bytes()));
    if (place.end_group) end_group_ = place.end_group;
  }
  const std::int64_t end = std::min<std::int64_t>(num_groups, end_group_.value_or(num_groups));
  groups_.select(static_cast<int>(std::min<std::int64_t>(place.row_group, num_groups)),
                 static_cast<int>(end), [&](int group) {
                   return !request.filter ||
                          GroupFilter(*request.filter, columns_, *footer_.metadata,
                                      context_.budget->arrow_pool())
                              .may_pass(group);
                 });
  if (!groups_.groups().empty()) {
    const RowGroups::Group& last = groups_.groups().back();
    end_file_row_ = last.file_row + last.num_rows;
  }
  const bool is_there =
      !groups_.groups().empty() && groups_.groups().front().number == place.row_group;
  return is_there ? std::min(place.row, groups_.groups().front().num_rows) : 0;
}

Result<ScanPlan> ParquetDecoder::plan(const ScanRequest& request) {
  POLARWAY_TRY(const std::vector<const FileColumn*> chosen, choose_columns(request));
  POLARWAY_CHECK(pay_for(chosen.size()));
  if (request.filter) {
    arrow::FieldVector fields;
    for (const FileColumn* column : chosen)
      fields.push_back(arrow::field(column->name, column->type));
    POLARWAY_CHECK(bind_predicate(*request.filter, *arrow::schema(std::move(fields))));
  }
  POLARWAY_TRY(const std::int64_t first_row, find_place(request));
  arrow::FieldVector fields;
  std::vector<ChunkColumn> columns;
  double row_bytes = 0;
  for (const FileColumn* column : chosen) {
    fields.push_back(arrow::field(column->name, column->type));
    POLARWAY_TRY(ChunkColumn made,
                 make_column(*column, groups_, *file_, context_.budget, context_.stop));
    row_bytes += made.varying_row_bytes + static_cast<double>(made.column->fixed_row_bytes());
    columns.push_back(std::move(made));
  }
  schema_ = arrow::schema(std::move(fields));
  std::int64_t end_row = groups_.num_rows();
  const bool has_limit = request.limit && !request.filter;
  if (has_limit) end_row = std::min(end_row, first_row + std::min(end_row, *request.limit));
  chunks_ = std::make_unique<ChunkMaker>(std::move(columns), first_row, end_row,
                                         file_->bytes().location(), context_);
  SourceMetadata metadata{.schema = Schema(schema_),
                          .size_bytes = file_->bytes().size_bytes(),
                          .num_records = {},
                          .bytes_per_row = row_bytes,
                          .seekable = true,
                          .parallelizable = true,
                          .splittable = true,
                          .ordered = true,
                          .bounded = true};
  if (!request.filter) metadata.num_records = end_row - first_row;
  return ScanPlan{
      .metadata = std::move(metadata), .residual = request.filter, .limit_applied = has_limit};
}

Position ParquetDecoder::position() const {
  Position position{.row_group = end_group_.value_or(footer_.metadata->num_row_groups()),
                    .row = 0,
                    .end_group = end_group_,
                    .identity = file_->bytes().identity()};
  const std::int64_t row = chunks_->row();
  if (row < groups_.num_rows()) {
    const RowGroups::Group& group = groups_.groups()[groups_.find(row)];
    position.row_group = group.number;
    position.row = row - group.first_row;
  }
  return position;
}

Result<std::optional<Batch>> ParquetDecoder::read_chunk(const ChunkTarget& target) {
  POLARWAY_TRY(std::optional<arrow::ArrayVector> arrays, chunks_->next(target));
  if (!arrays) return std::nullopt;
  return Batch{.rows = arrow::RecordBatch::Make(schema_, chunks_->num_rows(), *std::move(arrays)),
               .position_after = position().to_text()};
}

Result<std::vector<Split>> ParquetDecoder::splits(int max_splits) {
  std::vector<Split> splits;
  const std::vector<RowGroups::Group>& groups = groups_.groups();
  const std::size_t pieces =
      std::min(groups.size(), static_cast<std::size_t>(std::max(1, max_splits)));
  const auto end_number = [&](std::size_t index) {
    return index < groups.size() ? std::int64_t{groups[index].number}
                                 : end_group_.value_or(footer_.metadata->num_row_groups());
  };
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    const std::size_t begin = groups.size() * piece / pieces;
    const std::size_t end = groups.size() * (piece + 1) / pieces;
    const Position position{.row_group = groups[begin].number,
                            .row = 0,
                            .end_group = end_number(end),
                            .identity = file_->bytes().identity()};
    std::int64_t size = 0;
    for (std::size_t i = begin; i < end; ++i) {
      POLARWAY_TRY(const std::int64_t of_group, parquet_call([&] {
                     return footer_.metadata->RowGroup(groups[i].number)->total_byte_size();
                   }));
      size += of_group;
    }
    splits.push_back({.piece = position.to_text(),
                      .size_bytes = size,
                      .working_set_bytes = working_set_bytes({})});
  }
  return splits;
}

}  // namespace

std::unique_ptr<Decoder> make_parquet_decoder() { return std::make_unique<ParquetDecoder>(); }

}  // namespace polarway::pq
