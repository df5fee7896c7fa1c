#pragma once

#include <arrow/array/data.h>

#include <memory>

namespace polarway {

/// A copy that shares the buffers. Unlike ArrayData::Copy(), whose constructor is noexcept and ends
/// the process, it throws std::bad_alloc when there is no memory for the vectors of pointers.
inline std::shared_ptr<arrow::ArrayData> copy_array_data(const arrow::ArrayData& data) {
  auto copy = std::make_shared<arrow::ArrayData>();
  *copy = data;
  return copy;
}

}  // namespace polarway
