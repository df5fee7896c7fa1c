// The guide's first example: a CSV file of any size, chunk by chunk, within a limit.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* path) {
  // Create source registry
  SourceRegistry registry;

  // Configure CSV source
  SourceConfig config = SourceConfig(path)
                            .with_memory_limit(2'000'000'000)  // 2 GB limit
                            .with_chunk_size(10'000);          // Start with 10,000 rows

  // Create and stream
  POLARWAY_TRY(StreamingSource source, registry.create("csv", config));
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
    std::cout << "Processed " << chunk->height() << " rows\n";
  }
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
