#include "polarway/dataframe.h"

#include <arrow/array.h>
#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/arrow_status.h"
#include "core/leased_batch.h"
#include "core/out_of_memory.h"
#include "frame/column_name.h"
#include "frame/release_unshown.h"
#include "frame/table_text.h"

namespace polarway {
namespace {

std::shared_ptr<arrow::RecordBatch> no_rows() {
  static const auto batch =
      arrow::RecordBatch::Make(arrow::schema(arrow::FieldVector{}), 0, arrow::ArrayVector{});
  return batch;
}

template <class Struct>
void release(Struct* exported) {
  if (exported != nullptr && exported->release != nullptr) exported->release(exported);
}

}  // namespace

DataFrame::DataFrame() : batch_(no_rows()) {}

DataFrame::DataFrame(std::shared_ptr<arrow::RecordBatch> batch,
                     std::shared_ptr<MemoryBudget> budget)
    : batch_(std::move(batch)), budget_(std::move(budget)) {}

std::int64_t DataFrame::height() const { return batch_->num_rows(); }
int DataFrame::width() const { return batch_->num_columns(); }
Schema DataFrame::schema() const { return Schema(batch_->schema()); }
std::int64_t DataFrame::num_bytes() const { return batch_bytes(*batch_); }

Result<std::shared_ptr<arrow::Array>> DataFrame::column(std::string_view name) const {
  return guard([&]() -> Result<std::shared_ptr<arrow::Array>> {
    const std::vector<int> indices = batch_->schema()->GetAllFieldIndices(std::string(name));
    if (indices.empty()) return fail(no_such_column(name, batch_->schema()->field_names()));
    return batch_->column(indices.front());
  });
}

DataFrame DataFrame::slice(std::int64_t offset, std::int64_t length) const {
  const std::int64_t begin = std::clamp<std::int64_t>(offset, 0, height());
  const std::int64_t cut = offset < 0 ? -std::max(offset, -INT64_MAX) : 0;  // before the first row
  const std::int64_t rows =
      std::clamp<std::int64_t>(std::max<std::int64_t>(length, 0) - cut, 0, height() - begin);
  if (rows == height()) return *this;
  return DataFrame(release_unshown(batch_->Slice(begin, rows), budget_), budget_);
}

DataFrame DataFrame::head(std::int64_t n) const { return slice(0, n); }

LazyFrame DataFrame::lazy() const { return LazyFrame(*this); }

std::string DataFrame::to_string(std::int64_t max_rows) const {
  return table_text(*batch_, max_rows);
}

Result<void> DataFrame::export_to(::ArrowArray* array, ::ArrowSchema* schema) const {
  return guard([&]() -> Result<void> {
    if (array == nullptr || schema == nullptr) {
      return fail(
          {.kind = ErrorKind::Config, .message = "there is no struct to export the frame to"});
    }
    return from_arrow(arrow::ExportRecordBatch(*batch_, array, schema));
  });
}

Result<DataFrame> DataFrame::import_from(::ArrowArray* array, ::ArrowSchema* schema) {
  return guard([&]() -> Result<DataFrame> {
    if (array == nullptr || schema == nullptr || array->release == nullptr ||
        schema->release == nullptr) {
      release(array);
      release(schema);
      return fail({.kind = ErrorKind::Config,
                   .message = "the Arrow structs to import are missing or already released"});
    }
    POLARWAY_TRY(const std::shared_ptr<arrow::RecordBatch> batch,
                 from_arrow(arrow::ImportRecordBatch(array, schema)));
    POLARWAY_CHECK(from_arrow(batch->Validate()));
    return DataFrame(batch);
  });
}

}  // namespace polarway
