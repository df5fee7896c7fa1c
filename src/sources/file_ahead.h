#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "formats/decoder.h"
#include "polarway/memory.h"
#include "polarway/schema.h"
#include "polarway/source.h"

namespace polarway {

/// A file that is started, which is not yet opened.
struct StartedFile {
  MemoryLease lease;  // outlives what it pays for; of one ahead only
  std::unique_ptr<Decoder> decoder;
  Result<Schema> columns;  ///< What Decoder::start() says.
};

/// Starts the file behind the one that is read, on a thread that has nothing else to do: many small
/// files are opened and looked at while others are decoded.
///
/// Threads: one at a time, besides the task that it hands out.
class FileAhead {
 public:
  using Start = std::function<Result<Schema>(Decoder& decoder)>;

  FileAhead() = default;
  ~FileAhead() { drop(); }
  FileAhead(const FileAhead&) = delete;
  FileAhead& operator=(const FileAhead&) = delete;

  /// Has file number `file` started by a call of `start`, if there is a thread for that and room
  /// for the decoder to have its working set beside that of another. What `start` refers to must
  /// live until drop().
  void begin(std::int64_t file, std::unique_ptr<Decoder> decoder, const ScanRequest& request,
             Start start, const Context& context);
  /// What has become of it: nothing for another file, and where the caller had better start it:
  /// where no thread has come to it, and where there was no room after all.
  std::optional<StartedFile> take(std::int64_t file);
  /// Waits for a start that is in progress, and forgets it.
  void drop();

 private:
  struct Task;
  std::int64_t file_ = -1;
  std::shared_ptr<Task> task_;  // null: nothing was begun
};

}  // namespace polarway
