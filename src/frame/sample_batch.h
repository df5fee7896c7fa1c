#pragma once

#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace polarway {

/// For tests: a column's name, type, and values as a JSON array.
struct SampleColumn {
  std::string name;
  std::shared_ptr<arrow::DataType> type;
  std::string json;
};

/// For tests: an array written as JSON. Dates and times are text or their number.
inline std::shared_ptr<arrow::Array> sample_array(const std::shared_ptr<arrow::DataType>& type,
                                                  const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

/// For tests: a batch of such columns, which must be equally long. At least one column.
inline std::shared_ptr<arrow::RecordBatch> sample_batch(const std::vector<SampleColumn>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const SampleColumn& column : columns) {
    fields.push_back(arrow::field(column.name, column.type));
    arrays.push_back(sample_array(column.type, column.json));
  }
  const std::int64_t rows = arrays.front()->length();
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows, std::move(arrays));
}

}  // namespace polarway
