// The sum of every column of numbers in a file, which is mapped where its kind allows it, as a
// program that uses the library would have it. Prints what --digest prints of sums and nulls.

#include <arrow/api.h>

#include <cstdint>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "polarway/polarway.h"

namespace {

using namespace polarway;

struct Column {
  std::string name;
  bool is_real = false;
  double real = 0;
  std::int64_t whole = 0;
  std::int64_t nulls = 0;
};

bool is_number(const arrow::DataType& type) {
  return type.id() == arrow::Type::INT64 || type.id() == arrow::Type::DOUBLE;
}

template <class Array>
auto sum_of(const arrow::Array& array) {
  const auto& numbers = static_cast<const Array&>(array);
  decltype(numbers.Value(0) + 0) sum = 0;
  const auto* values = numbers.raw_values();
  for (std::int64_t i = 0; i < array.length(); ++i) {
    if (array.null_count() == 0 || array.IsValid(i)) sum += values[i];
  }
  return sum;
}

void add(Column& column, const arrow::Array& array) {
  column.nulls += array.null_count();
  if (column.is_real) {
    column.real += sum_of<arrow::DoubleArray>(array);
  } else {
    column.whole += sum_of<arrow::Int64Array>(array);
  }
}

void print(std::int64_t rows, const std::vector<Column>& columns) {
  std::printf("{\"rows\":%lld,\"columns\":[", static_cast<long long>(rows));
  const char* between = "";
  for (const Column& column : columns) {
    std::printf("%s{\"name\":\"%s\",\"nulls\":%lld,\"sum\":", between, column.name.c_str(),
                static_cast<long long>(column.nulls));
    column.is_real ? std::printf("%.17g}", column.real)
                   : std::printf("%lld}", static_cast<long long>(column.whole));
    between = ",";
  }
  std::printf("]}\n");
}

// The columns of numbers that a file has.
Result<std::vector<Column>> find_columns(const SourceConfig& config) {
  POLARWAY_TRY(StreamingSource source, SourceRegistry().create_for(config));
  std::vector<Column> columns;
  for (const auto& field : source.metadata().schema.arrow()->fields()) {
    if (!is_number(*field->type())) continue;
    columns.push_back(
        {.name = field->name(), .is_real = field->type()->id() == arrow::Type::DOUBLE});
  }
  return columns;
}

Result<void> run(const char* path, std::int64_t limit) {
  SourceConfig config = SourceConfig(path).with_memory_limit(limit).with_option("use_mmap", "true");
  POLARWAY_TRY(std::vector<Column> columns, find_columns(config));
  // Nothing but those is touched, as with the peers.
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  POLARWAY_TRY(StreamingSource source, SourceRegistry().create_for(config.with_columns(names)));
  std::int64_t rows = 0;
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
    rows += chunk->height();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      add(columns[i], *chunk->arrow()->column(static_cast<int>(i)));
    }
  }
  print(rows, columns);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "usage: sum_columns FILE MEMORY_LIMIT\n", 2;
  const Result<std::int64_t> limit = parse_size(argv[2]);
  const Result<void> done = limit ? run(argv[1], *limit) : Result<void>(fail(limit.error()));
  if (!done) std::cerr << "sum_columns: " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
