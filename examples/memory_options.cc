// The four settings that decide how much memory a stream uses.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* path) {
  SourceConfig config = SourceConfig(path)
                            // Hard limit: an error, never more memory
                            .with_memory_limit(4'000'000'000)

                            // Initial chunk size (rows for row-based sources)
                            .with_chunk_size(10'000)

                            // Enable parallel reading (if source supports it)
                            .with_parallel(true)

                            // Enable prefetching next chunk while processing current
                            .with_prefetch(true);

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", config));
  POLARWAY_TRY(std::optional<DataFrame> first, source.read_chunk());
  std::cout << "The first chunk has " << (first ? first->height() : 0) << " rows; the limit is "
            << source.stats().memory_limit_bytes << " bytes\n";
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
