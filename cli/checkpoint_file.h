#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "polarway/config.h"
#include "polarway/result.h"
#include "polarway/sink.h"

namespace polarway::cli {

/// How far a job has come: everything up to here is safe.
struct JobPosition {
  Checkpoint source;
  SinkPosition sink;
  std::int64_t reject_bytes = 0;  ///< Of the file of rows that were left out.
  bool at_end = false;            ///< Only the output's last step was left to do.
};

/// The file of `--checkpoint`: there from the first position on until the job is done. Replaced in
/// one step, so that it is always a whole one.
class CheckpointFile {
 public:
  /// Reads what is there, if it is. `job` is what the command asks for, in words that differ when
  /// that does. Config error when the file is of another command, or no such file.
  static Result<CheckpointFile> open(const std::string& path, const std::string& job);

  /// Where an earlier run came to.
  const std::optional<JobPosition>& found() const { return found_; }

  Result<void> write(const JobPosition& position) const;
  /// The job is done.
  void remove() const;

 private:
  std::string path_;
  std::string job_;
  std::optional<JobPosition> found_;
};

}  // namespace polarway::cli
