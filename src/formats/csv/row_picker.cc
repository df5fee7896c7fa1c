#include "formats/csv/row_picker.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <utility>

#include "frame/filter_batch.h"

namespace polarway::csv {
namespace {

// Copies the positions of the rows where `mask` is true into the run's room, in place of its rows;
// but not of those `left_out`.
void copy_picked(Run& run, const KeptRows& kept, const std::vector<std::int64_t>& left_out) {
  const Rows& rows = run.rows;
  const auto num_columns = static_cast<std::size_t>(rows.num_columns);
  std::uint32_t* ends = run.picks.ends;
  std::uint32_t* begin = run.picks.begins;
  std::uint32_t* line_end = run.picks.line_ends;
  std::int64_t text_bytes = 0;
  for (std::int64_t i = 0; i < kept.mask->length(); ++i) {
    const std::int64_t row = run.from + i;
    if (!kept.mask->Value(i) || std::binary_search(left_out.begin(), left_out.end(), row)) continue;
    ends = std::copy_n(rows.ends + static_cast<std::size_t>(row) * num_columns, num_columns, ends);
    *begin++ = rows.row_begin(row);
    *line_end++ = rows.row_end(row);
    text_bytes += std::int64_t{rows.row_end(row)} - rows.row_begin(row);
  }
  run.rows = {.text = rows.text,
              .ends = run.picks.ends,
              .begins = run.picks.begins,
              .line_ends = rows.line_ends != nullptr ? run.picks.line_ends : nullptr,
              .num_rows = begin - run.picks.begins,
              .num_columns = rows.num_columns,
              .delimiter_lead = rows.delimiter_lead,
              .trims_cr = rows.trims_cr};
  run.from = 0;
  run.to = run.rows.num_rows;
  run.text_bytes = text_bytes;
}

}  // namespace

RowPicker::RowPicker(BoundExpr predicate, std::vector<WantedColumn> columns,
                     std::shared_ptr<arrow::Schema> schema, Encoding encoding,
                     std::shared_ptr<MemoryBudget> budget, Misfits* misfits)
    : predicate_(std::move(predicate)),
      columns_(std::move(columns)),
      schema_(std::move(schema)),
      encoding_(encoding),
      budget_(std::move(budget)),
      misfits_(misfits) {}

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
    const Run& run, std::optional<RunCrew::Misfit>& misfit,
    std::vector<std::int64_t>& left_out) const {
  const std::int64_t num_rows = run.to - run.from;
  for (const WantedColumn& column : columns_) POLARWAY_CHECK(column.builder->start(num_rows));
  std::optional<RunCrew::Misfit> bad;
  if (misfits_ == nullptr) {
    POLARWAY_TRY(bad, append_run(run, columns_));
  } else {
    POLARWAY_CHECK(append_tolerant(run, left_out));
  }
  const std::int64_t good_rows = bad ? bad->row - run.from : num_rows;
  if (bad) misfit = bad;
  arrow::ArrayVector arrays;
  for (const WantedColumn& column : columns_) {
    column.builder->truncate(good_rows);
    POLARWAY_TRY(arrays.emplace_back(), column.builder->finish());
  }
  return arrow::RecordBatch::Make(schema_, good_rows, std::move(arrays));
}

// All rows; those `left_out` are not to be picked, whatever the predicate says of the nulls in
// them.
Result<void> RowPicker::append_tolerant(const Run& run, std::vector<std::int64_t>& left_out) const {
  const auto leave_out = [&](std::int64_t row, std::int64_t column) -> Result<void> {
    left_out.push_back(row);
    return misfits_->note(run, row, column, -1);
  };
  for (Run rest = run; encoding_ == Encoding::Utf8;) {
    const std::optional<RunCrew::Misfit> invalid = check_encoding(rest);
    if (!invalid) break;
    POLARWAY_CHECK(leave_out(invalid->row, kNoColumn));
    rest.from = invalid->row + 1;
  }
  for (const WantedColumn& column : columns_) {
    for (std::int64_t from = run.from; from < run.to;) {
      POLARWAY_TRY(const std::int64_t bad,
                   column.builder->append(run.rows, column.index, from, run.to));
      if (bad < 0) break;
      if (!misfits_->rescues()) POLARWAY_CHECK(leave_out(bad, column.index));
      POLARWAY_CHECK(column.builder->append_null());
      from = bad + 1;
    }
  }
  std::sort(left_out.begin(), left_out.end());
  return {};
}

Result<std::optional<RunCrew::Misfit>> RowPicker::pick(Run& run) {
  // Until all has gone well, there is nothing for the lanes.
  Run picked = std::exchange(run, {.rows = run.rows, .from = run.from, .to = run.from});
  std::optional<RunCrew::Misfit> misfit;
  if (encoding_ == Encoding::Utf8 && misfits_ == nullptr) misfit = check_encoding(picked);
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
  std::vector<std::int64_t> left_out;
  POLARWAY_TRY(const std::shared_ptr<arrow::RecordBatch> columns,
               make_columns(picked, misfit, left_out));
  if (columns->num_rows() > 0) {
    POLARWAY_CHECK(pay_for(columns_bytes + kept_rows_bytes(*columns, predicate_)));
    POLARWAY_TRY(const KeptRows kept, kept_rows(*columns, predicate_, budget_->arrow_pool()));
    picked.to = picked.from + columns->num_rows();
    if (kept.count < columns->num_rows() || !left_out.empty()) copy_picked(picked, kept, left_out);
    run = picked;
  }
  if (more_.bytes() > kWorkingSetBytes) more_.release();  // a long row came by
  return misfit;
}

}  // namespace polarway::csv
