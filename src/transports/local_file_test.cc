#include "transports/local_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace polarway {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class LocalFile : public ::testing::Test {
 protected:
  LocalFile()
      : folder(fs::temp_directory_path() / ("polarway-local-" + std::to_string(::getpid()))) {
    fs::create_directories(folder);
  }
  ~LocalFile() override { fs::remove_all(folder); }

  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return (folder / name).string();
  }
  static Result<std::string> read_all(ByteStream& stream, std::size_t block = 3) {
    std::string bytes;
    std::vector<std::uint8_t> buffer(block);
    for (;;) {
      auto got = stream.read(buffer, {});
      if (!got) return fail(got.error());
      if (*got == 0) return bytes;
      bytes.append(reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(*got));
    }
  }

  fs::path folder;
};

TEST_F(LocalFile, IsReadToItsEndAndAgainFromAnywhere) {
  auto stream = *open_local_file(write("a", "0123456789"));
  EXPECT_EQ(*read_all(*stream), "0123456789");
  EXPECT_EQ(stream->bytes_read(), 10);
  EXPECT_EQ(stream->size_bytes(), 10);
  ASSERT_TRUE(stream->seekable());
  ASSERT_TRUE(stream->seek(7));
  EXPECT_EQ(*read_all(*stream), "789");
}

TEST_F(LocalFile, MayBeNamedAsAUrl) {
  EXPECT_EQ(*read_all(**open_local_file("file://" + write("a b", "x"))), "x");
}

TEST_F(LocalFile, ThatIsMissingIsNotFound) {
  const auto missing = open_local_file((folder / "none.csv").string());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::NotFound);
  EXPECT_NE(missing.error().to_string().find("none.csv"), std::string::npos);
  EXPECT_EQ(open_local_file((folder / "a" / "b").string()).error().kind, ErrorKind::NotFound);
}

TEST_F(LocalFile, ThatIsAFolderIsRefused) {
  const auto refused = open_local_file(folder.string());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Io);
}

TEST_F(LocalFile, ThatGrowsIsReadUpToItsOldSize) {
  const std::string path = write("log", "one\n");
  auto stream = *open_local_file(path);
  std::ofstream(path, std::ios::app) << "two\n";
  EXPECT_EQ(*read_all(*stream), "one\n");
}

TEST_F(LocalFile, ThatShrinksIsChanged) {
  const std::string path = write("a", std::string(100, 'x'));
  auto stream = *open_local_file(path);
  std::uint8_t byte = 0;
  ASSERT_TRUE(stream->read({&byte, 1}, {}));
  fs::resize_file(path, 50);
  EXPECT_EQ(read_all(*stream).error().kind, ErrorKind::Changed);
}

TEST_F(LocalFile, ThatIsRewrittenInPlaceIsChanged) {
  const std::string path = write("a", "aaaa");
  auto stream = *open_local_file(path);
  std::this_thread::sleep_for(20ms);  // file times have a tick
  write("a", "bbbb");
  EXPECT_EQ(read_all(*stream).error().kind, ErrorKind::Changed);
}

TEST_F(LocalFile, ThatIsReplacedByRenameIsStillTheOldOne) {
  const std::string path = write("a", "old");
  auto stream = *open_local_file(path);
  fs::rename(write("b", "new"), path);
  EXPECT_EQ(*read_all(*stream), "old");
}

TEST_F(LocalFile, ThatIsDeletedIsStillRead) {
  const std::string path = write("a", "still here");
  auto stream = *open_local_file(path);
  fs::remove(path);
  EXPECT_EQ(*read_all(*stream), "still here");
}

TEST_F(LocalFile, OfProcHasNoSizeButBytes) {
  auto stream = *open_local_file("/proc/self/status");
  EXPECT_FALSE(stream->seekable());
  EXPECT_FALSE(stream->size_bytes());
  EXPECT_NE(read_all(*stream)->find("VmRSS"), std::string::npos);
}

TEST_F(LocalFile, NamedPipesAreReadAsTheyCome) {
  const std::string path = (folder / "pipe").string();
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  auto stream = *open_local_file(path);
  EXPECT_FALSE(stream->seekable());
  EXPECT_EQ(stream->seek(0).error().kind, ErrorKind::UnsupportedOperation);
  std::jthread writer([&] {
    std::ofstream pipe(path);
    pipe << "first " << std::flush;
    std::this_thread::sleep_for(20ms);
    pipe << "second";
  });
  EXPECT_EQ(*read_all(*stream), "first second");
}

TEST_F(LocalFile, AStopEndsTheWaitForAPipe) {
  const std::string path = (folder / "pipe").string();
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  auto stream = *open_local_file(path);
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  const auto start = std::chrono::steady_clock::now();
  std::uint8_t byte = 0;
  EXPECT_EQ(stream->read({&byte, 1}, stop.get_token()).error().kind, ErrorKind::Cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);  // promised: 200 ms; machines are busy
}

TEST_F(LocalFile, LeavesNoDescriptorOpen) {
  const std::string path = write("a", "x");
  const auto open_descriptors = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const auto before = open_descriptors();
  for (int i = 0; i < 100; ++i) {
    (void)open_local_file(path);
    (void)open_local_file(folder.string());
    (void)open_local_file(path + "x");
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace polarway
