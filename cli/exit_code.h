#pragma once

#include "polarway/error.h"

namespace polarway::cli {

/// What the program's exit status says: what a script can do next.
enum ExitCode : int {
  kDone = 0,         ///< Done. Also when the reader of our standard output left (`| head`).
  kFailed = 1,       ///< Anything not listed below.
  kUsage = 2,        ///< The command line is wrong.
  kNotFound = 3,     ///< No such source, or nothing in it.
  kAuth = 4,         ///< Credentials are missing or refused.
  kNetwork = 5,      ///< The network failed or was too slow.
  kMemoryLimit = 6,  ///< The memory limit is too small for this.
  kBadData = 7,      ///< The data is not what the format or the schema says.
};

/// The list above for people: it ends every help text.
extern const char* const kExitCodesHelp;

/// The exit code for an error of that kind.
int exit_code_for(ErrorKind kind);

/// The exit code of a program that a signal ended, as shells count: 130 for SIGINT, 143 for
/// SIGTERM.
int exit_code_for_signal(int signal);

/// Prints "polarway: ..." on stderr; the result is the exit code that goes with it. `signal` is the
/// one that ended the work, or 0: then it, and not what broke because of it, is the cause.
int report(const SourceError& error, int signal = 0);

}  // namespace polarway::cli
