#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace polarway::json {

/// What scan_container() may read behind its text.
inline constexpr std::size_t kScanPadding = 64;

/// How far an object or array has been followed.
struct ContainerState {
  std::int64_t depth = 0;       ///< Brackets that are open; strings hold none.
  std::uint64_t in_string = 0;  ///< All ones within a string.
  std::uint64_t escape = 0;     ///< 1 when the last byte was a backslash that escapes the next.
};

/// Follows strings and brackets from text[at] on, until no bracket is open, or `max_depth` of them
/// are and another one opens. Returns one past the bracket that closes the last, or the place of
/// the one too many (state.depth is max_depth + 1 then), or the text's size: the state goes on from
/// there. Which bracket closes which is for others to check. SIMD, dispatched at run time.
std::size_t scan_container(std::span<const std::uint8_t> text, std::size_t at,
                           std::int64_t max_depth, ContainerState& state);

/// The same for a string: one past its closing quote.
std::size_t scan_string(std::span<const std::uint8_t> text, std::size_t at, ContainerState& state);

/// Where the last of a text's records ends.
struct RecordBorder {
  std::size_t end = 0;   ///< One past its bracket; 0: no record ends there with one.
  bool is_over = false;  ///< Behind that stands what is no object or array: a bracket that closes
                         ///< none, a backslash outside of strings.
};

/// Looks for it in a text that begins outside of all records. kScanPadding bytes behind the text
/// must be readable. SIMD, dispatched at run time.
RecordBorder last_border(std::span<const std::uint8_t> text);

}  // namespace polarway::json
