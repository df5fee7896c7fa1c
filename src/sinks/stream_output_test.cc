#include "sinks/stream_output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>

#include "support/temporary_folder.h"

namespace polarway {
namespace {

using testing::TemporaryFolder;

// A named pipe whose reader takes everything, or goes after its first bytes.
class Pipe {
 public:
  explicit Pipe(bool leave_early) {
    EXPECT_EQ(::mkfifo(path().c_str(), 0600), 0);
    reader_ = std::thread([this, leave_early] {
      const int fd = ::open(path().c_str(), O_RDONLY);
      char bytes[4096];
      for (ssize_t got; (got = ::read(fd, bytes, sizeof bytes)) > 0;) {
        text_.append(bytes, static_cast<std::size_t>(got));
        if (leave_early) break;
      }
      ::close(fd);
    });
  }
  ~Pipe() { finish(); }
  std::string path() const { return folder_ / "pipe"; }
  std::string finish() {
    if (reader_.joinable()) reader_.join();
    return text_;
  }

 private:
  TemporaryFolder folder_;
  std::thread reader_;
  std::string text_;
};

TEST(StreamOutput, WritesAllThatAPipeTakes) {
  Pipe pipe(false);
  const std::string text(1 << 20, 'x');
  {
    auto output = StreamOutput::open(pipe.path());
    ASSERT_TRUE(output);
    ASSERT_TRUE((*output)->append(text));
    ASSERT_TRUE((*output)->commit());
    EXPECT_EQ((*output)->bytes(), 1 << 20);
  }
  EXPECT_TRUE(pipe.finish() == text);
}

TEST(StreamOutput, SaysThatTheReaderHasGoneAndRaisesNoSignal) {
  auto* const before = std::signal(SIGPIPE, [](int) { std::abort(); });
  Pipe pipe(true);
  auto output = StreamOutput::open(pipe.path());
  ASSERT_TRUE(output);
  Result<void> written;
  for (int i = 0; written && i < 1000; ++i) written = (*output)->append(std::string(65536, 'x'));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::Io);
  EXPECT_EQ(written.error().message, StreamOutput::kReaderGone);
  EXPECT_FALSE((*output)->commit()) << "the first error is final";
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
  std::signal(SIGPIPE, before);
}

TEST(StreamOutput, ReportsAFullDevice) {
  auto output = StreamOutput::open("/dev/full");
  ASSERT_TRUE(output);
  const Result<void> written = (*output)->append("x");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().to_string(),
              ::testing::HasSubstr("/dev/full, byte 0: writing 1 bytes"));
}

TEST(StreamOutput, HasNoPositionToGoOnFrom) {
  auto output = StreamOutput::open("/dev/null");
  ASSERT_TRUE(output);
  EXPECT_EQ((*output)->sync().error().kind, ErrorKind::UnsupportedOperation);
  EXPECT_EQ((*output)->resume("1-ab", 0).error().kind, ErrorKind::UnsupportedOperation);
  EXPECT_TRUE((*output)->append("still good"));
}

}  // namespace
}  // namespace polarway
