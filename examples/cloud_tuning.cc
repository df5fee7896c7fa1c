// Large objects over a fast line. Until the source is there, create() says UnsupportedSource.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run() {
  // Optimize S3 reads
  SourceConfig config = SourceConfig("s3://bucket/data.parquet")
                            .with_parallel(true)                         // Parallel downloads
                            .with_chunk_size(100'000)                    // Large chunks for S3
                            .with_option("region", "us-east-1")          // Same region as data
                            .with_option("multipart_threshold", "8MB");  // Use multipart for >8MB

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
