#include "core/kernel_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace polarway {

KernelFile::KernelFile(KernelFile&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}

KernelFile::~KernelFile() {
  if (file_ >= 0) ::close(file_);
}

std::optional<std::string_view> KernelFile::read(std::span<char> text) {
  if (file_ < 0) file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) return std::nullopt;
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got =
        ::pread(file_, text.data() + length, text.size() - length, static_cast<off_t>(length));
    if (got < 0) {  // such as a cgroup that was removed
      ::close(std::exchange(file_, -1));
      return std::nullopt;
    }
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  return std::string_view(text.data(), length);
}

}  // namespace polarway
