#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "formats/json/chunk_room.h"
#include "formats/json/value.h"
#include "polarway/result.h"

namespace polarway::json {

/// Of a name that a record has twice, which value counts.
enum class DuplicateKeys : std::uint8_t { Last, Error };

class RescuedValues;

/// What all columns of a table share.
struct ColumnContext {
  explicit ColumnContext(arrow::MemoryPool* pool) : room(pool) {}

  ChunkRoom room;
  std::int64_t max_depth = 0;
  bool has_line_ends = false;  ///< Set where append_plain() goes past one.
  DuplicateKeys duplicate_keys = DuplicateKeys::Last;
  const char* text_end = nullptr;  ///< Of the record being read.
  std::string scratch;
  Trouble trouble;  ///< Says why something returned false.
  /// Where the table's columns leave what they cannot hold, of records that are known to be JSON.
  /// Null: it is trouble.
  RescuedValues* rescued = nullptr;
};

/// One column of the chunk being built, whatever it holds: a value for each row, in Arrow buffers.
/// Columns of objects and lists have columns in them.
///
/// append_...() return false when the column cannot hold the value exactly, save that floats take
/// the nearest value to decimals; the row is to be truncated then. When the room is over they go
/// on, but only count what they would need.
class JsonColumn {
 public:
  explicit JsonColumn(ColumnContext& context) : context_(context) {}
  virtual ~JsonColumn() = default;
  JsonColumn(const JsonColumn&) = delete;
  JsonColumn& operator=(const JsonColumn&) = delete;

  /// Rows so far.
  std::int64_t length() const { return length_; }

  /// Any value.
  virtual bool append(ondemand::value value);
  virtual bool append_object(ondemand::object object, const char* begin);
  virtual bool append_array(ondemand::array array, const char* begin);
  /// What is neither object nor array, null included; no blanks around it.
  bool append_token(std::string_view token);
  virtual void append_null() = 0;
  /// Appends the value that begins at `at`, if it is written as most are: no escapes in names, each
  /// of which is there once and is a column's. Says where it ends; null for any other value, and
  /// for one that the column cannot hold: append() sees to those, when the row is truncated. The
  /// text, which ends at `end`, is UTF-8, and kScanPadding bytes before and behind it are readable.
  /// A value that goes on behind `end` may end there, somewhere.
  virtual const char* append_plain(const char* at, const char* end);

  /// Appends rows [begin, end), at least one, of another column of the same type. False: there is
  /// no room for them, and nothing is appended.
  virtual bool append_rows(const JsonColumn& other, std::int64_t begin, std::int64_t end) = 0;

  /// Keeps the first `num_rows` rows.
  virtual void truncate(std::int64_t num_rows) = 0;
  /// The rows; there are none then.
  virtual Result<std::shared_ptr<arrow::ArrayData>> finish() = 0;
  /// What the rows take, or would take.
  virtual std::int64_t bytes() const = 0;
  /// While there are no rows: gives all memory back, and does not expect the next chunk to be as
  /// large as the last.
  virtual void forget_size() = 0;

 protected:
  /// Neither null nor object nor array.
  virtual bool append_scalar(std::string_view token) = 0;
  /// Says what the column holds, for errors.
  virtual std::string type_name() const = 0;

  bool misfit(std::string_view token);
  /// What stands behind the blanks at `at`.
  const char* behind_blanks(const char* at, const char* end) {
    if (static_cast<unsigned char>(*at) > ' ') [[likely]]
      return at;
    return behind_more_blanks(at, end);
  }

 private:
  const char* behind_more_blanks(const char* at, const char* end);

 protected:
  ColumnContext& context_;
  std::int64_t length_ = 0;
};

/// Whether null is written there.
inline bool is_null(const char* at) { return std::memcmp(at, "null", 4) == 0; }

/// Sets a bit of a bitmap whose later bits mean nothing yet.
inline void write_bit(std::uint8_t* bits, std::int64_t at, bool bit) {
  std::uint8_t& byte = bits[at >> 3];
  const auto mask = static_cast<std::uint8_t>(1u << (at & 7));
  byte = static_cast<std::uint8_t>(bit ? byte | mask : byte & ~mask);
}

/// Which rows are null. Nothing is written down until one is.
class Validity {
 public:
  explicit Validity(ChunkRoom& room) : bits_(room) {}

  void push_valid(std::int64_t row) {
    if (has_bits_) push(row, true);
  }
  void push_null(std::int64_t row);
  /// Appends what rows [begin, end) of another column are, as `row` and those behind it. False:
  /// there is no room, and nothing is appended.
  bool append(const Validity& other, std::int64_t begin, std::int64_t end, std::int64_t row);
  void truncate(std::int64_t num_rows);
  std::int64_t num_nulls() const { return num_nulls_; }
  std::int64_t bytes(std::int64_t num_rows) const;
  /// Null when no row is null.
  Result<std::shared_ptr<arrow::Buffer>> finish(std::int64_t num_rows);
  void forget_size() { bits_.forget_size(); }

 private:
  void push(std::int64_t row, bool is_valid) {
    if (bits_.reserve(row / 8 + 1)) write_bit(bits_.data<std::uint8_t>(), row, is_valid);
  }

  ChunkBuffer bits_;
  bool has_bits_ = false;
  std::int64_t num_nulls_ = 0;
};

/// What the offsets of `rows` rows take.
inline std::int64_t offset_bytes(std::int64_t rows) {
  return (rows + 1) * static_cast<std::int64_t>(sizeof(std::int32_t));
}
/// Writes the offsets of `num_rows` rows, and the last one's end, as they are when the first begins
/// at `first`.
inline void copy_offsets(const std::int32_t* from, std::int64_t num_rows, std::int32_t first,
                         std::int32_t* to) {
  const std::int32_t shift = first - from[0];
  for (std::int64_t i = 0; i <= num_rows; ++i) to[i] = from[i] + shift;
}

}  // namespace polarway::json
