#pragma once

#include <functional>

#include "interrupt.h"

namespace CLI {
class App;
}

/// Each function adds one command to the program. Parsing sets `chosen` to what the command line
/// asked for; running it gives the exit code.
namespace polarway::cli {

using Command = std::function<int(Interrupt&)>;

void add_stream_command(CLI::App& program, Command& chosen);
void add_schema_command(CLI::App& program, Command& chosen);
void add_head_command(CLI::App& program, Command& chosen);
void add_sniff_command(CLI::App& program, Command& chosen);
void add_count_command(CLI::App& program, Command& chosen);
void add_sources_command(CLI::App& program, Command& chosen);
void add_demo_command(CLI::App& program, Command& chosen);

}  // namespace polarway::cli
