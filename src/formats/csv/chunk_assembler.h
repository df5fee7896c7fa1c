#pragma once

#include <arrow/type_fwd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "formats/csv/chunk_bound.h"
#include "formats/csv/column_lanes.h"
#include "formats/csv/misfits.h"
#include "formats/csv/piece_decoder.h"
#include "formats/csv/row_errors.h"
#include "formats/csv/run_crew.h"
#include "formats/csv/window_reader.h"
#include "formats/row_rejects.h"
#include "polarway/source.h"

namespace polarway::csv {

/// Makes the columns of chunk after chunk: windows are found, cut into runs for a crew, and let go
/// of when all columns have them. How many rows a chunk takes is decided before they are converted.
///
/// Threads: one at a time.
class ChunkAssembler {
 public:
  /// The crew's lanes append to `columns`, which stay where they are for as long as the assembler
  /// lives. With a sieve, each window needs `pick_bytes` for the rows that are left; the first
  /// window's are part of the working set. `misfits`, if lanes and sieve note them, and `rejects`
  /// outlive the assembler.
  ChunkAssembler(const std::vector<WantedColumn>& columns, const ChunkBound& bound,
                 std::unique_ptr<WindowReader> windows, std::unique_ptr<RunCrew> crew,
                 std::int64_t pick_bytes, RowErrors errors, Place start, const Context& context,
                 Misfits* misfits = nullptr, RowRejects* rejects = nullptr);
  /// Lets `pieces`, up to `end`, do what they can.
  void use_pieces(std::unique_ptr<PieceDecoder> pieces, std::int64_t end);

  /// Fills the columns with the next rows, as SourceReader::read() has them. True when there are
  /// some: num_rows() of them, up to end(). False at the end.
  Result<bool> next(const ChunkTarget& target);

  std::int64_t num_rows() const { return chunk_.rows; }
  const Place& end() const { return chunk_.end; }
  /// What the rescued column has, by row: of each, the members of its JSON object.
  const std::vector<Misfit>& rescued() const { return rescued_; }

  /// Waits for the crew; the columns are nobody's then.
  void abandon();
  /// Bytes that were read twice. From any thread.
  std::int64_t bytes_read_again() const {
    return bytes_read_again_.load() + (pieces_ ? pieces_->bytes_read_again() : 0);
  }

 private:
  using Clock = std::chrono::steady_clock;

  // A window, and when it is done with.
  struct Queued {
    Window window;
    MemoryLease picks_lease;
    std::shared_ptr<arrow::Buffer> picks;
    std::size_t runs_through = 0;  // the crew's runs up to its last one
  };
  // Rows of a window that the crew was given.
  struct Handed {
    Queued* queued = nullptr;
    std::int64_t from = 0;
    std::int64_t to = 0;
    Place begin;  // behind the rows handed out before
  };

  Result<void> hand_out(const ChunkTarget& target);
  Result<void> hand_out_rows(const ChunkTarget& target);
  Result<bool> scan_more(std::stop_token stop);
  Result<bool> pay_for_picks(MemoryLease& lease);
  Result<PickRoom> pick_room(Queued& queued, std::int64_t row) const;
  std::size_t retire();
  Result<void> settle();
  Result<void> settle_stop(const RunCrew::Stop& stop);
  Result<void> assemble(const ChunkTarget& target);
  void settle_misfits();
  bool is_worth_more(const ChunkTarget& target) const;
  bool is_waited_for(Clock::time_point now) const;
  Result<void> stopped() const;
  Result<bool> start_pieces();
  Result<void> leave_pieces();
  Result<bool> fill_from_pieces(const ChunkTarget& target, bool is_waited_for);
  SourceError too_large(const Window& window) const;

  const std::vector<WantedColumn>& columns_;
  ChunkBound bound_;
  std::unique_ptr<WindowReader> reader_;
  std::int64_t pick_bytes_;
  Misfits* misfits_;
  RowRejects* rejects_;
  std::vector<Misfit> rescued_;
  RowErrors errors_;
  Context context_;
  ChunkState chunk_;
  ChunkState before_;  // the crew's runs
  bool is_full_ = false;
  std::deque<Queued> windows_;       // found, and not yet delivered whole
  std::size_t num_handed_ = 0;       // of them: the crew has all their rows
  std::int64_t next_row_ = 0;        // of the window behind those: the first that the crew has not
  std::vector<Handed> handed_;       // the crew's runs
  Clock::time_point last_end_;       // of next(),
  Clock::duration last_duration_{};  // and what it took
  bool at_end_ = false;
  std::optional<SourceError> final_error_;
  std::unique_ptr<PieceDecoder> pieces_;
  std::int64_t pieces_end_ = 0;
  std::int64_t pieces_from_ = 0;  // where they may begin
  std::atomic<std::int64_t> bytes_read_again_ = 0;
  std::unique_ptr<RunCrew> crew_;  // the last member: it uses the others
};

}  // namespace polarway::csv
