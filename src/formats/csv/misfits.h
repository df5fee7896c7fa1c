#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "formats/csv/csv_options.h"
#include "formats/csv/row_errors.h"
#include "formats/csv/run_crew.h"
#include "polarway/memory.h"

namespace polarway::csv {

/// A value that its column cannot hold, or a row that is left out.
struct Misfit {
  Place place = {};                     ///< Before its row.
  std::int64_t chunk_row = 0;           ///< Rows of the chunk before its row,
  bool in_chunk = true;                 ///< which is in the chunk, too, or not.
  std::int64_t column = 0;              ///< In the file; kNoColumn: it is the row.
  std::unique_ptr<Reject> reject = {};  ///< Of a row that is left out; null: nobody wants to know,
                                        ///< or there was no room for it.
  std::string rescued = {};             ///< The member of a JSON object that keeps the text.
};

/// Where a misfit's row is in the chunk.
struct ChunkRow {
  std::int64_t rows_before = 0;
  bool in_chunk = true;
};

/// Where lanes note what does not fit while they go on, until the chunk is made.
///
/// Threads: note() from any.
class Misfits {
 public:
  /// `keeps`: somebody wants to know what the rows that are left out were.
  Misfits(RowErrors errors, SchemaChange change, Encoding encoding, bool keeps,
          std::shared_ptr<MemoryBudget> budget);

  /// Notes a field of a run, or a row for kNoColumn. MemoryLimit when there is no room even for the
  /// fact.
  Result<void> note(const Run& run, std::int64_t row, std::int64_t column, ChunkRow chunk_row);
  /// Whether something was noted since clear().
  bool has_any() const;
  /// Those of rows before `end_byte`, by row and then by column; those behind it will be noted
  /// again. They are paid for until clear().
  std::vector<Misfit> take(std::int64_t end_byte);

  void clear();

  /// Whether values that do not fit are noted; else only rows are, and such a value is an error.
  bool takes_values() const { return change_ != SchemaChange::Error; }
  bool rescues() const { return change_ == SchemaChange::Rescue; }

 private:
  Result<void> pay(std::int64_t bytes);

  RowErrors errors_;
  SchemaChange change_;
  Encoding encoding_;
  bool keeps_;
  std::shared_ptr<MemoryBudget> budget_;
  mutable std::mutex mutex_;
  MemoryLease lease_;
  std::vector<Misfit> noted_;
};

}  // namespace polarway::csv
