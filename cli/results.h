#pragma once

#include <string_view>

namespace polarway::cli {

/// Opens what of standard input, output and error was closed when the program began, such that
/// using it fails. Else the next file to be opened would become it, and messages end up in that
/// file.
void occupy_standard_streams();

/// Writes a command's results on standard output, all of it. The result is the exit code: a reader
/// that left early (`| head`) is no failure, a full disk is.
int print_results(std::string_view text);

/// Writes a line on stderr, where everything goes that is no result. Failure to is ignored: there
/// is nobody left to tell.
void print_note(std::string_view line);

/// True when whoever read our standard output has left.
bool is_stdout_gone();

}  // namespace polarway::cli
