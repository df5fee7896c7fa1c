// All Parquet files of a folder, as one table.
// '/data/files/*.parquet'`.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* files) {
  SourceConfig config = SourceConfig(files).with_parallel(true).with_option("use_mmap", "true");

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("filesystem", config));
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
    std::cout << "Processed " << chunk->height() << " rows\n";
  }
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/files/*.parquet");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
