#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "formats/csv/column_builder.h"
#include "formats/csv/run_crew.h"

namespace polarway::csv {

/// A column that is wanted.
struct WantedColumn {
  std::int64_t index = 0;  ///< In the file.
  std::unique_ptr<ColumnBuilder> builder;
};

/// The column of a misfit that is the row's: it is not valid UTF-8.
inline constexpr std::int64_t kNoColumn = -1;

/// What a crew of `num_threads` >= 1 does with rows: check their encoding, if asked to, and append
/// them to `columns`, which must outlive the lanes and stay where they are. Misfits name columns by
/// their index in the file.
std::vector<RunCrew::Lane> make_lanes(const std::vector<WantedColumn>& columns,
                                      bool checks_encoding, int num_threads);

}  // namespace polarway::csv
