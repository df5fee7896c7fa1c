#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "formats/csv/column_builder.h"
#include "formats/growing_buffer.h"

namespace polarway::csv {

/// The row count and the validity bitmap that every column has. There is no bitmap until there is a
/// null: most columns have none.
class ValidityColumn : public ColumnBuilder {
 public:
  Result<void> append_null() final;
  std::int64_t num_rows() const final { return num_rows_; }
  void truncate(std::int64_t num_rows) override;

 protected:
  ValidityColumn(std::shared_ptr<arrow::DataType> type, const ColumnContext& context)
      : context_(context), type_(std::move(type)), validity_(context.pool) {}

  /// Forgets all rows.
  void clear();
  /// Room for `rows` in all.
  Result<void> reserve_rows(std::int64_t rows) {
    room_ = rows;
    return has_validity_ ? extend_validity() : Result<void>();
  }
  /// Makes a null of a row there is room for, and that is none yet.
  Result<void> set_null(std::int64_t row) {
    if (!has_validity_) POLARWAY_CHECK(extend_validity());
    validity_.data<std::uint64_t>()[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
    ++num_nulls_;
    return {};
  }
  void add_rows(std::int64_t count) { num_rows_ += count; }

  /// Goes on as a part, without rows so far, whose first row is the whole column's `row`.
  void begin_part(std::int64_t row);
  Result<void> add_part_rows(const ValidityColumn& part);
  std::int64_t part_row() const { return part_row_; }

  /// What drop() does to the rows and their nulls; values are the column's.
  void drop_validity(std::span<const std::int64_t> rows);
  /// Calls `move(from, count, to)` for each stretch of rows between those dropped, in order.
  template <class Move>
  void for_each_kept(std::span<const std::int64_t> dropped, Move&& move) const {
    for (std::size_t i = 0; i < dropped.size(); ++i) {
      const std::int64_t from = dropped[i] + 1;
      const std::int64_t end = i + 1 < dropped.size() ? dropped[i + 1] : num_rows_;
      move(from, end - from, from - static_cast<std::int64_t>(i) - 1);
    }
  }

  /// The array of the rows; no rows are left here then.
  Result<std::shared_ptr<arrow::Array>> finish_with(
      std::vector<std::shared_ptr<arrow::Buffer>> values);

  ColumnContext context_;

 private:
  Result<void> extend_validity();

  std::shared_ptr<arrow::DataType> type_;
  GrowingBuffer validity_;           // bits that are no row's yet are set
  std::int64_t validity_bytes_ = 0;  // of it in use
  bool has_validity_ = false;
  std::int64_t room_ = 0;
  std::int64_t num_rows_ = 0;
  std::int64_t num_nulls_ = 0;
  std::int64_t part_row_ = 0;
};

}  // namespace polarway::csv
