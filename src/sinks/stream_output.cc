#include "sinks/stream_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <utility>

#include "sinks/write_error.h"

namespace polarway {
namespace {

// Keeps the SIGPIPE of a write from the program, whose handler is not ours to change: blocks it in
// this thread, and takes the one that our write raised off the queue.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::sigemptyset(&sigpipe_);
    ::sigaddset(&sigpipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~WithoutSigpipe() {
    const int reason = errno;
    const timespec at_once{};
    if (!was_pending_) ::sigtimedwait(&sigpipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = reason;
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t sigpipe_{}, before_{};
  bool was_pending_ = false;
};

ssize_t write_some(int fd, std::string_view bytes) {
  const WithoutSigpipe guard;
  return ::write(fd, bytes.data(), bytes.size());
}

}  // namespace

std::unique_ptr<StreamOutput> StreamOutput::standard() {
  return std::unique_ptr<StreamOutput>(new StreamOutput(STDOUT_FILENO, "standard output"));
}

Result<std::unique_ptr<StreamOutput>> StreamOutput::open(const std::string& path) {
  // Who closes the descriptor is there before it.
  std::unique_ptr<StreamOutput> output(new StreamOutput(-1, path));
  do {
    output->fd_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  } while (output->fd_ < 0 && errno == EINTR);
  if (output->fd_ < 0) return fail(write_error(errno, path, "opening it"));
  return output;
}

StreamOutput::~StreamOutput() {
  if (fd_ >= 0 && fd_ != STDOUT_FILENO) ::close(fd_);
}

Result<void> StreamOutput::append(std::string_view bytes) {
  if (error_) return fail(*error_);
  while (!bytes.empty()) {
    const ssize_t written = write_some(fd_, bytes);
    if (written > 0) {
      bytes_ += written;
      bytes.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    const int reason = written == 0 ? EIO : errno;
    if (reason == EINTR) continue;
    if (reason == EAGAIN) {  // whoever shares the terminal or pipe made it non-blocking
      pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, -1);
      continue;
    }
    error_ = write_error(reason, location_, fmt::format("writing {} bytes", bytes.size()), bytes_);
    if (reason == EPIPE) {
      error_->message = kReaderGone;
      error_->hint.clear();
    }
    return fail(*error_);
  }
  return {};
}

Result<std::string> StreamOutput::sync() {
  return fail({.kind = ErrorKind::UnsupportedOperation,
               .where = {.location = location_, .row = {}, .byte_offset = {}, .column = {}},
               .message = "what was written to it cannot be made to survive a crash",
               .hint = "write to a file to have checkpoints",
               .memory = {}});
}

Result<void> StreamOutput::resume(std::string_view, std::int64_t) {
  return fail({.kind = ErrorKind::UnsupportedOperation,
               .where = {.location = location_, .row = {}, .byte_offset = {}, .column = {}},
               .message = "there is nothing in it to go on from",
               .hint = "write to a file to have checkpoints",
               .memory = {}});
}

Result<void> StreamOutput::commit() {
  if (error_) return fail(*error_);
  return {};
}

std::string StreamOutput::scratch_folder() const {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : folder.string();
}

}  // namespace polarway
