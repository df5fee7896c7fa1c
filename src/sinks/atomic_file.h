#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sinks/output.h"
#include "sinks/temporary_file.h"

namespace polarway {

/// A file that gets its name only when it is complete.
///
/// Until commit() the bytes stand in the target's folder as `.NAME.polarway-PID-RANDOM.tmp`, and
/// whatever stood under NAME stands there still. commit() replaces it in one step, so that nobody
/// ever sees a part. Who has read permission on the target has it on the new file: an existing
/// file's mode is kept (its owner too, as far as we may), a new file's mode follows the umask. A
/// symbolic link stays, and what it points at is replaced. An existing file that may not be written
/// is not replaced.
///
/// The first sync() renames the temporary to end in `.part`. From then on only abort() removes it:
/// an AtomicFile that is destroyed, or a process that dies, leaves it behind for resume().
/// Temporaries of dead processes (`.tmp`, not locked) are removed by the next create() for the same
/// target; `.part` files by the commit() of another one: whoever died before it could say where to
/// go on has begun again.
///
/// Writes behind: at most five windows of 1 MiB are dirty, and what is on disk leaves the page
/// cache. In a small memory cgroup dirty pages would otherwise be the program's end.
class AtomicFile final : public Output {
 public:
  /// `path` must not be a directory, nor anything else but a regular file if it exists. NotFound
  /// without the folder; Io for a read-only file or folder.
  static Result<std::unique_ptr<AtomicFile>> create(const std::string& path);
  ~AtomicFile() override;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  Result<void> append(std::string_view bytes) override;
  Result<std::string> sync() override;
  /// Changed when the file is gone or shorter than `bytes`; Io when another process has it. Where
  /// this fails, the unfinished file stays as it was, even after abort().
  Result<void> resume(std::string_view token, std::int64_t bytes) override;
  /// Where flushing the folder fails, the complete file has its name, and the error is returned:
  /// after a crash it may not be there.
  Result<void> commit() override;
  void abort() override;

  std::int64_t bytes() const override { return bytes_; }
  const std::string& location() const override { return location_; }
  std::string scratch_folder() const override;
  /// Where the bytes stand before commit().
  const std::string& temporary_path() const { return temporary_.path; }

 private:
  AtomicFile(std::string location, std::string target);
  Result<void> write_all(std::string_view bytes);
  Result<void> write_behind();
  Result<void> flush_to_disk();
  Result<void> flush_folder(const std::string& name);
  void drop_temporary();
  /// Remembers the error and returns it.
  tl::unexpected<SourceError> failed(SourceError error);
  tl::unexpected<SourceError> failed(int system_error, const std::string& doing);

  std::string location_;     // as the user wrote it
  std::string target_;       // where it leads, symbolic links followed
  TemporaryFile temporary_;  // no path: nothing to remove; no fd: over
  std::int64_t bytes_ = 0;
  bool kept_for_resume_ = false;
  std::optional<SourceError> error_;
};

}  // namespace polarway
