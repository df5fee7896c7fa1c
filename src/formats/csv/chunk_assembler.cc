#include "formats/csv/chunk_assembler.h"

#include <arrow/buffer.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "core/arrow_status.h"
#include "formats/csv/row_scanner.h"

namespace polarway::csv {

ChunkAssembler::ChunkAssembler(const std::vector<WantedColumn>& columns, const ChunkBound& bound,
                               std::unique_ptr<WindowReader> windows, std::unique_ptr<RunCrew> crew,
                               std::int64_t pick_bytes, RowErrors errors, Place start,
                               const Context& context, Misfits* misfits, RowRejects* rejects)
    : columns_(columns),
      bound_(bound),
      reader_(std::move(windows)),
      pick_bytes_(pick_bytes),
      misfits_(misfits),
      rejects_(rejects),
      errors_(std::move(errors)),
      context_(context),
      chunk_{.end = start},
      crew_(std::move(crew)) {
  // An offset and a bit for the column of what is rescued; the text is paid for with the misfits.
  if (misfits_ != nullptr && misfits_->rescues()) bound_.fixed_row_bytes += 5;
}

void ChunkAssembler::use_pieces(std::unique_ptr<PieceDecoder> pieces, std::int64_t end) {
  pieces_ = std::move(pieces);
  pieces_end_ = end;
}

void ChunkAssembler::abandon() {
  if (pieces_ && pieces_->is_started()) pieces_->stop(chunk_.end.byte);
  crew_->abandon();
}

// Lets go of windows that all columns have. Says how many runs are done.
std::size_t ChunkAssembler::retire() {
  const std::size_t num_done = crew_->num_done();
  for (; num_handed_ > 0 && windows_.front().runs_through <= num_done; --num_handed_) {
    windows_.pop_front();
  }
  return num_done;
}

// Room for the rows that a sieve leaves in one more window. False when there is none before others
// are done with.
Result<bool> ChunkAssembler::pay_for_picks(MemoryLease& lease) {
  const std::int64_t paid = windows_.empty() ? RowScanner::working_set_bytes(reader_->rules()) : 0;
  if (pick_bytes_ <= paid) return true;
  Result<MemoryLease> more = context_.budget->reserve(pick_bytes_ - paid, LeaseHolder::Reader);
  if (!more && windows_.empty()) return fail(std::move(more.error()));
  if (!more) return false;
  lease = *std::move(more);
  return true;
}

// Finds another window, or works on those there are until there is memory for it. False at the end.
Result<bool> ChunkAssembler::scan_more(std::stop_token stop) {
  const std::size_t num_done = retire();
  Queued found;
  bool has_room = reader_->can_read();
  if (has_room) {
    POLARWAY_TRY(has_room, pay_for_picks(found.picks_lease));
  }
  if (!has_room) {
    if (!crew_->help()) crew_->wait(num_done);
    return true;
  }
  Result<std::optional<Window>> window = reader_->next(stop);
  if (!window && window.error().kind == ErrorKind::MemoryLimit && reader_->has_spares()) {
    // What one thread has room for, several must have, too.
    crew_->finish();
    retire();
    if (windows_.empty()) reader_->drop_spares();
    return true;
  }
  if (!window) return fail(std::move(window.error()));
  if (!*window) return false;
  found.window = **std::move(window);
  windows_.push_back(std::move(found));
  next_row_ = 0;
  return true;
}

// Where the rows from `row` on go that a sieve leaves.
Result<PickRoom> ChunkAssembler::pick_room(Queued& queued, std::int64_t row) const {
  if (pick_bytes_ == 0) return PickRoom{};
  const Rows& rows = queued.window.rows;
  if (!queued.picks) {
    const std::int64_t entries = rows.num_rows * (rows.num_columns + 2);
    POLARWAY_TRY(queued.picks, from_arrow(arrow::AllocateBuffer(
                                   entries * static_cast<std::int64_t>(sizeof(std::uint32_t)),
                                   context_.budget->arrow_pool())));
  }
  auto* entries = reinterpret_cast<std::uint32_t*>(queued.picks->mutable_data());
  return PickRoom{.ends = entries + row * rows.num_columns,
                  .begins = entries + rows.num_rows * rows.num_columns + row,
                  .line_ends = entries + rows.num_rows * (rows.num_columns + 1) + row};
}

SourceError ChunkAssembler::too_large(const Window& window) const {
  const std::int64_t row_bytes = window.rows.text_bytes(next_row_, next_row_ + 1);
  SourceError error = errors_.at(
      {.kind = ErrorKind::MemoryLimit,
       .message = "a row of " + std::to_string(row_bytes) + " bytes is larger than a chunk may be",
       .hint = "raise the memory limit"},
      window, next_row_);
  error.memory = MemoryShortage{.limit_bytes = context_.budget->limit_bytes(),
                                .used_bytes = context_.budget->used_bytes(),
                                .needed_bytes = grown_bytes(bound_.bytes(1, row_bytes)),
                                .holdings = {}};
  return error;
}

// Hands the crew the next rows of the window at hand, as many as the chunk takes.
Result<void> ChunkAssembler::hand_out_rows(const ChunkTarget& target) {
  const std::int64_t max_bytes = ungrown_bytes(target.max_bytes);
  Queued& queued = windows_[num_handed_];
  const Window& window = queued.window;
  const Rows& rows = window.rows;
  const std::int64_t fit =
      bound_.rows_within(rows, next_row_, target.max_rows - chunk_.rows, max_bytes - chunk_.bytes);
  if (fit == 0 && chunk_.rows == 0) {
    SourceError error = too_large(window);
    if (windows_.size() == 1) reader_->drop_spares();  // the row may need what they take
    return fail(std::move(error));
  }
  is_full_ = fit == 0;
  if (is_full_) return {};
  if (chunk_.rows == 0 && handed_.empty()) {
    for (const WantedColumn& column : columns_) {
      POLARWAY_CHECK(column.builder->start(std::min(target.max_rows, rows.num_rows)));
    }
  }
  POLARWAY_TRY(const PickRoom picks, pick_room(queued, next_row_));
  const std::int64_t to = next_row_ + fit;
  const std::int64_t bytes = rows.text_bytes(next_row_, to);
  handed_.push_back({.queued = &queued, .from = next_row_, .to = to, .begin = chunk_.end});
  crew_->push({.rows = rows,
               .from = next_row_,
               .to = to,
               .text_bytes = bytes,
               .picks = picks,
               .window = &window,
               .chunk_row = chunk_.rows});
  chunk_.rows += fit;
  chunk_.bytes += bound_.bytes(fit, bytes);
  chunk_.end = {window.end_after(to), window.rows_before + to};
  next_row_ = to;
  if (to == rows.num_rows) {
    queued.runs_through = handed_.size();
    ++num_handed_;
    next_row_ = 0;
  }
  return {};
}

Result<void> ChunkAssembler::stopped() const {
  SourceError error{.kind = ErrorKind::Cancelled, .message = "stopped"};
  error.where.location = errors_.location();
  return fail(std::move(error));
}

// Gives the crew the rows of a chunk. An error says why it is not full.
Result<void> ChunkAssembler::hand_out(const ChunkTarget& target) {
  is_full_ = false;
  while (chunk_.rows < target.max_rows && !is_full_ && !crew_->has_stopped()) {
    if (target.stop.stop_requested()) return stopped();
    if (num_handed_ < windows_.size()) {
      POLARWAY_CHECK(hand_out_rows(target));
    } else {
      if (at_end_) break;
      POLARWAY_TRY(const bool more, scan_more(target.stop));
      at_end_ = !more;
    }
  }
  return {};
}

// Waits for the crew, counts the rows that there are now, and goes back to where it stopped, if it
// did.
Result<void> ChunkAssembler::settle() {
  crew_->finish();
  retire();
  const std::optional<RunCrew::Stop> stop = crew_->stop();
  if (stop && stop->no_memory) throw std::bad_alloc();
  chunk_.rows = before_.rows;
  chunk_.bytes = before_.bytes;
  const std::size_t num_whole = stop ? stop->run : handed_.size();
  for (std::size_t i = 0; i < num_whole; ++i) {
    const Run run = crew_->run(i);
    chunk_.rows += run.to - run.from;
    chunk_.bytes += bound_.bytes(run.to - run.from, run.text_bytes);
  }
  if (!stop) return {};
  return settle_stop(*stop);
}

Result<void> ChunkAssembler::settle_stop(const RunCrew::Stop& stop) {
  const Handed& handed = handed_[stop.run];
  const Window& window = handed.queued->window;
  if (stop.error) {  // the rows from there on are tried again
    chunk_.end = handed.begin;
    for (const WantedColumn& column : columns_) column.builder->truncate(chunk_.rows);
    while (&windows_.front() != handed.queued) windows_.pop_front();
    num_handed_ = 0;
    next_row_ = handed.from;
    if (chunk_.rows == 0) return fail(*stop.error);
    return {};
  }
  // A lane stops at one of the rows that the sieve has left; all of them are left where the sieve
  // itself stops.
  const Run run = crew_->run(stop.run);
  std::int64_t row = stop.misfit.row;
  std::int64_t taken = run.to - run.from;
  if (!stop.by_sieve) {
    taken = row - run.from;
    const std::uint32_t begin = run.rows.row_begin(row);
    std::int64_t before = handed.from;  // rows that begin before it
    for (std::int64_t after = handed.to; before < after;) {
      const std::int64_t middle = before + (after - before) / 2;
      if (window.rows.row_begin(middle) < begin) {
        before = middle + 1;
      } else {
        after = middle;
      }
    }
    row = before;
  }
  chunk_.rows += taken;
  chunk_.end =
      row > handed.from ? Place{window.end_after(row), window.rows_before + row} : handed.begin;
  for (const WantedColumn& column : columns_) column.builder->truncate(chunk_.rows);
  final_error_ = stop.misfit.column == kNoColumn ? errors_.encoding(window, row)
                                                 : errors_.misfit(window, row, stop.misfit.column);
  if (chunk_.rows == 0) return fail(*final_error_);
  return {};
}

// A sieve may have left few rows, or none.
bool ChunkAssembler::is_worth_more(const ChunkTarget& target) const {
  constexpr std::size_t kMostRuns = 64;  // a consumer wants to see that there is progress
  if (pick_bytes_ == 0 || at_end_ || crew_->has_stopped()) return false;
  if (misfits_ != nullptr && misfits_->has_any()) return false;  // they are not to pile up
  if (chunk_.rows == 0) return true;
  return handed_.size() < kMostRuns && chunk_.rows < target.max_rows / 2 &&
         chunk_.bytes < ungrown_bytes(target.max_bytes) / 2;
}

// Whoever lets more time pass between two chunks than one takes to read is busy with them: read
// ahead of it, chunks come in time without helpers, which would only take its core away.
bool ChunkAssembler::is_waited_for(Clock::time_point now) const {
  return last_duration_ == Clock::duration::zero() || now - last_end_ < last_duration_;
}

// Takes rows that are left out from the columns, and keeps what is rescued. Where one row too many
// would be left out, the chunk ends.
void ChunkAssembler::settle_misfits() {
  std::vector<std::int64_t> dropped;
  std::int64_t last_byte = -1;  // of the row before
  bool is_left_out = false;     // that row
  std::optional<std::int64_t> end;
  for (Misfit& misfit : misfits_->take(chunk_.end.byte)) {
    const bool is_first = misfit.place.byte != last_byte;
    last_byte = misfit.place.byte;
    const std::int64_t chunk_row = misfit.chunk_row - static_cast<std::int64_t>(dropped.size());
    if (is_first) is_left_out = misfit.column == kNoColumn || !misfits_->rescues();
    if (!is_left_out) {
      misfit.chunk_row = chunk_row;
      rescued_.push_back(std::move(misfit));
    } else if (is_first && rejects_->has_room()) {
      if (misfit.in_chunk) dropped.push_back(misfit.chunk_row);
      rejects_->add(std::move(misfit.reject));
    } else if (is_first) {
      final_error_ = rejects_->too_many(misfit.reject.get());
      final_error_->where.location = errors_.location();
      final_error_->where.row = misfit.place.row + 1;
      chunk_.end = misfit.place;
      end = chunk_row;
      break;
    }
  }
  chunk_.rows -= static_cast<std::int64_t>(dropped.size());
  if (end) chunk_.rows = *end;
  for (const WantedColumn& column : columns_) {
    if (!dropped.empty()) column.builder->drop(dropped);
    if (end) column.builder->truncate(*end);
  }
}

// Whether pieces are at work. They begin behind the last chunk, and what was found of the next one
// is dropped; the reader goes on where they do not.
Result<bool> ChunkAssembler::start_pieces() {
  if (!pieces_) return false;
  if (pieces_->is_started()) {
    if (pieces_->has_memory()) return true;
    POLARWAY_CHECK(leave_pieces());
    return false;
  }
  if (chunk_.end.byte < pieces_from_ || !pieces_->start(chunk_.end, pieces_end_)) return false;
  bytes_read_again_ += reader_->bytes_ahead_of(chunk_.end.byte);
  windows_.clear();
  num_handed_ = 0;
  next_row_ = 0;
  at_end_ = false;
  reader_->drop_spares();
  return true;
}

Result<void> ChunkAssembler::leave_pieces() {
  pieces_->stop(chunk_.end.byte);
  return reader_->go_to(chunk_.end);
}

// Whether that makes the chunk; else the reader goes on.
Result<bool> ChunkAssembler::fill_from_pieces(const ChunkTarget& target, bool is_waited_for) {
  // Starting anew costs reading some of it twice.
  constexpr std::int64_t kApart = 16 << 20;
  POLARWAY_TRY(const bool is_started, start_pieces());
  if (!is_started) return false;
  if (pieces_->fill(target, is_waited_for, chunk_)) return true;
  POLARWAY_CHECK(leave_pieces());
  pieces_from_ = chunk_.end.byte + kApart;
  return false;
}

// As many rows as the target and the sieve have it.
Result<void> ChunkAssembler::assemble(const ChunkTarget& target) {
  const Clock::time_point start = Clock::now();
  chunk_ = {.end = chunk_.end};
  handed_.clear();
  POLARWAY_TRY(const bool is_made, fill_from_pieces(target, is_waited_for(start)));
  if (is_made) {
    last_end_ = Clock::now();
    last_duration_ = last_end_ - start;
    return target.stop.stop_requested() ? stopped() : Result<void>();
  }
  if (windows_.size() < 2) reader_->fit_spares();
  before_ = chunk_;
  crew_->start(is_waited_for(start));
  Result<void> handed;
  std::size_t num_runs = 0;
  do {
    if (chunk_.rows == 0) {  // also when all were left out so far: then nothing is kept of them
      crew_->start(is_waited_for(start));
      handed_.clear();
    }
    num_runs = handed_.size();
    handed = hand_out(target);
    POLARWAY_CHECK(settle());
  } while (handed && handed_.size() > num_runs && is_worth_more(target));
  last_end_ = Clock::now();
  last_duration_ = last_end_ - start;
  return handed;
}

Result<bool> ChunkAssembler::next(const ChunkTarget& target) {
  if (final_error_) return fail(*final_error_);
  rescued_.clear();
  for (;;) {
    if (misfits_ != nullptr) misfits_->clear();
    Result<void> assembled = assemble(target);
    if (misfits_ != nullptr) settle_misfits();
    if (chunk_.rows > 0) return true;  // the rows before an error are good; it comes next time
    if (final_error_) return fail(*final_error_);
    if (!assembled) return fail(std::move(assembled.error()));
    if (handed_.empty()) return false;  // else all were left out
  }
}

}  // namespace polarway::csv
