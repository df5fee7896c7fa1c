// Patience with a slow network. Until the source is there, create() says UnsupportedSource.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run() {
  SourceConfig config("s3://bucket/data.parquet");

  // 1. Increase timeout
  config.with_option("timeout_ms", "120000");

  // 2. Increase retry attempts
  config.with_option("retry_attempts", "10");

  // 3. Exponential backoff
  config.with_option("retry_delay_ms", "2000");
  config.with_option("retry_multiplier", "2.0");

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("cloud", config));
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
