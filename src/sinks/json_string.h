#pragma once

#include <string_view>

#include "sinks/text_buffer.h"

namespace polarway {

/// Writes text as a JSON string: quotes, backslashes and control characters are escaped, all else
/// stays as it is.
void write_json_string(std::string_view text, TextBuffer& out);

}  // namespace polarway
