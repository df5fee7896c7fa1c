#include "formats/csv/row_picker.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <utility>

#include "frame/filter_batch.h"

namespace polarway::csv {
namespace {

// Copies the positions of the rows where `mask` is true into the run's room, in place of its rows.
void copy_picked(Run& run, const KeptRows& kept) {
  const Rows& rows = run.rows;
  const auto num_columns = static_cast<std::size_t>(rows.num_columns);
  std::uint32_t* ends = run.picks.ends;
  std::uint32_t* begin = run.picks.begins;
  std::int64_t text_bytes = 0;
  for (std::int64_t i = 0; i < kept.mask->length(); ++i) {
    if (!kept.mask->Value(i)) continue;
    const std::int64_t row = run.from + i;
    ends = std::copy_n(rows.ends + static_cast<std::size_t>(row) * num_columns, num_columns, ends);
    *begin++ = rows.row_begin(row);
    text_bytes += std::int64_t{rows.row_end(row)} - rows.row_begin(row);
  }
  run.rows.ends = run.picks.ends;
  run.rows.begins = run.picks.begins;
  run.rows.num_rows = kept.count;
  run.from = 0;
  run.to = kept.count;
  run.text_bytes = text_bytes;
}

}  // namespace

RowPicker::RowPicker(BoundExpr predicate, std::vector<WantedColumn> columns,
                     std::shared_ptr<arrow::Schema> schema, Encoding encoding,
                     std::shared_ptr<MemoryBudget> budget)
    : predicate_(std::move(predicate)),
      columns_(std::move(columns)),
      schema_(std::move(schema)),
      encoding_(encoding),
      budget_(std::move(budget)) {}

// Grows what is paid for to `bytes`.
Result<void> RowPicker::pay_for(std::int64_t bytes) {
  const std::int64_t missing = bytes - kWorkingSetBytes - more_.bytes();
  if (missing <= 0) return {};
  if (more_) return more_.grow(missing);
  POLARWAY_TRY(more_, budget_->reserve(missing, LeaseHolder::Reader));
  return {};
}

// The predicate's columns of the run's rows, up to the first that does not fit one of them.
Result<std::shared_ptr<arrow::RecordBatch>> RowPicker::make_columns(
    const Run& run, std::optional<RunCrew::Misfit>& misfit) const {
  const std::int64_t num_rows = run.to - run.from;
  for (const WantedColumn& column : columns_) POLARWAY_CHECK(column.builder->start(num_rows));
  POLARWAY_TRY(const std::optional<RunCrew::Misfit> bad, append_run(run, columns_));
  const std::int64_t good_rows = bad ? bad->row - run.from : num_rows;
  if (bad) misfit = bad;
  arrow::ArrayVector arrays;
  for (const WantedColumn& column : columns_) {
    column.builder->truncate(good_rows);
    POLARWAY_TRY(arrays.emplace_back(), column.builder->finish());
  }
  return arrow::RecordBatch::Make(schema_, good_rows, std::move(arrays));
}

Result<std::optional<RunCrew::Misfit>> RowPicker::pick(Run& run) {
  // Until all has gone well, there is nothing for the lanes.
  Run picked = std::exchange(run, {.rows = run.rows, .from = run.from, .to = run.from});
  std::optional<RunCrew::Misfit> misfit;
  if (encoding_ == Encoding::Utf8) misfit = check_encoding(picked);
  if (misfit) picked.to = misfit->row;

  std::int64_t row_bytes = 0;
  std::int64_t text_bytes = 0;
  for (const WantedColumn& column : columns_) {
    row_bytes += column.builder->fixed_row_bytes();
    if (column.builder->is_text()) text_bytes = widest_byte(encoding_) * picked.text_bytes;
  }
  const std::int64_t columns_bytes =
      grown_bytes((picked.to - picked.from) * row_bytes + text_bytes);
  POLARWAY_CHECK(pay_for(columns_bytes));
  POLARWAY_TRY(const std::shared_ptr<arrow::RecordBatch> columns, make_columns(picked, misfit));
  if (columns->num_rows() > 0) {
    POLARWAY_CHECK(pay_for(columns_bytes + kept_rows_bytes(*columns, predicate_)));
    POLARWAY_TRY(const KeptRows kept, kept_rows(*columns, predicate_, budget_->arrow_pool()));
    picked.to = picked.from + columns->num_rows();
    if (kept.count < columns->num_rows()) copy_picked(picked, kept);
    run = picked;
  }
  if (more_.bytes() > kWorkingSetBytes) more_.release();  // a long row came by
  return misfit;
}

}  // namespace polarway::csv
