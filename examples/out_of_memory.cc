// Four ways to need less memory; a config can be changed statement by statement.
#include <polarway/polarway.h>

#include <iostream>

#pragma GCC diagnostic ignored "-Wconversion"  // bytes times a fraction: wanted here

using namespace polarway;

Result<void> run(const char* path) {
  SourceConfig config(path);

  // 1. Reduce memory limit
  config.with_memory_limit(memory_available() * 0.5);

  // 2. Decrease chunk size
  config.with_chunk_size(5'000);

  // 3. Disable parallel reading
  config.with_parallel(false);

  // 4. Disable prefetching
  config.with_prefetch(false);

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", config));
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
  }
  std::cout << "Peak memory: " << source.stats().peak_memory_bytes << " of "
            << source.stats().memory_limit_bytes << " bytes\n";
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
