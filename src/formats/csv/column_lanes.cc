#include "formats/csv/column_lanes.h"

#include <algorithm>

#include "formats/csv/field.h"

namespace polarway::csv {
namespace {

// Enough that no thread is left with much when the others have nothing more to do; tables of very
// many columns would spend their time on taking turns.
constexpr std::size_t kLanesPerThread = 8;

using Taken = Result<std::optional<RunCrew::Misfit>>;

// All of it, as one thread does it.
Taken check_and_append(const Run& run, std::span<const WantedColumn> columns) {
  const std::optional<RunCrew::Misfit> invalid = check_encoding(run);
  if (!invalid) return append_run(run, columns);
  POLARWAY_TRY(auto earlier, append_run({run.rows, run.from, invalid->row}, columns));
  return earlier ? earlier : invalid;
}

}  // namespace

std::optional<RunCrew::Misfit> check_encoding(const Run& run) {
  const auto* text = reinterpret_cast<const char*>(run.rows.text);
  const auto is_valid = [&](std::int64_t from, std::int64_t to) {
    const std::size_t begin = run.rows.row_begin(from);
    return is_valid_utf8({text + begin, run.rows.row_end(to - 1) - begin});
  };
  if (is_valid(run.from, run.to)) return std::nullopt;
  for (std::int64_t row = run.from; row < run.to; ++row) {
    if (!is_valid(row, row + 1)) return RunCrew::Misfit{.row = row, .column = kNoColumn};
  }
  return std::nullopt;
}

Taken append_run(const Run& run, std::span<const WantedColumn> columns) {
  std::int64_t to = run.to;
  std::optional<RunCrew::Misfit> misfit;
  for (const WantedColumn& column : columns) {
    POLARWAY_TRY(const std::int64_t bad,
                 column.builder->append(run.rows, column.index, run.from, to));
    if (bad < 0) continue;
    to = bad;  // the columns after it stop there, so the last to complain has the first bad row
    misfit = {.row = bad, .column = column.index};
  }
  return misfit;
}

std::vector<RunCrew::Lane> make_lanes(const std::vector<WantedColumn>& columns,
                                      bool checks_encoding, int num_threads) {
  const std::span<const WantedColumn> all(columns);
  std::vector<RunCrew::Lane> lanes;
  if (num_threads == 1) {
    lanes.emplace_back([all, checks_encoding](const Run& run) {
      return checks_encoding ? check_and_append(run, all) : append_run(run, all);
    });
    return lanes;
  }
  if (checks_encoding) lanes.emplace_back(check_encoding);
  const std::size_t num_lanes =
      std::min(all.size(), kLanesPerThread * static_cast<std::size_t>(num_threads));
  for (std::size_t i = 0; i < num_lanes; ++i) {
    const std::size_t first = i * all.size() / num_lanes;
    const std::size_t last = (i + 1) * all.size() / num_lanes;
    lanes.emplace_back([some = all.subspan(first, last - first)](const Run& run) {
      return append_run(run, some);
    });
  }
  return lanes;
}

}  // namespace polarway::csv
