#include "transports/local_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "transports/mapped_file.h"
#include "transports/mapped_window.h"

namespace polarway {
namespace {

SourceError system_error(int error, const std::string& location, std::string what,
                         std::optional<std::int64_t> offset = {}) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  std::string hint;
  if (missing) hint = "check the path";
  if (error == EACCES || error == EPERM) hint = "check the permissions of the file and its folders";
  if (error == EMFILE || error == ENFILE) hint = "too many files are open; raise ulimit -n";
  return {.kind = missing ? ErrorKind::NotFound : ErrorKind::Io,
          .where = {.location = location, .row = {}, .byte_offset = offset, .column = {}},
          .message = std::move(what) + ": " + std::strerror(error),
          .hint = std::move(hint)};
}

class LocalFile final : public ByteStream {
 public:
  // `fd` below 0: open() opens it.
  LocalFile(int fd, std::string location, bool use_mmap)
      : fd_(fd), location_(std::move(location)), use_mmap_(use_mmap) {}
  ~LocalFile() override {
    if (fd_ > STDIN_FILENO) ::close(fd_);
  }
  LocalFile(const LocalFile&) = delete;
  LocalFile& operator=(const LocalFile&) = delete;

  Result<void> open(const std::string& path) {
    // O_NONBLOCK, or opening a named pipe would wait for its writer and no stop could end that;
    // the reads wait in poll() instead.
    if (fd_ < 0) fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd_ < 0) return fail(system_error(errno, location_, "cannot open"));
    if (::fstat(fd_, &at_open_) != 0) return fail(system_error(errno, location_, "cannot look at"));
    if (S_ISDIR(at_open_.st_mode)) {
      return fail({.kind = ErrorKind::Io,
                   .where = {.location = location_},
                   .message = "this is a directory",
                   .hint = "name one file in it"});
    }
    // Files of proc(5) are regular and have size 0, whatever they hold.
    regular_ = S_ISREG(at_open_.st_mode) && at_open_.st_size > 0;
    if (regular_) ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
    return {};
  }

  Result<std::int64_t> read(std::span<std::uint8_t> into, std::stop_token stop) override {
    if (!regular_) return read_pipe(into, stop);
    if (use_mmap_) return read_mapped(into);
    POLARWAY_TRY(const std::int64_t got, read_at(offset_, into));
    offset_ += got;
    return got;
  }

  bool reads_anywhere() const override { return regular_ && !use_mmap_; }

  Result<std::int64_t> read_at(std::int64_t offset, std::span<std::uint8_t> into) override {
    const std::int64_t left = at_open_.st_size - offset;
    if (left <= 0) return 0;
    POLARWAY_CHECK(check_unchanged(offset));
    const auto want = std::min<std::size_t>(into.size(), static_cast<std::size_t>(left));
    ssize_t got = 0;
    do {
      got = ::pread(fd_, into.data(), want, offset);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return fail(system_error(errno, location_, "cannot read", offset));
    if (got == 0) return fail(changed("the file became shorter while it was read", offset));
    bytes_read_.fetch_add(got, std::memory_order_relaxed);
    return got;
  }

  Result<void> seek(std::int64_t offset) override {
    if (!regular_) {
      return fail({.kind = ErrorKind::UnsupportedOperation,
                   .where = place(),
                   .message = "a pipe cannot be read from another position",
                   .hint = "write it to a file first"});
    }
    offset_ = offset;
    return {};
  }

  Result<std::shared_ptr<FileMap>> map() override {
    if (!use_mmap_ || !regular_) return nullptr;
    return map_file(fd_, at_open_.st_size, location_, [this] { return check_unchanged({}); });
  }

  bool seekable() const override { return regular_; }
  std::optional<std::int64_t> size_bytes() const override {
    if (!regular_) return std::nullopt;
    return at_open_.st_size;
  }
  std::string identity() const override {
    if (!regular_) return {};
    return std::to_string(at_open_.st_size) + "-" + std::to_string(at_open_.st_mtim.tv_sec) + "." +
           std::to_string(at_open_.st_mtim.tv_nsec);
  }
  const std::string& location() const override { return location_; }
  std::int64_t bytes_read() const override { return bytes_read_.load(std::memory_order_relaxed); }

 private:
  ErrorPlace place() const { return place(offset_); }
  ErrorPlace place(std::optional<std::int64_t> offset) const {
    return {.location = location_, .row = {}, .byte_offset = offset, .column = {}};
  }

  Result<std::int64_t> read_mapped(std::span<std::uint8_t> into) {
    if (offset_ >= at_open_.st_size) return 0;
    const std::int64_t got = window_.copy(fd_, at_open_.st_size, offset_, into);
    if (got < 0) return fail(system_error(errno, location_, "cannot map", offset_));
    // Behind the copy: where a file was cut off, the rest of its last page reads as zeros.
    POLARWAY_CHECK(check_unchanged(offset_));
    if (got == 0) return fail(system_error(EIO, location_, "cannot read the mapping", offset_));
    return advance(got);
  }

  // Polls in short steps: a stop must end the wait, and a pipe has no other way to be woken.
  Result<std::int64_t> read_pipe(std::span<std::uint8_t> into, const std::stop_token& stop) {
    constexpr int kStepMs = 50;
    for (;;) {
      if (stop.stop_requested()) {
        return fail({.kind = ErrorKind::Cancelled,
                     .where = place(),
                     .message = "stopped while waiting for input"});
      }
      pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
      const int ready = ::poll(&waiting, 1, kStepMs);
      if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
      const ssize_t got = ::read(fd_, into.data(), into.size());
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got < 0) return fail(system_error(errno, location_, "cannot read", offset_));
      return advance(got);
    }
  }

  Result<void> check_unchanged(std::optional<std::int64_t> offset) {
    struct stat now{};
    if (::fstat(fd_, &now) != 0) return fail(system_error(errno, location_, "cannot look at"));
    if (now.st_size < at_open_.st_size) {
      return fail(changed("the file became shorter while it was read", offset));
    }
    const bool touched = now.st_mtim.tv_sec != at_open_.st_mtim.tv_sec ||
                         now.st_mtim.tv_nsec != at_open_.st_mtim.tv_nsec;
    // A longer file was appended to, which the rows up to its old size do not see.
    if (touched && now.st_size == at_open_.st_size) {
      return fail(changed("the file was rewritten while it was read", offset));
    }
    return {};
  }

  SourceError changed(std::string message, std::optional<std::int64_t> offset) const {
    return {.kind = ErrorKind::Changed,
            .where = place(offset),
            .message = std::move(message),
            .hint = "read it again from the start, from a copy that nobody writes to"};
  }

  std::int64_t advance(ssize_t got) {
    offset_ += got;
    bytes_read_.fetch_add(got, std::memory_order_relaxed);
    return got;
  }

  int fd_;
  std::string location_;
  bool use_mmap_;
  MappedWindow window_;
  struct stat at_open_{};
  bool regular_ = false;
  std::int64_t offset_ = 0;
  std::atomic<std::int64_t> bytes_read_{0};
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_local_file(const std::string& location, bool use_mmap) {
  const bool standard_input = location == "-";
  const std::string path = path_of(location);
  const std::string name = standard_input ? "standard input" : path;
  // Who closes the descriptor is there before it.
  auto file = std::make_unique<LocalFile>(standard_input ? STDIN_FILENO : -1, name, use_mmap);
  POLARWAY_CHECK(file->open(path));
  return file;
}

}  // namespace polarway
