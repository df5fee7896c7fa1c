#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace polarway {

// Text of a user or a file as an error message may show it: in double quotes, at most `max_bytes`
// between them, "…" where it was cut. What could upset a terminal or a log (control characters,
// text direction marks, bytes that are no UTF-8) appears as \n, \t, \r, \0 or \xNN; quotes and
// backslashes get a backslash. Never cuts a character or an escape in two.
std::string shorten(std::string_view text, std::size_t max_bytes = 64);

// The same, but without the quotes where the text is shown as it is: for names, which are rarely
// odd.
std::string shorten_name(std::string_view name, std::size_t max_bytes = 64);

}  // namespace polarway
