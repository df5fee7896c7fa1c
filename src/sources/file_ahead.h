#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "formats/decoder.h"
#include "polarway/memory.h"
#include "polarway/schema.h"
#include "polarway/source.h"
#include "sources/file_table.h"

namespace polarway {

/// A file on its way to being read.
struct StartedFile {
  MemoryLease lease;  // outlives what it pays for; of one ahead only
  std::unique_ptr<Decoder> decoder;
  Schema columns;  ///< What Decoder::start() says.

  /// Where it is open, too.
  struct Open {
    FileTable::File columns;
    ScanPlan plan;
  };
  std::optional<Open> open;
  std::optional<Batch> first;  ///< And where its first rows are there, too: those.
};

/// Has files behind the one that is read looked at, or decoded, on threads that have nothing else
/// to do: many small files are as many pieces of work.
///
/// Threads: one at a time, besides the tasks that it hands out.
class FileAhead {
 public:
  /// Does to the file, which has its decoder, as much as is wanted.
  using Start = std::function<Result<void>(StartedFile& file)>;

  FileAhead() = default;
  ~FileAhead() { drop(); }
  FileAhead(const FileAhead&) = delete;
  FileAhead& operator=(const FileAhead&) = delete;

  /// Has file number `file`, which comes after all that were begun, started by a call of `start`.
  /// False where there is no thread for that, or no room for the decoder to have its working set,
  /// and `more_bytes`, beside that of another. What `start` refers to must live until drop().
  bool begin(std::int64_t file, std::unique_ptr<Decoder> decoder, const ScanRequest& request,
             std::int64_t more_bytes, Start start, const Context& context);
  /// How many were begun and not taken.
  std::size_t size() const { return tasks_.size(); }

  /// What has become of it, and forgets those before it: nothing for one that was not begun, and
  /// where there was no room after all. Starts those that no thread has come to itself, rather than
  /// wait.
  std::optional<Result<StartedFile>> take(std::int64_t file);
  /// Waits for those in progress, and forgets all.
  void drop();

 private:
  struct Task;
  std::deque<std::shared_ptr<Task>> tasks_;  // in the order of their files
};

}  // namespace polarway
