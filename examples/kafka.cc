// A topic, as part of a consumer group. Until the source is there, create() says UnsupportedSource.
#include <polarway/polarway.h>

#include <iostream>

using namespace polarway;

Result<void> run() {
  SourceConfig config = SourceConfig("topic-name")
                            .with_option("brokers", "localhost:9092")
                            .with_option("group_id", "polarway-consumer")
                            .with_option("auto_offset_reset", "earliest")
                            .with_option("max_poll_records", "500");

  POLARWAY_TRY(StreamingSource source, SourceRegistry().create("kafka", config));
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
