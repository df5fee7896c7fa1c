#include "formats/csv/validity_column.h"

#include <arrow/array.h>
#include <arrow/array/data.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>

#include <algorithm>
#include <cstring>

namespace polarway::csv {

// As an empty field: the values have something in its place then.
Result<void> ValidityColumn::append_null() {
  constexpr char kPadded[2 * kQuickPadding] = {};
  FieldBatch empty;
  empty.text = kPadded + kQuickPadding;
  empty.size = 1;
  empty.begins[0] = empty.ends[0] = 0;
  const std::int64_t num_nulls = num_nulls_;
  POLARWAY_CHECK(take(empty));
  return num_nulls_ > num_nulls ? Result<void>() : set_null(num_rows_ - 1);
}

void ValidityColumn::truncate(std::int64_t num_rows) {
  num_rows_ = num_rows;
  if (!has_validity_) return;
  auto* bits = validity_.data<std::uint8_t>();
  arrow::bit_util::SetBitsTo(bits, num_rows, validity_bytes_ * 8 - num_rows, true);
  num_nulls_ = num_rows - arrow::internal::CountSetBits(bits, 0, num_rows);
}

void ValidityColumn::drop_validity(std::span<const std::int64_t> rows) {
  if (has_validity_) {
    auto* bits = validity_.data<std::uint8_t>();
    for_each_kept(rows, [&](std::int64_t from, std::int64_t count, std::int64_t to) {
      for (std::int64_t i = 0; i < count; ++i) {
        arrow::bit_util::SetBitTo(bits, to + i, arrow::bit_util::GetBit(bits, from + i));
      }
    });
  }
  ValidityColumn::truncate(num_rows_ - static_cast<std::int64_t>(rows.size()));
}

void ValidityColumn::clear() {
  validity_.reset();
  validity_bytes_ = 0;
  has_validity_ = false;
  room_ = 0;
  num_rows_ = 0;
  num_nulls_ = 0;
}

void ValidityColumn::begin_part(std::int64_t row) {
  validity_bytes_ = 0;  // the buffer stays
  has_validity_ = false;
  room_ = 0;
  num_rows_ = 0;
  num_nulls_ = 0;
  part_row_ = row;
}

Result<void> ValidityColumn::add_part_rows(const ValidityColumn& part) {
  num_rows_ = std::max(num_rows_, part.part_row_ + part.num_rows_);
  room_ = std::max(room_, num_rows_);
  if (has_validity_ || part.num_nulls_ > 0) POLARWAY_CHECK(extend_validity());
  if (part.num_nulls_ == 0) return {};
  arrow::internal::CopyBitmap(part.validity_.data<std::uint8_t>(), 0, part.num_rows_,
                              validity_.data<std::uint8_t>(), part.part_row_);
  num_nulls_ += part.num_nulls_;
  return {};
}

Result<void> ValidityColumn::extend_validity() {
  const std::int64_t bytes = BitWriter::bytes_for(room_);
  if (bytes <= validity_bytes_) return {};
  POLARWAY_CHECK(validity_.ensure(bytes));
  std::memset(validity_.data<std::uint8_t>() + validity_bytes_, 0xFF,
              static_cast<std::size_t>(bytes - validity_bytes_));
  validity_bytes_ = bytes;
  has_validity_ = true;
  return {};
}

Result<std::shared_ptr<arrow::Array>> ValidityColumn::finish_with(
    std::vector<std::shared_ptr<arrow::Buffer>> values) {
  std::shared_ptr<arrow::Buffer> validity;
  if (num_nulls_ > 0) {
    // Nothing that is written out may depend on how much room there was.
    const std::int64_t bytes = arrow::bit_util::BytesForBits(num_rows_);
    arrow::bit_util::SetBitsTo(validity_.data<std::uint8_t>(), num_rows_, bytes * 8 - num_rows_,
                               false);
    POLARWAY_TRY(validity, validity_.finish(bytes));
  }
  values.insert(values.begin(), std::move(validity));
  auto data = arrow::ArrayData::Make(type_, num_rows_, std::move(values), num_nulls_);
  clear();
  return arrow::MakeArray(data);
}

}  // namespace polarway::csv
