#include "sinks/atomic_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "support/temporary_folder.h"

namespace polarway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_text;

mode_t mode_of(const std::string& path) {
  struct stat found{};
  EXPECT_EQ(::stat(path.c_str(), &found), 0);
  return found.st_mode & 07777;
}

std::unique_ptr<AtomicFile> create(const std::string& path) {
  Result<std::unique_ptr<AtomicFile>> file = AtomicFile::create(path);
  EXPECT_TRUE(file) << file.error().to_string();
  return *std::move(file);
}

// The file descriptor of an open file, found as an outsider would.
int descriptor_of(const std::string& path) {
  for (int fd = 3; fd < 256; ++fd) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error);
    if (!error && target == path) return fd;
  }
  return -1;
}

// From now on the file's descriptor leads to `device`: the disk is full, or cannot be flushed.
void divert(const AtomicFile& file, const char* device) {
  const int fd = descriptor_of(std::filesystem::canonical(file.temporary_path()).string());
  ASSERT_GE(fd, 0);
  const int other = ::open(device, O_WRONLY | O_CLOEXEC);
  ASSERT_GE(other, 0);
  ASSERT_EQ(::dup2(other, fd), fd);
  ::close(other);
}

TEST(AtomicFile, HasItsNameOnlyWhenItIsComplete) {
  TemporaryFolder folder;
  auto file = create(folder / "out.csv");
  ASSERT_TRUE(file->append("a\n"));
  EXPECT_THAT(folder.names(),
              ElementsAre(MatchesRegex(R"(\.out\.csv\.polarway-[0-9]+-[0-9a-f]+\.tmp)")));
  ASSERT_TRUE(file->append("1\n"));
  ASSERT_TRUE(file->commit());
  EXPECT_THAT(folder.names(), ElementsAre("out.csv"));
  EXPECT_EQ(read_text(folder / "out.csv"), "a\n1\n");
  EXPECT_EQ(file->bytes(), 4);
}

TEST(AtomicFile, LeavesWhatStandsThereUntilItIsCommitted) {
  TemporaryFolder folder;
  write_text(folder / "out.csv", "old");
  {
    auto file = create(folder / "out.csv");
    ASSERT_TRUE(file->append("new"));
    EXPECT_EQ(read_text(folder / "out.csv"), "old");
  }
  EXPECT_EQ(read_text(folder / "out.csv"), "old");
  auto file = create(folder / "out.csv");
  ASSERT_TRUE(file->append("new"));
  ASSERT_TRUE(file->commit());
  file->abort();
  EXPECT_EQ(read_text(folder / "out.csv"), "new");
  EXPECT_THAT(folder.names(), ElementsAre("out.csv"));
}

TEST(AtomicFile, LeavesNothingBehindWhenAbortedOrDestroyed) {
  TemporaryFolder folder;
  {
    auto file = create(folder / "out.csv");
    ASSERT_TRUE(file->append("x"));
    file->abort();
    EXPECT_THAT(folder.names(), IsEmpty());
    file->abort();
    auto destroyed = create(folder / "out.csv");
    ASSERT_TRUE(destroyed->append("x"));
  }
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(AtomicFile, KeepsAnExistingFilesModeAndGivesANewOneTheUmasks) {
  TemporaryFolder folder;
  const mode_t before = ::umask(027);
  auto made = create(folder / "new.csv");
  ASSERT_TRUE(made->commit());
  EXPECT_EQ(mode_of(folder / "new.csv"), 0640u);

  write_text(folder / "old.csv", "secret");
  ASSERT_EQ(::chmod((folder / "old.csv").c_str(), 0604), 0);
  auto replaced = create(folder / "old.csv");
  EXPECT_EQ(mode_of(replaced->temporary_path()), 0604u);
  ASSERT_TRUE(replaced->commit());
  EXPECT_EQ(mode_of(folder / "old.csv"), 0604u);
  ::umask(before);
}

TEST(AtomicFile, FollowsSymbolicLinksAndKeepsThem) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "data");
  std::filesystem::create_symlink("data/real.csv", folder / "link.csv");  // points at nothing yet
  for (const std::string text : {"first", "second"}) {
    auto file = create(folder / "link.csv");
    ASSERT_TRUE(file->append(text));
    ASSERT_TRUE(file->commit());
    EXPECT_TRUE(std::filesystem::is_symlink(folder / "link.csv"));
    EXPECT_EQ(read_text(folder / "data/real.csv"), text);
  }
  std::filesystem::create_symlink("ring.csv", folder / "ring.csv");
  EXPECT_FALSE(AtomicFile::create(folder / "ring.csv"));
}

TEST(AtomicFile, NamesAMissingFolder) {
  TemporaryFolder folder;
  const auto file = AtomicFile::create(folder / "nowhere/out.csv");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, ErrorKind::NotFound);
  EXPECT_THAT(file.error().to_string(), HasSubstr("nowhere/out.csv"));
}

TEST(AtomicFile, AcceptsTheLongestNameThatTheSystemDoes) {
  TemporaryFolder folder;
  std::string name;
  while (name.size() + 2 <= 255) name += "é";
  auto file = create(folder / name);
  ASSERT_TRUE(file->commit());
  EXPECT_THAT(folder.names(), ElementsAre(name));
}

TEST(AtomicFile, WritesWhatIsLongerThanItsWindows) {
  TemporaryFolder folder;
  std::string text;
  for (int i = 0; text.size() < (5u << 20); ++i) text += std::to_string(i) + ",";
  auto file = create(folder / "out.csv");
  for (std::size_t at = 0; at < text.size(); at += 700'001) {
    ASSERT_TRUE(file->append(std::string_view(text).substr(at, 700'001)));
  }
  ASSERT_TRUE(file->commit());
  EXPECT_TRUE(read_text(folder / "out.csv") == text);
}

TEST(AtomicFile, ReportsAFullDiskWithThePlaceAndTheWayOut) {
  TemporaryFolder folder;
  auto file = create(folder / "out.csv");
  ASSERT_TRUE(file->append("12345"));
  divert(*file, "/dev/full");
  const Result<void> written = file->append("678");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::Io);
  EXPECT_THAT(
      written.error().to_string(),
      MatchesRegex(".*out.csv, byte 5: writing 3 bytes: No space left on device .make room.*"));
  EXPECT_FALSE(file->commit()) << "the first error is final";
  EXPECT_FALSE(file->sync());
  file->abort();
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(AtomicFile, NeverTakesASecondFlushForSuccess) {
  TemporaryFolder folder;
  auto file = create(folder / "out.csv");
  ASSERT_TRUE(file->append("12345"));
  const int fd = descriptor_of(std::filesystem::canonical(file->temporary_path()).string());
  const int good = ::dup(fd);
  divert(*file, "/dev/full");  // fsync() says EINVAL
  const Result<void> committed = file->commit();
  ASSERT_FALSE(committed);
  EXPECT_THAT(committed.error().to_string(), HasSubstr("flushing it to the disk"));
  ASSERT_EQ(::dup2(good, fd), fd);  // the disk is well again
  ::close(good);
  EXPECT_FALSE(file->commit());
  file.reset();
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(AtomicFile, MayNotGrowBeyondTheProcesssLimit) {
  TemporaryFolder folder;
  struct rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = before;
  small.rlim_cur = 3 << 20;
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  auto file = create(folder / "out.csv");
  const Result<void> written = file->append(std::string(4 << 20, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().to_string(), HasSubstr("byte 3145728: writing"));
  EXPECT_THAT(written.error().hint, HasSubstr("ulimit -f"));
  file.reset();
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(AtomicFile, IsTakenUpAgainAtASyncedPosition) {
  TemporaryFolder folder;
  std::string token;
  {
    auto file = create(folder / "out.csv");
    ASSERT_TRUE(file->append("12345"));
    const auto synced = file->sync();
    ASSERT_TRUE(synced);
    token = *synced;
    ASSERT_TRUE(file->append("lost"));
  }
  EXPECT_THAT(folder.names(), ElementsAre(MatchesRegex(R"(\.out\.csv\.polarway-.*\.part)")));
  auto file = create(folder / "out.csv");
  ASSERT_TRUE(file->append("header"));
  ASSERT_TRUE(file->resume(token, 5));
  EXPECT_EQ(file->bytes(), 5);
  ASSERT_TRUE(file->append("678"));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(read_text(folder / "out.csv"), "12345678");
  EXPECT_THAT(folder.names(), ElementsAre("out.csv"));
}

TEST(AtomicFile, IsGoneWhenAbortedEvenAfterASync) {
  TemporaryFolder folder;
  auto file = create(folder / "out.csv");
  ASSERT_TRUE(file->sync());
  file->abort();
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(AtomicFile, RefusesToResumeWhatIsNotThereOrIsNotItsOwn) {
  TemporaryFolder folder;
  auto first = create(folder / "out.csv");
  ASSERT_TRUE(first->append("12345"));
  const std::string token = *first->sync();
  const auto error_of = [&](std::string_view with, std::int64_t bytes) {
    auto file = create(folder / "out.csv");
    const Result<void> resumed = file->resume(with, bytes);
    EXPECT_FALSE(resumed);
    EXPECT_FALSE(file->append("x"));
    file->abort();
    return resumed ? SourceError{} : resumed.error();
  };
  EXPECT_THAT(error_of(token, 5).to_string(), HasSubstr("another process is writing it"));
  first.reset();
  EXPECT_EQ(error_of(token, 6).kind, ErrorKind::Changed) << "it is shorter";
  EXPECT_EQ(error_of("1-ab", 5).kind, ErrorKind::Changed) << "there is none";
  EXPECT_EQ(error_of("1-ab/../../x", 5).kind, ErrorKind::Changed) << "a path is no token";
  EXPECT_EQ(error_of("", 0).kind, ErrorKind::Changed);
  EXPECT_EQ(folder.names().size(), 1u) << "what could not be resumed is still there";
}

TEST(AtomicFile, RemovesWhatADeadProcessLeftAndNothingElse) {
  TemporaryFolder folder;
  const ::pid_t child = ::fork();
  if (child == 0) {
    auto file = AtomicFile::create(folder / "out.csv");
    ::_exit(file && (*file)->append("x") ? 0 : 1);  // no destructor runs, as after SIGKILL
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_EQ(folder.names().size(), 1u);
  write_text(folder / ".out.csv.polarway-1-ab.part", "for resume()");
  write_text(folder / ".out.csv.polarway-mine.tmp", "no token in its name");
  write_text(folder / ".other.csv.polarway-1-ab.tmp", "another target's");
  auto alive = create(folder / "out.csv");
  auto file = create(folder / "out.csv");
  const auto names = folder.names();
  EXPECT_EQ(names.size(), 5u) << "three bystanders, and two that are being written";
  EXPECT_TRUE(std::filesystem::exists(alive->temporary_path()));
}

TEST(AtomicFile, DoesNotReplaceAReadOnlyFile) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everything";
  TemporaryFolder folder;
  write_text(folder / "out.csv", "old");
  ASSERT_EQ(::chmod((folder / "out.csv").c_str(), 0444), 0);
  EXPECT_FALSE(AtomicFile::create(folder / "out.csv"));
}

}  // namespace
}  // namespace polarway
