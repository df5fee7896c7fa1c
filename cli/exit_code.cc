#include "exit_code.h"

#include <csignal>
#include <string>

#include "results.h"

namespace polarway::cli {

const char* const kExitCodesHelp =
    "Exit codes: 0 done, 1 failed, 2 usage, 3 not found or empty, 4 authentication, 5 network,\n"
    "6 memory limit, 7 bad data, 129/130/143 ended by SIGHUP/SIGINT/SIGTERM.";

int exit_code_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Config:
    case ErrorKind::UnsupportedSource:
    case ErrorKind::UnsupportedOperation:
      return kUsage;
    case ErrorKind::NotFound:
    case ErrorKind::EmptySource:
      return kNotFound;
    case ErrorKind::Auth:
      return kAuth;
    case ErrorKind::Network:
    case ErrorKind::Timeout:
      return kNetwork;
    case ErrorKind::MemoryLimit:
      return kMemoryLimit;
    case ErrorKind::Parse:
    case ErrorKind::Schema:
      return kBadData;
    case ErrorKind::Io:
    case ErrorKind::Changed:
    case ErrorKind::Cloud:
    case ErrorKind::Database:
    case ErrorKind::Kafka:
    case ErrorKind::Cancelled:
    case ErrorKind::Other:
      return kFailed;
  }
  return kFailed;
}

int exit_code_for_signal(int signal) { return 128 + signal; }

int report(const SourceError& error, int signal) {
  if (signal != 0) {
    const char* name = signal == SIGINT    ? "interrupted"
                       : signal == SIGTERM ? "terminated"
                                           : "hung up";
    print_note(std::string("polarway: ") + name);
    return exit_code_for_signal(signal);
  }
  print_note("polarway: " + error.to_string());
  return exit_code_for(error.kind);
}

}  // namespace polarway::cli
