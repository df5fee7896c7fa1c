#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>

#include "polarway/result.h"

namespace polarway::pq {

/// How many rows are decoded at a time: what is made of them stays in the first-level cache.
inline constexpr std::int64_t kBatchRows = 1024;

/// Some rows of a column, of which the page has values only where they are not null.
struct RowBatch {
  std::int64_t count = 0;      ///< At most kBatchRows.
  std::int64_t num_valid = 0;  ///< Those that are not null.
  /// Whose bits, from `at` on, are set where a row is not null; null when all are. Eight bytes more
  /// than that can be read.
  const std::uint8_t* bits = nullptr;
  std::int64_t at = 0;
  /// Where rows are picked: the num_valid values are those of these numbers, ascending, among the
  /// next `num_stored` of the page, which are all taken. Null: they are the next ones.
  const std::uint16_t* picked = nullptr;
  std::int64_t num_stored = 0;
};

/// Makes an Arrow column out of the values in pages, whatever the encoding.
///
/// Errors have no place but, where a value is wrong, its row in the column since start(), from 0.
///
/// Threads: one at a time.
class ValueColumn {
 public:
  virtual ~ValueColumn() = default;

  /// Arrow bytes of a row, text aside.
  virtual std::int64_t fixed_row_bytes() const = 0;
  /// Whether a row takes more than that.
  virtual bool has_text() const { return false; }

  /// Begins a column with room for so many rows.
  virtual Result<void> start(std::int64_t rows) = 0;
  /// The values that a dictionary page has, for those pages that follow. The bytes must stay.
  virtual Result<void> set_dictionary(std::span<const std::uint8_t> bytes,
                                      std::int64_t num_values) = 0;
  /// Goes to the values of another page: at most `num_values`. The bytes must stay, with
  /// PageBytes::kPadding behind them. UnsupportedOperation for an encoding that is not read.
  virtual Result<void> set_values(std::int64_t encoding, std::span<const std::uint8_t> bytes,
                                  std::int64_t num_values) = 0;
  /// Takes rows: as many of them as `max_bytes` of text have room for. Says how many. Where rows
  /// are picked and not all of them have room, the page's values have to be found again.
  virtual Result<std::int64_t> append(const RowBatch& rows, std::int64_t max_bytes) = 0;
  /// Goes past values of the page.
  virtual Result<void> skip(std::int64_t num_values) = 0;
  /// Bytes of text in the rows taken, and of the value that is next and had no room.
  virtual std::int64_t text_bytes() const { return 0; }
  virtual std::int64_t next_text_bytes() const { return 0; }
  /// Forgets all rows but the first ones.
  virtual void truncate(std::int64_t rows) = 0;
  /// The column; no rows are left here then.
  virtual Result<std::shared_ptr<arrow::Array>> finish() = 0;
};

/// What is wrong with the bytes of a page.
inline tl::unexpected<SourceError> bad_page(std::string message) {
  return fail({.kind = ErrorKind::Parse, .message = std::move(message)});
}

}  // namespace polarway::pq
