#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "polarway/source.h"

namespace polarway::cli {

/// A file of the rows that a source left out, one a line. It is written as they come: it is for
/// runs that end badly, too.
class RejectFile {
 public:
  /// The ending of `path` decides the format: .csv, .ndjson or .jsonl. Goes on behind the first
  /// `kept_bytes` of what is there, and drops the rest. Config error for another ending, Io when
  /// the file cannot be written, Changed when it is shorter.
  static Result<RejectFile> make(const std::string& path, std::int64_t kept_bytes = 0);

  Result<void> write(const std::vector<Reject>& rejects);
  /// Makes it survive a crash, and says how long it is.
  Result<std::int64_t> sync();

  const std::string& path() const { return path_; }

 private:
  RejectFile(std::string path, bool is_csv, std::FILE* file)
      : path_(std::move(path)), is_csv_(is_csv), file_(file, &std::fclose) {}

  std::string path_;
  bool is_csv_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace polarway::cli
