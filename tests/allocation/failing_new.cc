#include "allocation/failing_new.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <unwind.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <new>
#include <string_view>
#include <utility>

namespace polarway::testing::failing_new {
namespace {

constinit std::atomic<bool> is_armed = false;
constinit std::atomic<std::int64_t> counted = 0;
constinit std::atomic<std::int64_t> fail_from = 0;
constinit std::atomic<std::int64_t> fail_to = 0;
constinit std::atomic<std::int64_t> alive = 0;
constinit thread_local bool is_exempt = false;

// POLARWAY_SHOW_ALLOCATION=N prints the stack of each N-th allocation, for addr2line.
const std::int64_t shown = [] {
  const char* given = std::getenv("POLARWAY_SHOW_ALLOCATION");
  return given == nullptr ? 0 : std::strtoll(given, nullptr, 10);
}();

enum class Owner : std::uint8_t { Ours, Arrow, Helper };

Owner find_owner(std::uintptr_t address) {
  Dl_info info{};
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a return address
  if (::dladdr(reinterpret_cast<void*>(address), &info) == 0) return Owner::Ours;
  const std::string_view file = info.dli_fname == nullptr ? "" : info.dli_fname;
  const std::string_view name = file.substr(file.rfind('/') + 1);
  if (name.starts_with("libarrow") || name.starts_with("libparquet")) return Owner::Arrow;
  if (name.starts_with("lib")) return Owner::Helper;  // its caller decides
  // An instance of a template of the C++ library that the linker may have lent to libarrow.
  const std::string_view symbol = info.dli_sname == nullptr ? "" : info.dli_sname;
  if (symbol.starts_with("_ZNSt") || symbol.starts_with("_ZNKSt") || symbol.starts_with("_ZSt")) {
    return Owner::Helper;
  }
  return Owner::Ours;
}

// Looking a symbol up takes long, and there are few places. A slot has an address and its owner.
Owner owner_of(std::uintptr_t address) {
  constexpr std::size_t kSlots = 1 << 14;
  static constinit std::array<std::atomic<std::uint64_t>, kSlots> known{};
  std::atomic<std::uint64_t>& slot = known[(address * 0x9E3779B97F4A7C15u) >> 50];
  const std::uint64_t found = slot.load(std::memory_order_relaxed);
  if (found >> 2 == address) return static_cast<Owner>(found & 3);
  const Owner owner = find_owner(address);
  slot.store(std::uint64_t{address} << 2 | static_cast<std::uint64_t>(owner),
             std::memory_order_relaxed);
  return owner;
}

_Unwind_Reason_Code look_at(_Unwind_Context* context, void* result) {
  auto& [frames, owner] = *static_cast<std::pair<int, Owner>*>(result);
  if (frames++ < 2) return _URC_NO_REASON;  // is_ours() and operator new
  owner = owner_of(_Unwind_GetIP(context) - 1);
  return owner == Owner::Helper ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

[[gnu::noinline]] bool is_ours() {
  std::pair<int, Owner> result{0, Owner::Helper};
  _Unwind_Backtrace(look_at, &result);
  return result.second == Owner::Ours;
}

void show_place() {
  std::array<void*, 48> frames{};
  ::backtrace_symbols_fd(frames.data(),
                         ::backtrace(frames.data(), static_cast<int>(std::ssize(frames))), 2);
}

[[gnu::always_inline]] inline bool must_fail() {
  if (!is_armed.load(std::memory_order_acquire) || is_exempt || !is_ours()) return false;
  const std::int64_t number = counted.fetch_add(1) + 1;
  if (number == shown) show_place();
  return number >= fail_from.load() && number <= fail_to.load();
}

}  // namespace

void arm(std::int64_t nth, bool for_ever) {
  counted = 0;
  fail_from = nth;
  fail_to = for_ever ? INT64_MAX : nth;
  is_armed = true;
}

std::int64_t disarm() {
  is_armed = false;
  return counted;
}

std::int64_t live() { return alive; }

Exempt::Exempt() : before_(is_exempt) { is_exempt = true; }
Exempt::~Exempt() { is_exempt = before_; }

}  // namespace polarway::testing::failing_new

// The C++ library's other forms are built on these.

using namespace polarway::testing;  // NOLINT(google-build-using-namespace): its own state

[[gnu::noinline]] void* operator new(std::size_t size) {
  if (failing_new::must_fail()) throw std::bad_alloc();
  void* const bytes = std::malloc(size == 0 ? 1 : size);
  if (bytes == nullptr) throw std::bad_alloc();
  failing_new::alive.fetch_add(1, std::memory_order_relaxed);
  return bytes;
}

[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  if (failing_new::must_fail()) throw std::bad_alloc();
  const auto align = static_cast<std::size_t>(alignment);
  void* const bytes = std::aligned_alloc(align, (size + align - 1) / align * align);
  if (bytes == nullptr) throw std::bad_alloc();
  failing_new::alive.fetch_add(1, std::memory_order_relaxed);
  return bytes;
}

void operator delete(void* bytes) noexcept {
  if (bytes == nullptr) return;
  failing_new::alive.fetch_sub(1, std::memory_order_relaxed);
  std::free(bytes);
}
void operator delete(void* bytes, std::size_t) noexcept { operator delete(bytes); }
void operator delete(void* bytes, std::align_val_t) noexcept { operator delete(bytes); }
void operator delete(void* bytes, std::size_t, std::align_val_t) noexcept {
  operator delete(bytes);
}
