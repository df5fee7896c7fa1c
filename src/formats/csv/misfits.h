#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "formats/csv/csv_options.h"
#include "formats/csv/row_errors.h"
#include "formats/csv/run_crew.h"
#include "polarway/memory.h"

namespace polarway::csv {

/// The column of a misfit that is the row's: it is not valid UTF-8.
inline constexpr std::int64_t kNoColumn = -1;

/// A value that its column cannot hold, or a row that is not valid UTF-8.
struct Misfit {
  std::int64_t chunk_row = 0;    ///< Where the row is in the chunk; -1: it is not in it.
  std::int64_t row_byte = 0;     ///< Where it begins in the file.
  std::int64_t column = 0;       ///< In the file; kNoColumn: it is the row.
  std::optional<Reject> reject;  ///< Of a row that is left out; nothing: nobody wants to know, or
                                 ///< there was no room for it.
  std::string rescued;           ///< The member of a JSON object that keeps the text.
};

/// Where lanes note what does not fit while they go on, until the chunk is made.
///
/// Threads: note() from any.
class Misfits {
 public:
  /// `change` is Reject or Rescue. `keeps`: somebody wants to know what the rows were.
  Misfits(RowErrors errors, SchemaChange change, Encoding encoding, bool keeps,
          std::shared_ptr<MemoryBudget> budget);

  /// Notes a field of a run, or a row for kNoColumn. `chunk_row` as in Misfit. MemoryLimit when
  /// there is no room even for the fact.
  Result<void> note(const Run& run, std::int64_t row, std::int64_t column, std::int64_t chunk_row);
  /// Those of rows before `end_byte`, by row and then by column; those behind it will be noted
  /// again. They are paid for until clear().
  std::vector<Misfit> take(std::int64_t end_byte);

  void clear();

  bool rescues() const { return change_ == SchemaChange::Rescue; }
  const RowErrors& errors() const { return errors_; }

 private:
  Result<void> pay(std::int64_t bytes);

  RowErrors errors_;
  SchemaChange change_;
  Encoding encoding_;
  bool keeps_;
  std::shared_ptr<MemoryBudget> budget_;
  std::mutex mutex_;
  MemoryLease lease_;
  std::vector<Misfit> noted_;
};

}  // namespace polarway::csv
