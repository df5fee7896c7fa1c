#include "sources/file_listing.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace polarway {
namespace {

namespace fs = std::filesystem;
using ::polarway::testing::TemporaryFolder;
using ::polarway::testing::write_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FileListing : public ::testing::Test {
 protected:
  void make(const std::string& name, const std::string& text = "a\n1\n") const {
    fs::create_directories(fs::path(folder / name).parent_path());
    write_text(folder / name, text);
  }
  Result<FileList> list(std::vector<std::string> locations, bool glob = true) const {
    for (std::string& location : locations) location = folder / location;
    return list_files(locations, {.glob = glob, .extensions = {"csv", "tsv"}}, budget, {});
  }
  // The paths without the folder's.
  std::vector<std::string> names(std::vector<std::string> locations, bool glob = true) const {
    const Result<FileList> files = list(std::move(locations), glob);
    if (!files) return {files.error().to_string()};
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < files->size(); ++i) {
      names.push_back(files->path(i).substr(folder.path().size() + 1));
    }
    return names;
  }
  SourceError error(std::vector<std::string> locations) const {
    const Result<FileList> files = list(std::move(locations));
    if (files) {
      ADD_FAILURE() << files->size() << " files";
      return {};
    }
    return files.error();
  }

  TemporaryFolder folder;
  std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(64 << 20);
};

TEST_F(FileListing, AGlobIsItsFilesSortedByTheBytesOfTheirPaths) {
  for (const char* name : {"b.csv", "a.csv", "a-b/x.csv", "a/x.csv", "B.csv", "c.txt", ".d.csv"}) {
    make(name);
  }
  EXPECT_THAT(names({"*.csv"}), ElementsAre("B.csv", "a.csv", "b.csv"));
  EXPECT_THAT(names({"a*/x.csv"}), ElementsAre("a-b/x.csv", "a/x.csv"));
  EXPECT_THAT(names({"**/*.csv"}), ElementsAre("B.csv", "a-b/x.csv", "a.csv", "a/x.csv", "b.csv"));
  EXPECT_THAT(names({".*.csv"}), ElementsAre(".d.csv"));
}

TEST_F(FileListing, TwoStarsAreAnyNumberOfFoldersAndNameNoFileTwice) {
  for (const char* name : {"a/b/a/b/x.csv", "a/x.csv", "x.csv", ".h/x.csv"}) make(name);
  EXPECT_THAT(names({"**/x.csv"}), ElementsAre("a/b/a/b/x.csv", "a/x.csv", "x.csv"));
  EXPECT_THAT(names({"**/a/**/x.csv"}), ElementsAre("a/b/a/b/x.csv", "a/x.csv"));
  EXPECT_THAT(names({"**/**"}), ElementsAre("a/b/a/b/x.csv", "a/x.csv", "x.csv"));
  EXPECT_THAT(names({"*/*.csv"}), ElementsAre("a/x.csv"));
}

TEST_F(FileListing, ADirectoryIsItsFilesOfTheKindHowEverDeep) {
  for (const char* name : {"d/2/b.csv", "d/1/a.CSV", "d/c.tsv.gz", "d/readme.md", "d/_SUCCESS",
                           "d/_tmp/x.csv", "d/.crc/x.csv", "d/.x.csv", "d/_x.csv", "d/csv"}) {
    make(name);
  }
  const auto expected = ElementsAre("d/1/a.CSV", "d/2/b.csv", "d/c.tsv.gz");
  EXPECT_THAT(names({"d"}), expected);
  EXPECT_THAT(names({"d/"}), expected);
  EXPECT_THAT(names({"?/"}), expected);
}

TEST_F(FileListing, AListIsReadAsItStandsTwiceWhereItSaysSo) {
  for (const char* name : {"b.csv", "a.csv", "d/2.csv", "d/1.csv"}) make(name);
  EXPECT_THAT(names({"b.csv", "a.csv", "d", "b.csv"}),
              ElementsAre("b.csv", "a.csv", "d/1.csv", "d/2.csv", "b.csv"));
}

TEST_F(FileListing, ANameThatIsThereIsThatFileAndWithoutGlobEveryNameIs) {
  make("a[1].csv");
  make("a1.csv");
  EXPECT_THAT(names({"a[1].csv"}), ElementsAre("a[1].csv"));
  EXPECT_THAT(names({"a[0-9].csv"}), ElementsAre("a1.csv"));
  EXPECT_THAT(names({"a[0-9].csv"}, false), ElementsAre(HasSubstr("No such file")));
  EXPECT_THAT(names({"a[1].csv"}, false), ElementsAre("a[1].csv"));
}

TEST_F(FileListing, NoMatchIsAnEmptySourceThatNamesThePattern) {
  make("d/readme.md");
  for (const char* location : {"*.csv", "nowhere/*.csv", "d", "d/**/*.csv"}) {
    const SourceError none = error({location});
    EXPECT_EQ(none.kind, ErrorKind::EmptySource) << location;
    EXPECT_EQ(none.where.location, folder / location);
  }
  EXPECT_EQ(error({"nowhere.csv"}).kind, ErrorKind::NotFound);
}

TEST_F(FileListing, LinksAreFollowedAndALinkToNothingIsAnErrorThatNamesIt) {
  make("real/a.csv");
  fs::create_directories(folder / "d");
  fs::create_symlink("../real", folder / "d/link");
  fs::create_symlink("../real/a.csv", folder / "d/b.csv");
  EXPECT_THAT(names({"d"}), ElementsAre("d/b.csv", "d/link/a.csv"));
  EXPECT_THAT(names({"d/*.csv"}), ElementsAre("d/b.csv"));

  fs::create_symlink("gone.csv", folder / "d/c.csv");
  for (const char* location : {"d", "d/*.csv", "d/c.csv"}) {
    const SourceError broken = error({location});
    EXPECT_EQ(broken.kind, ErrorKind::NotFound);
    EXPECT_EQ(broken.where.location, folder / "d/c.csv");
  }
  fs::remove(folder / "d/c.csv");
  fs::create_symlink("c.csv", folder / "d/c.csv");  // to itself
  EXPECT_EQ(error({"d"}).kind, ErrorKind::Io);
}

TEST_F(FileListing, ALinkBackToAFolderAroundItIsAnErrorThatNamesIt) {
  make("d/a.csv");
  make("d/e/b.csv");
  fs::create_symlink("../../d", folder / "d/e/again");
  for (const char* location : {"d", "**/*.csv"}) {
    const SourceError cycle = error({location});
    EXPECT_EQ(cycle.kind, ErrorKind::Io);
    EXPECT_EQ(cycle.where.location, folder / "d/e/again/");
    EXPECT_THAT(cycle.to_string(), HasSubstr("leads back"));
  }
  EXPECT_THAT(names({"d/*.csv"}), ElementsAre("d/a.csv"));
}

TEST_F(FileListing, WhatIsNoRegularFileIsLeftOutOfPatternsAndReadWhenItIsNamed) {
  make("a.csv");
  ASSERT_EQ(::mkfifo((folder / "b.csv").c_str(), 0600), 0);
  fs::create_directories(folder / "c.csv");
  EXPECT_THAT(names({"*.csv"}), ElementsAre("a.csv"));
  const Result<FileList> files = list({"a.csv", "b.csv"});
  ASSERT_TRUE(files);
  EXPECT_EQ(files->size(), 2);
  EXPECT_FALSE(files->all_regular());
}

TEST_F(FileListing, ADeepTreeNeedsOneDescriptor) {
  std::string name = "d";
  for (int depth = 0; depth < 100; ++depth) name += "/d";
  make(name + "/x.csv");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = ::dup(0);  // the lowest that is free
  ::close(next);
  const rlimit few{.rlim_cur = static_cast<rlim_t>(next) + 2, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const std::vector<std::string> found = names({"**/*.csv"});
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_THAT(found, ElementsAre(name + "/x.csv"));
}

TEST_F(FileListing, ItsMemoryIsPaidForAndTooLittleIsAnError) {
  for (int i = 0; i < 20'000; ++i) {
    ::close(::creat((folder / ("a-rather-long-name-" + std::to_string(i) + ".csv")).c_str(), 0600));
  }
  {
    const Result<FileList> files = list({"*.csv"});
    ASSERT_TRUE(files);
    EXPECT_EQ(files->size(), 20'000);
    EXPECT_GT(budget->reserved_bytes(), 20'000 * 24);
    EXPECT_LT(budget->reserved_bytes(), 20'000 * 64);
  }
  EXPECT_EQ(budget->reserved_bytes(), 0);

  budget = MemoryBudget::make(500'000);
  const SourceError too_many = error({"*.csv"});
  EXPECT_EQ(too_many.kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(too_many.to_string(), HasSubstr("no room for a list of more than"));
}

TEST_F(FileListing, TheFingerprintDiffersWithNamesSizesTimesAndOrder) {
  make("a.csv");
  make("b.csv");
  const std::uint64_t before = list({"*.csv"})->fingerprint();
  EXPECT_EQ(list({"*.csv"})->fingerprint(), before);
  EXPECT_EQ(list({"*.csv"})->total_bytes(), 8);
  EXPECT_NE(list({"b.csv", "a.csv"})->fingerprint(), list({"a.csv", "b.csv"})->fingerprint());
  make("c.csv");
  const std::uint64_t with_more = list({"*.csv"})->fingerprint();
  EXPECT_NE(with_more, before);
  make("c.csv", "a\n1\n2\n");
  EXPECT_NE(list({"*.csv"})->fingerprint(), with_more);
  fs::rename(folder / "c.csv", folder / "d.csv");
  EXPECT_NE(list({"*.csv"})->fingerprint(), with_more);
}

TEST_F(FileListing, AFolderThatMayNotBeReadIsAnErrorThatNamesIt) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every folder";
  make("d/e/a.csv");
  fs::permissions(folder / "d/e", fs::perms::none);
  const SourceError refused = error({"d"});
  fs::permissions(folder / "d/e", fs::perms::owner_all);
  EXPECT_EQ(refused.kind, ErrorKind::Io);
  EXPECT_EQ(refused.where.location, folder / "d/e/");
}

}  // namespace
}  // namespace polarway
