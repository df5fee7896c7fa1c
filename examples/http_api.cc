// A REST endpoint. http_api [URL]
#include <polarway/polarway.h>

#include <iostream>
#include <string>

using namespace polarway;

Result<void> run(const std::string& url) {
  SourceConfig config = SourceConfig(url)
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

int main(int argc, char** argv) {
  Result<void> done = run(argc > 1 ? argv[1] : "https://api.example.com/data");
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
