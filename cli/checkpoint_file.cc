#include "checkpoint_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace polarway::cli {

namespace {

using Json = nlohmann::json;

tl::unexpected<SourceError> refused(const std::string& path, std::string message,
                                    std::string hint) {
  return fail({.kind = ErrorKind::Config,
               .where = {.location = path},
               .message = std::move(message),
               .hint = std::move(hint)});
}

tl::unexpected<SourceError> not_written(const std::string& path) {
  return fail({.kind = ErrorKind::Io,
               .where = {.location = path},
               .message = std::string("cannot write the checkpoint: ") + std::strerror(errno)});
}

Result<JobPosition> position_of(const Json& json) {
  JobPosition position;
  POLARWAY_TRY(position.source,
               Checkpoint::from_json(json.at("source").get_ref<const std::string&>()));
  json.at("sink").get_to(position.sink.position);
  json.at("rows").get_to(position.sink.rows);
  json.at("reject_bytes").get_to(position.reject_bytes);
  json.at("at_end").get_to(position.at_end);
  return position;
}

// Whole, and on the disk.
bool write_whole(const std::string& path, const std::string& text) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "we"),
                                                             &std::fclose);
  return file && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
         std::fflush(file.get()) == 0 && ::fsync(::fileno(file.get())) == 0;
}

}  // namespace

Result<CheckpointFile> CheckpointFile::open(const std::string& path, const std::string& job) {
  CheckpointFile file;
  file.path_ = path;
  file.job_ = job;
  std::ifstream in(path, std::ios::binary);
  if (!in && errno == ENOENT) return file;
  if (!in) {
    return fail({.kind = ErrorKind::Io,
                 .where = {.location = path},
                 .message = std::string("cannot read the checkpoint: ") + std::strerror(errno)});
  }
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const Json json = Json::parse(text, nullptr, false);
  const char* const start_again = "give another file, or remove it to start again";
  try {
    if (json.at("job").get_ref<const std::string&>() != job) {
      return refused(path, "this is the checkpoint of another command", start_again);
    }
    Result<JobPosition> position = position_of(json);
    if (!position) {
      position.error().where.location = path;
      return fail(std::move(position.error()));
    }
    file.found_ = *std::move(position);
  } catch (const Json::exception&) {
    return refused(path, "this is no checkpoint", start_again);
  }
  return file;
}

Result<void> CheckpointFile::write(const JobPosition& position) const {
  const Json json = {{"job", job_},
                     {"source", position.source.to_json()},
                     {"sink", position.sink.position},
                     {"rows", position.sink.rows},
                     {"reject_bytes", position.reject_bytes},
                     {"at_end", position.at_end}};
  const std::string unfinished = path_ + ".new";
  if (!write_whole(unfinished, json.dump() + '\n')) return not_written(unfinished);
  if (std::rename(unfinished.c_str(), path_.c_str()) != 0) return not_written(path_);
  return {};
}

void CheckpointFile::remove() const { ::unlink(path_.c_str()); }

}  // namespace polarway::cli
