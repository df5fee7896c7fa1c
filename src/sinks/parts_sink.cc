#include "sinks/parts_sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <list>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "core/out_of_memory.h"
#include "sinks/atomic_file.h"
#include "sinks/row_partitioner.h"
#include "sinks/write_error.h"

namespace polarway {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "part-";
constexpr std::string_view kSuccess = "_SUCCESS";

// Files of a hive tree that are written at the same time. Each takes a sink's memory.
constexpr std::size_t kMostOpen = 16;

// The number of a part's file, also while it is unfinished (.part-000001.parquet.polarway-...).
std::optional<std::int64_t> part_number(std::string_view name) {
  if (name.starts_with('.')) name.remove_prefix(1);
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || rest == name.data()) return std::nullopt;
  return number;
}

class PartsSink final : public Sink {
 public:
  using MakeFile = std::function<Result<std::unique_ptr<Sink>>(const SinkConfig&)>;

  PartsSink(const SinkConfig& config, std::string extension, MakeFile make_file,
            std::optional<RowPartitioner> partitioner)
      : config_(config),
        extension_(std::move(extension)),
        make_file_(std::move(make_file)),
        partitioner_(std::move(partitioner)) {
    if (partitioner_) config_.schema = Schema(partitioner_->file_schema());
  }

  ~PartsSink() override {
    if (!is_kept_) abort();
  }

  Result<void> write(const DataFrame& frame) override {
    if (frame.height() == 0) return {};
    return attempt([&]() -> Result<void> {
      POLARWAY_CHECK(begin());
      if (!partitioner_) {
        POLARWAY_CHECK(write_to("", frame));
      } else {
        POLARWAY_TRY(std::vector<Partition> partitions, partitioner_->partition(*frame.arrow()));
        for (Partition& partition : partitions) {
          POLARWAY_CHECK(
              write_to(partition.folder, DataFrame(std::move(partition.rows), config_.budget)));
        }
      }
      rows_ += frame.height();
      return {};
    });
  }

  Result<SinkPosition> sync() override {
    SinkPosition position;
    const Result<void> synced = attempt([&]() -> Result<void> {
      POLARWAY_CHECK(begin());
      POLARWAY_CHECK(close_all());
      POLARWAY_CHECK(flush_folder());
      is_kept_ = true;
      position = {.position = fmt::format("parts 1 {} {}", next_part_, rows_), .rows = rows_};
      return {};
    });
    if (!synced) return fail(synced.error());
    return position;
  }

  Result<void> resume(const SinkPosition& position) override {
    return attempt([&]() -> Result<void> {
      long long parts = 0;
      long long rows = 0;
      if (std::sscanf(position.position.c_str(), "parts 1 %lld %lld", &parts, &rows) != 2) {
        return fail(error(ErrorKind::Changed, "this is no position of a folder of parts",
                          "start again without the checkpoint"));
      }
      std::int64_t kept = 0;
      POLARWAY_CHECK(for_each_part([&](const fs::path& path, std::int64_t number) {
        if (number < parts) ++kept;
        return number >= parts ? remove(path) : Result<void>();
      }));
      if (kept < parts) {
        return fail(error(ErrorKind::Changed, "files that were complete are gone",
                          "start again without the checkpoint"));
      }
      POLARWAY_CHECK(remove(fs::path(config_.path) / kSuccess));
      next_part_ = parts;
      rows_ = rows;
      is_begun_ = is_kept_ = true;
      return {};
    });
  }

  Result<void> finish() override {
    return attempt([&]() -> Result<void> {
      POLARWAY_CHECK(begin());
      // Somebody who reads the folder wants to find its columns.
      if (next_part_ == 0 && !partitioner_) POLARWAY_CHECK(open(""));
      POLARWAY_CHECK(close_all());
      POLARWAY_TRY(const auto success, AtomicFile::create(fs::path(config_.path) / kSuccess));
      POLARWAY_CHECK(success->commit());
      is_kept_ = is_over_ = true;
      return {};
    });
  }

  void abort() override {
    if (is_over_) return;
    is_over_ = true;
    open_.clear();
    if (!is_begun_) return;
    (void)for_each_part([&](const fs::path& path, std::int64_t) { return remove(path); });
    remove_empty_folders();
  }

  std::int64_t bytes_written() const override {
    std::int64_t bytes = closed_bytes_;
    for (const Open& part : open_) bytes += part.sink->bytes_written();
    return bytes;
  }

 private:
  struct Open {
    std::string folder;
    std::unique_ptr<Sink> sink;
  };

  template <class Work>
  Result<void> attempt(Work work) {
    if (error_) return fail(*error_);
    if (is_over_) {
      return fail(error(ErrorKind::UnsupportedOperation, "the sink is finished or aborted",
                        "make a new sink"));
    }
    Result<void> done = guard(work);
    if (!done) error_ = done.error();
    return done;
  }

  SourceError error(ErrorKind kind, std::string message, std::string hint) const {
    return {.kind = kind,
            .where = {.location = config_.path, .row = {}, .byte_offset = {}, .column = {}},
            .message = std::move(message),
            .hint = std::move(hint),
            .memory = {}};
  }

  Result<void> begin() {
    if (is_begun_) return {};
    if (::mkdir(config_.path.c_str(), 0777) == 0) {
      made_folder_ = true;
    } else if (errno != EEXIST) {
      return fail(write_error(errno, config_.path, "making the folder"));
    }
    std::error_code failed;
    const bool is_empty = fs::is_empty(config_.path, failed);
    if (failed) return fail(write_error(failed.value(), config_.path, "looking into the folder"));
    if (!is_empty) {
      // Also what a job finds that was killed when all of it was done.
      const bool is_complete = fs::exists(fs::path(config_.path) / kSuccess, failed);
      return fail(error(ErrorKind::Config,
                        is_complete
                            ? "the folder holds a complete output already (_SUCCESS is there)"
                            : "the folder is not empty",
                        "give another one, or remove what is in it"));
    }
    is_begun_ = true;
    return {};
  }

  Result<void> remove(const fs::path& path) const {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return fail(write_error(errno, path.string(), "removing what came after the checkpoint"));
  }

  template <class Visit>
  Result<void> for_each_part(Visit visit) const {
    std::error_code failed;
    fs::recursive_directory_iterator entries(config_.path, failed);
    for (const fs::recursive_directory_iterator end; !failed && entries != end;
         entries.increment(failed)) {
      const std::optional<std::int64_t> number = part_number(entries->path().filename().string());
      if (number) POLARWAY_CHECK(visit(entries->path(), *number));
    }
    if (failed) return fail(write_error(failed.value(), config_.path, "looking into the folder"));
    return {};
  }

  void remove_empty_folders() const {
    std::error_code ignored;
    std::vector<std::string> folders;
    for (const auto& entry : fs::recursive_directory_iterator(config_.path, ignored)) {
      if (entry.is_directory(ignored)) folders.push_back(entry.path());
    }
    // What lies within others is longer.
    std::sort(folders.begin(), folders.end(),
              [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    if (made_folder_) folders.push_back(config_.path);
    for (const std::string& folder : folders) fs::remove(folder, ignored);  // if it is empty
  }

  Result<void> make_folders(const std::string& folder) const {
    std::error_code failed;
    fs::create_directories(fs::path(config_.path) / folder, failed);
    if (failed) {
      return fail(write_error(failed.value(), config_.path + '/' + folder, "making the folder"));
    }
    return {};
  }

  // The least recently written one goes when there are too many, or no memory for another.
  Result<Open*> open(const std::string& folder) {
    if (!folder.empty()) POLARWAY_CHECK(make_folders(folder));
    SinkConfig file = config_;
    file.path = fmt::format("{}/{}{}{}{:06}.{}", config_.path, folder, folder.empty() ? "" : "/",
                            kPrefix, next_part_, extension_);
    while (open_.size() >= kMostOpen || (!open_.empty() && config_.budget->available_bytes() <
                                                               config_.budget->limit_bytes() / 2)) {
      POLARWAY_CHECK(close(std::prev(open_.end())));
    }
    Result<std::unique_ptr<Sink>> sink = make_file_(file);
    while (!sink && sink.error().kind == ErrorKind::MemoryLimit && !open_.empty()) {
      POLARWAY_CHECK(close(std::prev(open_.end())));
      sink = make_file_(file);
    }
    if (!sink) return fail(std::move(sink.error()));
    ++next_part_;
    open_.push_front({folder, *std::move(sink)});
    return &open_.front();
  }

  Result<void> write_to(const std::string& folder, const DataFrame& frame) {
    const auto found = std::find_if(open_.begin(), open_.end(),
                                    [&](const Open& part) { return part.folder == folder; });
    if (found != open_.end()) {
      open_.splice(open_.begin(), open_, found);
    } else {
      POLARWAY_CHECK(open(folder));
    }
    Open& part = open_.front();
    POLARWAY_CHECK(part.sink->write(frame));
    if (config_.max_file_bytes > 0 && part.sink->bytes_written() >= config_.max_file_bytes) {
      return close(open_.begin());
    }
    return {};
  }

  Result<void> close(std::list<Open>::iterator part) {
    POLARWAY_CHECK(part->sink->finish());
    closed_bytes_ += part->sink->bytes_written();
    open_.erase(part);
    return {};
  }

  Result<void> close_all() {
    while (!open_.empty()) POLARWAY_CHECK(close(std::prev(open_.end())));
    return {};
  }

  Result<void> flush_folder() const {
    const int folder = ::open(config_.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return fail(write_error(errno, config_.path, "opening it to flush its names"));
    const int reason = ::fsync(folder) == 0 ? 0 : errno;
    ::close(folder);
    // EINVAL: some file systems have nothing to flush for folders.
    if (reason == 0 || reason == EINVAL) return {};
    return fail(write_error(reason, config_.path, "flushing its names to the disk"));
  }

  SinkConfig config_;
  std::string extension_;
  MakeFile make_file_;
  std::optional<RowPartitioner> partitioner_;
  std::list<Open> open_;  // the most recently written first
  std::int64_t next_part_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t closed_bytes_ = 0;
  bool is_begun_ = false;
  bool made_folder_ = false;
  bool is_kept_ = false;  // what is complete stays, whatever becomes of the sink
  bool is_over_ = false;
  std::optional<SourceError> error_;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_parts_sink(
    const SinkConfig& config, const std::string& extension,
    std::function<Result<std::unique_ptr<Sink>>(const SinkConfig&)> make_file) {
  std::optional<RowPartitioner> partitioner;
  if (!config.partition_by.empty()) {
    POLARWAY_TRY(partitioner,
                 RowPartitioner::make(config.schema.arrow(), config.partition_by, config.budget));
  }
  return std::unique_ptr<Sink>(
      new PartsSink(config, extension, std::move(make_file), std::move(partitioner)));
}

}  // namespace polarway
