#pragma once

#include <string_view>

#include "sinks/text_buffer.h"

namespace polarway {

/// Writes text as one field of a CSV: as it is, or quoted where it is empty or contains a
/// delimiter, a quote (doubled) or a line end.
void write_csv_text(std::string_view text, char delimiter, TextBuffer& out);

/// The same, but a text that a spreadsheet would take for a formula, since it begins with =, +, -,
/// @, a tab or a carriage return, gets an apostrophe before it, as the OWASP page on CSV injection
/// advises.
void write_inert_csv_text(std::string_view text, char delimiter, TextBuffer& out);

}  // namespace polarway
