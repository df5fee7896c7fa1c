#include "formats/parquet/cast_column.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <utility>

#include "frame/bound_expr.h"
#include "polarway/schema.h"

namespace polarway::pq {
namespace {

// Of what varies in width: a number as text, a day, a moment.
constexpr std::int64_t kTextBytes = 32;

class CastColumn final : public Column {
 public:
  CastColumn(std::unique_ptr<Column> column, BoundExpr cast, std::shared_ptr<arrow::Field> field,
             std::string location, const std::shared_ptr<MemoryBudget>& budget)
      : column_(std::move(column)),
        cast_(std::move(cast)),
        field_(std::move(field)),
        location_(std::move(location)),
        budget_(budget) {}

  // Both are there while one becomes the other.
  std::int64_t fixed_row_bytes() const override {
    const std::int32_t width = cast_.type()->byte_width();
    return column_->fixed_row_bytes() + 1 + (width > 0 ? width : kTextBytes);
  }
  bool varies() const override { return column_->varies(); }
  void pick(std::span<const std::int64_t> rows) override { column_->pick(rows); }
  void go_to(std::int64_t row) override { column_->go_to(row); }
  Result<void> start(std::int64_t rows) override { return column_->start(rows); }
  Result<std::int64_t> read(std::int64_t rows, std::int64_t max_bytes) override {
    return column_->read(rows, max_bytes);
  }
  std::int64_t varying_bytes() const override { return column_->varying_bytes(); }
  std::int64_t next_varying_bytes() const override { return column_->next_varying_bytes(); }
  Result<void> truncate(std::int64_t rows) override { return column_->truncate(rows); }
  void park() override { column_->park(); }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    POLARWAY_TRY(const std::shared_ptr<arrow::Array> array, column_->finish());
    const auto batch = arrow::RecordBatch::Make(arrow::schema({field_}), array->length(), {array});
    auto cast = cast_.evaluate(*batch, budget_->arrow_pool());
    if (!cast) {
      cast.error().where.location = location_;
      cast.error().where.column = field_->name();
    }
    return cast;
  }

 private:
  std::unique_ptr<Column> column_;
  BoundExpr cast_;
  std::shared_ptr<arrow::Field> field_;
  std::string location_;
  std::shared_ptr<MemoryBudget> budget_;
};

}  // namespace

Result<std::unique_ptr<Column>> make_cast_column(std::unique_ptr<Column> column, std::string name,
                                                 const std::shared_ptr<arrow::DataType>& from,
                                                 const std::shared_ptr<arrow::DataType>& to,
                                                 std::string location,
                                                 const std::shared_ptr<MemoryBudget>& budget) {
  auto field = arrow::field(name, from);
  Result<BoundExpr> cast = bind(col(name).cast(DataType(to)), *arrow::schema({field}));
  if (!cast) {
    return fail({.kind = ErrorKind::Schema,
                 .where = {.location = std::move(location), .column = std::move(name)},
                 .message = fmt::format("it is {} here, and {} in the files before",
                                        DataType(from).to_string(), DataType(to).to_string()),
                 .hint = "read the files as several sources"});
  }
  return std::make_unique<CastColumn>(std::move(column), *std::move(cast), std::move(field),
                                      std::move(location), budget);
}

}  // namespace polarway::pq
