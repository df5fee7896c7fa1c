// How a CSV file is written: separator, header, lines to leave out.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* path) {
  SourceConfig config = SourceConfig(path)
                            .with_option("delimiter", ",")
                            .with_option("has_header", "true")
                            .with_option("skip_rows", "0");

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", config));
  std::cout << source.metadata().schema.to_string() << '\n';
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
