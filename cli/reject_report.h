#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "polarway/stream.h"
#include "reject_file.h"

namespace polarway::cli {

/// The rows that a source left out: told in a line at the end, and written to a file if one is
/// wanted.
class RejectReport {
 public:
  /// `path` is the file's, or empty; the first `kept_bytes` of it stay. Errors as
  /// RejectFile::make().
  static Result<RejectReport> make(const std::string& path, std::int64_t kept_bytes,
                                   StreamingSource& source);

  /// Takes what the source has rejected since the last call: after each chunk, and at the end.
  Result<void> collect();

  /// Makes the file survive a crash, and says how long it is; 0 without one.
  Result<std::int64_t> sync() { return file_ ? file_->sync() : Result<std::int64_t>(0); }

  /// "3 rows rejected: 2 too few fields, 1 type; the first is row 7 ...", or nothing when there is
  /// none.
  std::string summary() const;

 private:
  explicit RejectReport(StreamingSource& source) : source_(&source) {}

  StreamingSource* source_;
  std::optional<RejectFile> file_;
  std::map<std::string, std::int64_t> by_fault_;
  std::int64_t num_seen_ = 0;  // of them, and where there is a file, written
  std::string first_;
};

}  // namespace polarway::cli
