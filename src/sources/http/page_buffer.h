#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "formats/json/container_scan.h"

namespace polarway::rest {

/// The piece of a page that is looked at, and of it what is to be handed on.
class PageBuffer {
 public:
  static constexpr std::size_t kCapacity = 128 << 10;
  static constexpr std::int64_t kBytes = kCapacity + json::kScanPadding;

  PageBuffer() : bytes_(kBytes) {}

  /// What is not looked at yet; padding behind it is readable.
  std::span<const std::uint8_t> text() const { return {bytes_.data() + begin_, end_ - begin_}; }
  /// Where text() begins in the page.
  std::int64_t offset() const { return offset_; }
  void consume(std::size_t count) {
    begin_ += count;
    offset_ += static_cast<std::int64_t>(count);
  }
  /// Room for more behind text(), not empty unless that fills the buffer.
  std::span<std::uint8_t> room() {
    if (begin_ > 0) {
      std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_),
                bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
      end_ -= begin_;
      begin_ = 0;
    }
    return {bytes_.data() + end_, kCapacity - end_};
  }
  void grow(std::size_t count) { end_ += count; }
  /// The next page begins.
  void clear() {
    begin_ = end_ = handed_begin_ = handed_end_ = 0;
    offset_ = 0;
    at_end = false;
  }

  /// What is to be handed on, which text() has gone past; nothing may be added while there is any.
  void set_handed(std::size_t from_text, std::size_t to) {
    handed_begin_ = begin_ + from_text;
    handed_end_ = begin_ + to;
  }
  std::span<const std::uint8_t> handed() const {
    return {bytes_.data() + handed_begin_, handed_end_ - handed_begin_};
  }
  void take_handed(std::size_t count) { handed_begin_ += count; }

  bool at_end = false;  ///< Nothing of the page follows text().

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::int64_t offset_ = 0;
  std::size_t handed_begin_ = 0;
  std::size_t handed_end_ = 0;
};

}  // namespace polarway::rest
