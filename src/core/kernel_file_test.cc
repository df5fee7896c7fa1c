#include "core/kernel_file.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "support/temporary_folder.h"

namespace polarway {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

TEST(KernelFile, TellsWhatItSaysNow) {
  TemporaryFolder folder;
  KernelFile file(folder / "figure");
  std::array<char, 8> text{};
  EXPECT_EQ(file.read(text), std::nullopt);
  write_text(folder / "figure", "1\n");
  EXPECT_EQ(file.read(text), "1\n");
  write_text(folder / "figure", "23\n");
  EXPECT_EQ(file.read(text), "23\n");
  write_text(folder / "figure", "1234567890");
  EXPECT_EQ(file.read(text), "12345678");
  KernelFile moved = std::move(file);
  EXPECT_EQ(moved.read(text), "12345678");
}

TEST(KernelFile, ReadsWhatTheKernelWrites) {
  KernelFile file("/proc/self/status");
  std::array<char, 4096> text{};
  EXPECT_NE(file.read(text)->find("RssAnon:"), std::string_view::npos);
}

}  // namespace
}  // namespace polarway
