#include "sinks/scratch_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "sinks/write_error.h"

namespace polarway {
namespace {

constexpr std::size_t kInMemory = 64 << 10;

}  // namespace

ScratchFile::~ScratchFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> ScratchFile::append(std::string_view bytes) {
  recent_ += bytes;
  return recent_.size() < kInMemory ? Result<void>() : spill();
}

Result<void> ScratchFile::open() {
  fd_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd_ >= 0) return {};
  // Not every file system has O_TMPFILE.
  std::string name = folder_ + "/.polarway-XXXXXX";
  fd_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd_ < 0) return fail(write_error(errno, folder_, "creating a file without a name in it"));
  ::unlink(name.c_str());
  return {};
}

Result<void> ScratchFile::spill() {
  if (fd_ < 0) POLARWAY_CHECK(open());
  std::string_view left = recent_;
  while (!left.empty()) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      return fail(write_error(written == 0 ? EIO : errno, folder_, "putting bytes aside in it"));
    }
    in_file_ += written;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  recent_.clear();
  return {};
}

Result<void> ScratchFile::copy_to(Output& output) {
  if (in_file_ > 0) {
    std::string piece(kInMemory, '\0');
    for (std::int64_t at = 0; at < in_file_;) {
      const ssize_t got = ::pread(fd_, piece.data(), piece.size(), at);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0)
        return fail(write_error(got == 0 ? EIO : errno, folder_, "reading back from it"));
      POLARWAY_CHECK(output.append({piece.data(), static_cast<std::size_t>(got)}));
      at += got;
    }
  }
  return output.append(recent_);
}

}  // namespace polarway
