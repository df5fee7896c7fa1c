#include "formats/csv/row_picker.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "frame/filter_batch.h"

namespace polarway::csv {
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
    const Run& run, std::optional<RunCrew::Misfit>& misfit, std::vector<LeftOut>& left_out) const {
  const std::int64_t num_rows = run.to - run.from;
  for (const WantedColumn& column : columns_) POLARWAY_CHECK(column.builder->start(num_rows));
  std::optional<RunCrew::Misfit> bad;
  if (misfits_ != nullptr && misfits_->takes_values()) {
    POLARWAY_CHECK(append_all_columns(run, left_out));
  } else {
    POLARWAY_TRY(bad, append_run(run, columns_));
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

// All rows; what does not fit is null.
Result<void> RowPicker::append_all_columns(const Run& run, std::vector<LeftOut>& left_out) const {
  for (const WantedColumn& column : columns_) {
    POLARWAY_CHECK(append_all(run, column, [&](std::int64_t row) -> Result<void> {
      if (!misfits_->rescues()) left_out.push_back({.row = row, .column = column.index});
      return {};
    }));
  }
  return {};
}

// Copies the positions of the rows where the mask is true into the run's room, in place of its
// rows.
void RowPicker::copy_picked(Run& run, const KeptRows& kept, std::vector<LeftOut>& left_out) {
  const Rows& rows = run.rows;
  const auto num_columns = static_cast<std::size_t>(rows.num_columns);
  std::uint32_t* ends = run.picks.ends;
  std::int64_t count = 0;
  std::int64_t text_bytes = 0;
  auto next_out = left_out.begin();
  for (std::int64_t i = 0; i < kept.mask->length(); ++i) {
    const std::int64_t row = run.from + i;
    if (next_out != left_out.end() && next_out->row == row) {
      next_out++->picked_before = count;
      continue;
    }
    if (!kept.mask->Value(i)) continue;
    const std::uint32_t begin = rows.row_begin(row);  // before it is written over
    ends = std::copy_n(rows.ends + static_cast<std::size_t>(row) * num_columns, num_columns, ends);
    run.picks.begins[count] = begin;
    if (rows.line_ends != nullptr) run.picks.line_ends[count] = rows.row_end(row);
    text_bytes += std::int64_t{rows.row_end(row)} - begin;
    ++count;
  }
  run.rows.ends = run.picks.ends;
  run.rows.begins = run.picks.begins;
  if (rows.line_ends != nullptr) run.rows.line_ends = run.picks.line_ends;
  run.rows.ragged = nullptr;
  run.rows.num_rows = count;
  run.from = 0;
  run.to = count;
  run.text_bytes = text_bytes;
}

Result<std::optional<RunCrew::Misfit>> RowPicker::pick(Run& run) {
  // Until all has gone well, there is nothing for the lanes.
  Run picked = std::exchange(run, {.rows = run.rows, .from = run.from, .to = run.from});
  std::optional<RunCrew::Misfit> misfit;
  const bool checks_encoding = encoding_ == Encoding::Utf8;
  std::vector<LeftOut> left_out;
  if (misfits_ != nullptr) {
    for (const std::int64_t row : rows_to_leave_out(picked, checks_encoding, *misfits_)) {
      left_out.push_back({.row = row, .column = kNoColumn});
    }
  }
  if (checks_encoding && (misfits_ == nullptr || !misfits_->takes_values())) {
    misfit = check_encoding(picked);
  }
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
  POLARWAY_TRY(const std::shared_ptr<arrow::RecordBatch> columns,
               make_columns(picked, misfit, left_out));
  if (columns->num_rows() > 0) {
    POLARWAY_CHECK(pay_for(columns_bytes + kept_rows_bytes(*columns, predicate_)));
    POLARWAY_TRY(const KeptRows kept, kept_rows(*columns, predicate_, budget_->arrow_pool()));
    picked.to = picked.from + columns->num_rows();
    const Run whole = picked;
    std::sort(left_out.begin(), left_out.end(), [](const LeftOut& a, const LeftOut& b) {
      return std::tie(a.row, a.column) < std::tie(b.row, b.column);
    });
    const auto is_same = [](const LeftOut& a, const LeftOut& b) { return a.row == b.row; };
    left_out.erase(std::unique(left_out.begin(), left_out.end(), is_same), left_out.end());
    std::erase_if(left_out, [&](const LeftOut& out) { return out.row >= picked.to; });
    if (kept.count < columns->num_rows() || !left_out.empty()) copy_picked(picked, kept, left_out);
    if (whole.chunk_row == 0) num_picked_ = 0;  // the chunk's first run
    for (const LeftOut& out : left_out) {
      POLARWAY_CHECK(
          misfits_->note(whole, out.row, out.column,
                         {.rows_before = num_picked_ + out.picked_before, .in_chunk = false}));
    }
    num_picked_ += picked.to - picked.from;
    run = picked;
  }
  if (more_.bytes() > kWorkingSetBytes) more_.release();  // a long row came by
  return misfit;
}

}  // namespace polarway::csv
