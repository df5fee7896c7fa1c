#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "polarway/registry.h"
#include "support/compressed.h"
#include "support/rows_text.h"
#include "support/temporary_folder.h"

namespace polarway {
namespace {

using testing::compressed;
using testing::Rows;
using testing::TemporaryFolder;

std::string utf16(std::string_view ascii) {
  std::string text = "\xFF\xFE";
  for (const char c : ascii) text += {c, '\0'};
  return text;
}

// A table of 1,000 rows, as bytes that are made of others.
class SequentialSource : public ::testing::TestWithParam<std::string> {
 protected:
  SequentialSource() {
    std::string text = "n,name\n";
    for (int i = 0; i < 1000; ++i) {
      text += std::to_string(i) + ",name " + std::to_string(i) + "\n";
      rows.push_back(std::to_string(i) + "|name " + std::to_string(i));
    }
    testing::write_text(folder / "plain.csv", text);
    testing::write_text(folder / "gzip.csv", compressed(Compression::Gzip, text));
    testing::write_text(folder / "xz.csv", compressed(Compression::Xz, text));
    testing::write_text(folder / "utf16.csv", utf16(text));
    testing::write_text(folder / "both.csv", compressed(Compression::Zstd, utf16(text)));
  }

  SourceConfig config() const {
    return SourceConfig(folder / (GetParam() + ".csv")).with_chunk_size(70).with_max_chunk_size(70);
  }
  Result<StreamingSource> open(const std::optional<Checkpoint>& from = {}) const {
    SourceConfig wanted = config();
    if (from) wanted.with_resume(*from);
    return SourceRegistry().create("csv", wanted);
  }
  static Rows rest_of(StreamingSource& source) {
    Rows got;
    for (;;) {
      const auto chunk = source.read_chunk();
      EXPECT_TRUE(chunk) << chunk.error().to_string();
      if (!chunk || !*chunk) return got;
      testing::append_rows(*(*chunk)->arrow(), got);
    }
  }

  TemporaryFolder folder;
  Rows rows;
};

INSTANTIATE_TEST_SUITE_P(Bytes, SequentialSource,
                         ::testing::Values("plain", "gzip", "xz", "utf16", "both"),
                         [](const auto& format) { return format.param; });

TEST_P(SequentialSource, GoesOnFromEveryCheckpointAndFromTheStart) {
  auto source = *open();
  EXPECT_TRUE(source.metadata().seekable);
  for (std::size_t done = 70; done < rows.size(); done += 70) {
    ASSERT_TRUE(*source.read_chunk());
    const auto checkpoint = source.checkpoint();
    ASSERT_TRUE(checkpoint);
    auto resumed = open(*checkpoint);
    ASSERT_TRUE(resumed) << resumed.error().to_string();
    EXPECT_EQ(rest_of(*resumed),
              Rows(rows.begin() + static_cast<std::ptrdiff_t>(done), rows.end()));
  }
  ASSERT_TRUE(source.reset());
  EXPECT_EQ(rest_of(source), rows);
}

TEST_P(SequentialSource, IsSplitOnlyWhereItsBytesAreThoseOfTheFile) {
  auto source = *open();
  const auto splits = source.splits(3);
  EXPECT_EQ(source.metadata().splittable, GetParam() == "plain");
  if (GetParam() == "plain") {
    EXPECT_EQ(splits->size(), 3U);
  } else {
    EXPECT_EQ(splits.error().kind, ErrorKind::UnsupportedOperation);
  }
}

TEST_P(SequentialSource, RefusesACheckpointOfBytesThatWereMadeInAnotherWay) {
  auto source = *open();
  ASSERT_TRUE(*source.read_chunk());
  const Checkpoint checkpoint = *source.checkpoint();
  // The same place, the same size, the same time: but other text.
  const auto other = SourceRegistry().create(
      "csv", config().with_resume(checkpoint).with_option("encoding", "windows-1252"));
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error().kind == ErrorKind::Changed || other.error().kind == ErrorKind::Parse)
      << other.error().to_string();
}

TEST_P(SequentialSource, CountsTheBytesOfTheFileOnce) {
  auto source = *open();
  const auto size = source.metadata().size_bytes;
  ASSERT_TRUE(size);
  (void)rest_of(source);
  EXPECT_EQ(source.stats().bytes_read, *size);
}

}  // namespace
}  // namespace polarway
