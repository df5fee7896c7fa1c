#pragma once

#include <string_view>

#include "sinks/text_buffer.h"

namespace polarway {

/// Writes text as one field of a CSV: as it is, or quoted where it is empty or contains a
/// delimiter, a quote (doubled) or a line end.
void write_csv_text(std::string_view text, char delimiter, TextBuffer& out);

}  // namespace polarway
