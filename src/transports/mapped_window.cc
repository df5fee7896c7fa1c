#include "transports/mapped_window.h"

#include <sys/mman.h>

#include <algorithm>
#include <csetjmp>
#include <csignal>
#include <cstring>
#include <mutex>

namespace polarway {
namespace {

// The copy that this thread is in the middle of.
struct GuardedCopy {
  const std::uint8_t* begin;
  const std::uint8_t* end;
  sigjmp_buf give_up;
};

// Static storage, since looking it up must not allocate in a signal handler.
[[gnu::tls_model("initial-exec")]] thread_local GuardedCopy* volatile current_copy = nullptr;

struct sigaction previous_action{};

void pass_on(int signal, siginfo_t* info, void* context) {
  if ((previous_action.sa_flags & SA_SIGINFO) != 0) {
    previous_action.sa_sigaction(signal, info, context);
  } else if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN) {
    previous_action.sa_handler(signal);
  } else {
    // The access is tried again when the handler returns, and now ends the process as it would
    // have. A SIGBUS of an access cannot be ignored.
    struct sigaction by_default{};
    by_default.sa_handler = SIG_DFL;
    sigaction(SIGBUS, &by_default, nullptr);
    if (info->si_code <= 0) raise(signal);  // sent by somebody: nothing is tried again
  }
}

void on_sigbus(int signal, siginfo_t* info, void* context) {
  GuardedCopy* copy = current_copy;
  const auto* address = static_cast<const std::uint8_t*>(info->si_addr);
  if (copy != nullptr && info->si_code > 0 && address >= copy->begin && address < copy->end) {
    siglongjmp(copy->give_up, 1);
  }
  pass_on(signal, info, context);
}

void install_handler() {
  static std::once_flag installed;
  std::call_once(installed, [] {
    struct sigaction ours{};
    ours.sa_sigaction = on_sigbus;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&ours.sa_mask);
    sigaction(SIGBUS, nullptr, &previous_action);
    sigaction(SIGBUS, &ours, nullptr);  // from here on it may be called
  });
}

// Nothing in here has a destructor, for siglongjmp() would not run it.
bool copy_guarded(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
  GuardedCopy copy{.begin = from, .end = from + size, .give_up = {}};
  // With the signals that are blocked: the handler is left by siglongjmp(), which unblocks its own.
  if (sigsetjmp(copy.give_up, 1) != 0) {
    current_copy = nullptr;
    return false;
  }
  current_copy = &copy;
  std::memcpy(to, from, size);
  current_copy = nullptr;
  return true;
}

}  // namespace

MappedWindow::~MappedWindow() { unmap(); }

void MappedWindow::unmap() {
  if (start_ != nullptr) ::munmap(start_, static_cast<std::size_t>(size_));
  start_ = nullptr;
}

std::int64_t MappedWindow::copy(int fd, std::int64_t file_bytes, std::int64_t offset,
                                std::span<std::uint8_t> into) {
  if (start_ == nullptr || offset < offset_ || offset >= offset_ + size_) {
    install_handler();
    unmap();
    offset_ = offset / kBytes * kBytes;
    size_ = std::min(kBytes, file_bytes - offset_);
    void* mapped =
        ::mmap(nullptr, static_cast<std::size_t>(size_), PROT_READ, MAP_SHARED, fd, offset_);
    if (mapped == MAP_FAILED) return -1;
    start_ = static_cast<std::uint8_t*>(mapped);
    ::madvise(start_, static_cast<std::size_t>(size_), MADV_SEQUENTIAL);
  }
  const auto copied = std::min(static_cast<std::int64_t>(into.size()), offset_ + size_ - offset);
  return copy_guarded(into.data(), start_ + (offset - offset_), static_cast<std::size_t>(copied))
             ? copied
             : 0;
}

}  // namespace polarway
