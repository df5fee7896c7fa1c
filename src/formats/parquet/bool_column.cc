#include "formats/parquet/bool_column.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <parquet/types.h>

#include <array>
#include <utility>

#include "formats/parquet/bits.h"
#include "formats/parquet/hybrid_reader.h"
#include "formats/parquet/raw_reader.h"
#include "formats/parquet/validity.h"

namespace polarway::pq {
namespace {

class BoolColumn final : public ValueColumn {
 public:
  explicit BoolColumn(arrow::MemoryPool* pool) : validity_(pool), values_(pool) {}

  std::int64_t fixed_row_bytes() const override { return 1; }

  Result<void> start(std::int64_t rows) override {
    validity_.clear();
    values_.reset();
    return values_.ensure_all(arrow::bit_util::BytesForBits(rows) + kSpoiledBytes);
  }

  Result<void> set_dictionary(std::span<const std::uint8_t>, std::int64_t num_values) override {
    return num_values == 0 ? Result<void>() : bad_page("a dictionary of booleans");
  }

  Result<void> set_values(std::int64_t encoding, std::span<const std::uint8_t> bytes,
                          std::int64_t /*num_values*/) override {
    is_plain_ = encoding == ::parquet::Encoding::PLAIN;
    if (is_plain_) {
      plain_ = bytes;
      at_ = 0;
      return {};
    }
    if (encoding != ::parquet::Encoding::RLE) return fail(not_read(encoding));
    // Its size stands before it, as nothing else is in the page.
    if (bytes.size() < 4) {
      runs_ = HybridReader();
      return {};
    }
    const auto size = static_cast<std::size_t>(load_word(bytes.data()) & 0xFFFFFFFF);
    if (size > bytes.size() - 4) return bad_page("the booleans are longer than the page");
    runs_ = HybridReader(bytes.subspan(4, size), 1);
    return {};
  }

  Result<std::int64_t> append(const RowBatch& rows, std::int64_t /*max_bytes*/) override {
    auto* out = values_.data<std::uint8_t>();
    const std::int64_t begin = validity_.num_rows();
    if (rows.num_valid == rows.count && rows.picked == nullptr) {
      POLARWAY_CHECK(read(out, begin, rows.count));
    } else {
      const bool is_picked = rows.picked != nullptr;
      POLARWAY_CHECK(read(dense_.data(), 0, is_picked ? rows.num_stored : rows.num_valid));
      std::int64_t next = 0;
      for (std::int64_t row = 0; row < rows.count; ++row) {
        const bool is_valid =
            rows.bits == nullptr || arrow::bit_util::GetBit(rows.bits, rows.at + row);
        const std::int64_t value = is_valid && is_picked ? rows.picked[next] : next;
        arrow::bit_util::SetBitTo(out, begin + row,
                                  is_valid && arrow::bit_util::GetBit(dense_.data(), value));
        next += is_valid ? 1 : 0;
      }
    }
    POLARWAY_CHECK(validity_.append(rows));
    return rows.count;
  }

  Result<void> skip(std::int64_t num_values) override {
    while (num_values > 0) {
      const std::int64_t part = std::min(num_values, kBatchRows);
      POLARWAY_CHECK(read(dense_.data(), 0, part));
      num_values -= part;
    }
    return {};
  }

  void truncate(std::int64_t rows) override { validity_.truncate(rows); }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    const std::int64_t rows = validity_.num_rows();
    const std::int64_t bytes = arrow::bit_util::BytesForBits(rows);
    if (bytes > 0) {
      arrow::bit_util::SetBitsTo(values_.data<std::uint8_t>(), rows, bytes * 8 - rows, false);
    }
    POLARWAY_TRY(auto values, values_.finish(bytes));
    return validity_.finish(arrow::boolean(), {std::move(values)});
  }

 private:
  Result<void> read(std::uint8_t* bits, std::int64_t at, std::int64_t count) {
    if (is_plain_) {
      if (count > static_cast<std::int64_t>(plain_.size()) * 8 - at_) {
        return bad_page("the page has fewer values than it says");
      }
      copy_bits(plain_.data(), at_, count, bits, at);
      at_ += count;
    } else if (!runs_.read_bits(bits, at, count)) {
      return bad_page("the page has fewer values than it says");
    }
    return {};
  }

  Validity validity_;
  GrowingBuffer values_;
  bool is_plain_ = true;
  std::span<const std::uint8_t> plain_;
  std::int64_t at_ = 0;  // in them
  HybridReader runs_;
  std::array<std::uint8_t, kBatchRows / 8 + kSpoiledBytes> dense_;
};

}  // namespace

std::unique_ptr<ValueColumn> make_bool_column(arrow::MemoryPool* pool) {
  return std::make_unique<BoolColumn>(pool);
}

}  // namespace polarway::pq
