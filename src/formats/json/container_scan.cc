#include "formats/json/container_scan.h"

#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/json/container_scan.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "formats/simd_bits.h"

HWY_BEFORE_NAMESPACE();
namespace polarway::json::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using polarway::HWY_NAMESPACE::equal_mask;
using polarway::HWY_NAMESPACE::escaped_bits;
using polarway::HWY_NAMESPACE::prefix_xor;

// Which bytes of 64 open a bracket, close one, and are within strings.
struct Marks {
  std::uint64_t opens = 0;
  std::uint64_t closes = 0;
  std::uint64_t quotes = 0;
  std::uint64_t strays = 0;  // backslashes outside of strings
};

// '[' and '{' differ in one bit, as do ']' and '}'.
template <class D>
HWY_INLINE std::uint64_t bracket_mask(D d, const std::uint8_t* text, std::uint8_t curly) {
  std::uint64_t mask = 0;
  const std::size_t lanes = hn::Lanes(d);
  const auto bit = hn::Set(d, 0x20);
  const auto wanted = hn::Set(d, curly);
  for (std::size_t i = 0; i < 64; i += lanes) {
    std::uint64_t part = 0;
    hn::StoreMaskBits(d, hn::Eq(hn::Or(hn::LoadU(d, text + i), bit), wanted),
                      reinterpret_cast<std::uint8_t*>(&part));
    mask |= part << i;
  }
  return mask;
}

// Moves the state over 64 bytes, or the first few of them.
template <class D>
HWY_INLINE Marks look_at(D d, const std::uint8_t* bytes, std::size_t count, ContainerState& state) {
  const std::uint64_t valid = count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
  const std::uint64_t backslashes = equal_mask(d, bytes, hn::Set(d, '\\')) & valid;
  std::uint64_t escaped = state.escape;
  if (HWY_UNLIKELY(backslashes != 0)) {
    escaped = escaped_bits(backslashes, state.escape);
    if (count < 64) state.escape = (escaped >> count) & 1;
  } else if (count > 0) {
    state.escape = 0;
  }
  Marks marks;
  marks.quotes = equal_mask(d, bytes, hn::Set(d, '"')) & ~escaped & valid;
  const std::uint64_t in_string = prefix_xor(marks.quotes) ^ state.in_string;
  if (HWY_UNLIKELY(backslashes != 0)) marks.strays = backslashes & ~in_string;
  state.in_string = static_cast<std::uint64_t>(static_cast<std::int64_t>(in_string) >> 63);
  marks.opens = bracket_mask(d, bytes, '{') & ~in_string & valid;
  marks.closes = bracket_mask(d, bytes, '}') & ~in_string & valid;
  return marks;
}

using Bytes = hn::CappedTag<std::uint8_t, 64>;

std::size_t ScanContainer(std::span<const std::uint8_t> text, std::size_t at,
                          std::int64_t max_depth, ContainerState& state) {
  const Bytes d;
  while (at < text.size()) {
    const std::size_t count = text.size() - at < 64 ? text.size() - at : 64;
    const Marks marks = look_at(d, text.data() + at, count, state);
    const int num_opens = std::popcount(marks.opens);
    const int num_closes = std::popcount(marks.closes);
    if (state.depth > num_closes && state.depth + num_opens <= max_depth) {
      state.depth += num_opens - num_closes;
      at += count;
      continue;
    }
    for (std::uint64_t both = marks.opens | marks.closes; both != 0; both &= both - 1) {
      const auto place = static_cast<std::size_t>(std::countr_zero(both));
      if ((marks.opens >> place & 1) != 0) {
        if (++state.depth > max_depth) return at + place;
      } else if (--state.depth == 0) {
        state = {};
        return at + place + 1;
      }
    }
    at += count;
  }
  return at;
}

std::size_t ScanString(std::span<const std::uint8_t> text, std::size_t at, ContainerState& state) {
  const Bytes d;
  while (at < text.size()) {
    const std::size_t count = text.size() - at < 64 ? text.size() - at : 64;
    const bool is_open = state.in_string != 0;
    std::uint64_t quotes = look_at(d, text.data() + at, count, state).quotes;
    if (!is_open) quotes &= quotes - 1;  // the one that opens it
    if (quotes != 0) {
      state = {};
      return at + static_cast<std::size_t>(std::countr_zero(quotes)) + 1;
    }
    at += count;
  }
  return at;
}

// Bracket by bracket. The state is that before text[at].
RecordBorder BorderFrom(std::span<const std::uint8_t> text, std::size_t at, ContainerState state) {
  const Bytes d;
  RecordBorder border;
  for (; at < text.size(); at += 64) {
    const std::size_t count = text.size() - at < 64 ? text.size() - at : 64;
    const Marks marks = look_at(d, text.data() + at, count, state);
    const std::uint64_t before_stray =
        marks.strays == 0 ? ~std::uint64_t{0} : (marks.strays & (0 - marks.strays)) - 1;
    for (std::uint64_t both = (marks.opens | marks.closes) & before_stray; both != 0;
         both &= both - 1) {
      const auto place = static_cast<std::size_t>(std::countr_zero(both));
      if ((marks.opens >> place & 1) != 0) {
        ++state.depth;
      } else if (state.depth == 0) {
        border.is_over = true;
        return border;
      } else if (--state.depth == 0) {
        border.end = at + place + 1;
      }
    }
    if (marks.strays != 0) {
      border.is_over = true;
      return border;
    }
  }
  return border;
}

RecordBorder LastBorder(std::span<const std::uint8_t> text) {
  // Records are mostly shorter than that, so that brackets are only counted before.
  constexpr std::size_t kTail = 4096;
  const Bytes d;
  ContainerState state;
  std::size_t at = 0;
  const std::size_t tail = text.size() > kTail ? (text.size() - kTail) / 64 * 64 : 0;
  for (; at < tail; at += 64) {
    const ContainerState before = state;
    const Marks marks = look_at(d, text.data() + at, 64, state);
    const int num_closes = std::popcount(marks.closes);
    if (HWY_LIKELY(state.depth >= num_closes && marks.strays == 0)) {
      state.depth += std::popcount(marks.opens) - num_closes;
      continue;
    }
    const RecordBorder within = BorderFrom(text.subspan(0, at + 64), at, before);
    if (within.is_over) return BorderFrom(text, 0, {});
    state.depth += std::popcount(marks.opens) - num_closes;
  }
  const RecordBorder border = BorderFrom(text, at, state);
  return border.end > 0 || at == 0 ? border : BorderFrom(text, 0, {});
}

}  // namespace polarway::json::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace polarway::json {

HWY_EXPORT(ScanContainer);
HWY_EXPORT(ScanString);
HWY_EXPORT(LastBorder);

std::size_t scan_container(std::span<const std::uint8_t> text, std::size_t at,
                           std::int64_t max_depth, ContainerState& state) {
  return HWY_DYNAMIC_DISPATCH(ScanContainer)(text, at, max_depth, state);
}

std::size_t scan_string(std::span<const std::uint8_t> text, std::size_t at, ContainerState& state) {
  return HWY_DYNAMIC_DISPATCH(ScanString)(text, at, state);
}

RecordBorder last_border(std::span<const std::uint8_t> text) {
  return HWY_DYNAMIC_DISPATCH(LastBorder)(text);
}

}  // namespace polarway::json
#endif  // HWY_ONCE
