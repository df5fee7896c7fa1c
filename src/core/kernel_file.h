#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace polarway {

/// A file in which the kernel tells a figure that changes, such as /proc/self/status. It stays open
/// from one look to the next, which halves the cost, and a look allocates nothing.
///
/// Threads: one at a time.
class KernelFile {
 public:
  /// Opens nothing yet.
  explicit KernelFile(std::string path) : path_(std::move(path)) {}
  KernelFile(KernelFile&& other) noexcept;
  KernelFile& operator=(KernelFile&&) = delete;
  ~KernelFile();

  /// What it says now, as far as that fits `text`, which backs the result; nothing when there is no
  /// such file, or no longer.
  std::optional<std::string_view> read(std::span<char> text);

 private:
  std::string path_;
  int file_ = -1;
};

}  // namespace polarway
