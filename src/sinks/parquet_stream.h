#pragma once

#include <arrow/io/interfaces.h>

#include <cstdint>
#include <optional>
#include <string>

#include "polarway/error.h"
#include "sinks/output.h"

namespace polarway {

/// What a Parquet writer of Arrow's writes to: an Output, less what makes each row group a file of
/// its own (see RowGroup). Positions are those of the Output, so that the offsets in a footer are
/// right for the whole file.
class ParquetStream final : public arrow::io::OutputStream {
 public:
  /// `output` outlives the stream.
  explicit ParquetStream(Output& output) : output_(output) {}

  /// A writer begins, and with it comes the magic number: kept at the start of the Output only.
  void begin_file() { magic_bytes_left_ = 4; }
  /// Keeps what is written from here on in memory.
  void hold_back() { holding_ = true; }
  /// Hands over what was kept, and keeps no more.
  std::string take_held();
  /// From now on nothing is written, and writing fails.
  void stop() { stopped_ = true; }
  /// What the Output said when it failed: more than Arrow's Status can hold.
  const std::optional<SourceError>& error() const { return error_; }

  arrow::Status Close() override;
  bool closed() const override { return stopped_; }
  arrow::Result<std::int64_t> Tell() const override;
  arrow::Status Write(const void* data, std::int64_t num_bytes) override;
  using Writable::Write;

 private:
  Output& output_;
  std::int64_t magic_bytes_left_ = 0;
  bool holding_ = false;
  bool stopped_ = false;
  std::string held_;
  std::optional<SourceError> error_;
};

}  // namespace polarway
