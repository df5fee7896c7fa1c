// What to change when a stream is slow.
#include <polarway/polarway.h>

#include <iostream>
#include <string_view>

using namespace polarway;

Result<void> run(const char* path) {
  SourceConfig config(path);

  // 1. Increase chunk size
  config.with_chunk_size(50'000);

  // 2. Enable parallel reading
  config.with_parallel(true);

  // 3. Enable prefetching
  config.with_prefetch(true);

  // 4. Use memory mapping for files: the filesystem source has this option, csv refuses it
  if (!std::string_view(path).ends_with(".csv")) config.with_option("use_mmap", "true");

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create_for(config));
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
  }
  std::cout << source.stats().throughput << " rows a second\n";
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
