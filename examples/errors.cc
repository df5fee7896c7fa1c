// What to do next, by the kind of the error.
#include <polarway/polarway.h>

#include <chrono>
#include <iostream>
#include <thread>

using namespace polarway;

Result<void> run(const char* path) {
  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", SourceConfig(path)));
  while (true) {
    Result<std::optional<DataFrame>> chunk = source.read_chunk();
    if (chunk && *chunk) {
      std::cout << "Processed " << (*chunk)->height() << " rows\n";
      continue;
    }
    if (chunk) break;  // End of stream

    switch (chunk.error().kind) {
      case ErrorKind::Network:
        // Retry network errors: the next call goes on at the first row not delivered
        std::this_thread::sleep_for(std::chrono::seconds(5));
        continue;
      case ErrorKind::MemoryLimit:
        // Memory limit exceeded: reduce chunk size, unless one row is already too large
        if (source.stats().chunk_size <= 1) return fail(chunk.error());
        source.set_chunk_size(source.stats().chunk_size / 2);
        continue;
      default:
        // Fatal error
        return fail(chunk.error());
    }
  }
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
