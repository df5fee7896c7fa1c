#include "transports/mapped_window.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "support/drain.h"
#include "support/temporary_folder.h"
#include "transports/local_file.h"

namespace polarway {
namespace {

using testing::drain;
using testing::TemporaryFolder;
using testing::write_text;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 4096);
  return text;
}

std::int64_t resident_file_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssFile:")) return std::stoll(line.substr(8)) * 1024;
  }
  return -1;
}

TEST(MappedWindow, GivesWhatPreadGives) {
  const TemporaryFolder folder;
  const auto window = static_cast<std::size_t>(MappedWindow::kBytes);
  for (const std::size_t size : {std::size_t{1}, std::size_t{4095}, std::size_t{4097}, window - 1,
                                 window, window + 1, 3 * window + 5}) {
    const std::string text = pattern(size);
    write_text(folder / "a", text);
    for (const std::size_t block : {std::size_t{1000}, std::size_t{1} << 20, 2 * window}) {
      auto mapped = *open_local_file(folder / "a", true);
      EXPECT_TRUE(drain(*mapped, block).bytes == text) << size << " bytes by " << block;
      EXPECT_EQ(mapped->bytes_read(), static_cast<std::int64_t>(size));
    }
  }
}

TEST(MappedWindow, GoesWhereItIsTold) {
  const TemporaryFolder folder;
  const std::string text = pattern(static_cast<std::size_t>(2 * MappedWindow::kBytes + 100));
  write_text(folder / "a", text);
  auto mapped = *open_local_file(folder / "a", true);
  for (const std::int64_t at :
       {2 * MappedWindow::kBytes, std::int64_t{5}, MappedWindow::kBytes - 1, std::int64_t{0}}) {
    ASSERT_TRUE(mapped->seek(at));
    EXPECT_TRUE(drain(*mapped, 1 << 16).bytes == text.substr(static_cast<std::size_t>(at)));
  }
  EXPECT_EQ(mapped->identity(), (*open_local_file(folder / "a"))->identity());
}

TEST(MappedWindow, OfAFileThatWasCutOffIsAnErrorAndNoSignal) {
  const TemporaryFolder folder;
  constexpr std::int64_t kSize = 3 << 20;
  const std::string text = pattern(kSize);
  // To nothing, to within the page at hand, to within the window, to just behind what was read.
  for (const std::int64_t left : {0, 10, 5000, 4096, 1 << 20, (1 << 20) + 100}) {
    write_text(folder / "a", text);
    auto mapped = *open_local_file(folder / "a", true);
    std::vector<std::uint8_t> buffer(100);
    ASSERT_TRUE(mapped->seek(left > 100 ? left - 100 : 0));
    ASSERT_EQ(*mapped->read(buffer, {}), 100);
    ASSERT_EQ(::truncate((folder / "a").c_str(), left), 0);
    buffer.resize(1 << 20);
    const Result<std::int64_t> got = mapped->read(buffer, {});
    ASSERT_FALSE(got) << left;
    EXPECT_EQ(got.error().kind, ErrorKind::Changed) << got.error().to_string();
  }
}

TEST(MappedWindow, OfAFileThatIsCutOffWhileItIsCopiedIsAnErrorAndNoSignal) {
  const TemporaryFolder folder;
  const std::string text = pattern(8 << 20);
  int changed = 0;
  for (int round = 0; round < 30; ++round) {
    write_text(folder / "a", text);
    auto mapped = *open_local_file(folder / "a", true);
    std::jthread cutter([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(50 * round));
      ASSERT_EQ(::truncate((folder / "a").c_str(), 100), 0);
    });
    const testing::Drained got = drain(*mapped, 1 << 16);
    if (got.error) {
      EXPECT_EQ(got.error->kind, ErrorKind::Changed);
      ++changed;
    } else {
      EXPECT_TRUE(got.bytes == text);
    }
    EXPECT_TRUE(std::string_view(text).starts_with(got.bytes));
  }
  EXPECT_GT(changed, 0);
}

TEST(MappedWindow, DropsThePagesWhereItHasBeen) {
  const TemporaryFolder folder;
  write_text(folder / "a", pattern(64 << 20));
  auto mapped = *open_local_file(folder / "a", true);
  const std::int64_t before = resident_file_bytes();
  std::int64_t most = 0;
  std::vector<std::uint8_t> buffer(1 << 20);
  while (*mapped->read(buffer, {}) > 0) most = std::max(most, resident_file_bytes() - before);
  EXPECT_GT(most, 1 << 20) << "it is a mapping that is read";
  EXPECT_LE(most, MappedWindow::kBytes + (1 << 20));
}

TEST(MappedWindow, LeavesOtherSignalsToWhomeverTheyWereFor) {
  // In a process of its own: the handler stays for good.
  const auto other_signal = [](bool with_handler) {
    if (with_handler) {
      std::signal(SIGBUS, [](int) { ::_exit(42); });
    } else {
      const rlimit no_core{0, 0};
      ::setrlimit(RLIMIT_CORE, &no_core);
      std::signal(SIGBUS, SIG_DFL);
    }
    const TemporaryFolder folder;
    write_text(folder / "a", "0123456789");
    auto mapped = *open_local_file(folder / "a", true);
    (void)drain(*mapped);
    // A mapping of somebody else, which is cut off.
    const int fd = ::open((folder / "b").c_str(), O_RDWR | O_CREAT, 0600);
    if (::ftruncate(fd, 4096) != 0) ::_exit(1);
    auto* bytes = static_cast<volatile char*>(::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd, 0));
    if (::ftruncate(fd, 0) != 0) ::_exit(1);
    ::_exit(bytes[0] == 0 ? 2 : 3);
  };
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(other_signal(true), ::testing::ExitedWithCode(42), "");
  EXPECT_EXIT(other_signal(false), ::testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace polarway
