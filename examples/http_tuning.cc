// Many requests to one host. http_tuning [URL]
#include <polarway/polarway.h>

#include <iostream>
#include <string>

using namespace polarway;

Result<void> run(const std::string& url) {
  // Optimize API calls
  SourceConfig config = SourceConfig(url)
                            .with_option("connection_pool_size", "10")  // Connection pooling
                            .with_option("keepalive", "true")           // Reuse connections
                            .with_option("timeout_ms", "60000")         // Longer timeout
                            .with_option("retry_attempts", "5");        // More retries

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("http", config));
  for (Result<DataFrame>& chunk : source) {
    if (!chunk) return fail(chunk.error());
    std::cout << "Processed " << chunk->height() << " rows\n";
  }
  return {};
}

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "https://api.example.com");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
