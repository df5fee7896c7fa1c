// All Parquet files of a folder. Until the source is there, create() says UnsupportedSource.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run() {
  SourceConfig config =
      SourceConfig("/data/files/*.parquet").with_parallel(true).with_option("use_mmap", "true");

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("filesystem", config));
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
    std::cout << "Processed " << chunk->height() << " rows\n";
  }
  return {};
}

int main() {
  Result<void> done = run();
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
