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

// In so many shares threads take the columns of a piece, so that none waits long for the last one.
constexpr std::size_t kShares = 4;

constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

}  // namespace

struct PieceDecoder::Shared {
  enum class State { Free, Busy, Found, Again, Failed };
  // Columns, of which threads take some at a time.
  struct Work {
    std::size_t num_columns = 0;
    std::size_t num_begun = 0;
    std::size_t num_done = 0;

    bool can_begin() const { return num_begun < num_columns; }
    bool is_busy() const { return num_done < num_begun; }
    bool is_done() const { return num_done == num_columns; }
  };
  struct Part : PiecePlacer::Part {
    Work text;
    Work rest;  // the other columns

    bool is_done() const { return text.is_done() && rest.is_done(); }
    bool is_written() const { return text.is_busy() || rest.is_busy(); }
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
  mutable std::mutex mutex;
  std::condition_variable progress;
  std::vector<Slot> slots;
  std::vector<Kit> kits;
  std::vector<std::size_t> free_kits;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t limit = 0;       // the end, unless stopped
  std::int64_t num_begun = 0;   // pieces
  std::int64_t num_placed = 0;  // pieces of which all rows have a place
  std::atomic<std::int64_t> bytes_read_again = 0;
  int num_helpers = 0;  // queued or at work
  int num_waiting = 0;

  PiecePlacer placer;
  bool is_open = false;  // a chunk is being made
  std::int64_t failed_piece = kNone;

  Shared(ByteStream& stream, PieceRules its_rules, const std::vector<WantedColumn>& wanted,
         const ChunkBound& bound)
      : bytes(stream), rules(std::move(its_rules)), columns(wanted), placer(wanted, bound) {}

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

  static bool is_written(const Slot& slot) { return slot.part && slot.part->is_written(); }
  bool someone_writes() const { return std::any_of(slots.begin(), slots.end(), is_written); }
  bool is_busy() const {
    return someone_writes() || std::any_of(slots.begin(), slots.end(), [](const Slot& slot) {
             return slot.state == State::Busy;
           });
  }
  bool is_placing() const { return is_open && !placer.is_done() && failed_piece == kNone; }

  void wake() {
    if (num_waiting > 0) progress.notify_all();
  }

  // Gives pieces their place in the chunk, in order, as far as they are found.
  void place_pieces() {
    while (is_placing()) {
      if (num_placed == num_pieces()) return placer.be_odd();
      Slot* const slot = slot_of(num_placed);
      if (slot == nullptr || slot->part || slot->state == State::Busy) return;
      if (slot->state == State::Failed) return placer.be_odd();
      if (slot->state == State::Again || !place(*slot)) return;
    }
  }

  bool place(Slot& slot) {
    const PieceRows& piece = *slot.rows;
    Part part;
    PiecePlacer::Answer answer = PiecePlacer::Answer::NotNow;
    try {
      answer = placer.place(piece, slot.from, someone_writes(), part);
    } catch (const std::bad_alloc&) {
      placer.be_odd();
    }
    if (answer == PiecePlacer::Answer::Elsewhere) slot.state = State::Again;
    if (answer == PiecePlacer::Answer::Elsewhere || answer == PiecePlacer::Answer::NotNow) {
      return false;
    }
    if (answer == PiecePlacer::Answer::Rows) {
      part.text.num_columns = placer.text_columns().size();
      part.rest.num_columns = placer.rest_columns().size();
      slot.from = part.to;
      slot.part = std::move(part);
      wake();
    }
    if (slot.from == piece.rows().num_rows) {
      if (!piece.has_more()) ++num_placed;
      release(slot);
    }
    return true;
  }

  // A piece whose rows are all where they belong, unless some wait for that.
  void release(Slot& slot) {
    if (slot.part || slot.from < slot.rows->rows().num_rows) return;
    slot.state = slot.piece == num_placed ? State::Again : State::Free;
    slot.from = 0;
  }

  // Text goes behind that of the rows before.
  bool has_text_turn(const Slot& slot) const {
    return std::none_of(slots.begin(), slots.end(), [&](const Slot& other) {
      return other.part && other.piece < slot.piece && !other.part->text.is_done();
    });
  }

  // Rows behind those that failed are nobody's.
  bool can_convert(const Slot& slot) const {
    return slot.part && !placer.wants_room() && slot.piece <= failed_piece;
  }

  // Text first, for others wait for it. False: nothing can be done.
  bool convert_some(Slot& slot, std::unique_lock<std::mutex>& lock) {
    if (!can_convert(slot)) return false;
    if (slot.part->text.can_begin() && has_text_turn(slot)) {
      convert(slot, slot.part->text, placer.text_columns(), lock);
    } else if (slot.part->rest.can_begin()) {
      convert(slot, slot.part->rest, placer.rest_columns(), lock);
    } else {
      return false;
    }
    return true;
  }

  void convert(Slot& slot, Work& work, const std::vector<std::size_t>& which,
               std::unique_lock<std::mutex>& lock) {
    const std::size_t first = work.num_begun;
    const std::size_t last =
        std::min(work.num_columns, first + (work.num_columns + kShares - 1) / kShares);
    work.num_begun = last;
    const std::size_t kit = take_kit();
    const Part& part = *slot.part;
    lock.unlock();
    bool is_good = true;
    try {
      for (std::size_t at = first; at < last && is_good; ++at) {
        const std::size_t i = which[at];
        ColumnBuilder& builder = *kits[kit].parts[i];
        columns[i].builder->lend(builder, part.before.rows);
        const Result<std::int64_t> bad =
            builder.append(slot.rows->rows(), columns[i].index, part.from, part.to);
        is_good = bad && *bad < 0;
      }
    } catch (const std::bad_alloc&) {
      is_good = false;
    }
    lock.lock();
    try {
      for (std::size_t at = first; at < last && is_good; ++at) {
        const ColumnBuilder& builder = *kits[kit].parts[which[at]];
        is_good = columns[which[at]].builder->add_part(builder).has_value();
        if (builder.is_text()) placer.settle_text(at, part, builder.text_bytes());
      }
    } catch (const std::bad_alloc&) {
      is_good = false;
    }
    free_kits.push_back(kit);
    work.num_done += last - first;
    if (!is_good) failed_piece = std::min(failed_piece, slot.piece);
    if (part.is_done() && failed_piece == kNone) {
      slot.part.reset();
      release(slot);
    }
    if (!someone_writes()) placer.written();
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
      const std::int64_t from = placer.next_begin();
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
      if (!best->rows->read(bytes, from, to, limit)) return false;
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
      const bool has_work =
          slot.part->rest.can_begin() || (slot.part->text.can_begin() && has_text_turn(slot));
      if (has_work && (found == nullptr || slot.piece < found->piece)) found = &slot;
    }
    return found;
  }

  // Nothing more comes of the chunk.
  bool is_settled() const {
    if (is_placing()) return false;
    return std::none_of(slots.begin(), slots.end(), [&](const Slot& slot) {
      return is_written(slot) || (slot.part && !slot.part->is_done() && slot.piece <= failed_piece);
    });
  }
};

PieceDecoder::PieceDecoder(ByteStream& bytes, PieceRules rules,
                           const std::vector<WantedColumn>& columns, ChunkBound bound, Kits kits,
                           std::shared_ptr<Executor> executor, int num_helpers,
                           std::shared_ptr<MemoryBudget> budget)
    : budget_(std::move(budget)),
      kits_(std::move(kits)),
      executor_(std::move(executor)),
      num_helpers_(num_helpers),
      shared_(std::make_shared<Shared>(bytes, std::move(rules), columns, bound)) {}

PieceDecoder::~PieceDecoder() {
  std::unique_lock lock(shared_->mutex);
  end(lock);
}

std::int64_t PieceDecoder::memory_bytes() const {
  // Bits are written apart, at most one for each field of a piece and another for its being null.
  constexpr std::int64_t kBuilderBytes = 512;
  const std::int64_t kit_bytes = kits_.picker_bytes + shared_->rules.piece_bytes / 8 +
                                 std::ssize(shared_->columns) * kBuilderBytes;
  return (num_helpers_ + 1) *
         (kPiecesPerThread * PieceRows::memory_bytes(shared_->rules) + kit_bytes);
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
    auto kit = kits_.make();
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
  shared.end = shared.limit = end;
  shared.num_begun = shared.num_placed = 0;
  shared.placer.start(place);
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
  shared.failed_piece = kNone;
  shared.placer.open(target, chunk);
  // Before anybody places rows: who asks for a stop first gets none.
  if (target.stop.stop_requested()) shared.placer.be_full();
  call_helpers(lock, with_helpers);
  while (!shared.is_settled()) {
    if (!shared.work_one(lock)) {
      if (shared.is_settled()) break;
      ++shared.num_waiting;
      shared.progress.wait(lock);
      --shared.num_waiting;
    }
    if (target.stop.stop_requested()) shared.placer.be_full();
  }
  shared.is_open = false;
  shared.wake();
  chunk = shared.placer.chunk();
  if (shared.failed_piece == kNone) return !shared.placer.is_odd();
  const auto failed = std::find_if(shared.slots.begin(), shared.slots.end(), [&](const auto& slot) {
    return slot.part && slot.piece == shared.failed_piece;
  });
  chunk = failed->part->before;
  for (const WantedColumn& column : shared.columns) column.builder->truncate(chunk.rows);
  return false;
}

std::int64_t PieceDecoder::bytes_read_again() const { return shared_->bytes_read_again.load(); }

}  // namespace polarway::csv
