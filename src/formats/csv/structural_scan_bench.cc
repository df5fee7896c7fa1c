// How fast the structure is found, in bytes a second, for each SIMD target of this machine.

#include <benchmark/benchmark.h>
#include <hwy/targets.h>

#include <limits>
#include <string>
#include <vector>

#include "formats/csv/count_rows.h"
#include "formats/csv/structural_scan.h"

namespace polarway::csv {
namespace {

constexpr std::size_t kBytes = 256 << 10;  // a block

std::string repeated(const std::string& rows) {
  std::string text;
  while (text.size() + rows.size() < kBytes) text += rows;
  return text + std::string(64, '\0');
}

const std::string kPeople =
    "1234567,Ada Lovelace,ada.lovelace@example.org,36,United Kingdom,1234.56,0.123456789012345,"
    "2023-01-02,2024-02-03T04:05:06,true\n";
const std::string kQuoted =
    "17,2024-02-03T04:05:06,info,\"a message, with commas\",\"and \"\"quotes\"\" "
    "and\nlines\",x,3\n";
const std::string kNarrow = "12,345,6,7890\n3,4,567,8\n";

void scan(benchmark::State& state, const std::string& rows, const Marks& marks) {
  hwy::SetSupportedTargetsForTest(state.range(0));
  hwy::GetChosenTarget().DeInit();
  const std::string text = repeated(rows);
  std::vector<std::uint32_t> ends(text.size() + 64);
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size() - 64);
  for (auto _ : state) benchmark::DoNotOptimize(structural_scan(bytes, marks, ends));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
  state.SetLabel(hwy::TargetName(state.range(0)));
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

void count(benchmark::State& state, const std::string& rows, std::int64_t num_columns) {
  hwy::SetSupportedTargetsForTest(state.range(0));
  hwy::GetChosenTarget().DeInit();
  const std::string text = repeated(rows);
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size() - 64);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        count_rows(bytes, {}, num_columns, std::numeric_limits<std::int64_t>::max()));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
  state.SetLabel(hwy::TargetName(state.range(0)));
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

void every_target(benchmark::internal::Benchmark* bench) {
  for (std::int64_t targets = hwy::SupportedTargets(); targets != 0; targets &= targets - 1) {
    bench->Arg(targets & -targets);
  }
}

BENCHMARK_CAPTURE(scan, people, kPeople, Marks{})->Apply(every_target);
BENCHMARK_CAPTURE(scan, quoted, kQuoted, Marks{})->Apply(every_target);
BENCHMARK_CAPTURE(scan, narrow, kNarrow, Marks{})->Apply(every_target);
BENCHMARK_CAPTURE(scan, people_with_comments, kPeople, Marks{.comment = "#"})->Apply(every_target);
BENCHMARK_CAPTURE(scan, people_with_escapes, kPeople, Marks{.has_escape = true, .escape = '\\'})
    ->Apply(every_target);
BENCHMARK_CAPTURE(count, people, kPeople, 10)->Apply(every_target);
BENCHMARK_CAPTURE(count, quoted, kQuoted, 7)->Apply(every_target);
BENCHMARK_CAPTURE(count, narrow, kNarrow, 4)->Apply(every_target);

}  // namespace
}  // namespace polarway::csv
