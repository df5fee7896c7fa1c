#include "sinks/parquet_stream.h"

#include <arrow/result.h>
#include <arrow/status.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace polarway {

std::string ParquetStream::take_held() {
  holding_ = false;
  return std::exchange(held_, {});
}

arrow::Status ParquetStream::Close() {
  stopped_ = true;
  return arrow::Status::OK();
}

arrow::Result<std::int64_t> ParquetStream::Tell() const {
  if (magic_bytes_left_ > 0) return 0;  // a writer only begins at the beginning
  return output_.bytes() + static_cast<std::int64_t>(held_.size());
}

arrow::Status ParquetStream::Write(const void* data, std::int64_t num_bytes) {
  if (stopped_) return arrow::Status::IOError("the output is closed");
  std::string_view bytes(static_cast<const char*>(data), static_cast<std::size_t>(num_bytes));
  if (magic_bytes_left_ > 0) {
    const std::int64_t magic = std::min(magic_bytes_left_, num_bytes);
    magic_bytes_left_ -= magic;
    if (output_.bytes() > 0) bytes.remove_prefix(static_cast<std::size_t>(magic));
  }
  if (holding_) {
    held_ += bytes;
    return arrow::Status::OK();
  }
  if (Result<void> written = output_.append(bytes); !written) {
    stopped_ = true;
    error_ = std::move(written.error());
    return arrow::Status::IOError(error_->message);
  }
  return arrow::Status::OK();
}

}  // namespace polarway
