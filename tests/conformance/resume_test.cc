// A checkpoint of the source and a position of the sink, taken together, make a run that was broken
// off go on as if nothing had happened: no row twice, none lost.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "polarway/registry.h"
#include "polarway/sink.h"
#include "support/null_sink.h"
#include "support/toy_reader.h"

namespace polarway {
namespace {

namespace fs = std::filesystem;
using ::polarway::testing::NullSink;
using ::polarway::testing::Toy;
using ::polarway::testing::ToyReader;

struct Place {
  Checkpoint checkpoint;
  SinkPosition position;
};

using OpenSource = std::function<Result<StreamingSource>(const std::optional<Checkpoint>&)>;
using OpenSink = std::function<Result<std::unique_ptr<Sink>>(const Schema&)>;

// Runs until `chunks` chunks are written, syncing at every second one, and then breaks off, or to
// the end. Returns the last place that both sides agreed on.
std::optional<Place> run(const OpenSource& open_source, const OpenSink& open_sink,
                         std::optional<Place> from, int chunks) {
  auto source = open_source(from ? std::optional(from->checkpoint) : std::nullopt);
  EXPECT_TRUE(source) << source.error().to_string();
  auto sink = open_sink(source->metadata().schema);
  EXPECT_TRUE(sink) << sink.error().to_string();
  if (from) {
    EXPECT_TRUE((*sink)->resume(from->position));
  }
  for (int i = 0; i < chunks; ++i) {
    const auto chunk = source->read_chunk();
    EXPECT_TRUE(chunk);
    if (!*chunk) {
      EXPECT_TRUE((*sink)->finish());
      return std::nullopt;
    }
    EXPECT_TRUE((*sink)->write(**chunk));
    if (i % 2 == 1) {
      const auto position = (*sink)->sync();
      EXPECT_TRUE(position) << position.error().to_string();
      from = Place{*source->checkpoint(), *position};
      EXPECT_TRUE(source->commit());
    }
  }
  return from;
}

TEST(Resume, OfAToyAndANullSinkCountsEveryRowOnce) {
  const OpenSource open_source = [](const std::optional<Checkpoint>& from) {
    SourceConfig config = SourceConfig("toy").with_chunk_size(10).with_memory_limit("64MB");
    if (from) config.with_resume(*from);
    return AdaptiveStreamBuilder("toy",
                                 []() -> Result<std::unique_ptr<SourceReader>> {
                                   return std::make_unique<ToyReader>(Toy{.rows = 1000});
                                 })
        .open(config);
  };
  NullSink::Output output;
  const OpenSink open_sink = [&](const Schema&) -> Result<std::unique_ptr<Sink>> {
    return std::make_unique<NullSink>(output);
  };
  std::optional<Place> place;
  int runs = 0;
  do {
    place = run(open_source, open_sink, place, 5);
    ++runs;
  } while (place && runs < 1000);
  EXPECT_TRUE(output.finished);
  EXPECT_EQ(output.rows, 1000);
  EXPECT_GT(runs, 3);
}

TEST(Resume, OfACsvIntoACsvIsByteForByteTheSame) {
  const fs::path folder =
      fs::temp_directory_path() / ("polarway-resume-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const std::string input = (folder / "in.csv").string();
  {
    std::ofstream file(input);
    file << "n,text\n";
    for (int i = 0; i < 1000; ++i) file << i << ",\"a \"\"quoted\"\"\nline " << i << "\"\n";
  }
  const SourceRegistry registry;
  const OpenSource open_source = [&](const std::optional<Checkpoint>& from) {
    SourceConfig config = SourceConfig(input).with_chunk_size(30).with_memory_limit("64MB");
    if (from) config.with_resume(*from);
    return registry.create("csv", config);
  };
  const auto contents = [](const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  const auto sink_to = [&](const char* name) -> OpenSink {
    return [&, name](const Schema& schema) {
      SinkConfig config;
      config.path = (folder / name).string();
      config.schema = schema;
      config.budget = MemoryBudget::make(64 << 20);
      return make_sink(config);
    };
  };
  (void)run(open_source, sink_to("whole.csv"), std::nullopt, 1 << 20);
  std::optional<Place> place;
  int runs = 0;
  do {
    place = run(open_source, sink_to("pieces.csv"), place, 5);
    EXPECT_EQ(fs::exists(folder / "pieces.csv"), !place);  // no half output under the final name
    ++runs;
  } while (place && runs < 1000);
  EXPECT_EQ(contents(folder / "pieces.csv"), contents(folder / "whole.csv"));
  EXPECT_GT(contents(folder / "whole.csv").size(), 20'000u);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace polarway
