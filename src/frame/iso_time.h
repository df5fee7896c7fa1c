#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace polarway {

/// A date, or a date and a time, as somebody wrote it into an expression.
struct IsoTime {
  std::int64_t days = 0;                   // since 1970-01-01
  std::int64_t nanoseconds = 0;            // since midnight
  std::optional<int> offset_minutes = {};  // east of UTC, when the text names a zone ("Z" is 0)
};

/// Reads "2024-02-29", "2024-02-29 12:30", "2024-02-29T12:30:01.5", the latter two also with "Z",
/// "+01:00", "+0100" or "+01" behind. Nothing for anything else, and for days and times there are
/// not.
std::optional<IsoTime> parse_iso_time(std::string_view text);

}  // namespace polarway
