#include "formats/csv/piece_crew.h"

#include <arrow/buffer.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <limits>
#include <new>
#include <thread>
#include <vector>

#include "core/arrow_status.h"
#include "formats/block.h"

namespace polarway::csv {
namespace {

// One that is worked on and one that is done, for each thread.
constexpr int kPiecesPerThread = 2;

// A line end in quotes is no row's; there may be several until the quotes close.
constexpr int kMostGuesses = 4;

// What is left of a piece goes before the next one: most of a row, as a rule.
std::int64_t room_before(std::int64_t piece_bytes) { return Block::kPadding + piece_bytes / 4; }

}  // namespace

struct PieceCrew::Shared {
  enum class State { Free, Busy, Done, Failed };
  // Who used it last has it in its core's cache.
  struct Room {
    std::shared_ptr<arrow::Buffer> memory;
    std::thread::id user = {};
    std::int64_t last_use = 0;
    bool is_free = true;
  };
  struct Slot {
    Room* room = nullptr;
    State state = State::Free;
    Piece piece;
  };

  ByteStream& bytes;
  const Marks marks;
  const std::int64_t num_columns;
  const std::int64_t piece_bytes;

  mutable std::mutex mutex;
  std::condition_variable progress;
  std::vector<Slot> slots;  // of the pieces in turn
  std::vector<Room> rooms;  // as many
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t num_begun = 0;     // pieces
  std::int64_t num_taken = 0;     // by the owner, of those
  std::int64_t num_released = 0;  // of which it is done with so many
  std::int64_t bytes_read = 0;
  int num_helpers = 0;  // queued or at work
  bool owner_waits = false;

  Shared(ByteStream& stream, const Marks& its_marks, std::int64_t columns, std::int64_t size)
      : bytes(stream), marks(its_marks), num_columns(columns), piece_bytes(size) {}

  // Pieces end at multiples of their size: from an aligned place to an aligned place the kernel
  // copies several times as fast.
  std::int64_t begin_of(std::int64_t piece) const {
    return std::clamp((begin / piece_bytes + piece) * piece_bytes, begin, end);
  }
  std::int64_t num_pieces() const {
    return begin < end ? (end - 1) / piece_bytes - begin / piece_bytes + 1 : 0;
  }
  Slot& slot_of(std::int64_t piece) {
    return slots[static_cast<std::size_t>(piece) % slots.size()];
  }

  // The following need the mutex.

  bool has_work() const {
    return num_begun <
           std::min(num_pieces(), num_released + static_cast<std::int64_t>(slots.size()));
  }

  bool is_busy() const {
    return std::any_of(slots.begin(), slots.end(),
                       [](const Slot& slot) { return slot.state == State::Busy; });
  }

  // Of those that are free, for there is one for each slot.
  Room& take_room() {
    const std::thread::id self = std::this_thread::get_id();
    Room* best = nullptr;
    const auto is_better = [&](const Room& room, const Room& than) {
      const bool is_own = room.user == self;
      if (is_own != (than.user == self)) return is_own;
      return is_own ? room.last_use > than.last_use : room.last_use < than.last_use;
    };
    for (Room& room : rooms) {
      if (room.is_free && (best == nullptr || is_better(room, *best))) best = &room;
    }
    best->user = self;
    best->last_use = num_begun;
    best->is_free = false;
    return *best;
  }

  // Lets go of the piece that the owner had before `piece`.
  void release_before(std::int64_t piece) {
    if (piece > 0) slot_of(piece - 1).room->is_free = true;
    num_released = piece;
  }

  // Reads a piece and counts its rows. False when there is none to begin.
  bool work_one(std::unique_lock<std::mutex>& lock) {
    if (!has_work()) return false;
    const std::int64_t offset = begin_of(num_begun);
    const std::int64_t size = begin_of(num_begun + 1) - offset;
    Slot& slot = slot_of(num_begun++);
    slot.state = State::Busy;
    slot.room = &take_room();
    lock.unlock();
    const std::int64_t got = read(slot, offset, size);
    if (got > 0) count(slot.piece);
    lock.lock();
    bytes_read += std::max<std::int64_t>(got, 0);
    slot.state = got > 0 ? State::Done : State::Failed;
    if (owner_waits) progress.notify_one();
    return true;
  }

  // Without the mutex. The bytes read, all of them; less than 0: who goes on there will see why.
  std::int64_t read(Slot& slot, std::int64_t offset, std::int64_t size) const {
    std::uint8_t* text = slot.room->memory->mutable_data() + room_before(piece_bytes);
    std::int64_t num_read = 0;
    try {
      while (num_read < size) {
        const Result<std::int64_t> got = bytes.read_at(
            offset + num_read, {text + num_read, static_cast<std::size_t>(size - num_read)});
        if (!got || *got == 0) return -1;
        num_read += *got;
      }
    } catch (const std::bad_alloc&) {  // for an error's words
      return -1;
    }
    std::memset(text + size, 0, Block::kPadding);
    slot.piece = {.offset = offset, .text = {text, static_cast<std::size_t>(size)}};
    return size;
  }

  void count(Piece& piece) const {
    std::span<const std::uint8_t> rest = piece.text;
    for (int guess = 0; guess < kMostGuesses; ++guess) {
      const void* found = rest.empty() ? nullptr : std::memchr(rest.data(), marks.eol, rest.size());
      if (found == nullptr) return;
      const std::uint8_t* row = static_cast<const std::uint8_t*>(found) + 1;
      rest = rest.subspan(static_cast<std::size_t>(row - rest.data()));
      piece.first = row - piece.text.data();
      piece.counted =
          count_rows(rest, marks, num_columns, std::numeric_limits<std::int64_t>::max());
      if (!piece.counted.is_odd || piece.counted.rows > 0) return;
    }
  }
};

PieceCrew::PieceCrew(ByteStream& bytes, const Marks& marks, std::int64_t num_columns,
                     std::int64_t piece_bytes, std::shared_ptr<Executor> executor, int num_helpers)
    : executor_(std::move(executor)),
      num_helpers_(num_helpers),
      shared_(std::make_shared<Shared>(bytes, marks, num_columns, piece_bytes)) {}

PieceCrew::~PieceCrew() { stop(); }

std::int64_t PieceCrew::memory_bytes() const {
  const std::int64_t piece_bytes = shared_->piece_bytes;
  return (num_helpers_ + 1) * kPiecesPerThread *
         (room_before(piece_bytes) + piece_bytes + Block::kPadding);
}

Result<void> PieceCrew::start(std::int64_t offset, std::int64_t end, MemoryBudget& budget) {
  const std::size_t num_slots = static_cast<std::size_t>(num_helpers_ + 1) * kPiecesPerThread;
  std::vector<Shared::Slot> slots(num_slots);
  std::vector<Shared::Room> rooms(num_slots);
  for (Shared::Room& room : rooms) {
    POLARWAY_TRY(room.memory,
                 from_arrow(arrow::AllocateBuffer(
                     memory_bytes() / static_cast<std::int64_t>(num_slots), budget.arrow_pool())));
    std::memset(room.memory->mutable_data(), 0, Block::kPadding);
  }
  const std::lock_guard lock(shared_->mutex);
  shared_->slots = std::move(slots);
  shared_->rooms = std::move(rooms);
  shared_->begin = offset;
  shared_->end = end;
  shared_->num_begun = shared_->num_taken = shared_->num_released = 0;
  shared_->bytes_read = 0;
  return {};
}

void PieceCrew::stop() {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  shared.end = shared.begin;
  shared.owner_waits = true;
  shared.progress.wait(lock, [&] { return !shared.is_busy(); });
  shared.owner_waits = false;
  shared.slots.clear();
  shared.rooms.clear();
}

void PieceCrew::call_helper(std::unique_lock<std::mutex>& lock) {
  Shared& shared = *shared_;
  if (!shared.has_work() || shared.num_helpers >= num_helpers_) return;
  ++shared.num_helpers;
  lock.unlock();
  const bool comes = executor_->submit([shared = shared_] {
    std::unique_lock helper_lock(shared->mutex);
    while (shared->work_one(helper_lock)) {
    }
    --shared->num_helpers;
  });
  lock.lock();
  if (!comes) --shared.num_helpers;
}

const Piece* PieceCrew::next(std::span<const std::uint8_t> left) {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  const std::int64_t wanted = shared.num_taken;
  if (wanted >= shared.num_pieces()) return nullptr;
  call_helper(lock);
  Shared::Slot& slot = shared.slot_of(wanted);
  while (wanted >= shared.num_begun || slot.state == Shared::State::Busy) {
    if (shared.work_one(lock)) continue;
    shared.owner_waits = true;
    shared.progress.wait(lock);
    shared.owner_waits = false;
  }
  if (slot.state == Shared::State::Failed ||
      std::ssize(left) > room_before(shared.piece_bytes) - Block::kPadding) {
    return nullptr;
  }
  std::copy_backward(left.begin(), left.end(), const_cast<std::uint8_t*>(slot.piece.text.data()));
  shared.release_before(wanted);
  shared.num_taken = wanted + 1;
  call_helper(lock);
  return &slot.piece;
}

std::int64_t PieceCrew::bytes_read() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->bytes_read;
}

}  // namespace polarway::csv
