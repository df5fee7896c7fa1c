#include "formats/ipc/position.h"

#include <fmt/format.h>

#include <cstdio>

#include "core/quoted_text.h"

namespace polarway::ipc {

std::string Position::to_text() const {
  return fmt::format("ipc 1 {} {} {} {} {}", batch, row, rows_before, end_batch.value_or(-1),
                     identity);
}

Result<Position> Position::parse(const std::string& text, const ByteStream& bytes) {
  long long batch = 0;
  long long row = 0;
  long long rows_before = 0;
  long long end_batch = 0;
  int length = 0;
  const int read = std::sscanf(text.c_str(), "ipc 1 %lld %lld %lld %lld %n", &batch, &row,
                               &rows_before, &end_batch, &length);
  if (read != 4 || length == 0 || batch < 0 || row < 0 || rows_before < 0 || end_batch < -1) {
    return fail({.kind = ErrorKind::Config,
                 .where = {.location = bytes.location()},
                 .message = "this is no position in an Arrow file: " + shorten(text),
                 .hint = "pass on a checkpoint or split as it was given"});
  }
  Position position{.batch = batch,
                    .row = row,
                    .rows_before = rows_before,
                    .end_batch = {},
                    .identity = text.substr(static_cast<std::size_t>(length))};
  if (end_batch >= 0) position.end_batch = end_batch;
  if (position.identity != bytes.identity()) {
    return fail({.kind = ErrorKind::Changed,
                 .where = {.location = bytes.location()},
                 .message = "the file is not the one that the checkpoint or split was made from",
                 .hint = "start again from its first row"});
  }
  return position;
}

}  // namespace polarway::ipc
