#include "sources/first_bytes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_folder.h"

namespace polarway {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

TEST(FirstBytes, TellTheKindsThatHaveAMark) {
  const TemporaryFolder folder;
  const auto kind_of = [&](const std::string& bytes) {
    write_text(folder / "file", bytes);
    return kind_of_first_bytes(folder / "file");
  };
  EXPECT_EQ(kind_of(std::string("ARROW1\0\0 and more", 17)), "ipc");
  EXPECT_EQ(kind_of(std::string("\xFF\xFF\xFF\xFF\x10\0\0\0", 8)), "ipc");
  EXPECT_EQ(kind_of("PAR1 and more"), "parquet");
  EXPECT_EQ(kind_of("id,name\n"), std::nullopt);
  EXPECT_EQ(kind_of("PA"), std::nullopt);
  EXPECT_EQ(kind_of(""), std::nullopt);
  EXPECT_EQ(kind_of_first_bytes("file://" + folder / "file"), std::nullopt);
}

TEST(FirstBytes, OfWhatIsNoRegularFileAreLeftWhereTheyAre) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(kind_of_first_bytes(folder / "pipe"), std::nullopt);  // and does not wait for a writer
  EXPECT_EQ(kind_of_first_bytes(folder.path()), std::nullopt);
  EXPECT_EQ(kind_of_first_bytes(folder / "missing"), std::nullopt);
  EXPECT_EQ(kind_of_first_bytes("-"), std::nullopt);
}

}  // namespace
}  // namespace polarway
