// A large local CSV file whose nulls and comments are known.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* path) {
  // Optimize CSV reading
  SourceConfig config = SourceConfig(path)
                            .with_chunk_size(20'000)           // Larger chunks for local files
                            .with_option("encoding", "utf-8")  // Specify encoding
                            .with_option("comment_char", "#")  // Skip comments
                            .with_option("null_values", "NA,NULL");  // Define nulls

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", config));
  POLARWAY_TRY(std::optional<DataFrame> first, source.read_chunk());
  if (first) std::cout << first->to_string() << '\n';
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
