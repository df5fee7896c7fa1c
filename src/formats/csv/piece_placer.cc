#include "formats/csv/piece_placer.h"

#include <algorithm>
#include <utility>

namespace polarway::csv {
namespace {

// A filter may leave few rows of many pieces; a consumer wants to see that there is progress.
constexpr std::int64_t kMostBytesOfFewRows = 16 << 20;

// A column's, in a chunk: its offsets have 32 bits.
constexpr std::int64_t kMostText = 1 << 30;

}  // namespace

PiecePlacer::PiecePlacer(const std::vector<WantedColumn>& columns, const ChunkBound& bound)
    : columns_(columns), bound_(bound) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    (columns[i].builder->is_text() ? text_columns_ : rest_columns_).push_back(i);
  }
  text_bytes_.resize(text_columns_.size());
}

void PiecePlacer::start(const Place& place) {
  next_begin_ = place.byte;
  rows_before_ = place.row;
  is_odd_ = false;
}

void PiecePlacer::open(const ChunkTarget& target, const ChunkState& chunk) {
  max_rows_ = target.max_rows;
  max_bytes_ = ungrown_bytes(target.max_bytes);
  chunk_ = chunk;
  first_byte_ = chunk.end.byte;
  is_full_ = false;
  wants_room_ = false;
}

PiecePlacer::Answer PiecePlacer::place(const PieceRows& piece, std::int64_t from, bool is_written,
                                       Part& part) {
  if (from == 0 && piece.begin() != next_begin_) return Answer::Elsewhere;
  Answer answer = Answer::NoRows;
  if (piece.is_odd()) {
    is_odd_ = true;
    answer = Answer::NotNow;
  } else if (from < piece.rows().num_rows) {
    answer = place_rows(piece, from, is_written, part);
  } else {
    if (piece.num_found() > 0) {
      chunk_.end = {piece.last_row_end(), rows_before_ + piece.num_found()};
    }
    pass(piece);
  }
  if (chunk_.rows > 0 && piece.is_picked() && chunk_.end.byte - first_byte_ > kMostBytesOfFewRows) {
    is_full_ = true;
  }
  return answer;
}

// All its rows have their place.
void PiecePlacer::pass(const PieceRows& piece) {
  next_begin_ = piece.end();
  rows_before_ += piece.num_found();
}

PiecePlacer::Answer PiecePlacer::place_rows(const PieceRows& piece, std::int64_t from,
                                            bool is_written, Part& part) {
  const Rows& rows = piece.rows();
  const std::int64_t left = rows.num_rows - from;
  const std::int64_t most_rows = max_rows_ - chunk_.rows;
  const std::int64_t most_bytes = max_bytes_ - chunk_.bytes;
  std::int64_t fit = left;
  std::int64_t bytes =
      bound_.bytes(left, from == 0 ? piece.text_bytes() : rows.text_bytes(from, rows.num_rows));
  if (left > most_rows || bytes > most_bytes) {
    // Where a filter left rows, those of a piece stay together: between them, rows would have to be
    // counted.
    fit = piece.is_picked() && chunk_.rows > 0
              ? 0
              : bound_.rows_within(rows, from, most_rows, most_bytes);
    if (fit > 0) bytes = bound_.bytes(fit, rows.text_bytes(from, from + fit));
  }
  if (fit == 0) {
    (chunk_.rows > 0 ? is_full_ : is_odd_) = true;
    return Answer::NotNow;
  }
  Place end{piece.last_row_end(), rows_before_ + piece.num_found()};
  if (fit < left) {
    end.byte = piece.end_of(from + fit - 1);
    const std::int64_t found = piece.is_picked() ? piece.count_up_to(end.byte) : from + fit;
    if (found < 0) {
      is_odd_ = true;
      return Answer::NotNow;
    }
    end.row = rows_before_ + found;
  }
  part = {.from = from, .to = from + fit, .before = chunk_};
  part.column_bytes =
      fit == rows.num_rows ? piece.column_bytes() : piece.column_bytes(from, part.to);
  if (!make_room(chunk_.rows + fit, part, is_written)) return Answer::NotNow;
  for (std::size_t i = 0; i < text_bytes_.size(); ++i) text_bytes_[i] += part.column_bytes[i];
  chunk_ = {.rows = chunk_.rows + fit, .bytes = chunk_.bytes + bytes, .end = end};
  is_full_ = fit < left || chunk_.rows == max_rows_;
  if (fit == left) pass(piece);
  return Answer::Rows;
}

// False: somebody writes to what would move, or there is no memory.
bool PiecePlacer::make_room(std::int64_t num_rows, const Part& part, bool is_written) {
  if (part.before.rows == 0) start_columns(num_rows);
  bool has_room = !is_odd_;
  for_each_column(part, [&](const ColumnBuilder& column, std::int64_t text) {
    if (text > kMostText) is_odd_ = true;
    has_room = has_room && column.has_room(num_rows, text);
  });
  if (has_room || is_odd_) return !is_odd_;
  wants_room_ = is_written;
  if (wants_room_) return false;
  for_each_column(part, [&](ColumnBuilder& column, std::int64_t text) {
    if (!column.make_room(num_rows, text)) is_odd_ = true;
  });
  return !is_odd_;
}

void PiecePlacer::start_columns(std::int64_t num_rows) {
  for (const WantedColumn& column : columns_) {
    if (!column.builder->start(num_rows)) is_odd_ = true;
  }
  std::fill(text_bytes_.begin(), text_bytes_.end(), 0);
}

// With how much text it has at most, the part's included.
template <class Visit>
void PiecePlacer::for_each_column(const Part& part, Visit visit) const {
  for (const std::size_t i : rest_columns_) visit(*columns_[i].builder, 0);
  for (std::size_t text = 0; text < text_columns_.size(); ++text) {
    visit(*columns_[text_columns_[text]].builder, text_bytes_[text] + part.column_bytes[text]);
  }
}

}  // namespace polarway::csv
