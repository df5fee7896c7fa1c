// Several threads, and the next chunk read while this one is worked on.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* path) {
  // For sources that support parallel reads
  SourceConfig config = SourceConfig(path)
                            .with_parallel(true)       // Enable parallel reading
                            .with_prefetch(true)       // Prefetch next chunk
                            .with_chunk_size(50'000);  // Larger chunks for parallel

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create_for(config));
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
  }
  std::cout << source.stats().records_processed << " rows, " << source.stats().throughput
            << " a second; the caller waited " << source.stats().wait.source_ms << " ms\n";
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
