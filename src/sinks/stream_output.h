#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sinks/output.h"

namespace polarway {

/// A place that takes bytes as they come and gives none back: standard output, a named pipe, a
/// terminal, /dev/null. There is nothing to take up again, and abort() only stops.
///
/// A reader that goes away is an Io error with the message kReaderGone, without SIGPIPE; what to
/// make of it (a program in front of `head` ends quietly) is for the caller to say.
class StreamOutput final : public Output {
 public:
  static constexpr std::string_view kReaderGone = "the reader has gone";

  /// Standard output, which stays open afterwards.
  static std::unique_ptr<StreamOutput> standard();
  /// Opens something that exists and is neither a regular file nor a directory. Waits for the
  /// reader of a named pipe.
  static Result<std::unique_ptr<StreamOutput>> open(const std::string& path);
  ~StreamOutput() override;
  StreamOutput(const StreamOutput&) = delete;
  StreamOutput& operator=(const StreamOutput&) = delete;

  Result<void> append(std::string_view bytes) override;
  /// UnsupportedOperation.
  Result<std::string> sync() override;
  /// UnsupportedOperation.
  Result<void> resume(std::string_view token, std::int64_t bytes) override;
  Result<void> commit() override;
  void abort() override {}

  std::int64_t bytes() const override { return bytes_; }
  const std::string& location() const override { return location_; }
  std::string scratch_folder() const override;

 private:
  StreamOutput(int fd, std::string location) : fd_(fd), location_(std::move(location)) {}

  int fd_;
  std::string location_;
  std::int64_t bytes_ = 0;
  std::optional<SourceError> error_;
};

}  // namespace polarway
