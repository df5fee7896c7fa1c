#pragma once

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
  /// The ending of `path` decides the format: .csv, .ndjson or .jsonl. Config error for another, Io
  /// when the file cannot be written.
  static Result<RejectFile> make(const std::string& path);

  Result<void> write(const std::vector<Reject>& rejects);

  const std::string& path() const { return path_; }

 private:
  RejectFile(std::string path, bool is_csv, std::FILE* file)
      : path_(std::move(path)), is_csv_(is_csv), file_(file, &std::fclose) {}

  std::string path_;
  bool is_csv_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace polarway::cli
