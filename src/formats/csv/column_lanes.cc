#include "formats/csv/column_lanes.h"

#include <algorithm>

#include "formats/csv/field.h"

namespace polarway::csv {
namespace {

// Enough that no thread is left with much when the others have nothing more to do; tables of very
// many columns would spend their time on taking turns.
constexpr std::size_t kLanesPerThread = 8;

using Taken = Result<std::optional<RunCrew::Misfit>>;

// Whole rows: notes those that are left out, where there are such, else stops at one that is not
// valid UTF-8.
Taken check_rows(const Run& run, bool checks_encoding, Misfits* misfits) {
  if (misfits != nullptr) {
    const std::vector<std::int64_t> rows = rows_to_leave_out(run, checks_encoding, *misfits);
    for (const std::int64_t row : rows) {
      POLARWAY_CHECK(misfits->note(run, row, kNoColumn, {run.chunk_row + row - run.from}));
    }
    checks_encoding = checks_encoding && !misfits->takes_values();
  }
  if (!checks_encoding) return std::nullopt;
  return check_encoding(run);
}

Taken append_rows(const Run& run, std::span<const WantedColumn> columns, Misfits* misfits) {
  if (misfits == nullptr || !misfits->takes_values()) return append_run(run, columns);
  for (const WantedColumn& column : columns) {
    POLARWAY_CHECK(append_all(run, column, [&](std::int64_t row) {
      return misfits->note(run, row, column.index, {column.builder->num_rows()});
    }));
  }
  return std::nullopt;
}

// All of it, as one thread does it.
Taken check_and_append(const Run& run, std::span<const WantedColumn> columns, bool checks_encoding,
                       Misfits* misfits) {
  POLARWAY_TRY(const std::optional<RunCrew::Misfit> invalid,
               check_rows(run, checks_encoding, misfits));
  if (!invalid) return append_rows(run, columns, misfits);
  Run valid = run;
  valid.to = invalid->row;
  POLARWAY_TRY(auto earlier, append_rows(valid, columns, misfits));
  return earlier ? earlier : invalid;
}

}  // namespace

std::optional<RunCrew::Misfit> check_encoding(const Run& run) {
  const auto* text = reinterpret_cast<const char*>(run.rows.text);
  const auto is_valid = [&](std::int64_t from, std::int64_t to) {
    const std::size_t begin = run.rows.row_begin(from);
    return is_valid_utf8({text + begin, run.rows.row_end(to - 1) - begin});
  };
  if (run.from == run.to || is_valid(run.from, run.to)) return std::nullopt;
  for (std::int64_t row = run.from; row < run.to; ++row) {
    if (run.rows.is_ragged(row) || is_valid(row, row + 1)) continue;
    return RunCrew::Misfit{.row = row, .column = kNoColumn};
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

Result<void> append_all(const Run& run, const WantedColumn& column,
                        const std::function<Result<void>(std::int64_t)>& on_misfit) {
  for (std::int64_t from = run.from; from < run.to;) {
    POLARWAY_TRY(const std::int64_t bad,
                 column.builder->append(run.rows, column.index, from, run.to));
    if (bad < 0) break;
    POLARWAY_CHECK(on_misfit(bad));
    POLARWAY_CHECK(column.builder->append_null());
    from = bad + 1;
  }
  return {};
}

std::vector<std::int64_t> rows_to_leave_out(const Run& run, bool checks_encoding,
                                            const Misfits& misfits) {
  std::vector<std::int64_t> rows;
  if (run.rows.ragged != nullptr) {
    for (std::int64_t row = run.from; row < run.to; ++row) {
      if (run.rows.is_ragged(row)) rows.push_back(row);
    }
  }
  if (!checks_encoding || !misfits.takes_values()) return rows;
  for (Run rest = run;;) {
    const std::optional<RunCrew::Misfit> invalid = check_encoding(rest);
    if (!invalid) break;
    rows.push_back(invalid->row);
    rest.from = invalid->row + 1;
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<RunCrew::Lane> make_lanes(const std::vector<WantedColumn>& columns,
                                      bool checks_encoding, int num_threads, Misfits* misfits) {
  const std::span<const WantedColumn> all(columns);
  std::vector<RunCrew::Lane> lanes;
  if (num_threads == 1) {
    lanes.emplace_back(
        [=](const Run& run) { return check_and_append(run, all, checks_encoding, misfits); });
    return lanes;
  }
  if (checks_encoding || misfits != nullptr) {
    lanes.emplace_back([=](const Run& run) { return check_rows(run, checks_encoding, misfits); });
  }
  const std::size_t num_lanes =
      std::min(all.size(), kLanesPerThread * static_cast<std::size_t>(num_threads));
  for (std::size_t i = 0; i < num_lanes; ++i) {
    const std::size_t first = i * all.size() / num_lanes;
    const std::size_t last = (i + 1) * all.size() / num_lanes;
    lanes.emplace_back([misfits, some = all.subspan(first, last - first)](const Run& run) {
      return append_rows(run, some, misfits);
    });
  }
  return lanes;
}

}  // namespace polarway::csv
