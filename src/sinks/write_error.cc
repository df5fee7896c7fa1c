#include "sinks/write_error.h"

#include <cerrno>
#include <system_error>

namespace polarway {
namespace {

const char* way_out(int system_error) {
  switch (system_error) {
    case ENOSPC:
      return "make room on that file system, or write elsewhere";
    case EDQUOT:
      return "the disk quota is used up: make room, or write elsewhere";
    case EFBIG:
      return "the file may not grow further: see ulimit -f and the file system's limit";
    case EIO:
      return "the disk or its connection failed: see the system's log";
    case EROFS:
      return "that file system is read-only: write elsewhere";
    case EACCES:
    case EPERM:
      return "check the permissions of the folder";
    case ENOENT:
    case ENOTDIR:
      return "create the folder first";
    case ENAMETOOLONG:
      return "choose a shorter name";
    case EMFILE:
    case ENFILE:
      return "too many files are open: raise ulimit -n";
    default:
      return "";
  }
}

}  // namespace

SourceError write_error(int system_error, const std::string& location, const std::string& doing,
                        std::optional<std::int64_t> byte_offset) {
  const bool missing = system_error == ENOENT || system_error == ENOTDIR;
  return {.kind = missing ? ErrorKind::NotFound : ErrorKind::Io,
          .where = {.location = location, .row = {}, .byte_offset = byte_offset, .column = {}},
          .message = doing + ": " + std::generic_category().message(system_error),
          .hint = way_out(system_error),
          .memory = {}};
}

}  // namespace polarway
