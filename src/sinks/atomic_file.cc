#include "sinks/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "sinks/write_error.h"

namespace polarway {
namespace {

constexpr std::int64_t kWindow = 1 << 20;
constexpr std::int64_t kWindowsBehind = 4;  // so that a disk with a hiccup is not waited for
constexpr int kMaxLinks = 40;               // as many as Linux follows

// Absolute, because the program may change its folder before commit(). Follows symbolic links one
// by one, because the last may point at what does not exist yet.
Result<std::string> follow_links(const std::string& path) {
  std::error_code ignored;  // without a working folder the path stays as it is, and fails later
  std::filesystem::path at = std::filesystem::absolute(path, ignored);
  if (ignored) at = path;
  for (int links = 0; links < kMaxLinks; ++links) {
    std::error_code error;
    const std::filesystem::path next = std::filesystem::read_symlink(at, error);
    if (error) return at.string();
    at = next.is_absolute() ? next : at.parent_path() / next;
  }
  return fail(write_error(ELOOP, path, "following its symbolic links"));
}

}  // namespace

AtomicFile::AtomicFile(std::string location, std::string target)
    : location_(std::move(location)), target_(std::move(target)) {}

Result<std::unique_ptr<AtomicFile>> AtomicFile::create(const std::string& path) {
  POLARWAY_TRY(std::string target, follow_links(path));
  // Who removes the temporary file is there before it.
  std::unique_ptr<AtomicFile> file(new AtomicFile(path, std::move(target)));
  POLARWAY_TRY(file->temporary_, create_temporary(path, file->target_));
  return file;
}

AtomicFile::~AtomicFile() {
  if (kept_for_resume_) temporary_.path.clear();
  drop_temporary();
}

void AtomicFile::abort() { drop_temporary(); }

void AtomicFile::drop_temporary() {
  if (!temporary_.path.empty()) ::unlink(temporary_.path.c_str());
  temporary_.path.clear();
  if (temporary_.fd >= 0) ::close(std::exchange(temporary_.fd, -1));
}

Result<void> AtomicFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = static_cast<std::size_t>(kWindow - bytes_ % kWindow);
    const std::string_view piece = bytes.substr(0, room);
    POLARWAY_CHECK(write_all(piece));
    bytes.remove_prefix(piece.size());
    if (bytes_ % kWindow == 0) POLARWAY_CHECK(write_behind());
  }
  return {};
}

Result<void> AtomicFile::write_all(std::string_view bytes) {
  if (error_) return fail(*error_);
  while (!bytes.empty()) {
    const ssize_t written = ::write(temporary_.fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const std::string doing = fmt::format("writing {} bytes", bytes.size());
      return failed(write_error(written == 0 ? EIO : errno, location_, doing, bytes_));
    }
    bytes_ += written;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Starts writing the window just filled, waits for one some way behind it, and lets go of its
// pages.
Result<void> AtomicFile::write_behind() {
  ::sync_file_range(temporary_.fd, bytes_ - kWindow, kWindow, SYNC_FILE_RANGE_WRITE);
  const std::int64_t before = bytes_ - (1 + kWindowsBehind) * kWindow;
  if (before < 0) return {};
  constexpr unsigned kAndWait =
      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  if (::sync_file_range(temporary_.fd, before, kWindow, kAndWait) != 0 &&
      (errno == EIO || errno == ENOSPC || errno == EDQUOT)) {  // others: not supported here
    return failed(errno, "waiting for bytes to reach the disk");
  }
  ::posix_fadvise(temporary_.fd, before, kWindow, POSIX_FADV_DONTNEED);
  return {};
}

Result<void> AtomicFile::flush_to_disk() {
  if (error_) return fail(*error_);
  // After a failure the kernel may have dropped the pages and say yes the next time: no retry.
  while (::fsync(temporary_.fd) != 0) {
    if (errno != EINTR) return failed(errno, "flushing it to the disk");
  }
  return {};
}

Result<void> AtomicFile::flush_folder(const std::string& name) {
  const int folder = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return failed(errno, "opening its folder to flush the name");
  const int reason = ::fsync(folder) == 0 ? 0 : errno;
  ::close(folder);
  // EINVAL: some file systems have nothing to flush for folders.
  if (reason != 0 && reason != EINVAL) return failed(reason, "flushing the name to the disk");
  return {};
}

Result<std::string> AtomicFile::sync() {
  POLARWAY_CHECK(flush_to_disk());
  if (!kept_for_resume_) {
    std::string name = polarway::temporary_path(target_, temporary_.token, kResumable);
    if (::rename(temporary_.path.c_str(), name.c_str()) != 0) {
      return failed(errno, "renaming the unfinished file");
    }
    temporary_.path = std::move(name);
    kept_for_resume_ = true;
    POLARWAY_CHECK(flush_folder(folder_of(target_)));
  }
  return temporary_.token;
}

Result<void> AtomicFile::resume(std::string_view token, std::int64_t bytes) {
  if (error_) return fail(*error_);
  Result<TemporaryFile> found = reopen_temporary(location_, target_, token, bytes);
  if (!found) return failed(std::move(found.error()));
  drop_temporary();
  temporary_ = *std::move(found);
  kept_for_resume_ = true;
  bytes_ = bytes;
  return {};
}

Result<void> AtomicFile::commit() {
  POLARWAY_CHECK(flush_to_disk());
  const std::string folder = folder_of(target_);  // once the file has its name, nothing may throw
  if (::rename(temporary_.path.c_str(), target_.c_str()) != 0) {
    return failed(errno, "giving the finished file its name");
  }
  temporary_.path.clear();  // it is no longer ours to remove, whatever comes
  if (kept_for_resume_) remove_resumable(target_);
  Result<void> flushed = flush_folder(folder);
  ::close(std::exchange(temporary_.fd, -1));
  return flushed;
}

std::string AtomicFile::scratch_folder() const { return folder_of(target_); }

tl::unexpected<SourceError> AtomicFile::failed(SourceError error) {
  error_ = std::move(error);
  return fail(*error_);
}

tl::unexpected<SourceError> AtomicFile::failed(int system_error, const std::string& doing) {
  return failed(write_error(system_error, location_, doing));
}

}  // namespace polarway
