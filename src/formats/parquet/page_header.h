#pragma once

#include <parquet/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace polarway::pq {

/// What stands before a page: its sizes are known before anything is made of it.
struct PageHeader {
  enum class Kind : std::uint8_t { Data, DataV2, Dictionary, Other };

  Kind kind = Kind::Other;
  std::int64_t stored_bytes = 0;  ///< As compressed.
  std::int64_t bytes = 0;         ///< As decompressed.
  std::optional<std::uint32_t> crc;
  std::int64_t num_values = 0;  ///< Nulls included.
  /// As the file has it, which may be a number that nobody knows.
  std::int64_t encoding = 0;
  /// @name Data
  /// @{
  std::int64_t definition_encoding = ::parquet::Encoding::RLE;
  std::int64_t repetition_encoding = ::parquet::Encoding::RLE;
  /// @}
  /// @name DataV2
  /// @{
  std::int64_t num_nulls = 0;
  std::int64_t num_rows = 0;
  std::int64_t definition_bytes = 0;
  std::int64_t repetition_bytes = 0;
  bool is_compressed = true;
  /// @}
  std::size_t header_bytes = 0;  ///< Of this.
};

/// The header that `text` begins with; nothing where it has none, or has not all of it. Numbers are
/// those of the file, but none is negative, and levels fit into the page.
std::optional<PageHeader> parse_page_header(std::string_view text);

}  // namespace polarway::pq
