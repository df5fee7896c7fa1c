#include "sinks/csv_marks.h"

#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sinks/csv_marks.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace polarway::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

std::size_t FindMark(const std::uint8_t* text, std::size_t size, std::uint8_t delimiter) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto delimiters = hn::Set(d, delimiter);
  const auto quotes = hn::Set(d, static_cast<std::uint8_t>('"'));
  const auto line_feeds = hn::Set(d, static_cast<std::uint8_t>('\n'));
  const auto returns = hn::Set(d, static_cast<std::uint8_t>('\r'));
  const auto marks = [&](hn::Vec<decltype(d)> bytes) {
    return hn::Or(hn::Or(hn::Eq(bytes, delimiters), hn::Eq(bytes, quotes)),
                  hn::Or(hn::Eq(bytes, line_feeds), hn::Eq(bytes, returns)));
  };
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    const std::intptr_t found = hn::FindFirstTrue(d, marks(hn::LoadU(d, text + i)));
    if (found >= 0) return i + static_cast<std::size_t>(found);
  }
  for (; i < size; ++i) {
    const std::uint8_t c = text[i];
    if (c == delimiter || c == '"' || c == '\n' || c == '\r') break;
  }
  return i;
}

}  // namespace polarway::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace polarway {

HWY_EXPORT(FindMark);

std::size_t find_mark(std::string_view text, char delimiter) {
  return HWY_DYNAMIC_DISPATCH(FindMark)(reinterpret_cast<const std::uint8_t*>(text.data()),
                                        text.size(), static_cast<std::uint8_t>(delimiter));
}

}  // namespace polarway
#endif  // HWY_ONCE
