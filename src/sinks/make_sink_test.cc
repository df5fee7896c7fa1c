#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "polarway/sink.h"
#include "support/temporary_folder.h"

namespace polarway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::read_text;
using testing::TemporaryFolder;

SinkConfig config(const std::string& path, const std::string& format = "") {
  return {.path = path,
          .format = format,
          .schema = Schema({{"n", DataType::Int64}}),
          .budget = MemoryBudget::make(32 << 20)};
}

SourceError error_of(const SinkConfig& config) {
  const auto sink = make_sink(config);
  EXPECT_FALSE(sink) << config.path;
  return sink ? SourceError{} : sink.error();
}

TEST(MakeSink, TakesTheFormatFromTheNameUnlessItIsSaid) {
  TemporaryFolder folder;
  const auto starts_with = [&](const SinkConfig& with) {
    const auto sink = make_sink(with);
    EXPECT_TRUE(sink && (*sink)->finish());
    return read_text(with.path).substr(0, 4);
  };
  EXPECT_EQ(starts_with(config(folder / "a.csv")), "n\n");
  EXPECT_EQ(starts_with(config(folder / "a.parquet")), "PAR1");
  EXPECT_EQ(starts_with(config(folder / "a.PQ")), "PAR1");
  EXPECT_EQ(starts_with(config(folder / "a.csv", "parquet")), "PAR1");
  EXPECT_EQ(starts_with(config(folder / "noname", "csv")), "n\n");
  EXPECT_THAT(sink_formats(), ElementsAre("csv", "ndjson", "parquet", "ipc"));
}

TEST(MakeSink, RefusesFormatsAndOptionsItDoesNotKnowAndSaysWhatIsNear) {
  TemporaryFolder folder;
  EXPECT_EQ(error_of(config(folder / "a.csv", "parket")).kind, ErrorKind::Config);
  EXPECT_THAT(error_of(config(folder / "a.csv", "parket")).hint, HasSubstr("\"parquet\""));
  EXPECT_THAT(error_of(config(folder / "a.txt")).hint, HasSubstr("csv, ndjson, parquet"));
  EXPECT_THAT(error_of(config(folder / "csv")).hint, HasSubstr("csv, ndjson, parquet"));

  const auto hint_of = [&](const std::string& path, const std::string& key,
                           const std::string& value) {
    SinkConfig with = config(path);
    with.options = {{key, value}};
    const SourceError error = error_of(with);
    EXPECT_EQ(error.kind, ErrorKind::Config) << key;
    return error.message + " / " + error.hint;
  };
  EXPECT_THAT(hint_of(folder / "a.parquet", "compresion", "zstd"), HasSubstr("\"compression\""));
  EXPECT_THAT(hint_of(folder / "a.csv", "compression", "zstd"), HasSubstr("an option of parquet"));
  EXPECT_THAT(hint_of(folder / "a.parquet", "delimiter", ";"), HasSubstr("an option of csv"));
  EXPECT_THAT(hint_of(folder / "a.parquet", "compression", "zst"), HasSubstr("\"zstd\""));
  EXPECT_THAT(hint_of(folder / "a.parquet", "row_group_bytes", "1KB"),
              HasSubstr("less than 1 MiB"));
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(MakeSink, RefusesPlacesThatNoFileCanBePutIn) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "sub.csv");
  EXPECT_EQ(error_of(config(folder / "nowhere/a.csv")).kind, ErrorKind::NotFound);
  EXPECT_EQ(error_of(config(folder / "sub.csv")).kind, ErrorKind::Config);
  EXPECT_EQ(error_of(config(folder / "new/", "csv")).kind, ErrorKind::Config);
  EXPECT_EQ(error_of(config("")).kind, ErrorKind::Config);
  EXPECT_THAT(folder.names(), ElementsAre("sub.csv"));
}

TEST(MakeSink, WritesOnlyCsvToStandardOutput) {
  EXPECT_EQ(error_of(config("-", "parquet")).kind, ErrorKind::Config);
  EXPECT_TRUE(make_sink(config("-")));
}

TEST(MakeSink, NeedsColumnsAndABudget) {
  SinkConfig with = config("a.csv");
  with.schema = Schema();
  EXPECT_EQ(error_of(with).kind, ErrorKind::Config);
  with = config("a.csv");
  with.budget = nullptr;
  EXPECT_EQ(error_of(with).kind, ErrorKind::Config);
}

}  // namespace
}  // namespace polarway
