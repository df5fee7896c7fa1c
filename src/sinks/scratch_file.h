#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "polarway/result.h"
#include "sinks/output.h"

namespace polarway {

/// Bytes put aside for later, in order: the first 64 KiB in memory, the rest in a file without a
/// name that is gone with its process.
class ScratchFile {
 public:
  /// `folder` is where the file will be; nothing is made before it is needed.
  explicit ScratchFile(std::string folder) : folder_(std::move(folder)) {}
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  Result<void> append(std::string_view bytes);
  /// Bytes appended.
  std::int64_t size() const { return in_file_ + static_cast<std::int64_t>(recent_.size()); }
  /// Writes all that was appended to `output`.
  Result<void> copy_to(Output& output);

 private:
  Result<void> open();
  Result<void> spill();

  std::string folder_;
  int fd_ = -1;
  std::int64_t in_file_ = 0;
  std::string recent_;
};

}  // namespace polarway
