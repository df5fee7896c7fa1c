#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/memory_probe.h"

namespace polarway::testing {

/// A folder that stands in for "/" with files as kernels write them, gone with this object.
class RecordedRoot {
 public:
  RecordedRoot()
      : path_(std::filesystem::temp_directory_path() /
              ("polarway-root-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~RecordedRoot() { std::filesystem::remove_all(path_); }
  RecordedRoot(const RecordedRoot&) = delete;
  RecordedRoot& operator=(const RecordedRoot&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  MemoryProbe probe() const { return MemoryProbe(path_.string()); }

 private:
  std::filesystem::path path_;
};

}  // namespace polarway::testing
