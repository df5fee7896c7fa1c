// A part of what is free now, and small chunks to begin with.
#include <polarway/polarway.h>

#include <iostream>

#pragma GCC diagnostic ignored "-Wconversion"  // bytes times a fraction: wanted here

using namespace polarway;

Result<void> run(const char* path) {
  // Good: conservative defaults
  SourceConfig config = SourceConfig(path)
                            .with_memory_limit(memory_available() * 0.6)  // 60 % of available
                            .with_chunk_size(5'000);                      // Small chunks initially

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", config));
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
  }
  std::cout << source.stats().records_processed << " rows in chunks of "
            << source.stats().min_chunk_size << " to " << source.stats().max_chunk_size << '\n';
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
