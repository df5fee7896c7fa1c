#include "formats/csv/piece_decoder.h"

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "formats/csv/count_rows.h"

namespace polarway::csv {
namespace {

// One that is worked on and one that is done, for each thread.
constexpr int kPiecesPerThread = 2;

// A filter may leave few rows of many pieces; a consumer wants to see that there is progress.
constexpr std::int64_t kMostBytesOfFewRows = 16 << 20;

}  // namespace

struct PieceDecoder::Shared {
  enum class State { Free, Busy, Found, Again, Failed };
  enum class Work { None, Todo, Busy, Done };
  // Rows that have their place in the chunk.
  struct Part {
    std::int64_t from = 0;
    std::int64_t to = 0;
    ChunkState before;                       // the chunk without them
    std::vector<std::int64_t> column_bytes;  // of the text columns, at most
    Work text = Work::None;
    Work rest = Work::None;  // the other columns

    bool is_done() const { return text != Work::Todo && text != Work::Busy &&
                                  rest != Work::Todo && rest != Work::Busy; }
  };
  struct Slot {
    std::unique_ptr<PieceRows> rows;
    State state = State::Free;
    std::int64_t piece = 0;
    std::int64_t from = 0;  // the first wanted row without a place
    std::optional<Part> part;
    std::thread::id user = {};  // who has it in its core's cache
  };

  ByteStream& bytes;
  const PieceRules rules;
  const std::vector<WantedColumn>& columns;
  const ChunkBound bound;
  std::vector<std::size_t> text_columns;  // of `columns`
  std::vector<std::size_t> rest_columns;

  mutable std::mutex mutex;
  std::condition_variable progress;
  std::vector<Slot> slots;
  std::vector<Kit> kits;
  std::vector<std::size_t> free_kits;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t num_begun = 0;   // pieces
  std::int64_t num_placed = 0;  // pieces of which all rows have a place
  std::atomic<std::int64_t> bytes_read_again = 0;
  int num_helpers = 0;  // queued or at work
  int num_waiting = 0;

  // The chunk being made.
  bool is_open = false;
  bool is_full = false;
  bool is_odd = false;  // what comes next
  std::int64_t max_rows = 0;
  std::int64_t max_bytes = 0;
  ChunkState chunk;
  std::int64_t first_byte = 0;           // where it began
  std::vector<std::int64_t> text_bytes;  // of the text columns, at most
  std::int64_t room_rows = 0;
  bool wants_room = false;
  std::int64_t failed_piece = std::numeric_limits<std::int64_t>::max();

  Shared(ByteStream& stream, PieceRules its_rules, const std::vector<WantedColumn>& wanted,
         ChunkBound its_bound)
      : bytes(stream), rules(std::move(its_rules)), columns(wanted), bound(its_bound) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      (columns[i].builder->is_text() ? text_columns : rest_columns).push_back(i);
    }
    text_bytes.resize(text_columns.size());
  }

  // Pieces end at multiples of their size: from an aligned place to an aligned place the kernel
  // copies several times as fast.
  std::int64_t begin_of(std::int64_t piece) const {
    return std::clamp((begin / rules.piece_bytes + piece) * rules.piece_bytes, begin, end);
  }
  std::int64_t num_pieces() const {
    return begin < end ? (end - 1) / rules.piece_bytes - begin / rules.piece_bytes + 1 : 0;
  }

  // The following need the mutex.

  Slot* slot_of(std::int64_t piece) {
    for (Slot& slot : slots) {
      if (slot.state != State::Free && slot.piece == piece) return &slot;
    }
    return nullptr;
  }

  bool has_parts() const {
    return std::any_of(slots.begin(), slots.end(), [](const Slot& slot) { return slot.part.has_value(); });
  }
  bool is_busy() const {
    return std::any_of(slots.begin(), slots.end(),
                       [](const Slot& slot) { return slot.state == State::Busy || is_writing(slot); });
  }
  static bool is_writing(const Slot& slot) {
    return slot.part && (slot.part->text == Work::Busy || slot.part->rest == Work::Busy);
  }
  bool someone_writes() const {
    return std::any_of(slots.begin(), slots.end(), is_writing);
  }
  bool has_failed() const { return failed_piece != std::numeric_limits<std::int64_t>::max(); }
  bool is_placing() const { return is_open && !is_full && !is_odd && !has_failed(); }

  void wake() {
    if (num_waiting > 0) progress.notify_all();
  }

  // Gives pieces their place in the chunk, in order.
  void place_pieces() {
    while (is_placing()) {
      if (num_placed == num_pieces()) {
        is_odd = true;
        break;
      }
      Slot* const slot = slot_of(num_placed);
      if (slot == nullptr || slot->part || (slot->state != State::Found && slot->state != State::Failed)) break;
      if (!place(*slot)) break;
    }
  }

  // False: not now.
  bool place(Slot& slot) {
    const PieceRows& piece = *slot.rows;
    if (slot.state == State::Failed) {
      is_odd = true;
      return false;
    }
    if (piece.begin() != next_begin && slot.from == 0) {
      slot.state = State::Again;
      return false;
    }
    if (piece.is_odd()) {
      is_odd = true;
      return false;
    }
    if (piece.rows().num_rows == slot.from) {
      take_rest(slot, piece);
      return true;
    }
    return place_rows(slot, piece);
  }

  // No wanted row is left.
  void take_rest(Slot& slot, const PieceRows& piece) {
    if (piece.num_found() > 0) chunk.end = {piece.last_row_end(), rows_before + piece.num_found()};
    move_on(slot, piece);
    release(slot);
  }

  // All of the piece has its place.
  void move_on(Slot& slot, const PieceRows& piece) {
    next_begin = piece.end();
    rows_before += piece.num_found();
    if (!piece.has_more()) ++num_placed;
    slot.from = piece.rows().num_rows;
  }

  // Of a piece whose rows are all where they belong.
  void release(Slot& slot) {
    if (slot.rows->has_more() && slot.piece == num_placed) {
      slot.state = State::Again;
      slot.from = 0;
    } else {
      slot.state = State::Free;
    }
  }

  bool place_rows(Slot& slot, const PieceRows& piece) {
    const Rows& rows = piece.rows();
    const std::int64_t left = rows.num_rows - slot.from;
    const bool is_picked = rows.num_rows < piece.num_found();
    std::int64_t fit = 0;
    std::int64_t row_bytes = slot.from == 0 ? piece.text_bytes() : rows.text_bytes(slot.from, rows.num_rows);
    if (left <= max_rows - chunk.rows && bound.bytes(left, row_bytes) <= max_bytes - chunk.bytes) {
      fit = left;
    } else if (!is_picked || chunk.rows == 0) {
      fit = bound.rows_within(rows, slot.from, max_rows - chunk.rows, max_bytes - chunk.bytes);
      if (fit > 0) row_bytes = rows.text_bytes(slot.from, slot.from + fit);
    }
    if (fit == 0) {
      (chunk.rows > 0 ? is_full : is_odd) = true;
      return false;
    }
    const std::int64_t to = slot.from + fit;
    ChunkState after{.rows = chunk.rows + fit, .bytes = chunk.bytes + bound.bytes(fit, row_bytes), .end = {}};
    if (fit == left) {
      after.end = {piece.last_row_end(), rows_before + piece.num_found()};
    } else {
      const std::int64_t place = piece.end_of(to - 1);
      const std::int64_t found = is_picked ? piece.count_up_to(place) : to;
      if (found < 0) {
        is_odd = true;
        return false;
      }
      after.end = {place, rows_before + found};
    }
    Part part{.from = slot.from, .to = to, .before = chunk, .column_bytes = {}};
    part.column_bytes = fit == rows.num_rows ? piece.column_bytes() : piece.column_bytes(slot.from, to);
    if (!make_room(after.rows, part)) return false;
    for (std::size_t i = 0; i < text_bytes.size(); ++i) text_bytes[i] += part.column_bytes[i];
    part.text = text_columns.empty() ? Work::Done : Work::Todo;
    part.rest = rest_columns.empty() ? Work::Done : Work::Todo;
    chunk = after;
    slot.part = std::move(part);
    slot.from = to;
    if (fit == left) move_on(slot, piece);
    if (fit < left || chunk.rows == max_rows ||
        (is_picked && chunk.end.byte - first_byte > kMostBytesOfFewRows)) {
      is_full = true;
    }
    wake();
    return true;
  }

  // False: somebody still writes what would move, or there is no memory.
  bool make_room(std::int64_t num_rows, const Part& part) {
    if (part.before.rows == 0 && !start_columns(num_rows)) return false;
    constexpr std::int64_t kMostText = 1 << 30;
    bool has_room = true;
    for_each_column(part, [&](const ColumnBuilder& column, std::int64_t text) {
      if (text > kMostText) is_odd = true;
      has_room = has_room && column.has_room(num_rows, text);
    });
    if (has_room || is_odd) return !is_odd;
    wants_room = someone_writes();
    if (wants_room) return false;
    for_each_column(part, [&](ColumnBuilder& column, std::int64_t text) {
      if (!column.make_room(num_rows, text)) is_odd = true;
    });
    return !is_odd;
  }

  // With how much text it has at most, the part's included.
  template <class Visit>
  void for_each_column(const Part& part, Visit visit) const {
    for (const std::size_t i : rest_columns) visit(*columns[i].builder, 0);
    for (std::size_t text = 0; text < text_columns.size(); ++text) {
      visit(*columns[text_columns[text]].builder, text_bytes[text] + part.column_bytes[text]);
    }
  }

  bool start_columns(std::int64_t num_rows) {
    for (const WantedColumn& column : columns) {
      if (!column.builder->start(num_rows)) is_odd = true;
    }
    std::fill(text_bytes.begin(), text_bytes.end(), 0);
    return !is_odd;
  }

  // Text goes behind that of the rows before.
  bool has_text_turn(const Slot& slot) const {
    return std::none_of(slots.begin(), slots.end(), [&](const Slot& other) {
      return other.part && other.piece < slot.piece && other.part->text != Work::Done;
    });
  }

  // Rows behind those that failed are nobody's.
  bool can_convert(const Slot& slot) const {
    return slot.part && !wants_room && slot.piece <= failed_piece;
  }

  // Text first, for others wait for it. False: nothing can be done.
  bool convert_some(Slot& slot, std::unique_lock<std::mutex>& lock) {
    if (!can_convert(slot)) return false;
    if (slot.part->text == Work::Todo && has_text_turn(slot)) {
      convert(slot, slot.part->text, text_columns, lock);
    } else if (slot.part->rest == Work::Todo) {
      convert(slot, slot.part->rest, rest_columns, lock);
    } else {
      return false;
    }
    return true;
  }

  void convert(Slot& slot, Work& work, const std::vector<std::size_t>& which,
               std::unique_lock<std::mutex>& lock) {
    work = Work::Busy;
    const std::size_t kit = take_kit();
    const Part& part = *slot.part;
    lock.unlock();
    bool is_good = true;
    try {
      for (const std::size_t i : which) {
        ColumnBuilder& builder = *kits[kit].parts[i];
        columns[i].builder->lend(builder, part.before.rows);
        const Result<std::int64_t> bad =
            builder.append(slot.rows->rows(), columns[i].index, part.from, part.to);
        is_good = bad && *bad < 0;
        if (!is_good) break;
      }
    } catch (const std::bad_alloc&) {
      is_good = false;
    }
    lock.lock();
    if (is_good) {
      std::size_t text = 0;
      for (const std::size_t i : which) {
        const ColumnBuilder& builder = *kits[kit].parts[i];
        is_good = is_good && columns[i].builder->add_part(builder);
        if (builder.is_text()) {
          text_bytes[text] -= part.column_bytes[text] - builder.text_bytes();
          ++text;
        }
      }
    }
    free_kits.push_back(kit);
    work = Work::Done;
    if (!is_good) failed_piece = std::min(failed_piece, slot.piece);
    if (part.is_done() && !has_failed()) {
      slot.part.reset();
      if (slot.from == slot.rows->rows().num_rows) release(slot);
    }
    wants_room = wants_room && someone_writes();
    wake();
  }

  std::size_t take_kit() {
    const std::size_t kit = free_kits.back();
    free_kits.pop_back();
    return kit;
  }

  bool find_again(std::unique_lock<std::mutex>& lock) {
    for (Slot& slot : slots) {
      if (slot.state != State::Again) continue;
      const std::int64_t from = next_begin;
      const std::int64_t bytes_before = slot.rows->bytes_read();
      work_on(slot, lock, [&](RowPicker* picker) {
        slot.rows->find(bytes, from, picker);
        return true;
      });
      bytes_read_again += slot.rows->bytes_read() - bytes_before;
      return true;
    }
    return false;
  }

  bool begin_one(std::unique_lock<std::mutex>& lock) {
    if (num_begun >= num_pieces()) return false;
    Slot* best = nullptr;
    const std::thread::id self = std::this_thread::get_id();
    for (Slot& slot : slots) {
      if (slot.state != State::Free) continue;
      if (best == nullptr || (slot.user == self && best->user != self)) best = &slot;
    }
    if (best == nullptr) return false;
    best->piece = num_begun++;
    best->from = 0;
    const std::int64_t from = begin_of(best->piece);
    const std::int64_t to = begin_of(best->piece + 1);
    work_on(*best, lock, [&](RowPicker* picker) {
      if (!best->rows->read(bytes, from, to, end_at_start)) return false;
      if (best->piece == 0) {
        best->rows->find(bytes, from, picker);
      } else {
        best->rows->guess(bytes, picker);
      }
      return true;
    });
    bytes_read_again += best->rows->bytes_read() - (to - from);
    return true;
  }

  template <class FindRows>
  void work_on(Slot& slot, std::unique_lock<std::mutex>& lock, FindRows find_rows) {
    slot.state = State::Busy;
    slot.user = std::this_thread::get_id();
    slot.from = 0;
    const std::size_t kit = take_kit();
    lock.unlock();
    bool is_good = false;
    try {
      is_good = find_rows(kits[kit].picker.get());
    } catch (const std::bad_alloc&) {
      is_good = false;
    }
    lock.lock();
    free_kits.push_back(kit);
    slot.state = is_good ? State::Found : State::Failed;
    wake();
  }

  // Does one piece of work. False when there is none now.
  bool work_one(std::unique_lock<std::mutex>& lock) {
    place_pieces();
    if (find_again(lock)) return true;
    const std::thread::id self = std::this_thread::get_id();
    if (Slot* slot = oldest([&](const Slot& one) { return one.user == self; })) {
      if (convert_some(*slot, lock)) return true;
    }
    if (begin_one(lock)) return true;
    if (Slot* slot = oldest([&](const Slot&) { return true; })) return convert_some(*slot, lock);
    return false;
  }

  template <class Filter>
  Slot* oldest(Filter filter) {
    Slot* found = nullptr;
    for (Slot& slot : slots) {
      if (!filter(slot) || !can_convert(slot)) continue;
      const bool has_work = slot.part->rest == Work::Todo ||
                            (slot.part->text == Work::Todo && has_text_turn(slot));
      if (has_work && (found == nullptr || slot.piece < found->piece)) found = &slot;
    }
    return found;
  }

  // Nothing more comes of the chunk.
  bool is_settled() const {
    if (is_placing()) return false;
    return std::none_of(slots.begin(), slots.end(), [&](const Slot& slot) {
      return is_writing(slot) || (slot.part && !slot.part->is_done() && slot.piece <= failed_piece);
    });
  }

  std::int64_t next_begin = 0;  // where the next piece's rows begin
  std::int64_t rows_before = 0;
  std::int64_t end_at_start = 0;
};

PieceDecoder::PieceDecoder(ByteStream& bytes, PieceRules rules,
                           const std::vector<WantedColumn>& columns, ChunkBound bound,
                           MakeKit make_kit, std::shared_ptr<Executor> executor, int num_helpers,
                           std::shared_ptr<MemoryBudget> budget)
    : budget_(std::move(budget)),
      make_kit_(std::move(make_kit)),
      executor_(std::move(executor)),
      num_helpers_(num_helpers),
      shared_(std::make_shared<Shared>(bytes, std::move(rules), columns, bound)) {}

PieceDecoder::~PieceDecoder() {
  std::unique_lock lock(shared_->mutex);
  end(lock);
}

std::int64_t PieceDecoder::memory_bytes() const {
  return (num_helpers_ + 1) *
         (kPiecesPerThread * PieceRows::memory_bytes(shared_->rules) + RowPicker::kWorkingSetBytes);
}

bool PieceDecoder::has_memory() const {
  constexpr std::int64_t kKept = 2;
  return budget_->available_bytes() >= memory_bytes() * kKept;
}

bool PieceDecoder::start(const Place& place, std::int64_t end) {
  constexpr std::int64_t kTaken = 8;  // of so many parts of the free memory one is taken
  Shared& shared = *shared_;
  const std::int64_t bytes = memory_bytes();
  if (end - place.byte <= shared.rules.piece_bytes) return false;
  if (budget_->available_bytes() < bytes * kTaken) return false;
  Result<MemoryLease> lease = budget_->reserve(bytes, LeaseHolder::Reader);
  if (!lease) return false;
  std::vector<Shared::Slot> slots(static_cast<std::size_t>(num_helpers_ + 1) * kPiecesPerThread);
  for (Shared::Slot& slot : slots) {
    auto rows = PieceRows::make(shared.rules, *budget_);
    if (!rows) return false;
    slot.rows = *std::move(rows);
  }
  std::vector<Kit> kits;
  std::vector<std::size_t> free_kits;
  for (int i = 0; i <= num_helpers_; ++i) {
    auto kit = make_kit_();
    if (!kit) return false;
    free_kits.push_back(kits.size());
    kits.push_back(*std::move(kit));
  }
  lease_ = *std::move(lease);
  const std::lock_guard lock(shared.mutex);
  shared.slots = std::move(slots);
  shared.kits = std::move(kits);
  shared.free_kits = std::move(free_kits);
  shared.begin = place.byte;
  shared.end = shared.end_at_start = end;
  shared.num_begun = shared.num_placed = 0;
  shared.next_begin = place.byte;
  shared.rows_before = place.row;
  shared.is_odd = false;
  is_started_ = true;
  return true;
}

void PieceDecoder::stop(std::int64_t place) {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  shared.bytes_read_again += shared.begin_of(shared.num_begun) - place;
  end(lock);
}

void PieceDecoder::end(std::unique_lock<std::mutex>& lock) {
  Shared& shared = *shared_;
  shared.end = shared.begin;
  shared.is_open = false;
  ++shared.num_waiting;
  shared.progress.wait(lock, [&] { return !shared.is_busy(); });
  --shared.num_waiting;
  shared.slots.clear();
  shared.kits.clear();
  shared.free_kits.clear();
  lock.unlock();
  lease_.release();
  is_started_ = false;
}

void PieceDecoder::call_helpers(std::unique_lock<std::mutex>& lock, bool with_helpers) {
  Shared& shared = *shared_;
  while (with_helpers && shared.num_helpers < num_helpers_) {
    ++shared.num_helpers;
    lock.unlock();
    const bool comes = executor_->submit([shared = shared_] {
      std::unique_lock helper_lock(shared->mutex);
      for (;;) {
        if (shared->work_one(helper_lock)) continue;
        if (!shared->is_open || shared->is_settled()) break;
        ++shared->num_waiting;
        shared->progress.wait(helper_lock);
        --shared->num_waiting;
      }
      --shared->num_helpers;
    });
    lock.lock();
    if (comes) continue;
    --shared.num_helpers;
    break;
  }
}

bool PieceDecoder::fill(const ChunkTarget& target, bool with_helpers, ChunkState& chunk) {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  shared.is_open = true;
  shared.is_full = false;
  shared.wants_room = false;
  shared.failed_piece = std::numeric_limits<std::int64_t>::max();
  shared.max_rows = target.max_rows;
  shared.max_bytes = ungrown_bytes(target.max_bytes);
  shared.chunk = chunk;
  shared.first_byte = chunk.end.byte;
  call_helpers(lock, with_helpers);
  while (!shared.is_settled()) {
    if (target.stop.stop_requested()) shared.is_full = true;
    if (shared.work_one(lock)) continue;
    if (shared.is_settled()) break;
    ++shared.num_waiting;
    shared.progress.wait(lock);
    --shared.num_waiting;
  }
  shared.is_open = false;
  shared.wake();
  chunk = shared.chunk;
  if (!shared.has_failed()) return !shared.is_odd;
  const auto failed = std::find_if(shared.slots.begin(), shared.slots.end(), [&](const auto& slot) {
    return slot.part && slot.piece == shared.failed_piece;
  });
  chunk = failed->part->before;
  for (const WantedColumn& column : shared.columns) column.builder->truncate(chunk.rows);
  return false;
}

std::int64_t PieceDecoder::bytes_read_again() const { return shared_->bytes_read_again.load(); }

}  // namespace polarway::csv
