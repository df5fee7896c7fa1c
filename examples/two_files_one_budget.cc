// Two files read side by side under one limit.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* left_path, const char* right_path) {
  SourceRegistry registry;
  std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(64'000'000);
  POLARWAY_TRY(StreamingSource left,
               registry.create("csv", SourceConfig(left_path).with_budget(budget)));
  POLARWAY_TRY(StreamingSource right,
               registry.create("csv", SourceConfig(right_path).with_budget(budget)));

  while (left.has_more() || right.has_more()) {
    POLARWAY_TRY(std::optional<DataFrame> from_left, left.read_chunk());
    POLARWAY_TRY(std::optional<DataFrame> from_right, right.read_chunk());
  }
  std::cout << left.stats().records_processed << " and " << right.stats().records_processed
            << " rows; at most " << budget->peak_reserved_bytes() << " of " << budget->limit_bytes()
            << " bytes in use\n";
  return {};
}

int main(int argc, char** argv) {
  const char* path = argc > 1 ? argv[1] : "data/large_file.csv";
  Result<void> done = run(path, argc > 2 ? argv[2] : path);
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
