#include "sinks/parts_sink.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/temporary_folder.h"

namespace polarway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::read_text;
using testing::TemporaryFolder;

DataFrame numbers(std::int64_t from, std::int64_t to) {
  arrow::Int64Builder builder;
  for (std::int64_t n = from; n < to; ++n) EXPECT_TRUE(builder.Append(n).ok());
  const auto array = builder.Finish().ValueOrDie();
  return DataFrame(arrow::RecordBatch::Make(arrow::schema({arrow::field("n", arrow::int64())}),
                                            array->length(), {array}));
}

SinkConfig in_parts(const std::string& path) {
  SinkConfig config{.path = path,
                    .format = "csv",
                    .schema = numbers(0, 1).schema(),
                    .budget = MemoryBudget::make(32 << 20)};
  config.in_parts = true;
  return config;
}

std::vector<std::string> names(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    found.push_back(entry.path().filename());
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(PartsSink, APartEndsWhereTheSinkIsSynced) {
  const TemporaryFolder folder;
  const std::string out = folder / "out";
  auto sink = make_sink(in_parts(out));
  ASSERT_TRUE(sink);
  ASSERT_TRUE((*sink)->write(numbers(0, 2)));
  const auto position = (*sink)->sync();
  ASSERT_TRUE(position);
  EXPECT_EQ(position->rows, 2);
  EXPECT_THAT(names(out), ElementsAre("part-000000.csv"));
  ASSERT_TRUE((*sink)->write(numbers(2, 3)));
  ASSERT_TRUE((*sink)->finish());
  EXPECT_THAT(names(out), ElementsAre("_SUCCESS", "part-000000.csv", "part-000001.csv"));
  EXPECT_EQ(read_text(out + "/part-000000.csv"), "n\n0\n1\n");
  EXPECT_EQ(read_text(out + "/part-000001.csv"), "n\n2\n");
  EXPECT_FALSE((*sink)->write(numbers(3, 4)));
}

TEST(PartsSink, ResumesBehindThePartsOfAPositionAndDropsLaterOnes) {
  const TemporaryFolder folder;
  const std::string out = folder / "out";
  SinkPosition position;
  {
    auto sink = make_sink(in_parts(out));
    ASSERT_TRUE((*sink)->write(numbers(0, 2)));
    position = *(*sink)->sync();
    ASSERT_TRUE((*sink)->write(numbers(2, 3)));
    ASSERT_TRUE((*sink)->sync());
    ASSERT_TRUE((*sink)->write(numbers(3, 4)));  // never complete
  }
  EXPECT_THAT(names(out), ElementsAre("part-000000.csv", "part-000001.csv"));
  auto sink = make_sink(in_parts(out));
  ASSERT_TRUE((*sink)->resume(position));
  EXPECT_THAT(names(out), ElementsAre("part-000000.csv"));
  ASSERT_TRUE((*sink)->write(numbers(5, 6)));
  EXPECT_EQ((*sink)->sync()->rows, 3);
  ASSERT_TRUE((*sink)->finish());
  EXPECT_EQ(read_text(out + "/part-000001.csv"), "n\n5\n");
}

TEST(PartsSink, APositionWhosePartsAreGoneIsChanged) {
  const TemporaryFolder folder;
  const std::string out = folder / "out";
  auto sink = make_sink(in_parts(out));
  ASSERT_TRUE((*sink)->write(numbers(0, 2)));
  const SinkPosition position = *(*sink)->sync();
  std::filesystem::remove(out + "/part-000000.csv");
  auto other = make_sink(in_parts(out));
  const Result<void> resumed = (*other)->resume(position);
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().kind, ErrorKind::Changed);
  EXPECT_EQ((*make_sink(in_parts(out)))->resume({.position = "csv 1 2 3", .rows = 0}).error().kind,
            ErrorKind::Changed);
}

TEST(PartsSink, LeavesNothingWhenItIsAborted) {
  const TemporaryFolder folder;
  SinkConfig config = in_parts(folder / "out");
  config.partition_by = {"key"};
  config.schema = Schema({{"key", DataType::Int64}, {"n", DataType::Int64}});
  auto sink = make_sink(config);
  ASSERT_TRUE(sink);
  const auto n = numbers(0, 3).arrow()->column(0);
  ASSERT_TRUE(
      (*sink)->write(DataFrame(arrow::RecordBatch::Make(config.schema.arrow(), 3, {n, n}))));
  (*sink)->abort();
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(PartsSink, OfNoRowsHasOneFileWithTheColumns) {
  const TemporaryFolder folder;
  const std::string out = folder / "out";
  auto sink = make_sink(in_parts(out + "/"));
  ASSERT_TRUE(sink);
  ASSERT_TRUE((*sink)->finish());
  EXPECT_EQ(read_text(out + "/part-000000.csv"), "n\n");
}

TEST(PartsSink, RefusesWhatIsNoEmptyFolder) {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  EXPECT_EQ(make_sink(in_parts(folder / "file")).error().kind, ErrorKind::Config);
  std::filesystem::create_directory(folder / "full");
  std::ofstream(folder / "full/x") << "x";
  auto sink = make_sink(in_parts(folder / "full"));
  const Result<void> written = (*sink)->write(numbers(0, 1));
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("not empty"));
}

}  // namespace
}  // namespace polarway
