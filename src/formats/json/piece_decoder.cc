#include "formats/json/piece_decoder.h"

#include <arrow/buffer.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/json/container_scan.h"

namespace polarway::json {
namespace {

// One that is worked on and one that is done, for each thread.
constexpr int kPiecesPerThread = 2;

// Starting anew takes memory and time, so that is not tried all the time.
constexpr std::int64_t kApart = 16 << 20;

// Rows of numbers may be larger than their text; those that are more than this are for the reader.
constexpr std::int64_t kTableBytesPerByte = 2;
constexpr std::int64_t kColumnBytes = 1 << 10;

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// Where the last record of a text ends.
RecordBorder border_of(Layout layout, std::span<const std::uint8_t> text) {
  if (layout != Layout::Lines) return last_border(text);
  const void* const newline = text.empty() ? nullptr : memrchr(text.data(), '\n', text.size());
  if (newline == nullptr) return {};
  return {
      .end = static_cast<std::size_t>(static_cast<const std::uint8_t*>(newline) + 1 - text.data())};
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

PieceDecoder::PieceDecoder(Block& block, RecordReader& records, PieceRules rules,
                           std::shared_ptr<Executor> executor, int num_helpers,
                           std::shared_ptr<MemoryBudget> budget)
    : block_(block),
      records_(records),
      rules_(std::move(rules)),
      executor_(std::move(executor)),
      num_helpers_(num_helpers),
      budget_(std::move(budget)) {}

std::int64_t PieceDecoder::memory_bytes(int num_threads) const {
  const std::int64_t piece_bytes =
      Block::memory_bytes(rules_.piece_bytes) + kTableBytesPerByte * rules_.piece_bytes +
      rules_.num_columns * kColumnBytes + RecordParser::working_set_bytes();
  return num_threads * kPiecesPerThread * piece_bytes;
}

// With as many threads as the free memory has room for; false where that is one.
bool PieceDecoder::start() {
  constexpr std::int64_t kTaken = 4;  // of so many parts of the free memory one is taken
  int num_threads = num_helpers_ + 1;
  const std::int64_t available = budget_->available_bytes();
  while (num_threads > 1 && memory_bytes(num_threads) * kTaken > available) --num_threads;
  if (num_threads == 1) return false;
  Result<MemoryLease> lease = budget_->reserve(memory_bytes(num_threads), LeaseHolder::Reader);
  if (!lease) return false;
  std::vector<Piece> pieces(static_cast<std::size_t>(num_threads) * kPiecesPerThread);
  for (Piece& piece : pieces) {
    Result<std::unique_ptr<RecordTable>> table = rules_.make_table();
    if (!table) return false;
    piece.table = *std::move(table);
    piece.table->start(kNever, kTableBytesPerByte * rules_.piece_bytes);
    piece.parser = std::make_unique<RecordParser>(budget_);
  }
  if (!block_.add_spares(std::ssize(pieces), rules_.piece_bytes)) {
    block_.drop_spares();
    return false;
  }
  lease_ = *std::move(lease);
  crew_ = std::make_unique<OrderedCrew<Piece>>(
      std::move(pieces), [this](Piece& piece) { decode(piece); }, executor_, num_threads - 1);
  return true;
}

// When little else is left free, and all pieces are done with.
void PieceDecoder::stop_if_short() {
  if (!crew_ || !crew_->is_empty() || budget_->available_bytes() >= lease_.bytes()) return;
  crew_.reset();
  block_.drop_spares();
  lease_.release();
  next_cut_byte_ = block_.offset() + kApart;
}

void PieceDecoder::decode(Piece& piece) const {
  piece.is_whole = false;
  try {
    const std::string_view text = as_text(piece.text);
    piece.table->set_utf8(simdjson::validate_utf8(text.data(), text.size()));
    RecordScanner scanner = rules_.make_scanner();
    scanner.resume_behind_record();
    std::span<const std::uint8_t> rest = piece.text;
    for (;;) {
      rest = rest.subspan(piece.table->add_plain_records(as_text(rest), rules_.layout));
      const RecordScanner::Cut cut = scanner.next(rest, false);
      if (cut.found != RecordScanner::Found::Record) {
        piece.is_whole = cut.found == RecordScanner::Found::More && cut.begin == rest.size();
        return;
      }
      const std::string_view record = as_text(rest).substr(cut.begin, cut.end - cut.begin);
      if (!piece.parser->reserve(std::ssize(record))) return;
      if (piece.table->add(record, *piece.parser) != RecordTable::Added::Row) return;
      rest = rest.subspan(cut.end);
    }
  } catch (const std::bad_alloc&) {
    piece.table->clear();
  }
}

// Cuts the next piece. False: there is none now.
bool PieceDecoder::cut_piece(const std::stop_token& stop) {
  if (is_over_ || block_.offset() < next_cut_byte_) return false;
  const auto half = static_cast<std::size_t>(rules_.piece_bytes / 2);
  if (block_.text().size() < half && !block_.at_end()) {
    if (!block_.can_fill()) return false;
    if (!block_.fill(stop)) {  // the reader comes upon that, too
      next_cut_byte_ = block_.offset() + std::ssize(block_.text()) + 1;
      return false;
    }
  }
  std::span<const std::uint8_t> text = block_.text();
  if (rules_.end_byte) {
    const std::int64_t left = std::max<std::int64_t>(*rules_.end_byte - block_.offset(), 0);
    text = text.first(std::min(text.size(), static_cast<std::size_t>(left)));
  }
  if (!crew_ && (text.size() < half || !start())) {
    next_cut_byte_ = text.size() < half ? kNever : block_.offset() + kApart;
    return false;
  }
  const RecordBorder border = border_of(rules_.layout, text);
  is_over_ = border.is_over;
  if (border.end == 0) {
    next_cut_byte_ = block_.offset() + std::max<std::int64_t>(std::ssize(text), 1);
    return false;
  }
  Piece& piece = crew_->free_piece();
  piece.memory = block_.memory();
  piece.text = text.first(border.end);
  piece.offset = block_.offset();
  block_.consume(static_cast<std::int64_t>(border.end));
  crew_->push();
  return true;
}

void PieceDecoder::cut_pieces(const std::stop_token& stop) {
  if (crew_ && budget_->available_bytes() < lease_.bytes()) return;
  do {
    if (crew_ && crew_->is_full()) return;
  } while (cut_piece(stop));
}

void PieceDecoder::release() {
  piece_->memory.reset();
  piece_->text = {};
  piece_->table->clear();
  piece_ = nullptr;
  crew_->pop();
}

PieceDecoder::Filled PieceDecoder::fill(RecordTable& table, std::int64_t max_rows,
                                        const std::stop_token& stop) {
  if (piece_ != nullptr && is_odd_) {
    if (records_.is_within()) return Filled::None;
    release();
  }
  // Pieces begin behind a record; an array's bracket is for the reader.
  const bool is_at_start = rules_.layout == Layout::Array && records_.rows() == 0;
  if (piece_ == nullptr && (is_at_start || records_.has_record())) return Filled::None;
  cut_pieces(stop);
  if (piece_ == nullptr) {
    stop_if_short();
    if (!crew_ || crew_->is_empty()) return Filled::None;
    piece_ = &crew_->front();
    records_.enter(piece_->text, piece_->offset);
    row_ = 0;
    is_odd_ = false;
  }
  const std::int64_t num_rows = std::min(max_rows, piece_->table->num_rows() - row_);
  const std::int64_t num_taken = table.append_rows(*piece_->table, row_, row_ + num_rows);
  row_ += num_taken;
  const bool is_at_end = row_ == piece_->table->num_rows();
  if (is_at_end && piece_->is_whole) {
    records_.leave(num_taken);
    release();
    return Filled::Rows;
  }
  records_.skip(num_taken);
  if (num_taken > 0 && !is_at_end) return Filled::Rows;
  if (!is_at_end && table.num_rows() > 0) return Filled::Full;
  is_odd_ = true;  // also a row for which an empty table has no room: the reader says so
  return num_taken > 0 ? Filled::Rows : Filled::None;
}

}  // namespace polarway::json
