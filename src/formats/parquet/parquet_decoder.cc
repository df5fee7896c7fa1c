#include "formats/parquet/parquet_decoder.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/properties.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "formats/parquet/chunk_maker.h"
#include "formats/parquet/file_columns.h"
#include "formats/parquet/flat_column.h"
#include "formats/parquet/footer.h"
#include "formats/parquet/group_filter.h"
#include "formats/parquet/parquet_call.h"
#include "formats/parquet/position.h"
#include "formats/parquet/row_groups.h"
#include "formats/parquet/row_sieve.h"
#include "frame/bound_expr.h"
#include "frame/column_name.h"
#include "frame/filter_batch.h"

namespace polarway::pq {
namespace {

// What a column takes besides its pages: a window, and batches as they are stored and decoded.
constexpr std::int64_t kColumnBytes = 40 << 10;

std::shared_ptr<arrow::Schema> schema_of(const std::vector<const FileColumn*>& columns) {
  arrow::FieldVector fields;
  for (const FileColumn* column : columns) {
    fields.push_back(arrow::field(column->name, column->type));
  }
  return arrow::schema(std::move(fields));
}

// Refuses what has no end to begin at, or nothing before it. Of what can only be read on, a byte
// is: files without bytes are among it, as those of proc(5) have text behind a size of 0.
Result<void> check_form(ByteStream& bytes, std::stop_token stop) {
  const bool has_end = bytes.seekable();
  bool is_empty = bytes.size_bytes() == 0;
  if (!has_end) {
    std::uint8_t byte = 0;
    POLARWAY_TRY(const std::int64_t got, bytes.read({&byte, 1}, std::move(stop)));
    is_empty = got == 0;
  }
  if (is_empty) {
    return fail({.kind = ErrorKind::EmptySource,
                 .where = {.location = bytes.location()},
                 .message = "there is nothing in it",
                 .hint = "an empty table still has a footer"});
  }
  if (has_end) return {};
  return fail({.kind = ErrorKind::UnsupportedOperation,
               .where = {.location = bytes.location()},
               .message = "Parquet is read from its end on, which a pipe does not have",
               .hint = "write it to a file first"});
}

class ParquetDecoder final : public Decoder {
 public:
  // Columns and the footer are paid for when it is known how many and how large they are.
  std::int64_t working_set_bytes(const ScanRequest& /*request*/) const override { return 1 << 20; }

  Result<Schema> start(std::unique_ptr<ByteStream> bytes, const Schema& known,
                       const Context& context) override {
    POLARWAY_CHECK(check_form(*bytes, context.stop));
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
  Result<std::vector<const FileColumn*>> wanted_columns(const ScanRequest& request) const;
  Result<std::vector<const FileColumn*>> filter_columns(const Expr& filter) const;
  Result<std::vector<ChunkColumn>> make_columns(const std::vector<const FileColumn*>& columns);
  Result<std::unique_ptr<RowSieve>> make_sieve(const Expr& filter, std::int64_t first_row);
  Result<const FileColumn*> find(const std::string& name) const;
  Result<void> pay_for(std::size_t num_columns);
  Result<std::optional<Batch>> read_chunk(const ChunkTarget& target);
  Result<std::optional<Batch>> read_filtered(ChunkTarget target);
  Position position() const;

  std::unique_ptr<RandomAccess> file_;
  Context context_;
  Footer footer_;
  std::vector<FileColumn> columns_;
  RowGroups groups_;  // that are read
  std::int64_t end_file_row_ = 0;
  std::optional<std::int64_t> end_group_;  // of a split
  std::optional<GroupFilter> group_filter_;
  std::optional<BoundExpr> late_filter_;        // of rows that come whole
  std::shared_ptr<arrow::Schema> read_schema_;  // of those
  std::shared_ptr<arrow::Schema> schema_;       // of chunks
  std::vector<MemoryLease> columns_leases_;
  std::optional<SourceError> final_error_;
  std::unique_ptr<ChunkMaker> chunks_;  // the last member: it uses the others
};

Result<Schema> ParquetDecoder::find_columns(const Schema& known) {
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
  return fail(no_such_column(name, names, {.column = name}));
}

Result<std::vector<const FileColumn*>> ParquetDecoder::wanted_columns(
    const ScanRequest& request) const {
  std::vector<const FileColumn*> wanted;
  if (request.columns) {
    for (const std::string& name : *request.columns) {
      POLARWAY_TRY(wanted.emplace_back(), find(name));
    }
  } else {
    for (const FileColumn& column : columns_) wanted.push_back(&column);
  }
  return wanted;
}

Result<std::vector<const FileColumn*>> ParquetDecoder::filter_columns(const Expr& filter) const {
  std::vector<const FileColumn*> read;
  for (const std::string& name : filter.columns()) {
    POLARWAY_TRY(read.emplace_back(), find(name));
  }
  return read;
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
  columns_leases_.push_back(*std::move(lease));
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
  if (request.filter) {
    group_filter_.emplace(*request.filter, columns_, *footer_.metadata, context_.budget);
  }
  groups_.select(static_cast<int>(std::min<std::int64_t>(place.row_group, num_groups)),
                 static_cast<int>(end),
                 [&](int group) { return !group_filter_ || group_filter_->may_pass(group); });
  if (!groups_.groups().empty()) {
    const RowGroups::Group& last = groups_.groups().back();
    end_file_row_ = last.file_row + last.num_rows;
  }
  const bool is_there =
      !groups_.groups().empty() && groups_.groups().front().number == place.row_group;
  return is_there ? std::min(place.row, groups_.groups().front().num_rows) : 0;
}

Result<std::vector<ChunkColumn>> ParquetDecoder::make_columns(
    const std::vector<const FileColumn*>& columns) {
  POLARWAY_CHECK(pay_for(columns.size()));
  std::vector<ChunkColumn> made;
  for (const FileColumn* column : columns) {
    POLARWAY_TRY(made.emplace_back(),
                 make_column(*column, groups_, *file_, context_.budget, context_.stop));
  }
  return made;
}

Result<std::unique_ptr<RowSieve>> ParquetDecoder::make_sieve(const Expr& filter,
                                                             std::int64_t first_row) {
  POLARWAY_TRY(const auto read, filter_columns(filter));
  const std::shared_ptr<arrow::Schema> schema = schema_of(read);
  POLARWAY_TRY(BoundExpr predicate, bind_predicate(filter, *schema));
  POLARWAY_TRY(std::vector<ChunkColumn> columns, make_columns(read));
  const auto candidates = [this](std::size_t group) {
    return group_filter_->rows(groups_.groups()[group].number, *file_, context_.stop);
  };
  return RowSieve::make(std::move(predicate), schema,
                        std::make_unique<ChunkMaker>(std::move(columns), first_row, first_row,
                                                     file_->bytes().location(), context_),
                        groups_, candidates, first_row, context_.budget);
}

Result<ScanPlan> ParquetDecoder::plan(const ScanRequest& request) {
  POLARWAY_TRY(std::vector<const FileColumn*> chosen, wanted_columns(request));
  std::vector<const FileColumn*> read = chosen;
  if (request.filter) {
    POLARWAY_TRY(const auto more, filter_columns(*request.filter));
    for (const FileColumn* column : more) {
      if (std::find(read.begin(), read.end(), column) == read.end()) read.push_back(column);
    }
    POLARWAY_CHECK(bind_predicate(*request.filter, *schema_of(read)));
  }
  POLARWAY_TRY(const std::int64_t first_row, find_place(request));
  // Structure is libparquet's, which knows of no picked rows: they come whole, and are filtered
  // then.
  const bool picks = request.filter && std::all_of(read.begin(), read.end(), [&](const auto* one) {
                       return can_pick(*one, *footer_.metadata);
                     });
  schema_ = schema_of(chosen);
  if (request.filter && !picks) {
    read_schema_ = schema_of(read);
    POLARWAY_TRY(late_filter_, bind_predicate(*request.filter, *read_schema_));
  }
  POLARWAY_TRY(std::vector<ChunkColumn> columns, make_columns(picks ? chosen : read));
  double row_bytes = 0;
  for (const ChunkColumn& column : columns) {
    row_bytes += column.varying_row_bytes + static_cast<double>(column.column->fixed_row_bytes());
  }
  std::int64_t end_row = groups_.num_rows();
  const bool has_limit = request.limit && !request.filter;
  if (has_limit) end_row = std::min(end_row, first_row + std::min(end_row, *request.limit));
  if (picks) {
    POLARWAY_TRY(auto sieve, make_sieve(*request.filter, first_row));
    chunks_ = std::make_unique<ChunkMaker>(std::move(columns), std::move(sieve),
                                           file_->bytes().location(), context_);
  } else {
    chunks_ = std::make_unique<ChunkMaker>(std::move(columns), first_row, end_row,
                                           file_->bytes().location(), context_);
  }
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
      .metadata = std::move(metadata), .residual = std::nullopt, .limit_applied = has_limit};
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
  if (late_filter_) return read_filtered(target);
  POLARWAY_TRY(std::optional<arrow::ArrayVector> arrays, chunks_->next(target));
  if (!arrays) return std::nullopt;
  return Batch{.rows = arrow::RecordBatch::Make(schema_, chunks_->num_rows(), *std::move(arrays)),
               .position_after = position().to_text()};
}

// What the filter leaves of rows that come whole.
Result<std::optional<Batch>> ParquetDecoder::read_filtered(ChunkTarget target) {
  // What is left is a copy.
  target.max_bytes = std::max<std::int64_t>(1, target.max_bytes / 2);
  arrow::MemoryPool* pool = context_.budget->arrow_pool();
  for (;;) {
    const std::int64_t row = chunks_->row();
    auto arrays = chunks_->next(target);
    if (!arrays && arrays.error().memory) arrays.error().memory->needed_bytes *= 2;
    if (!arrays) return fail(std::move(arrays.error()));
    if (!*arrays) return std::nullopt;
    arrow::ArrayVector columns = **std::move(arrays);
    const auto whole = arrow::RecordBatch::Make(read_schema_, chunks_->num_rows(), columns);
    columns.resize(static_cast<std::size_t>(schema_->num_fields()));
    const auto wanted = arrow::RecordBatch::Make(schema_, whole->num_rows(), std::move(columns));
    const auto filtered = [&]() -> Result<std::shared_ptr<arrow::RecordBatch>> {
      POLARWAY_TRY(
          const MemoryLease mask,
          context_.budget->reserve(kept_rows_bytes(*whole, *late_filter_), LeaseHolder::Reader));
      POLARWAY_TRY(const KeptRows kept, kept_rows(*whole, *late_filter_, pool));
      return keep(wanted, kept, pool);
    }();
    if (!filtered) {
      chunks_->go_to(row, chunks_->end_row());
      return fail(filtered.error());
    }
    if ((*filtered)->num_rows() == 0) continue;
    return Batch{.rows = *filtered, .position_after = position().to_text()};
  }
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
