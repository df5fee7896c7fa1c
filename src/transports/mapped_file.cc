#include "transports/mapped_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/paid_buffer.h"
#include "transports/bus_error.h"

namespace polarway {
namespace {

class MappedFile final : public FileMap, public std::enable_shared_from_this<MappedFile> {
 public:
  MappedFile(std::uint8_t* start, std::int64_t size, std::string location,
             std::function<Result<void>()> unchanged)
      : start_(start),
        size_(size),
        location_(std::move(location)),
        unchanged_(std::move(unchanged)) {}
  ~MappedFile() override {
    guard_.reset();
    ::munmap(start_, static_cast<std::size_t>(size_));
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  bool guard() {
    guard_ = std::make_unique<GuardedRange>();
    return guard_->guard(start_, static_cast<std::size_t>(size_));
  }

  std::shared_ptr<arrow::Buffer> share(std::int64_t offset, std::int64_t length) override;
  void copy(std::int64_t offset, std::span<std::uint8_t> into) override {
    std::memcpy(into.data(), start_ + offset, into.size());
    const auto length = static_cast<std::int64_t>(into.size());
    bytes_read_.fetch_add(length, std::memory_order_relaxed);
    if (length >= page_bytes()) release(offset, length);
  }
  std::int64_t bytes_read() const override { return bytes_read_.load(std::memory_order_relaxed); }
  Result<void> check() const override {
    POLARWAY_CHECK(unchanged_());
    if (!guard_->has_lost_pages()) return {};
    return fail({.kind = ErrorKind::Changed,
                 .where = {.location = location_},
                 .message = "a part of the file was not there when it was read in place",
                 .hint = "what was read since the last chunk before is void; read it again from a "
                         "copy that nobody writes to"});
  }

  const std::uint8_t* at(std::int64_t offset) const { return start_ + offset; }
  // Whoever reads them again gets them anew. With a page the kernel maps those around it, which
  // nobody would give back where columns lie between that are not read.
  void release(std::int64_t offset, std::int64_t length) {
    constexpr std::int64_t kAround = 64 << 10;
    if (length <= 0) return;
    const std::int64_t from = offset / kAround * kAround;
    const std::int64_t to = std::min(size_, (offset + length + kAround - 1) / kAround * kAround);
    ::madvise(start_ + from, static_cast<std::size_t>(to - from), MADV_DONTNEED);
  }

 private:
  static std::int64_t page_bytes() {
    static const auto bytes = static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE));
    return bytes;
  }

  std::uint8_t* start_;
  std::int64_t size_;
  std::atomic<std::int64_t> bytes_read_{0};
  std::string location_;
  std::function<Result<void>()> unchanged_;
  std::unique_ptr<GuardedRange> guard_;
};

// The last one that shows some pages gives them back, for what was read once is as a rule not read
// again.
class MappedBuffer final : public PaidBuffer {
 public:
  MappedBuffer(std::shared_ptr<MappedFile> map, std::int64_t offset, std::int64_t length)
      : PaidBuffer(map->at(offset), length), map_(std::move(map)), offset_(offset) {}
  ~MappedBuffer() override { map_->release(offset_, size_); }
  MappedBuffer(const MappedBuffer&) = delete;
  MappedBuffer& operator=(const MappedBuffer&) = delete;

 private:
  std::shared_ptr<MappedFile> map_;
  std::int64_t offset_;
};

std::shared_ptr<arrow::Buffer> MappedFile::share(std::int64_t offset, std::int64_t length) {
  bytes_read_.fetch_add(length, std::memory_order_relaxed);
  return std::make_shared<MappedBuffer>(shared_from_this(), offset, length);
}

SourceError cannot_map(const std::string& location, const std::string& why) {
  return {.kind = ErrorKind::Io,
          .where = {.location = location},
          .message = "cannot map: " + why,
          .hint = "leave use_mmap out"};
}

}  // namespace

Result<std::shared_ptr<FileMap>> map_file(int fd, std::int64_t size_bytes,
                                          const std::string& location,
                                          std::function<Result<void>()> unchanged) {
  void* mapped =
      ::mmap(nullptr, static_cast<std::size_t>(size_bytes), PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return fail(cannot_map(location, std::strerror(errno)));
  auto map = std::make_shared<MappedFile>(static_cast<std::uint8_t*>(mapped), size_bytes, location,
                                          std::move(unchanged));
  if (!map->guard()) return fail(cannot_map(location, "too many files are mapped already"));
  return std::shared_ptr<FileMap>(std::move(map));
}

}  // namespace polarway
