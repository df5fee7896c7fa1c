#include "transports/bus_error.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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

// What the handler looks through, without a lock. A slot is in use from the moment its `begin` is
// not 0; `end` is written before that.
struct Slot {
  std::atomic<bool> is_taken{false};
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::uintptr_t> end{0};
  std::atomic<bool> has_lost_pages{false};
};
constexpr std::size_t kSlots = 512;
std::array<Slot, kSlots> slots;

std::uintptr_t page_bytes = 4096;  // set before the handler is there

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

// Puts zeros from the page at `address` on to the end of its range; false where it is in none.
bool patch(std::uintptr_t address) {
  for (Slot& slot : slots) {
    const std::uintptr_t begin = slot.begin.load(std::memory_order_acquire);
    const std::uintptr_t end = slot.end.load(std::memory_order_relaxed);
    if (begin == 0 || address < begin || address >= end) continue;
    slot.has_lost_pages.store(true, std::memory_order_release);
    const std::uintptr_t from = address / page_bytes * page_bytes;
    void* zeros = ::mmap(reinterpret_cast<void*>(from), end - from, PROT_READ,
                         MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return zeros != MAP_FAILED;
  }
  return false;
}

void on_sigbus(int signal, siginfo_t* info, void* context) {
  GuardedCopy* copy = current_copy;
  const auto* address = static_cast<const std::uint8_t*>(info->si_addr);
  if (info->si_code > 0) {
    if (copy != nullptr && address >= copy->begin && address < copy->end) {
      siglongjmp(copy->give_up, 1);
    }
    const int saved_errno = errno;
    const bool is_patched = patch(reinterpret_cast<std::uintptr_t>(address));
    errno = saved_errno;
    if (is_patched) return;
  }
  pass_on(signal, info, context);
}

void install_handler() {
  static std::once_flag installed;
  std::call_once(installed, [] {
    page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    struct sigaction ours{};
    ours.sa_sigaction = on_sigbus;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&ours.sa_mask);
    sigaction(SIGBUS, nullptr, &previous_action);
    sigaction(SIGBUS, &ours, nullptr);  // from here on it may be called
  });
}

}  // namespace

// Nothing in here has a destructor, for siglongjmp() would not run it.
bool copy_guarded(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
  install_handler();
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

bool GuardedRange::guard(const void* begin, std::size_t size) {
  install_handler();
  for (std::size_t i = 0; i < kSlots; ++i) {
    Slot& slot = slots[i];
    if (slot.is_taken.exchange(true)) continue;
    slot.has_lost_pages.store(false);
    slot.end.store(reinterpret_cast<std::uintptr_t>(begin) + size);
    slot.begin.store(reinterpret_cast<std::uintptr_t>(begin), std::memory_order_release);
    slot_ = static_cast<int>(i);
    return true;
  }
  return false;
}

GuardedRange::~GuardedRange() {
  if (slot_ < 0) return;
  Slot& slot = slots[static_cast<std::size_t>(slot_)];
  slot.begin.store(0, std::memory_order_release);
  slot.is_taken.store(false, std::memory_order_release);
}

bool GuardedRange::has_lost_pages() const {
  return slot_ >= 0 &&
         slots[static_cast<std::size_t>(slot_)].has_lost_pages.load(std::memory_order_acquire);
}

}  // namespace polarway
