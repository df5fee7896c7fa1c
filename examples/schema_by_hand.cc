// Types by decree; those of columns that are not named are inferred.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* path) {
  SourceConfig config(path);

  // 1. Manually specify schema
  Schema schema({
      {"name", DataType::String},
      {"age", DataType::Int64},
  });
  config.with_option("schema", schema.to_json());

  // 2. Increase inference sample size
  config.with_option("infer_schema_length", "10000");

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", config));
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
  }
  std::cout << source.metadata().schema.to_string() << '\n'
            << source.stats().records_processed << " rows\n";
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
