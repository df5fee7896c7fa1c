#pragma once

#include <cstddef>
#include <string_view>

namespace polarway {

/// Where the first byte of the text is that would have to be quoted in a CSV: a delimiter, a quote
/// or a line end; its size when there is none. Looks at as many bytes at a time as the processor
/// can, so that one look at the texts of many cells is cheaper than one at each.
std::size_t find_mark(std::string_view text, char delimiter);

}  // namespace polarway
