#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

namespace polarway::testing {

/// Whether this process has a descriptor of the file.
inline bool is_open(const std::string& path) {
  std::error_code gone;  // descriptors come and go
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    if (std::filesystem::read_symlink(entry, gone) == path) return true;
  }
  return false;
}

/// Until another thread has opened it; a failure when none does.
inline void wait_until_open(const std::string& path) {
  for (int i = 0; i < 2000 && !is_open(path); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_TRUE(is_open(path)) << path;
}

}  // namespace polarway::testing
