#include "formats/csv/window_reader.h"

#include <utility>

namespace polarway::csv {

WindowReader::WindowReader(Block& block, RowScanner& scanner, RowErrors errors,
                           std::int64_t rows_before, std::optional<std::int64_t> end_byte,
                           std::optional<std::int64_t> end_row, std::int64_t num_spares,
                           std::int64_t spare_bytes, std::shared_ptr<MemoryBudget> budget)
    : errors_(std::move(errors)),
      end_byte_(end_byte),
      end_row_(end_row),
      num_spares_(num_spares),
      spare_bytes_(spare_bytes),
      budget_(std::move(budget)),
      block_(block),
      scanner_(scanner),
      rows_before_(rows_before) {}

Result<std::optional<Window>> WindowReader::next(std::stop_token stop) {
  if (pending_error_) return fail(*pending_error_);
  if (end_byte_ && block_.offset() >= *end_byte_) return std::nullopt;
  if (end_row_ && rows_before_ >= *end_row_) return std::nullopt;
  Result<Rows> rows = scanner_.next(stop);
  Window window = empty_window(block_.offset(), rows_before_);
  if (!rows) return fail(at_next_row(std::move(rows.error())));
  window.rows = *rows;
  if (const RaggedRow* ragged = scanner_.ragged()) {
    pending_error_ = errors_.ragged(window, *ragged);
  }
  if (end_byte_) {
    const std::int64_t end = *end_byte_ - window.offset;
    std::int64_t inside = window.rows.num_rows;
    while (inside > 0 && std::int64_t{window.rows.row_begin(inside - 1)} >= end) --inside;
    if (inside < window.rows.num_rows) pending_error_.reset();  // beyond the split
    window.rows.num_rows = inside;
  }
  if (end_row_ && rows_before_ + window.rows.num_rows >= *end_row_) {
    window.rows.num_rows = *end_row_ - rows_before_;
    pending_error_.reset();  // behind them
  }
  if (window.rows.num_rows == 0) {
    if (pending_error_) return fail(*pending_error_);
    return std::nullopt;
  }
  window.hold = scanner_.hold();
  scanner_.consume(window.rows, window.rows.num_rows);
  window.end_offset = block_.offset();
  rows_before_ += window.rows.num_rows;
  return window;
}

Result<void> WindowReader::go_to(const Place& place) {
  POLARWAY_CHECK(block_.seek(place.byte));
  rows_before_ = place.row;
  pending_error_.reset();
  return {};
}

void WindowReader::fit_spares() {
  constexpr std::int64_t kTaken = 8;  // of so many parts of the free memory one is taken,
  constexpr std::int64_t kKept = 2;   // and given back when less is free than so many more
  if (num_spares_ == 0) return;
  const std::int64_t bytes =
      num_spares_ * (Block::memory_bytes(spare_bytes_) + scanner_.spare_bytes());
  const std::int64_t available = budget_->available_bytes();
  if (has_spares()) {
    if (available < bytes * kKept) drop_spares();
    return;
  }
  if (available < bytes * kTaken) return;
  Result<MemoryLease> lease = budget_->reserve(bytes, LeaseHolder::Reader);
  if (!lease) return;
  spares_ = *std::move(lease);
  const bool has_all =
      block_.add_spares(num_spares_, spare_bytes_) && scanner_.add_spares(num_spares_);
  if (!has_all) drop_spares();
}

void WindowReader::drop_spares() {
  block_.drop_spares();
  scanner_.drop_spares();
  spares_.release();
}

}  // namespace polarway::csv
