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

Result<void> append_all(const Run& run, std::span<const WantedColumn> columns, Misfits& misfits) {
  for (const WantedColumn& column : columns) {
    for (std::int64_t from = run.from; from < run.to;) {
      POLARWAY_TRY(const std::int64_t bad,
                   column.builder->append(run.rows, column.index, from, run.to));
      if (bad < 0) break;
      POLARWAY_CHECK(misfits.note(run, bad, column.index, column.builder->num_rows()));
      POLARWAY_CHECK(column.builder->append_null());
      from = bad + 1;
    }
  }
  return {};
}

Result<void> note_invalid(const Run& run, Misfits& misfits) {
  for (Run rest = run;;) {
    const std::optional<RunCrew::Misfit> invalid = check_encoding(rest);
    if (!invalid) return {};
    POLARWAY_CHECK(
        misfits.note(run, invalid->row, kNoColumn, run.chunk_row + invalid->row - run.from));
    rest.from = invalid->row + 1;
  }
}

std::vector<RunCrew::Lane> make_lanes(const std::vector<WantedColumn>& columns,
                                      bool checks_encoding, int num_threads, Misfits* misfits) {
  const std::span<const WantedColumn> all(columns);
  std::vector<RunCrew::Lane> lanes;
  const auto append = [misfits](const Run& run, std::span<const WantedColumn> some) -> Taken {
    if (misfits == nullptr) return append_run(run, some);
    POLARWAY_CHECK(append_all(run, some, *misfits));
    return std::nullopt;
  };
  const auto check = [misfits](const Run& run) -> Taken {
    if (misfits == nullptr) return check_encoding(run);
    POLARWAY_CHECK(note_invalid(run, *misfits));
    return std::nullopt;
  };
  if (num_threads == 1) {
    lanes.emplace_back([=](const Run& run) -> Taken {
      if (misfits == nullptr && checks_encoding) return check_and_append(run, all);
      if (checks_encoding) POLARWAY_CHECK(check(run));
      return append(run, all);
    });
    return lanes;
  }
  if (checks_encoding) lanes.emplace_back(check);
  const std::size_t num_lanes =
      std::min(all.size(), kLanesPerThread * static_cast<std::size_t>(num_threads));
  for (std::size_t i = 0; i < num_lanes; ++i) {
    const std::size_t first = i * all.size() / num_lanes;
    const std::size_t last = (i + 1) * all.size() / num_lanes;
    lanes.emplace_back([append, some = all.subspan(first, last - first)](const Run& run) {
      return append(run, some);
    });
  }
  return lanes;
}

}  // namespace polarway::csv
