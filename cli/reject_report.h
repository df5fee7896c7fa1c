#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "polarway/sink.h"
#include "polarway/stream.h"

namespace polarway::cli {

/// The rows that a source left out: told in a line at the end, and written to a file if one is
/// wanted.
class RejectReport {
 public:
  /// `path` is the file's, or empty; its ending decides the format. The file appears under its name
  /// when finish() has been called, rejects or not. Config, Io or MemoryLimit as make_sink().
  static Result<RejectReport> make(const std::string& path, StreamingSource& source);

  /// Takes what the source has rejected since the last call.
  Result<void> collect();
  /// Completes the file.
  Result<void> finish();

  /// "3 rows rejected: 2 too few fields, 1 type; the first is row 7 ...", or nothing when there is
  /// none.
  std::string summary() const;

 private:
  explicit RejectReport(StreamingSource& source) : source_(&source) {}
  Result<void> write(const std::vector<Reject>& rejects);

  StreamingSource* source_;
  std::string path_;
  std::unique_ptr<Sink> sink_;
  std::map<std::string, std::int64_t> by_fault_;
  std::int64_t num_seen_ = 0;  // of them, and where there is a file, written
  std::string first_;
};

}  // namespace polarway::cli
