// Stop anywhere, go on exactly there: in another process, if need be.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* path) {
  SourceRegistry registry;
  SourceConfig config = SourceConfig(path).with_chunk_size(1'000);

  // Read one chunk, and note where the next one begins. The note is one line of JSON.
  POLARWAY_TRY(StreamingSource first, registry.create("csv", config));
  POLARWAY_CHECK(first.read_chunk());
  POLARWAY_TRY(Checkpoint checkpoint, first.checkpoint());
  const std::string note = checkpoint.to_json();
  first.close();

  // Later: go on behind it.
  POLARWAY_TRY(Checkpoint after, Checkpoint::from_json(note));
  POLARWAY_TRY(StreamingSource rest, registry.create("csv", config.with_resume(after)));
  std::int64_t rows = 0;
  for (Result<DataFrame>& chunk : rest) {
    if (!chunk) return fail(chunk.error());
    rows += chunk->height();
  }
  std::cout << after.rows << " + " << rows << " rows\n";
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
