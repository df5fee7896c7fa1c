#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/charset.h"
#include "polarway/result.h"

namespace polarway {

/// How a text is to become UTF-8.
struct TextStart {
  Charset from;                     ///< utf-8, utf-8-lossy, latin1: it does not have to.
  std::size_t byte_order_mark = 0;  ///< Bytes to leave out at its start.
};

/// What a text that begins with `start` is, if its user says `said`: a byte order mark of UTF-16 or
/// UTF-32 goes before UTF-8, and settles what "utf-16" and "utf-32" leave open. Without one the
/// zeros of the first character do. Parse error (without place) when the mark is another one's,
/// or the byte order stays open.
Result<TextStart> start_of_text(std::span<const std::uint8_t> start, const Charset& said);

}  // namespace polarway
