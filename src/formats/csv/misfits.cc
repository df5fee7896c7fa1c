#include "formats/csv/misfits.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/json_text.h"
#include "core/reject_bytes.h"
#include "formats/csv/field.h"

namespace polarway::csv {
namespace {

// What it takes to make a JSON text of a field: decoded, as a value, as a line, and behind its
// name.
std::int64_t bytes_to_rescue(std::string_view field, Encoding encoding) {
  const auto is_escaped = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
  };
  constexpr std::int64_t kLongestEscape = 6;                        // \u0000
  const std::int64_t longest = encoding == Encoding::Utf8 ? 1 : 3;  // bytes of a character
  const std::int64_t decoded_bytes = longest * std::ssize(field);
  const std::int64_t line_bytes =
      decoded_bytes + kLongestEscape * std::count_if(field.begin(), field.end(), is_escaped);
  return 2 * decoded_bytes + 2 * line_bytes;
}

// Where a row is among the window's, which may have more rows than the run.
std::int64_t row_in_window(const Run& run, std::int64_t row) {
  const Rows& all = run.window->rows;
  const std::uint32_t begin = run.rows.row_begin(row);
  std::int64_t before = 0;  // rows that begin before it
  for (std::int64_t after = all.num_rows; before < after;) {
    const std::int64_t middle = before + (after - before) / 2;
    if (all.row_begin(middle) < begin) {
      before = middle + 1;
    } else {
      after = middle;
    }
  }
  return before;
}

}  // namespace

Misfits::Misfits(RowErrors errors, SchemaChange change, Encoding encoding, bool keeps,
                 std::shared_ptr<MemoryBudget> budget)
    : errors_(std::move(errors)),
      change_(change),
      encoding_(encoding),
      keeps_(keeps),
      budget_(std::move(budget)) {}

Result<void> Misfits::pay(std::int64_t bytes) {
  if (lease_) return lease_.grow(bytes);
  POLARWAY_TRY(lease_, budget_->reserve(bytes, LeaseHolder::Reject));
  return {};
}

Result<void> Misfits::note(const Run& run, std::int64_t row, std::int64_t column,
                           ChunkRow chunk_row) {
  const Window& window = *run.window;
  const std::int64_t in_window = row_in_window(run, row);
  Misfit misfit{.place = {window.begin_of(in_window), window.rows_before + in_window},
                .chunk_row = chunk_row.rows_before,
                .in_chunk = chunk_row.in_chunk,
                .column = column};
  std::int64_t bytes = 2 * static_cast<std::int64_t>(sizeof(Misfit));  // vectors double
  if (column != kNoColumn && rescues()) {
    const std::string_view field = window.rows.field(in_window, column);
    POLARWAY_TRY(const MemoryLease making,
                 budget_->reserve(bytes_to_rescue(field, encoding_), LeaseHolder::Reject));
    const std::string text = decoded(field, encoding_);
    misfit.rescued = to_line(Json(errors_.column_name(column))) + ":" + to_line(Json(text));
    // Once more in the column that is made of it, whose buffers grow.
    bytes += 4 * static_cast<std::int64_t>(misfit.rescued.capacity());
  } else if (keeps_) {
    misfit.reject = std::make_unique<Reject>(errors_.rejected(window, in_window, column));
  }
  const std::lock_guard lock(mutex_);
  if (misfit.reject) {
    const std::int64_t more = bytes_of(*misfit.reject);
    const bool has_share = lease_.bytes() + more <= budget_->limit_bytes() / kRejectShare;
    if (has_share && pay(bytes + more)) {
      noted_.push_back(std::move(misfit));
      return {};
    }
    misfit.reject.reset();
  }
  POLARWAY_CHECK(pay(bytes));
  noted_.push_back(std::move(misfit));
  return {};
}

bool Misfits::has_any() const {
  const std::lock_guard lock(mutex_);
  return !noted_.empty();
}

void Misfits::clear() {
  const std::lock_guard lock(mutex_);
  noted_.clear();
  lease_.release();
}

std::vector<Misfit> Misfits::take(std::int64_t end_byte) {
  const std::lock_guard lock(mutex_);
  std::vector<Misfit> taken = std::exchange(noted_, {});
  std::erase_if(taken, [&](const Misfit& misfit) { return misfit.place.byte >= end_byte; });
  std::sort(taken.begin(), taken.end(), [](const Misfit& a, const Misfit& b) {
    return std::tie(a.place.byte, a.column) < std::tie(b.place.byte, b.column);
  });
  return taken;
}

}  // namespace polarway::csv
