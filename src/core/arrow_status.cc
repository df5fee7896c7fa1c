#include "core/arrow_status.h"

#include <arrow/util/io_util.h>

#include <cerrno>
#include <optional>
#include <string>

namespace polarway {

namespace {

std::optional<ErrorKind> kind_of_errno(int number) {
  switch (number) {
    case 0:
      return std::nullopt;
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::NotFound;
    case ENOMEM:
      return ErrorKind::MemoryLimit;
    case ETIMEDOUT:
      return ErrorKind::Timeout;
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENETUNREACH:
    case EHOSTUNREACH:
      return ErrorKind::Network;
    default:
      return ErrorKind::Io;
  }
}

ErrorKind kind_of_code(arrow::StatusCode code) {
  switch (code) {
    case arrow::StatusCode::OutOfMemory:
      return ErrorKind::MemoryLimit;
    case arrow::StatusCode::IOError:
    case arrow::StatusCode::AlreadyExists:
      return ErrorKind::Io;
    case arrow::StatusCode::Invalid:
    case arrow::StatusCode::IndexError:
    case arrow::StatusCode::SerializationError:
      return ErrorKind::Parse;
    case arrow::StatusCode::TypeError:
    case arrow::StatusCode::CapacityError:  // an array that its offsets cannot address
      return ErrorKind::Schema;
    case arrow::StatusCode::KeyError:
      return ErrorKind::Config;
    case arrow::StatusCode::NotImplemented:
      return ErrorKind::UnsupportedOperation;
    case arrow::StatusCode::Cancelled:
      return ErrorKind::Cancelled;
    default:
      return ErrorKind::Other;
  }
}

// Our messages end without a full stop, so that a hint can follow.
std::string without_full_stop(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  return text;
}

}  // namespace

SourceError to_source_error(const arrow::Status& status) {
  SourceError error;
  error.kind =
      kind_of_errno(arrow::internal::ErrnoFromStatus(status)).value_or(kind_of_code(status.code()));
  error.message = without_full_stop(status.message());
  if (error.message.empty()) error.message = status.CodeAsString();
  return error;
}

}  // namespace polarway
