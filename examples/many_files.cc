// Several files as one table: what is in all of them, which file and which row it came from, and
// how to go on where a run was broken off.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(std::vector<std::string> locations) {
  // Paths, globs such as "data/*.csv", and directories, in the order in which they are read.
  SourceConfig config = SourceConfig(std::move(locations))
                            .with_memory_limit(64'000'000)
                            .with_option("union_by_name", "true")
                            .with_option("include_file_paths", "file")
                            .with_option("row_index_name", "row");
  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", config));

  for (const std::string& note : source.metadata().notes) std::cout << "Note: " << note << '\n';
  POLARWAY_TRY(std::optional<DataFrame> first, source.read_chunk());
  if (!first) return {};
  std::cout << first->head(3).to_string() << '\n';

  // A checkpoint is of all the files: another process goes on at the same row of the same file.
  POLARWAY_TRY(Checkpoint checkpoint, source.checkpoint());
  POLARWAY_TRY(StreamingSource rest,
               SourceRegistry().create("csv", SourceConfig(config).with_resume(checkpoint)));
  std::int64_t rows = first->height();
  for (Result<DataFrame>& chunk : rest) {
    if (!chunk) return fail(chunk.error());
    rows += chunk->height();
  }
  std::cout << rows << " rows\n";
  return {};
}

int main(int argc, char** argv) {
  std::vector<std::string> locations(argv + 1, argv + argc);
  if (locations.empty()) locations = {"data.csv", "data/*.csv"};
  Result<void> done = run(locations);
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
