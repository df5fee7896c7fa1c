#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "formats/csv/column_lanes.h"
#include "formats/csv/misfits.h"
#include "formats/csv/run_crew.h"
#include "frame/bound_expr.h"
#include "frame/filter_batch.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::csv {

/// The sieve of a RunCrew: leaves the rows of a run for which a predicate is true. Only the
/// predicate's columns are made of all rows; the others are made of what is left.
///
/// Threads: one at a time.
class RowPicker {
 public:
  /// What a picker may take without asking the budget: its working set. Runs of usual windows need
  /// no more.
  static constexpr std::int64_t kWorkingSetBytes = 1 << 20;

  /// `columns` are those that the predicate reads, in the order of `schema`; misfits name them by
  /// their index in the file. `checks_encoding` as in make_lanes().
  RowPicker(BoundExpr predicate, std::vector<WantedColumn> columns,
            std::shared_ptr<arrow::Schema> schema, Encoding encoding,
            std::shared_ptr<MemoryBudget> budget, Misfits* misfits = nullptr);

  /// As RunCrew::Sieve has it. With `misfits`, which must outlive the picker, rows that are left
  /// out are noted there and not picked; a value to be rescued is null to the predicate. The run's
  /// PickRoom must have room for its rows.
  Result<std::optional<RunCrew::Misfit>> pick(Run& run);

 private:
  // A row that is not picked, whatever the predicate says of it.
  struct LeftOut {
    std::int64_t row = 0;
    std::int64_t column = 0;
    std::int64_t picked_before = 0;  // rows of the run
  };

  Result<std::shared_ptr<arrow::RecordBatch>> make_columns(const Run& run,
                                                           std::optional<RunCrew::Misfit>& misfit,
                                                           std::vector<LeftOut>& left_out) const;
  Result<void> append_all_columns(const Run& run, std::vector<LeftOut>& left_out) const;
  static void copy_picked(Run& run, const KeptRows& kept, std::vector<LeftOut>& left_out);
  Result<void> pay_for(std::int64_t bytes);

  BoundExpr predicate_;
  std::vector<WantedColumn> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  Encoding encoding_;
  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease more_;  // beyond the working set
  Misfits* misfits_;
  std::int64_t num_picked_ = 0;  // rows of the chunk so far
};

}  // namespace polarway::csv
