#pragma once

#include <string_view>

namespace polarway {

/// Whether some byte of the text would have to be quoted in a CSV: a delimiter, a quote or a line
/// end. Looks at the texts of many cells at once, as many bytes at a time as the processor can.
bool has_marks(std::string_view text, char delimiter);

}  // namespace polarway
