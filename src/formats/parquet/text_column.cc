#include "formats/parquet/text_column.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <parquet/types.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "formats/parquet/bits.h"
#include "formats/parquet/text_reader.h"
#include "formats/parquet/validity.h"

namespace polarway::pq {
namespace {

// Values up to this long move in one step of fixed width: both pages and columns have room behind.
constexpr std::size_t kCopyWidth = 32;

bool is_ascii(const char* text, std::size_t size) {
  std::uint64_t bits = 0;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) bits |= load_word(reinterpret_cast<const std::uint8_t*>(text) + i);
  for (; i < size; ++i) bits |= static_cast<std::uint8_t>(text[i]);
  return (bits & 0x8080808080808080) == 0;
}

bool is_utf8(std::string_view text) {
  return is_ascii(text.data(), text.size()) || simdjson::validate_utf8(text.data(), text.size());
}

class TextColumn final : public ValueColumn {
 public:
  TextColumn(std::shared_ptr<arrow::DataType> type, arrow::MemoryPool* pool)
      : type_(std::move(type)),
        is_text_(type_->id() == arrow::Type::STRING),
        validity_(pool),
        offsets_(pool),
        bytes_(pool) {}

  std::int64_t fixed_row_bytes() const override { return sizeof(std::int32_t) + 1; }
  bool has_text() const override { return true; }

  Result<void> start(std::int64_t rows) override {
    validity_.clear();
    offsets_.reset();
    bytes_.reset();
    POLARWAY_CHECK(
        offsets_.ensure_all((rows + 1) * static_cast<std::int64_t>(sizeof(std::int32_t))));
    POLARWAY_CHECK(bytes_.ensure(kCopyWidth));
    offsets_.data<std::int32_t>()[0] = 0;
    return {};
  }

  Result<void> set_dictionary(std::span<const std::uint8_t> bytes,
                              std::int64_t num_values) override {
    if (!read_dictionary(bytes, num_values, dictionary_)) {
      return bad_page("the dictionary has fewer values than it says");
    }
    dictionary_is_utf8_ = std::all_of(dictionary_.begin(), dictionary_.end(), is_utf8);
    return {};
  }

  Result<void> set_values(std::int64_t encoding, std::span<const std::uint8_t> bytes,
                          std::int64_t /*num_values*/) override {
    begin_ = end_ = 0;
    POLARWAY_TRY(reader_, make_text_reader(encoding, bytes, dictionary_));
    const bool by_dictionary = encoding == ::parquet::Encoding::PLAIN_DICTIONARY ||
                               encoding == ::parquet::Encoding::RLE_DICTIONARY;
    checks_ = is_text_ && !(by_dictionary && dictionary_is_utf8_);
    return {};
  }

  Result<std::int64_t> append(const RowBatch& rows, std::int64_t max_bytes) override {
    if (rows.picked != nullptr) return append_picked(rows, max_bytes);
    RowBatch left = rows;
    while (left.count > 0) {
      POLARWAY_TRY(const RowBatch part, fitting(left, max_bytes));
      if (part.count == 0) break;
      POLARWAY_CHECK(append_all(part));
      pass(part, left);
    }
    return rows.count - left.count;
  }

  Result<void> skip(std::int64_t num_values) override {
    while (num_values > 0) {
      POLARWAY_CHECK(read_ahead(num_values));
      const std::int64_t part = std::min(num_values, end_ - begin_);
      begin_ += part;
      num_values -= part;
    }
    return {};
  }

  std::int64_t text_bytes() const override {
    return offsets_.data<std::int32_t>()[validity_.num_rows()];
  }
  std::int64_t next_text_bytes() const override {
    return begin_ < end_ ? static_cast<std::int64_t>(next(0).size()) : 0;
  }

  void truncate(std::int64_t rows) override { validity_.truncate(rows); }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    const std::int64_t size = text_bytes();
    POLARWAY_TRY(auto offsets, offsets_.finish((validity_.num_rows() + 1) *
                                               static_cast<std::int64_t>(sizeof(std::int32_t))));
    POLARWAY_TRY(auto bytes, bytes_.finish(size));
    return validity_.finish(type_, {std::move(offsets), std::move(bytes)});
  }

 private:
  std::string_view next(std::int64_t i) const {
    return values_[static_cast<std::size_t>(begin_ + i)];
  }

  // Has a value at least, and up to `count`.
  Result<void> read_ahead(std::int64_t count) {
    if (begin_ < end_ || count == 0) return {};
    begin_ = 0;
    end_ = reader_->read(values_.data(), std::min(count, kBatchRows));
    if (end_ > 0) return {};
    end_ = 0;
    return bad_page("the page has fewer values than it says, or one that is not in the dictionary");
  }

  static void pass(const RowBatch& part, RowBatch& left) {
    left.count -= part.count;
    left.num_valid -= part.num_valid;
    left.at += part.count;
  }

  // Of the values here, those that are picked are moved together, and are like any others then.
  Result<std::int64_t> append_picked(const RowBatch& rows, std::int64_t max_bytes) {
    RowBatch left = rows;
    const std::uint16_t* const picked_end = rows.picked + rows.num_valid;
    std::int64_t passed = 0;  // values of the page
    while (left.num_valid > 0) {
      POLARWAY_CHECK(read_ahead(rows.num_stored - passed));
      const std::int64_t begin = begin_;
      const std::int64_t end = end_;
      const std::int64_t here = std::min(end - begin, rows.num_stored - passed);
      end_ = begin;
      for (; left.picked != picked_end && *left.picked < passed + here; ++left.picked) {
        values_[static_cast<std::size_t>(end_++)] =
            values_[static_cast<std::size_t>(begin + *left.picked - passed)];
      }
      if (begin_ < end_) {
        POLARWAY_TRY(const RowBatch part, fitting(left, max_bytes));
        POLARWAY_CHECK(append_all(part));
        pass(part, left);
        if (begin_ < end_) return rows.count - left.count;
      }
      passed += here;
      begin_ = begin + here;
      end_ = end;
    }
    POLARWAY_CHECK(append_all(left));
    POLARWAY_CHECK(skip(rows.num_stored - passed));
    return rows.count;
  }

  // As many of the rows as have their values here, and as there is room for.
  Result<RowBatch> fitting(const RowBatch& rows, std::int64_t max_bytes) {
    POLARWAY_CHECK(read_ahead(rows.num_valid));
    const std::int64_t here = std::min(rows.num_valid, end_ - begin_);
    // A column's text is counted with 31 bits.
    std::int64_t room = std::min<std::int64_t>(max_bytes, INT32_MAX - 64) - text_bytes();
    std::int64_t fits = 0;
    while (fits < here && static_cast<std::int64_t>(next(fits).size()) <= room) {
      room -= static_cast<std::int64_t>(next(fits++).size());
    }
    if (fits == rows.num_valid) return rows;
    // Up to the row of the first value that is not among them.
    RowBatch part = rows;
    part.count = 0;
    part.num_valid = fits;
    for (std::int64_t valid = 0; part.count < rows.count; ++part.count) {
      const bool is_valid =
          rows.bits == nullptr || arrow::bit_util::GetBit(rows.bits, rows.at + part.count);
      if (is_valid && valid++ == fits) break;
    }
    return part;
  }

  Result<void> append_all(const RowBatch& rows) {
    std::int64_t size = 0;
    for (std::int64_t i = 0; i < rows.num_valid; ++i) {
      size += static_cast<std::int64_t>(next(i).size());
    }
    const std::int64_t before = text_bytes();
    POLARWAY_CHECK(bytes_.ensure(before + size + static_cast<std::int64_t>(kCopyWidth)));
    char* const begin = bytes_.data<char>();
    char* out = begin + before;
    std::int32_t* offset = offsets_.data<std::int32_t>() + validity_.num_rows() + 1;
    const std::string_view* value = values_.data() + begin_;
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (rows.num_valid == rows.count || arrow::bit_util::GetBit(rows.bits, rows.at + row)) {
        out = copy(*value++, out);
      }
      *offset++ = static_cast<std::int32_t>(out - begin);
    }
    if (checks_) POLARWAY_CHECK(check(begin, before, rows));
    begin_ += rows.num_valid;
    return validity_.append(rows);
  }

  static char* copy(std::string_view value, char* out) {
    std::memcpy(out, value.data(), kCopyWidth);
    if (value.size() > kCopyWidth) {
      std::memcpy(out + kCopyWidth, value.data() + kCopyWidth, value.size() - kCopyWidth);
    }
    return out + value.size();
  }

  // Whether the new rows are UTF-8: all in one, and no character is cut by a row's end.
  Result<void> check(const char* text, std::int64_t before, const RowBatch& rows) {
    const std::int32_t* offsets = offsets_.data<std::int32_t>() + validity_.num_rows();
    const std::string_view added(text + before,
                                 static_cast<std::size_t>(offsets[rows.count] - before));
    if (is_ascii(added.data(), added.size())) return {};
    for (std::int64_t row = 0; row < rows.count; ++row) {
      const std::string_view value(text + offsets[row],
                                   static_cast<std::size_t>(offsets[row + 1] - offsets[row]));
      if (is_utf8(value)) continue;
      return fail({.kind = ErrorKind::Parse,
                   .where = {.row = validity_.num_rows() + row},
                   .message = "the text is not UTF-8",
                   .hint = "leave the column out, or have it written as binary"});
    }
    return {};
  }

  std::shared_ptr<arrow::DataType> type_;
  bool is_text_;
  Validity validity_;
  GrowingBuffer offsets_;
  GrowingBuffer bytes_;
  std::vector<std::string_view> dictionary_;
  bool dictionary_is_utf8_ = false;
  bool checks_ = false;
  std::unique_ptr<TextReader> reader_;
  std::array<std::string_view, kBatchRows> values_;  // of the page:
  std::int64_t begin_ = 0;                           // those from here on
  std::int64_t end_ = 0;                             // to here are not taken
};

}  // namespace

std::unique_ptr<ValueColumn> make_text_column(std::shared_ptr<arrow::DataType> type,
                                              arrow::MemoryPool* pool) {
  return std::make_unique<TextColumn>(std::move(type), pool);
}

}  // namespace polarway::pq
