// What one field costs each kind of column: see per_cell.

#include <arrow/memory_pool.h>
#include <arrow/type.h>
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "formats/csv/column_builder.h"

namespace polarway::csv {
namespace {

// As many rows as a window of ten columns has.
constexpr std::int64_t kRows = 4'800;
constexpr std::size_t kPadding = 64;

std::mt19937_64& dice() {
  static std::mt19937_64 random(7);
  return random;
}

std::int64_t below(std::int64_t limit) {
  return static_cast<std::int64_t>(dice()() % static_cast<std::uint64_t>(limit));
}

template <class... Arguments>
std::string print(const char* format, Arguments... arguments) {
  char text[128];
  return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, format, arguments...))};
}

std::string letters(std::int64_t most) {
  std::string text(static_cast<std::size_t>(1 + below(most)), ' ');
  for (char& c : text) c = static_cast<char>('a' + below(26));
  return text;
}

std::string date() {
  return print("%04d-%02d-%02d", static_cast<int>(2010 + below(16)),
               static_cast<int>(1 + below(12)), static_cast<int>(1 + below(28)));
}

std::string timestamp() {
  return date() + print(" %02d:%02d:%02d", static_cast<int>(below(24)), static_cast<int>(below(60)),
                        static_cast<int>(below(60)));
}

struct Kind {
  const char* name;
  std::shared_ptr<arrow::DataType> type;
  std::function<std::string(std::int64_t)> field;
};

std::vector<Kind> kinds() {
  const auto micros = arrow::timestamp(arrow::TimeUnit::MICRO);
  return {
      {"int64/id", arrow::int64(), [](auto row) { return std::to_string(16'000'000 + row); }},
      {"int64/mixed", arrow::int64(),
       [](auto) { return std::to_string(static_cast<std::int64_t>(dice()()) >> below(60)); }},
      {"int64/nulls", arrow::int64(),
       [](auto) { return below(20) == 0 ? "" : std::to_string(below(100)); }},
      {"float64/cents", arrow::float64(),
       [](auto) {
         return print("%.2f", static_cast<double>(below(40'000'000) - 1'000'000) / 100);
       }},
      {"float64/unit", arrow::float64(),
       [](auto) { return print("%.6f", static_cast<double>(below(1'000'000)) / 1e6); }},
      {"float64/long", arrow::float64(),
       [](auto) { return print("%.17g", static_cast<double>(dice()()) / 1e18); }},
      {"float64/exponent", arrow::float64(),
       [](auto) {
         return print("%.6e", static_cast<double>(dice()()) / std::pow(10, 16 + below(14)));
       }},
      {"decimal/cents", arrow::decimal128(12, 2),
       [](auto) {
         return print("%.2f", static_cast<double>(below(40'000'000) - 1'000'000) / 100);
       }},
      {"date", arrow::date32(), [](auto) { return date(); }},
      {"timestamp", micros, [](auto) { return timestamp(); }},
      {"timestamp/fraction", micros,
       [](auto) { return timestamp() + print(".%06d", static_cast<int>(below(1'000'000))); }},
      {"bool", arrow::boolean(), [](auto) { return below(2) == 0 ? "true" : "false"; }},
      {"string/word", arrow::utf8(), [](auto) { return letters(20); }},
      {"string/email", arrow::utf8(), [](auto) { return letters(24) + "@example.com"; }},
      {"string/quoted", arrow::utf8(), [](auto) { return '"' + letters(60) + '"'; }},
      {"string/escaped", arrow::utf8(),
       [](auto) { return '"' + letters(30) + "\"\"" + letters(30) + '"'; }},
  };
}

// Ten columns, of which one is looked at; its neighbours are as wide as columns are on average.
class Table {
 public:
  explicit Table(const Kind& kind) {
    text_.assign(kPadding, ' ');
    for (std::int64_t row = 0; row < kRows; ++row) {
      for (std::int64_t column = 0; column < kColumns; ++column) {
        text_ += column == kColumn ? kind.field(row) : "neighbour";
        ends_.push_back(static_cast<std::uint32_t>(text_.size() - kPadding));
        text_ += column + 1 < kColumns ? ',' : '\n';
      }
    }
    text_.append(kPadding, ' ');
  }

  static constexpr std::int64_t kColumn = 3;

  Rows rows() const {
    return {.text = reinterpret_cast<const std::uint8_t*>(text_.data()) + kPadding,
            .ends = ends_.data(),
            .begins = nullptr,
            .num_rows = kRows,
            .num_columns = kColumns};
  }

 private:
  static constexpr std::int64_t kColumns = 10;

  std::string text_;
  std::vector<std::uint32_t> ends_;
};

void convert(benchmark::State& state, const Kind& kind) {
  const Table table(kind);
  const Rows rows = table.rows();
  const ValueRules rules;
  ColumnContext context;
  context.rules = &rules;
  context.pool = arrow::default_memory_pool();
  const auto builder = make_column_builder(kind.type, true, context).value();
  for (auto _ : state) {
    if (!builder->start(kRows) || builder->append(rows, Table::kColumn, 0, kRows).value() >= 0) {
      state.SkipWithError("a field does not fit");
      break;
    }
    benchmark::DoNotOptimize(builder->finish().value());
  }
  state.counters["per_cell"] =
      benchmark::Counter(static_cast<double>(kRows), benchmark::Counter::kIsIterationInvariantRate |
                                                         benchmark::Counter::kInvert);
}

[[maybe_unused]] const bool kRegistered = [] {
  for (const Kind& kind : kinds()) {
    benchmark::RegisterBenchmark(kind.name,
                                 [kind](benchmark::State& state) { convert(state, kind); });
  }
  return true;
}();

}  // namespace
}  // namespace polarway::csv
