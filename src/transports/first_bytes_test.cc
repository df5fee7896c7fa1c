#include "transports/first_bytes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_folder.h"

namespace polarway {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

TEST(FirstBytes, AreThoseOfALocalFileHoweverItIsNamed) {
  const TemporaryFolder folder;
  write_text(folder / "file", "0123456789");
  EXPECT_EQ(first_bytes_of(folder / "file", 4), "0123");
  EXPECT_EQ(first_bytes_of("file://" + (folder / "file"), 4), "0123");
  EXPECT_EQ(first_bytes_of(folder / "file", 64), "0123456789");
}

TEST(FirstBytes, OfWhatIsNoRegularFileAreLeftWhereTheyAre) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(first_bytes_of(folder / "pipe", 4), "");  // and does not wait for a writer
  EXPECT_EQ(first_bytes_of(folder.path(), 4), "");
  EXPECT_EQ(first_bytes_of(folder / "missing", 4), "");
  EXPECT_EQ(first_bytes_of("-", 4), "");
}

}  // namespace
}  // namespace polarway
