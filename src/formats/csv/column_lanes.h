#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "formats/csv/column_builder.h"
#include "formats/csv/csv_options.h"
#include "formats/csv/misfits.h"
#include "formats/csv/run_crew.h"

namespace polarway::csv {

/// A column that is wanted.
struct WantedColumn {
  std::int64_t index = 0;  ///< In the file.
  std::unique_ptr<ColumnBuilder> builder;
};

/// UTF-8 bytes that one byte of text may become.
inline std::int64_t widest_byte(Encoding encoding) { return encoding == Encoding::Utf8 ? 1 : 3; }

/// What builders take for columns of so many bytes: buffers grow by a quarter, and sit in size
/// classes an eighth apart.
inline std::int64_t grown_bytes(std::int64_t column_bytes) { return column_bytes / 7 * 10 + 64; }
/// And the reverse: the bytes of columns for which that is enough.
inline std::int64_t ungrown_bytes(std::int64_t bytes) { return bytes / 10 * 7; }

/// Text must be valid UTF-8. All columns are looked at, whichever are wanted, so that the rows
/// there are do not depend on the projection. The first row that is not is the row's misfit
/// (kNoColumn); ragged rows are none of the table's, and pass.
std::optional<RunCrew::Misfit> check_encoding(const Run& run);

/// Appends a run to columns, up to the first row that does not fit one of them. They then have
/// different numbers of rows: truncate().
Result<std::optional<RunCrew::Misfit>> append_run(const Run& run,
                                                  std::span<const WantedColumn> columns);

/// Appends a whole run to a column: a null for each row that does not fit, which `on_misfit` is
/// told before.
Result<void> append_all(const Run& run, const WantedColumn& column,
                        const std::function<Result<void>(std::int64_t)>& on_misfit);

/// The rows of a run that `misfits` has no place for in the table, whatever their values are:
/// ragged ones and, if they are to be noted rather than an error, those that are not valid UTF-8.
std::vector<std::int64_t> rows_to_leave_out(const Run& run, bool checks_encoding,
                                            const Misfits& misfits);

/// What a crew of `num_threads` >= 1 does with rows: check their encoding, if asked to, and append
/// them to `columns`, which must outlive the lanes and stay where they are. Misfits name columns by
/// their index in the file. With `misfits`, which must outlive the lanes, too, what it takes is
/// noted there, and stops nothing.
std::vector<RunCrew::Lane> make_lanes(const std::vector<WantedColumn>& columns,
                                      bool checks_encoding, int num_threads,
                                      Misfits* misfits = nullptr);

}  // namespace polarway::csv
