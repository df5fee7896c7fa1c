#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace polarway::cli {

/// "999 B", "64 MB", "1.04 GB": three digits, powers of 1000, as parse_size() reads.
std::string bytes_text(double bytes);

/// "16,800,000"
std::string count_text(std::int64_t count);

/// "950", "12.3 k", "3.61 M": three digits, where a figure only gives an idea.
std::string short_count_text(double count);

/// "0.52 s", "2 min 13 s", "1 h 5 min"
std::string seconds_text(double seconds);

/// `part` of `whole` in percent, without the sign: "63"; "0" when there is no whole.
std::string percent_text(double part, double whole);

/// The text as a JSON string, quotes included.
std::string json_text(std::string_view text);

/// The text as one word of a POSIX shell, quoted if it must be.
std::string shell_word(std::string_view text);

}  // namespace polarway::cli
