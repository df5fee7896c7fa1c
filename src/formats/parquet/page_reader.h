#pragma once

#include <arrow/type_fwd.h>
#include <arrow/util/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "formats/parquet/page_header.h"
#include "formats/parquet/random_access.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::pq {

/// Where the values of a column in a row group are.
struct ColumnChunk {
  std::int64_t row_group = 0;   ///< Its number, from 0.
  std::int64_t offset = 0;      ///< Of the first page.
  std::int64_t end = 0;         ///< No page goes on from here: the footer is there at the latest.
  std::int64_t num_values = 0;  ///< Nulls included.
  arrow::Compression::type codec{};
};

/// A page, decompressed: its memory is paid for before it is taken, and used again for the next.
class PageBytes {
 public:
  /// Readable behind the page, as zeros: readers may look at whole words.
  static constexpr std::int64_t kPadding = 64;

  /// Room for `bytes`, for `more_bytes` that others take because of them, and for what
  /// `scratch_bytes` need until settle(); what was there is gone. MemoryLimit leaves nothing.
  Result<void> prepare(std::int64_t bytes, std::int64_t more_bytes, std::int64_t scratch_bytes,
                       MemoryBudget& budget);
  /// The scratch is gone.
  void settle();
  void release();

  bool is_loaded() const { return buffer_ != nullptr; }
  std::span<std::uint8_t> bytes() const;

 private:
  std::unique_ptr<arrow::Buffer> buffer_;
  std::int64_t size_ = 0;
  std::int64_t more_bytes_ = 0;
  MemoryLease lease_;
};

/// The pages of a column, one row group after the other: headers first, so that pages can be passed
/// over, and paid for, before they are made.
///
/// Threads: one at a time.
class PageReader {
 public:
  /// What a reader takes besides pages.
  static constexpr std::int64_t kWindowBytes = 8 << 10;

  /// All outlive the reader. `column` is for errors.
  PageReader(RandomAccess& file, std::string column, const std::shared_ptr<MemoryBudget>& budget,
             std::stop_token stop);
  ~PageReader();

  /// Goes to a page of a chunk, by its offset.
  Result<void> start(const ColumnChunk& chunk, std::int64_t offset);
  /// Where the next page's header is.
  std::int64_t offset() const { return offset_; }

  /// The header of the next page. Parse error where there is none.
  Result<PageHeader> peek();
  /// Goes past that page.
  void skip(const PageHeader& header);
  /// Reads that page, checks it, decompresses it into `page`, and goes past it. Pays for
  /// `more_bytes`, too: what is made of the page and lives as long.
  Result<void> load(const PageHeader& header, std::int64_t more_bytes, PageBytes& page);

  /// An error in what was read from this row group.
  SourceError error(ErrorKind kind, std::string message, std::string hint = {}) const;
  /// The same for bytes that are not Parquet's.
  SourceError malformed(std::string message) const;

 private:
  Result<void> fill_window(std::int64_t bytes);
  Result<void> read_stored(std::int64_t offset, std::span<std::uint8_t> into);
  Result<void> check_crc(const PageHeader& header, std::span<const std::uint8_t> stored) const;
  Result<void> decompress(const PageHeader& header, std::span<const std::uint8_t> stored,
                          std::span<std::uint8_t> page);
  SourceError too_large(const PageHeader& header, SourceError refused) const;

  RandomAccess& file_;
  std::string column_;
  std::shared_ptr<MemoryBudget> budget_;
  std::stop_token stop_;
  ColumnChunk chunk_;
  std::int64_t offset_ = 0;
  std::unique_ptr<arrow::util::Codec> codec_;  // null: not compressed
  arrow::Compression::type codec_type_{};
  std::unique_ptr<arrow::Buffer> window_;  // bytes of the file,
  std::int64_t window_offset_ = 0;         // from here on,
  std::int64_t window_size_ = 0;           // so many
};

}  // namespace polarway::pq
