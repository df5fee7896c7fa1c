#include "formats/csv/piece_rows.h"

#include <arrow/buffer.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "core/arrow_status.h"
#include "formats/block.h"
#include "formats/csv/column_lanes.h"
#include "formats/csv/count_rows.h"

namespace polarway::csv {
namespace {

// A line end in quotes is no row's; there may be several until the quotes close.
constexpr int kMostGuesses = 4;

// Most last rows end within the first, and nearly all within the second.
std::int64_t few_bytes_behind(std::int64_t piece_bytes) { return piece_bytes / 64; }
std::int64_t bytes_behind(std::int64_t piece_bytes) { return piece_bytes / 4; }

// Fields are rarely shorter, all of them.
constexpr std::int64_t kBytesPerField = 4;

std::int64_t room_for(const PieceRules& rules) {
  return std::max(rules.piece_bytes / kBytesPerField, 2 * rules.rows.num_columns) + kScanSlack + 1;
}

std::int64_t begins_for(const PieceRules& rules) {
  return room_for(rules) / rules.rows.num_columns + 1;
}

std::int64_t position_bytes(const PieceRules& rules) {
  return (room_for(rules) + begins_for(rules)) * static_cast<std::int64_t>(sizeof(std::uint32_t));
}

std::int64_t text_room(const PieceRules& rules) {
  return Block::memory_bytes(rules.piece_bytes + bytes_behind(rules.piece_bytes));
}

}  // namespace

std::int64_t PieceRows::memory_bytes(const PieceRules& rules) {
  return text_room(rules) + position_bytes(rules);
}

Result<std::unique_ptr<PieceRows>> PieceRows::make(const PieceRules& rules, MemoryBudget& budget) {
  std::unique_ptr<PieceRows> piece(new PieceRows(rules));
  POLARWAY_TRY(piece->text_memory_,
               from_arrow(arrow::AllocateBuffer(text_room(rules), budget.arrow_pool())));
  std::memset(piece->text_memory_->mutable_data(), 0, Block::kPadding);
  POLARWAY_TRY(piece->positions_,
               from_arrow(arrow::AllocateBuffer(position_bytes(rules), budget.arrow_pool())));
  piece->column_bytes_.resize(rules.text_columns.size());
  return piece;
}

std::uint8_t* PieceRows::text() const { return text_memory_->mutable_data() + Block::kPadding; }

RowPositions PieceRows::positions() const {
  auto* const ends = reinterpret_cast<std::uint32_t*>(positions_->mutable_data());
  const std::int64_t room = room_for(rules_);
  return {.room = room, .ends = ends, .begins = ends + room};
}

bool PieceRows::read_up_to(ByteStream& bytes, std::int64_t size) {
  size = std::min(size, limit_);
  try {
    while (text_end_ < size) {
      const Result<std::int64_t> got = bytes.read_at(
          offset_ + text_end_, {text() + text_end_, static_cast<std::size_t>(size - text_end_)});
      if (!got || *got == 0) return false;
      text_end_ += *got;
    }
  } catch (const std::bad_alloc&) {  // for an error's words
    return false;
  }
  std::memset(text() + text_end_, 0, Block::kPadding);
  return true;
}

bool PieceRows::read(ByteStream& bytes, std::int64_t begin, std::int64_t end, std::int64_t limit) {
  offset_ = begin;
  size_ = end - begin;
  limit_ = limit - begin;
  text_end_ = 0;
  begin_ = -1;
  return read_up_to(bytes, size_ + few_bytes_behind(rules_.piece_bytes));
}

void PieceRows::be_odd(std::int64_t begin) {
  begin_ = end_ = last_row_end_ = begin;
  is_odd_ = true;
  has_more_ = false;
  rows_ = {};
  num_found_ = 0;
}

bool PieceRows::read_more(ByteStream& bytes) {
  const std::int64_t most = size_ + bytes_behind(rules_.piece_bytes);
  return text_end_ < std::min(most, limit_) && read_up_to(bytes, most);
}

// Leaves of a scan what is the piece's.
PieceRows::Found PieceRows::cut(Scan& scan, std::int64_t begin) {
  const std::uint32_t* ends = positions().ends;
  const std::uint8_t* row_text = text() + begin;
  const bool saw_all = begin + scan.scanned == text_end_;
  const bool is_last = size_ == limit_;
  std::int64_t last = -1;   // entry
  std::int64_t behind = 0;  // line ends behind it
  std::int64_t i = scan.num_ends - 1;
  if (!is_last) {
    for (; i >= 0 && begin + ends[i] >= size_; --i) {
      if (row_text[ends[i]] != rules_.marks.eol) continue;
      behind += last >= 0;
      last = i;
    }
    if (last < 0 && saw_all) return Found::NoEnd;
  }
  has_more_ = !saw_all && last < 0;
  if (last < 0) {
    while (i >= 0 && row_text[ends[i]] != rules_.marks.eol) --i;
    last = i;
  }
  if (last < 0) return Found::Odd;
  scan.num_ends = last + 1;
  scan.num_eols -= behind;
  end_ = offset_ + begin + ends[last] + 1;
  const bool is_whole = !is_last || has_more_ || end_ == offset_ + limit_;
  return is_whole ? Found::Rows : Found::Odd;
}

PieceRows::Found PieceRows::find_at(std::int64_t begin) {
  const std::span<const std::uint8_t> rest(text() + begin,
                                           static_cast<std::size_t>(text_end_ - begin));
  const RowPositions room = positions();
  const std::span<std::uint32_t> ends(room.ends, static_cast<std::size_t>(room.room));
  Scan scan = structural_scan(rest, rules_.marks, ends);
  if (scan.stray_quotes) scan = exact_scan(rest, rules_.marks, ends);
  if (const Found found = cut(scan, begin); found != Found::Rows) return found;
  const IndexedRows indexed = index_rows(rest.data(), room, scan, rules_.marks, rules_.rows);
  if (indexed.ragged) return Found::Odd;
  begin_ = offset_ + begin;
  rows_ = indexed.rows;
  num_found_ = rows_.num_rows;
  last_row_end_ = num_found_ > 0 ? end_of(num_found_ - 1) : begin_;
  return Found::Rows;
}

// Looks into what was found.
void PieceRows::settle(RowPicker* picker) {
  is_odd_ = false;
  if (num_found_ == 0) {
    text_bytes_ = 0;
    std::fill(column_bytes_.begin(), column_bytes_.end(), 0);
    return;
  }
  Run run{
      .rows = rows_, .from = 0, .to = num_found_, .text_bytes = rows_.text_bytes(0, num_found_)};
  if (picker != nullptr) {
    const RowPositions room = positions();
    run.picks = {.ends = room.ends, .begins = room.begins};
    const Result<std::optional<RunCrew::Misfit>> picked = picker->pick(run);
    if (!picked || *picked) return be_odd(begin_);
    rows_ = run.rows;
    rows_.num_rows = run.to;
  } else if (rules_.checks_encoding && check_encoding(run)) {
    return be_odd(begin_);
  }
  text_bytes_ = run.text_bytes;
  column_bytes_ = column_bytes(0, rows_.num_rows);
}

std::vector<std::int64_t> PieceRows::column_bytes(std::int64_t from, std::int64_t to) const {
  std::vector<std::int64_t> bytes;
  const std::int64_t num_columns = rows_.num_columns;
  for (const std::int64_t column : rules_.text_columns) {
    const std::uint32_t* end = rows_.ends + from * num_columns + column;
    std::int64_t sum = 0;
    for (std::int64_t row = from; row < to; ++row, end += num_columns) {
      sum += *end - (column > 0 ? end[-1] + 1 : rows_.row_begin(row));
    }
    bytes.push_back(sum * rules_.widest_byte);
  }
  return bytes;
}

// Whether some rows of the table are there, as far as that is quickly told. In the middle of quotes
// that is rare.
bool PieceRows::seems_row(std::int64_t at) const {
  constexpr std::int64_t kSomeRows = 8;
  const std::int64_t some = std::min(text_end_ - at, few_bytes_behind(rules_.piece_bytes));
  return !count_rows({text() + at, static_cast<std::size_t>(some)}, rules_.marks,
                     rules_.rows.num_columns, kSomeRows)
              .is_odd;
}

void PieceRows::guess(ByteStream& bytes, RowPicker* picker) {
  std::int64_t at = 0;
  for (int guess = 0; guess < kMostGuesses; ++guess) {
    const void* found = at < size_ ? std::memchr(text() + at, rules_.marks.eol,
                                                 static_cast<std::size_t>(size_ - at))
                                   : nullptr;
    if (found == nullptr) break;
    at = static_cast<const std::uint8_t*>(found) - text() + 1;
    if (!seems_row(at)) continue;
    Found rows = find_at(at);
    if (rows == Found::NoEnd && read_more(bytes)) rows = find_at(at);
    if (rows == Found::Rows) return settle(picker);
  }
  be_odd(-1);
}

void PieceRows::find(ByteStream& bytes, std::int64_t begin, RowPicker* picker) {
  const std::int64_t at = begin - offset_;
  if (at >= limit_) {
    be_odd(begin);
    is_odd_ = false;
    return;
  }
  Found rows = find_at(at);
  if (rows == Found::NoEnd && read_more(bytes)) rows = find_at(at);
  if (rows == Found::Rows) return settle(picker);
  be_odd(begin);
}

std::int64_t PieceRows::count_up_to(std::int64_t place) const {
  const std::int64_t size = place - begin_;
  const RowCount counted =
      count_rows({text() + (begin_ - offset_), static_cast<std::size_t>(size)}, rules_.marks,
                 rules_.rows.num_columns, std::numeric_limits<std::int64_t>::max());
  return counted.is_odd || counted.bytes != size ? -1 : counted.rows;
}

}  // namespace polarway::csv
