#include "formats/parquet/random_access.h"

namespace polarway::pq {

Result<void> RandomAccess::read_at(std::int64_t offset, std::span<std::uint8_t> into,
                                   std::stop_token stop) {
  const std::lock_guard lock(mutex_);
  POLARWAY_CHECK(bytes_->seek(offset));
  while (!into.empty()) {
    POLARWAY_TRY(const std::int64_t got, bytes_->read(into, stop));
    if (got == 0) {
      return fail({.kind = ErrorKind::Parse,
                   .where = {.location = bytes_->location(), .byte_offset = bytes_->size_bytes()},
                   .message = "the file ends in the middle of what it says it has",
                   .hint = "it was not written or copied whole: get it again"});
    }
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace polarway::pq
