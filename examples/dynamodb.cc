// A table scan. Until the source is there, create() says UnsupportedSource.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run() {
  Credentials credentials = Credentials::DynamoDB{
      .access_key_id = "AKIA...",
      .secret_access_key = "secret",
      .region = "us-east-1",
  };

  SourceConfig config = SourceConfig("table-name")
                            .with_credentials(credentials)
                            .with_option("operation", "scan")
                            .with_option("segment", "0");

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("dynamodb", config));
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
