#include <gtest/gtest.h>

#include "polarway/source.h"

namespace polarway {
namespace {

// Only what a source must have.
class PlainReader : public SourceReader {
 public:
  std::int64_t working_set_bytes(const ScanRequest&) const override { return 0; }
  Result<ScanPlan> open(const ScanRequest&, const Context&) override { return ScanPlan{}; }
  Result<std::optional<Batch>> read(const ChunkTarget&) override { return std::nullopt; }
  ReaderStats stats() const override { return {}; }
};

TEST(SourceReader, ByDefaultHasNoSplits) {
  const auto got = PlainReader().splits(4);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::UnsupportedOperation);
}

TEST(SourceReader, ByDefaultAcceptsEveryCommit) { EXPECT_TRUE(PlainReader().commit("anywhere")); }

}  // namespace
}  // namespace polarway
