#include "frame/fresh_columns.h"

#include <arrow/array/data.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <cstddef>
#include <utility>

#include "core/copy_array_data.h"
#include "core/leased_batch.h"

namespace polarway {
namespace {

using Data = std::shared_ptr<arrow::ArrayData>;

bool is_view(const arrow::DataType& type) {
  return type.id() == arrow::Type::STRING_VIEW || type.id() == arrow::Type::BINARY_VIEW;
}

// What of a column is new: the codes of a dictionary, the views of a text.
Data new_part(const Data& column) {
  if (is_view(*column->type)) {
    Data views = copy_array_data(*column);
    views->type = arrow::fixed_size_binary(16);
    views->buffers.resize(2);
    return views;
  }
  if (column->dictionary == nullptr) return column;
  Data codes = copy_array_data(*column);
  codes->type = static_cast<const arrow::DictionaryType&>(*column->type).index_type();
  codes->dictionary = nullptr;
  return codes;
}

// The column with its new part exchanged for one that is paid for.
Data with_new_part(const Data& column, const Data& part) {
  if (!is_view(*column->type) && column->dictionary == nullptr) return part;
  Data whole = copy_array_data(*column);
  for (std::size_t i = 0; i < part->buffers.size(); ++i) whole->buffers[i] = part->buffers[i];
  return whole;
}

std::shared_ptr<arrow::RecordBatch> new_parts(const FreshBatch& batch) {
  arrow::FieldVector fields;
  std::vector<Data> parts;
  for (int i = 0; i < batch.rows->num_columns(); ++i) {
    if (!batch.is_fresh[static_cast<std::size_t>(i)]) continue;
    parts.push_back(new_part(batch.rows->column_data(i)));
    fields.push_back(arrow::field("", parts.back()->type));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), batch.rows->num_rows(),
                                  std::move(parts));
}

}  // namespace

std::int64_t fresh_bytes(const FreshBatch& batch) { return batch_bytes(*new_parts(batch)); }

std::shared_ptr<arrow::RecordBatch> pay_with(const FreshBatch& batch, MemoryLease lease) {
  const auto parts = new_parts(batch);
  if (!lease || parts->num_columns() == 0) return batch.rows;
  const auto paid = attach_lease(parts, std::move(lease));
  std::vector<Data> columns;
  int next = 0;
  for (int i = 0; i < batch.rows->num_columns(); ++i) {
    const Data& column = batch.rows->column_data(i);
    const bool fresh = batch.is_fresh[static_cast<std::size_t>(i)];
    columns.push_back(fresh ? with_new_part(column, paid->column_data(next++)) : column);
  }
  return arrow::RecordBatch::Make(batch.rows->schema(), batch.rows->num_rows(), std::move(columns));
}

}  // namespace polarway
