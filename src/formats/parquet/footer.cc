#include "formats/parquet/footer.h"

#include <arrow/buffer.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/arrow_status.h"
#include "core/counting_pool.h"
#include "core/format_bytes.h"
#include "core/measured_lease.h"
#include "formats/parquet/bits.h"
#include "formats/parquet/parquet_call.h"

namespace polarway::pq {
namespace {

constexpr std::int64_t kMagicBytes = 4;
constexpr std::int64_t kTailBytes = 8;  // the footer's size, and the magic again
// What libparquet makes of a byte of the footer: measured, for many columns and row groups.
constexpr std::int64_t kMadeOfByte = 8;
// Enough for any table that fits a machine, and less than what would fill one.
constexpr std::int32_t kMostItems = 1'000'000;
constexpr std::int32_t kMostTextBytes = 64 << 20;
constexpr std::int32_t kMostLevels = 64;

SourceError error_of(const RandomAccess& file, ErrorKind kind, std::string message,
                     std::string hint) {
  return {.kind = kind,
          .where = {.location = file.bytes().location()},
          .message = std::move(message),
          .hint = std::move(hint)};
}

// Where the footer begins.
Result<std::int64_t> find_footer(RandomAccess& file, std::stop_token stop) {
  const std::int64_t size = file.size();
  std::array<std::uint8_t, 16> bytes{};
  const auto head =
      std::span(bytes).first(static_cast<std::size_t>(std::min<std::int64_t>(size, 4)));
  POLARWAY_CHECK(file.read_at(0, head, stop));
  const auto text = [&](std::size_t at) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()) + at, kMagicBytes);
  };
  if (text(0) == "PARE") {
    return fail(error_of(file, ErrorKind::UnsupportedOperation,
                         "the file is encrypted, footer and all, which is not read",
                         "decrypt it first"));
  }
  if (text(0) != "PAR1") {
    return fail(error_of(file, ErrorKind::Parse,
                         "this is no Parquet file: it does not begin as one",
                         "name its kind, if it is another"));
  }
  if (size < kMagicBytes + kTailBytes) {
    return fail(error_of(file, ErrorKind::Parse,
                         fmt::format("the file ends after {} bytes, without a footer", size),
                         "it was not written or copied whole: get it again"));
  }
  POLARWAY_CHECK(file.read_at(size - kTailBytes, std::span(bytes).first(kTailBytes), stop));
  if (text(4) == "PARE") {
    return fail(error_of(file, ErrorKind::UnsupportedOperation,
                         "the file is encrypted, footer and all, which is not read",
                         "decrypt it first"));
  }
  if (text(4) != "PAR1") {
    return fail(error_of(file, ErrorKind::Parse, "the file does not end as Parquet does",
                         "it was not written or copied whole: get it again"));
  }
  const auto footer = static_cast<std::int64_t>(load_word(bytes.data()) & 0xFFFFFFFF);
  if (footer == 0 || footer > size - kMagicBytes - kTailBytes) {
    return fail(
        error_of(file, ErrorKind::Parse,
                 fmt::format("the footer says that it has {} bytes, in a file of {}", footer, size),
                 "it is damaged: get it again"));
  }
  return size - kTailBytes - footer;
}

}  // namespace

Result<Footer> read_footer(RandomAccess& file, const std::shared_ptr<MemoryBudget>& budget,
                           std::stop_token stop) {
  Footer footer;
  POLARWAY_TRY(footer.begin, find_footer(file, stop));
  const std::int64_t size = file.size() - kTailBytes - footer.begin;
  Result<MemoryLease> lease =
      budget->reserve(CountingPool::block_size(size) + size * kMadeOfByte, LeaseHolder::Reader);
  if (!lease) {
    SourceError error = error_of(
        file, ErrorKind::MemoryLimit,
        fmt::format("the footer has {}, and there is no room for what it becomes",
                    format_bytes(size)),
        "raise the memory limit, or have the file written with fewer columns and row groups");
    error.memory = std::move(lease.error().memory);
    return fail(std::move(error));
  }
  footer.lease = *std::move(lease);
  POLARWAY_TRY(const auto bytes, from_arrow(arrow::AllocateBuffer(size, budget->arrow_pool())));
  POLARWAY_CHECK(
      file.read_at(footer.begin, {bytes->mutable_data(), static_cast<std::size_t>(size)}, stop));
  ::parquet::ReaderProperties properties(budget->arrow_pool());
  properties.set_thrift_container_size_limit(kMostItems);
  properties.set_thrift_string_size_limit(kMostTextBytes);
  properties.set_schema_depth_limit(kMostLevels);
  Result<std::shared_ptr<::parquet::FileMetaData>> metadata =
      parquet_call([&] { return ::parquet::FileMetaData::Make(bytes->data(), size, properties); });
  if (!metadata) {
    return fail(error_of(file, metadata.error().kind,
                         "the footer cannot be read: " + metadata.error().message,
                         "it is damaged: get it again"));
  }
  footer.metadata = *std::move(metadata);
  footer.lease.shrink_to(size * kMadeOfByte);
  settle_measured(footer.lease);
  return footer;
}

}  // namespace polarway::pq
