// Watching a stream, and answering to what is seen.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* path) {
  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", SourceConfig(path)));
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());

    StreamingStats stats = source.stats();
    std::cout << "Bytes read: " << stats.bytes_read << '\n';
    std::cout << "Memory usage: " << stats.memory_bytes / 1'000'000 << " MB\n";
    std::cout << "Avg chunk time: " << stats.avg_chunk_time_ms << " ms\n";

    // Adjust if needed
    if (stats.avg_chunk_time_ms > 1000.0) {
      source.set_chunk_size(stats.chunk_size / 2);  // Chunks too large, reduce size
    }
  }
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
