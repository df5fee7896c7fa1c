#include "formats/csv/row_scanner.h"

#include <arrow/buffer.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/arrow_status.h"

namespace polarway::csv {
namespace {

std::int64_t room_for(std::int64_t num_columns) {
  return std::max(RowScanner::kWindowEnds, 2 * num_columns) + kScanSlack + 1;
}

std::int64_t position_bytes(std::int64_t room, const RowRules& rules) {
  const std::int64_t num_arrays = rules.fit_rows() ? 5 : 2;
  return num_arrays * room * static_cast<std::int64_t>(sizeof(std::uint32_t));
}

// Comments may be as long as they like. `text`: what there is of a line.
bool may_begin_comment(std::span<const std::uint8_t> text, const Marks& marks) {
  const std::string_view comment = marks.comment.view();
  const std::string_view line(reinterpret_cast<const char*>(text.data()),
                              std::min(text.size(), comment.size()));
  return !comment.empty() && comment.starts_with(line);
}

SourceError place_free_error(ErrorKind kind, std::string message, std::string hint) {
  return {.kind = kind, .message = std::move(message), .hint = std::move(hint)};
}

}  // namespace

std::int64_t RowScanner::working_set_bytes(const RowRules& rules) {
  return position_bytes(room_for(1), rules);
}

Result<void> RowScanner::set_num_columns(std::int64_t num_columns) {
  rules_.num_columns = num_columns;
  const std::int64_t room = room_for(num_columns);
  if (room <= room_) return {};
  const std::int64_t extra = position_bytes(room, rules_) - working_set_bytes(rules_);
  if (extra > extra_.bytes()) {
    POLARWAY_TRY(extra_, budget_->reserve(extra, LeaseHolder::Reader));
  }
  room_ = room;
  POLARWAY_TRY(positions_, allocate_positions());
  return {};
}

Result<std::shared_ptr<arrow::Buffer>> RowScanner::allocate_positions() const {
  POLARWAY_TRY(std::unique_ptr<arrow::Buffer> positions,
               from_arrow(arrow::AllocateBuffer(spare_bytes(), budget_->arrow_pool())));
  // Not left to Result, whose conversion must not throw: sharing takes memory, too.
  return std::shared_ptr<arrow::Buffer>(std::move(positions));
}

std::int64_t RowScanner::spare_bytes() const { return position_bytes(room_, rules_); }

Result<void> RowScanner::add_spares(std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    POLARWAY_TRY(std::shared_ptr<arrow::Buffer> spare, allocate_positions());
    spares_.push_back(std::move(spare));
  }
  return {};
}

void RowScanner::drop_spares() { spares_.clear(); }

std::vector<std::shared_ptr<arrow::Buffer>>::const_iterator RowScanner::free_spare() const {
  return std::find_if(spares_.begin(), spares_.end(),
                      [](const auto& spare) { return spare.use_count() == 1; });
}

bool RowScanner::can_scan() const {
  return block_.can_fill() && (positions_.use_count() == 1 || free_spare() != spares_.end());
}

std::uint32_t* RowScanner::ends() const {
  return reinterpret_cast<std::uint32_t*>(positions_->mutable_data());
}

RowPositions RowScanner::positions() const {
  RowPositions positions{.room = room_, .ends = ends(), .begins = ends() + room_};
  if (rules_.fit_rows()) {
    positions.line_ends = positions.begins + room_;
    positions.ragged = positions.line_ends + room_;
    positions.fitted_ends = positions.ragged + room_;
  }
  return positions;
}

Result<void> RowScanner::start(bool finds_eol, std::stop_token stop) {
  POLARWAY_CHECK(set_num_columns(1));
  POLARWAY_CHECK(fill(stop));
  if (!finds_eol) return {};
  const std::span<const std::uint8_t> text = block_.text();
  const bool has_lf = std::memchr(text.data(), '\n', text.size()) != nullptr;
  const bool has_cr = std::memchr(text.data(), '\r', text.size()) != nullptr;
  if (has_cr && !has_lf) marks_.eol = '\r';
  end_last_line();
  return {};
}

Result<void> RowScanner::fill(std::stop_token stop) {
  POLARWAY_CHECK(block_.fill(stop));
  end_last_line();
  return {};
}

// The last line may have no end: the padding behind it gets one. That must be while nobody keeps
// the text, since the padding is read with it.
void RowScanner::end_last_line() {
  if (!block_.at_end()) return;
  const std::span<const std::uint8_t> text = block_.text();
  const_cast<std::uint8_t*>(text.data())[text.size()] = marks_.eol;
}

// Scans from the next row's start until at least one row is complete, or the stream ends.
Result<Scan> RowScanner::scan_window(std::stop_token stop) {
  for (;;) {
    const std::span<const std::uint8_t> text = block_.text();
    // One position is kept back for the line end that the last line may lack.
    const std::span<std::uint32_t> room(ends(), static_cast<std::size_t>(room_ - 1));
    Scan scan = structural_scan(text, marks_, room);
    if (scan.stray_quotes) scan = exact_scan(text, marks_, room);
    const bool saw_all = scan.scanned == static_cast<std::int64_t>(text.size());
    // Without a complete row there is either too little text or too little room for positions;
    // the latter means far more fields than columns, which is for the caller to tell.
    if (scan.num_eols > 0 && !(saw_all && block_.at_end() && !scan.in_quotes)) return scan;
    if (!saw_all) return scan;
    // A single line that does not end here: what it is must not depend on how far the block goes.
    // Where it is left out, it is seen whole.
    if ((scan.in_quotes || !block_.at_end()) && !rules_.rejects &&
        !may_begin_comment(text, marks_) &&
        static_cast<std::int64_t>(text.size()) > rules_.max_line_bytes) {
      return fail(line_too_long(scan.in_quotes));
    }
    if (block_.at_end()) {
      if (scan.in_quotes) {
        return fail(place_free_error(ErrorKind::Parse, "a quoted field is never closed",
                                     "check quote_char; quote_char=none reads quotes as text"));
      }
      const bool finished = text.empty() || (scan.num_ends > 0 && text.back() == marks_.eol &&
                                             ends()[scan.num_ends - 1] + 1 == text.size());
      if (!finished) {
        // The last line ends in the padding.
        ends()[scan.num_ends++] = static_cast<std::uint32_t>(text.size());
        ++scan.num_eols;
      }
      return scan;
    }
    if (Result<void> filled = fill(stop); !filled) {
      SourceError& error = filled.error();
      if (error.kind == ErrorKind::MemoryLimit) {
        error.message = "a row is longer than " + std::to_string(text.size()) +
                        " bytes, and there is no room for more of it";
        error.hint = scan.in_quotes ? "a quote opens in this row and does not close: check "
                                      "quote_char, or raise the memory limit"
                                    : "raise the memory limit, or check how lines end";
      }
      return fail(std::move(error));
    }
  }
}

SourceError RowScanner::line_too_long(bool in_quotes) const {
  return place_free_error(
      ErrorKind::Parse,
      "a row is longer than max_line_size, " + std::to_string(rules_.max_line_bytes) + " bytes",
      in_quotes ? "a quote opens in this row and does not close: check quote_char"
                : "raise max_line_size, or check how lines end");
}

Result<bool> RowScanner::skip_line(std::stop_token stop) {
  for (;;) {
    const std::span<const std::uint8_t> text = block_.text();
    if (const void* end =
            text.empty() ? nullptr : std::memchr(text.data(), marks_.eol, text.size())) {
      block_.consume(static_cast<const std::uint8_t*>(end) - text.data() + 1);
      return true;
    }
    block_.consume(static_cast<std::int64_t>(text.size()));
    if (block_.at_end()) return !text.empty();
    POLARWAY_CHECK(fill(stop));
  }
}

void RowScanner::consume(const Rows& rows, std::int64_t num_rows) {
  consume_line(rows.row_end(num_rows - 1));
}

// The line end of the very last line may be our own, behind the text.
void RowScanner::consume_line(std::uint32_t line_end) {
  block_.consume(std::min<std::int64_t>(std::int64_t{line_end} + 1,
                                        static_cast<std::int64_t>(block_.text().size())));
}

// 0 when there is none.
std::uint32_t RowScanner::last_line_end(const Scan& scan) const {
  const std::uint8_t* text = block_.text().data();
  for (std::int64_t i = scan.num_ends - 1; i >= 0; --i) {
    if (text[ends()[i]] == marks_.eol) return ends()[i];
  }
  return 0;
}

Result<Rows> RowScanner::next(std::stop_token stop) {
  if (positions_.use_count() > 1) {
    std::swap(positions_, spares_[static_cast<std::size_t>(free_spare() - spares_.cbegin())]);
  }
  for (;;) {
    POLARWAY_TRY(const Scan scan, scan_window(stop));
    const std::span<const std::uint8_t> text = block_.text();
    if (scan.num_eols == 0 && scan.num_ends > 0) {
      ragged_ = {0, scan.num_ends, 0, static_cast<std::uint32_t>(scan.scanned)};
      return Rows{.text = text.data(), .num_columns = rules_.num_columns};
    }
    const std::uint32_t last_eol = last_line_end(scan);  // before the positions are rewritten
    const IndexedRows indexed = index_rows(text.data(), positions(), scan, marks_, rules_);
    ragged_ = indexed.ragged;
    if (indexed.rows.num_rows > 0 || ragged_ || scan.num_eols == 0) return indexed.rows;
    // Only comments and blank lines so far.
    consume_line(last_eol);
  }
}

Result<std::int64_t> RowScanner::peek_row(Rows* row, bool blank_counts, std::stop_token stop) {
  for (;;) {
    POLARWAY_TRY(const Scan scan, scan_window(stop));
    const std::uint8_t* text = block_.text().data();
    std::uint32_t begin = 0;
    std::int64_t index = 0;
    const std::int64_t num_fields =
        first_row_fields(text, ends(), scan, marks_, blank_counts, &begin, &index);
    if (num_fields > 0) {
      if (std::int64_t{ends()[index + num_fields - 1]} - begin > rules_.max_line_bytes) {
        return fail(line_too_long(false));
      }
      ends()[room_] = begin;
      *row = Rows{.text = text,
                  .ends = ends() + index,
                  .begins = ends() + room_,
                  .num_rows = 1,
                  .num_columns = num_fields,
                  .delimiter_lead = marks_.delimiter_lead(),
                  .trims_cr = marks_.trims_cr};
      return num_fields;
    }
    if (scan.num_eols == 0) {
      if (scan.num_ends == 0) return 0;
      POLARWAY_CHECK(set_num_columns(room_));  // a header wider than the window
      continue;
    }
    consume_line(last_line_end(scan));
  }
}

}  // namespace polarway::csv
