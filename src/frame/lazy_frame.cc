#include <arrow/array.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/out_of_memory.h"
#include "frame/bound_expr.h"
#include "frame/evaluation_bytes.h"
#include "frame/filter_batch.h"
#include "frame/fresh_columns.h"
#include "frame/release_unshown.h"
#include "polarway/dataframe.h"

namespace polarway {
namespace {

// The names of the columns that are still needed; nothing means all.
using Needed = std::optional<std::set<std::string>>;

// The frame on its way through the steps, with the lease that pays for what was computed so far.
class Progress {
 public:
  explicit Progress(const DataFrame& frame)
      : budget_(frame.budget()),
        pool_(budget_ ? budget_->arrow_pool() : arrow::default_memory_pool()),
        now_{.rows = frame.arrow(),
             .is_fresh = std::vector<bool>(static_cast<std::size_t>(frame.width()), false)} {}

  Result<void> filter(const BoundExpr& predicate, const Needed& needed) {
    const std::int64_t held = lease_.bytes();
    POLARWAY_CHECK(pay(kept_rows_bytes(*now_.rows, predicate)));
    POLARWAY_TRY(const KeptRows kept, kept_rows(*now_.rows, predicate, pool_));
    drop_all_but(needed);
    lease_.shrink_to(held + fixed_width_bytes(now_.rows->num_rows(), 1));
    if (kept.count == now_.rows->num_rows()) return {};
    POLARWAY_CHECK(pay(keep_bytes(*now_.rows, kept)));
    POLARWAY_TRY(now_.rows, keep(now_.rows, kept, pool_));
    now_.is_fresh.assign(now_.is_fresh.size(), true);
    return {};
  }

  Result<void> select(const BoundSelection& selection) {
    POLARWAY_CHECK(pay(select_bytes(*now_.rows, selection.columns)));
    std::vector<bool> is_fresh;
    for (const BoundExpr& column : selection.columns) {
      is_fresh.push_back(!column.is_column() || was_fresh(column.columns().front()));
    }
    POLARWAY_TRY(now_.rows, select_batch(now_.rows, selection.columns, selection.names, pool_));
    now_.is_fresh = std::move(is_fresh);
    return {};
  }

  void limit(std::int64_t rows) {
    if (rows >= now_.rows->num_rows()) return;
    now_.rows = now_.rows->Slice(0, rows);
    is_cut_ = true;
  }

  // After each step: gives back what was only needed on the way. The blocks of the pool may be an
  // eighth larger than the buffers in them.
  void settle() {
    const std::int64_t bytes = fresh_bytes(now_);
    lease_.settle_at(std::max(bytes, std::min(lease_.bytes(), bytes + bytes / 8)));
  }

  DataFrame finish() && {
    auto rows = pay_with(now_, std::move(lease_));
    now_ = {};
    if (is_cut_) rows = release_unshown(rows, budget_);
    return DataFrame(std::move(rows), budget_);
  }

 private:
  // Asks for nothing where nothing is needed: that is refused, too, while others are in overdraft.
  Result<void> pay(std::int64_t bytes) {
    if (!budget_ || bytes <= 0) return {};
    if (lease_) return lease_.grow(bytes);
    POLARWAY_TRY(lease_, budget_->reserve(bytes, LeaseHolder::Frame));
    return {};
  }

  bool was_fresh(const std::string& column) const {
    return now_.is_fresh[static_cast<std::size_t>(now_.rows->schema()->GetFieldIndex(column))];
  }

  void drop_all_but(const Needed& needed) {
    if (!needed) return;
    FreshBatch kept;
    arrow::FieldVector fields;
    std::vector<std::shared_ptr<arrow::ArrayData>> columns;
    for (int i = 0; i < now_.rows->num_columns(); ++i) {
      const auto& field = now_.rows->schema()->field(i);
      if (!needed->contains(field->name())) continue;
      fields.push_back(field);
      columns.push_back(now_.rows->column_data(i));
      kept.is_fresh.push_back(now_.is_fresh[static_cast<std::size_t>(i)]);
    }
    kept.rows = arrow::RecordBatch::Make(arrow::schema(std::move(fields)), now_.rows->num_rows(),
                                         std::move(columns));
    now_ = std::move(kept);
  }

  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease lease_;  // dies after the rows it pays for
  arrow::MemoryPool* pool_;
  FreshBatch now_;
  bool is_cut_ = false;
};

// A step whose names and types are known to fit.
struct BoundStep {
  std::optional<BoundExpr> filter = {};
  std::optional<BoundSelection> selection = {};
  std::int64_t limit = 0;
  Needed needed_after = {};  // by the steps that follow
};

std::shared_ptr<arrow::Schema> schema_of(const BoundSelection& selection) {
  arrow::FieldVector fields;
  for (std::size_t i = 0; i < selection.columns.size(); ++i) {
    fields.push_back(selection.columns[i].field(selection.names[i]));
  }
  return arrow::schema(std::move(fields));
}

// So that a filter before a selection copies no column that the selection does not want.
void find_needed(std::vector<BoundStep>& steps) {
  Needed needed;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    step->needed_after = needed;
    if (step->selection) {
      needed.emplace();
      for (const BoundExpr& column : step->selection->columns) {
        needed->insert(column.columns().begin(), column.columns().end());
      }
    } else if (step->filter && needed) {
      needed->insert(step->filter->columns().begin(), step->filter->columns().end());
    }
  }
}

Result<DataFrame> run(const DataFrame& frame, const std::vector<BoundStep>& steps) {
  Progress progress(frame);
  for (const BoundStep& step : steps) {
    if (step.filter) {
      POLARWAY_CHECK(progress.filter(*step.filter, step.needed_after));
    } else if (step.selection) {
      POLARWAY_CHECK(progress.select(*step.selection));
    } else {
      progress.limit(step.limit);
    }
    progress.settle();
  }
  return std::move(progress).finish();
}

}  // namespace

LazyFrame::LazyFrame(DataFrame frame) : frame_(std::move(frame)) {}

LazyFrame LazyFrame::with(Step step) const {
  LazyFrame next = *this;
  next.steps_.push_back(std::move(step));
  return next;
}

LazyFrame LazyFrame::filter(Expr predicate) const {
  Step step;
  step.filter = std::move(predicate);
  return with(std::move(step));
}

LazyFrame LazyFrame::select(std::vector<Expr> columns) const {
  Step step;
  step.select = std::move(columns);
  return with(std::move(step));
}

LazyFrame LazyFrame::limit(std::int64_t n) const {
  Step step;
  step.limit = std::max<std::int64_t>(n, 0);
  return with(std::move(step));
}

Result<DataFrame> LazyFrame::collect() const {
  return guard([&]() -> Result<DataFrame> {
    std::vector<BoundStep> bound;
    std::shared_ptr<arrow::Schema> schema = frame_.arrow()->schema();
    for (const Step& step : steps_) {
      BoundStep next{.limit = step.limit};
      if (step.filter) {
        POLARWAY_TRY(next.filter, bind_predicate(*step.filter, *schema));
      } else if (step.limit < 0) {
        POLARWAY_TRY(next.selection, bind_selection(step.select, *schema));
        schema = schema_of(*next.selection);
      }
      bound.push_back(std::move(next));
    }
    find_needed(bound);
    return run(frame_, bound);
  });
}

}  // namespace polarway
