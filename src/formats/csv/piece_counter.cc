#include "formats/csv/piece_counter.h"

#include <utility>

#include "formats/csv/count_rows.h"

namespace polarway::csv {

bool PieceCounter::start(std::int64_t offset, std::int64_t end) {
  constexpr std::int64_t kTaken = 8;  // of so many parts of the free memory one is taken
  const std::int64_t bytes = crew_->memory_bytes();
  if (budget_->available_bytes() < bytes * kTaken) return false;
  Result<MemoryLease> lease = budget_->reserve(bytes, LeaseHolder::Reader);
  if (!lease) return false;
  if (!crew_->start(offset, end, *budget_)) return false;
  lease_ = *std::move(lease);
  is_started_ = true;
  begin_ = offset_ = offset;
  is_odd_ = false;
  piece_ = nullptr;
  return true;
}

std::int64_t PieceCounter::stop() {
  crew_->stop();
  lease_.release();
  is_started_ = false;
  return crew_->bytes_read() - (offset_ - begin_);
}

// Of the piece at hand: what is not counted yet, which may begin in front of it.
std::span<const std::uint8_t> PieceCounter::rest() const {
  if (piece_ == nullptr) return {};
  return {piece_->text.data() + (offset_ - piece_->offset),
          static_cast<std::size_t>(piece_->end() - offset_)};
}

std::int64_t PieceCounter::count(std::span<const std::uint8_t> text, std::int64_t max_rows) {
  const RowCount counted = count_rows(text, marks_, num_columns_, max_rows);
  offset_ += counted.bytes;
  is_odd_ = counted.is_odd;
  return counted.rows;
}

// The rows of the piece at hand, if its guess holds and there are at most `max_rows`; else none.
std::int64_t PieceCounter::take_guess(std::int64_t max_rows) {
  const std::int64_t before = piece_->offset + piece_->first - offset_;  // bytes
  if (piece_->first < 0 || before < 0 || piece_->counted.rows >= max_rows) return 0;
  const RowCount lead = count_rows(rest().first(static_cast<std::size_t>(before)), marks_,
                                   num_columns_, max_rows - piece_->counted.rows);
  if (lead.bytes != before || lead.is_odd) return 0;
  offset_ += before + piece_->counted.bytes;
  is_odd_ = piece_->counted.is_odd;
  return lead.rows + piece_->counted.rows;
}

std::int64_t PieceCounter::next(std::int64_t max_rows) {
  std::int64_t rows = 0;
  while (rows < max_rows && !is_odd_) {
    if (piece_ != nullptr) {
      std::int64_t more = take_guess(max_rows - rows);
      if (more == 0) more = count(rest(), max_rows - rows);
      rows += more;
      if (more > 0) continue;  // until no row is left in it
      if (is_odd_) break;
    }
    const Piece* piece = crew_->next(rest());
    if (piece == nullptr) break;
    piece_ = piece;
  }
  return rows;
}

}  // namespace polarway::csv
