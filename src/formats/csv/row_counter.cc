#include "formats/csv/row_counter.h"

#include <algorithm>
#include <utility>

#include "formats/csv/count_rows.h"

namespace polarway::csv {

bool RowCounter::is_simple(const RowScanner& scanner) {
  return can_count(scanner.marks()) && scanner.rules().max_line_bytes == RowRules::kNoLimit;
}

RowCounter::RowCounter(Block& block, RowScanner& scanner, WindowReader& reader,
                       std::optional<std::int64_t> end_byte, std::unique_ptr<PieceCounter> pieces,
                       std::int64_t end, RowErrors errors, RowRejects& rejects)
    : block_(block),
      scanner_(scanner),
      reader_(reader),
      end_byte_(end_byte),
      pieces_(std::move(pieces)),
      end_(end),
      errors_(std::move(errors)),
      rejects_(rejects),
      is_simple_(is_simple(scanner)) {}

// Instead of filling the block, whose rows are counted.
bool RowCounter::start_pieces() {
  if (!pieces_ || block_.offset() < pieces_from_) return false;
  if (!pieces_->start(block_.offset(), end_)) return false;
  bytes_read_again_ += std::ssize(block_.text());
  return true;
}

// The block goes on where pieces do not.
Result<std::int64_t> RowCounter::count_pieces(std::int64_t max_rows) {
  // Starting anew costs reading some of it twice.
  constexpr std::int64_t kApart = 16 << 20;
  const std::int64_t rows = pieces_->next(max_rows);
  reader_.count_rows_before(rows);
  if (rows > 0) return rows;
  bytes_read_again_ += pieces_->stop();
  pieces_from_ = pieces_->offset() + kApart;
  POLARWAY_CHECK(block_.seek(pieces_->offset()));
  return 0;
}

// Complete rows of what the block has.
std::int64_t RowCounter::count_block(std::int64_t max_rows) {
  if (!is_simple_ || is_odd_) return 0;
  std::span<const std::uint8_t> text = block_.text();
  if (end_byte_) {  // splits end between rows
    const std::int64_t inside = std::max<std::int64_t>(0, *end_byte_ - block_.offset());
    text = text.first(std::min(text.size(), static_cast<std::size_t>(inside)));
  }
  const RowCount counted =
      count_rows(text, scanner_.marks(), scanner_.rules().num_columns, max_rows);
  is_odd_ = counted.is_odd;
  block_.consume(counted.bytes);
  reader_.count_rows_before(counted.rows);
  return counted.rows;
}

// Of rows that were found. The error of a row that is one reject too many comes again.
Result<std::int64_t> RowCounter::count_window(std::int64_t max_rows) {
  const Rows& rows = window_->rows;
  std::int64_t counted = 0;
  for (; from_ < rows.num_rows && counted < max_rows; ++from_) {
    if (!rows.is_ragged(from_)) {
      ++counted;
      continue;
    }
    auto reject = std::make_unique<Reject>(errors_.rejected(*window_, from_, kNoColumn));
    if (!rejects_.has_room()) {
      if (counted > 0) break;
      return fail(rejects_.too_many(reject.get()));
    }
    rejects_.add(std::move(reject));
  }
  return counted;
}

Result<RowCounter::Counted> RowCounter::next(std::int64_t max_rows, std::stop_token stop) {
  Counted counted;
  bool is_filled = false;  // and nothing has come of it
  while (counted.rows < max_rows) {
    if (window_) {
      Result<std::int64_t> rows = count_window(max_rows - counted.rows);
      if (!rows && counted.rows > 0) break;
      POLARWAY_TRY(const std::int64_t more, std::move(rows));
      counted.rows += more;
      counted.end_byte = window_->end_after(from_);
      counted.rows_before_end = window_->rows_before + from_;
      if (from_ == window_->rows.num_rows) window_.reset();
      continue;
    }
    if (pieces_ && pieces_->is_started()) {
      POLARWAY_TRY(const std::int64_t rows, count_pieces(max_rows - counted.rows));
      if (rows == 0) continue;
      counted.rows += rows;
      counted.end_byte = pieces_->offset();
      counted.rows_before_end = reader_.rows_before();
      continue;
    }
    if (const std::int64_t rows = count_block(max_rows - counted.rows); rows > 0) {
      counted.rows += rows;
      counted.end_byte = block_.offset();
      counted.rows_before_end = reader_.rows_before();
      is_filled = false;
      continue;
    }
    if (end_byte_ && block_.offset() >= *end_byte_) break;
    if (is_simple_ && !is_odd_ && !is_filled && !block_.at_end()) {
      if (start_pieces()) continue;
      Result<void> filled = scanner_.fill(stop);
      is_filled = true;
      if (filled) continue;
      // The reader has better words for a row that is too long.
      if (filled.error().kind != ErrorKind::MemoryLimit) {
        if (counted.rows > 0) break;
        return fail(reader_.at_next_row(std::move(filled.error())));
      }
    }
    Result<std::optional<Window>> window = reader_.next(stop);
    if (!window && counted.rows > 0) break;  // it comes again
    if (!window) return fail(std::move(window.error()));
    if (!*window) break;
    window_ = **std::move(window);
    from_ = 0;
    is_odd_ = false;
    is_filled = false;
  }
  return counted;
}

}  // namespace polarway::csv
