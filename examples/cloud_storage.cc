// A Parquet file in a bucket. Until the source is there, create() says UnsupportedSource.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run() {
  Credentials credentials = Credentials::Aws{
      .access_key_id = "AKIA...",
      .secret_access_key = "secret",
      .region = "us-east-1",
      .session_token = std::nullopt,
  };

  SourceConfig config = SourceConfig("s3://bucket/data.parquet")
                            .with_credentials(credentials)
                            .with_memory_limit(4'000'000'000);

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
