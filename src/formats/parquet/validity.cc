#include "formats/parquet/validity.h"

#include <arrow/array.h>
#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>

#include <utility>

#include "formats/parquet/bits.h"

namespace polarway::pq {

void Validity::clear() {
  bits_.reset();
  has_bits_ = false;
  num_rows_ = 0;
  num_nulls_ = 0;
}

Result<void> Validity::append(const RowBatch& rows) {
  const std::int64_t nulls = rows.count - rows.num_valid;
  if (has_bits_ || nulls > 0) {
    POLARWAY_CHECK(
        bits_.ensure(arrow::bit_util::BytesForBits(num_rows_ + rows.count) + kSpoiledBytes));
    auto* bits = bits_.data<std::uint8_t>();
    if (!has_bits_) fill_bits(bits, 0, num_rows_, true);
    has_bits_ = true;
    if (rows.bits == nullptr) {
      fill_bits(bits, num_rows_, rows.count, true);
    } else {
      copy_bits(rows.bits, rows.at, rows.count, bits, num_rows_);
    }
  }
  num_rows_ += rows.count;
  num_nulls_ += nulls;
  return {};
}

void Validity::truncate(std::int64_t rows) {
  num_rows_ = rows;
  if (has_bits_) {
    num_nulls_ = rows - arrow::internal::CountSetBits(bits_.data<std::uint8_t>(), 0, rows);
  }
}

Result<std::shared_ptr<arrow::Array>> Validity::finish(const std::shared_ptr<arrow::DataType>& type,
                                                       arrow::BufferVector buffers) {
  std::shared_ptr<arrow::Buffer> bits;
  if (num_nulls_ > 0) {
    // Nothing that is written out may depend on how much room there was.
    const std::int64_t bytes = arrow::bit_util::BytesForBits(num_rows_);
    arrow::bit_util::SetBitsTo(bits_.data<std::uint8_t>(), num_rows_, bytes * 8 - num_rows_, false);
    POLARWAY_TRY(bits, bits_.finish(bytes));
  }
  buffers.insert(buffers.begin(), std::move(bits));
  auto data = arrow::ArrayData::Make(type, num_rows_, std::move(buffers), num_nulls_);
  clear();
  return arrow::MakeArray(data);
}

}  // namespace polarway::pq
