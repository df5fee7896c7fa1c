// A REST endpoint. Until the source is there, create() says UnsupportedSource.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run() {
  SourceConfig config = SourceConfig("https://api.example.com/data")
                            .with_credentials(Credentials::Bearer{
                                .token = "token123",
                            })
                            .with_option("method", "GET")
                            .with_option("timeout_ms", "30000")
                            .with_option("retry_attempts", "3");

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("http", config));
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
