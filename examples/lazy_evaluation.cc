// A query on each chunk instead of on the whole.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run(const char* path) {
  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("csv", SourceConfig(path)));

  // Don't do this: it materializes the entire dataset, or says that it does not fit
  //   POLARWAY_TRY(DataFrame df, source.collect());

  // Do this: process in chunks
  std::int64_t adults = 0;
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
    POLARWAY_TRY(
        DataFrame filtered,
        chunk->lazy().filter(col("age").gt(30)).select({col("name"), col("email")}).collect());

    // Process filtered chunk
    adults += filtered.height();
  }
  std::cout << adults << " rows with age > 30\n";
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "data/large_file.csv");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
