#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/option_value.h"

namespace polarway::csv {

/// A few bytes that structure a text, held in place: no copy of it allocates.
class ByteText {
 public:
  static constexpr std::size_t kMaxSize = 15;

  constexpr ByteText() = default;
  /// `bytes` must not be longer than kMaxSize.
  constexpr ByteText(std::string_view bytes)  // NOLINT(google-explicit-constructor)
      : size_(static_cast<std::uint8_t>(bytes.size())) {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes_[i] = bytes[i];
  }
  constexpr ByteText(const char* bytes)  // NOLINT(google-explicit-constructor)
      : ByteText(std::string_view(bytes)) {}

  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::uint8_t operator[](std::size_t i) const {
    return static_cast<std::uint8_t>(bytes_[i]);
  }
  constexpr std::uint8_t front() const { return (*this)[0]; }
  constexpr std::uint8_t back() const { return (*this)[size_ - 1U]; }
  constexpr std::string_view view() const { return {bytes_, size_}; }
  constexpr bool contains(char byte) const { return view().find(byte) != std::string_view::npos; }

  friend constexpr bool operator==(const ByteText& a, const ByteText& b) {
    return a.view() == b.view();
  }

 private:
  char bytes_[kMaxSize] = {};
  std::uint8_t size_ = 0;
};

}  // namespace polarway::csv

namespace polarway {

// One byte or several; \t or tab, \n, \r, \0, \\ and \x1f spell what cannot be typed.
template <>
struct OptionValue<csv::ByteText> {
  static std::string type() { return "characters"; }
  static Result<csv::ByteText> parse(std::string_view text);
  static std::string print(const csv::ByteText& value);
};

}  // namespace polarway
