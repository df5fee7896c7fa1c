#include "sinks/temporary_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <random>

#include "sinks/write_error.h"

namespace polarway {
namespace {

constexpr std::size_t kMaxNameBytes = 200;  // of the 255 that a name may have: leaves room for ours

std::string prefix_for(const std::string& target) {
  std::string name = target.substr(target.rfind('/') + 1);
  if (name.size() > kMaxNameBytes) {
    std::size_t end = kMaxNameBytes;  // not within a character
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
    name.resize(end);
  }
  return "." + name + ".polarway-";
}

std::string make_token() {
  std::random_device random;
  return fmt::format("{}-{:08x}{:08x}", ::getpid(), random(), random());
}

// What is none must not become a part of a path.
bool is_token(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == 0 || dash == std::string_view::npos || text.size() > 40) return false;
  const std::string_view random = text.substr(dash + 1);
  return !random.empty() &&
         text.substr(0, dash).find_first_not_of("0123456789") == std::string_view::npos &&
         random.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// False only when somebody else has the lock: where locks are not supported, we go on without.
bool lock(int fd) { return ::flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

void remove_leftovers(const std::string& target, std::string_view ending) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(folder_of(target).c_str()),
                                                   ::closedir);
  if (!folder) return;
  const std::string prefix = prefix_for(target);
  while (const dirent* entry = ::readdir(folder.get())) {
    std::string_view name = entry->d_name;
    if (!name.starts_with(prefix) || !name.ends_with(ending)) continue;
    name.remove_prefix(prefix.size());
    name.remove_suffix(std::min(ending.size(), name.size()));
    if (!is_token(name)) continue;
    const int at = ::dirfd(folder.get());
    const int fd = ::openat(at, entry->d_name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) continue;
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) ::unlinkat(at, entry->d_name, 0);
    ::close(fd);
  }
}

// The system's reason, or 0.
int take_mode_and_owner(int fd, const struct stat& existing) {
  struct stat ours{};
  if (::fstat(fd, &ours) != 0) return errno;
  if (ours.st_uid != existing.st_uid || ours.st_gid != existing.st_gid) {
    // Only root may give files away; for others the file becomes theirs, as with any editor.
    [[maybe_unused]] const int ignored = ::fchown(fd, existing.st_uid, existing.st_gid);
  }
  return ::fchmod(fd, existing.st_mode & 0777) == 0 ? 0 : errno;
}

SourceError changed(const std::string& location, std::string message) {
  return {.kind = ErrorKind::Changed,
          .where = {.location = location, .row = {}, .byte_offset = {}, .column = {}},
          .message = std::move(message),
          .hint = "start again without the checkpoint",
          .memory = {}};
}

Result<void> cut_to(int fd, const std::string& location, std::int64_t bytes) {
  struct stat found{};
  if (::fstat(fd, &found) != 0) {
    return fail(write_error(errno, location, "looking at the unfinished file"));
  }
  if (!S_ISREG(found.st_mode) || found.st_size < bytes) {
    return fail(changed(location, fmt::format("the unfinished file has {} bytes instead of {}",
                                              found.st_size, bytes)));
  }
  if (::ftruncate(fd, bytes) != 0 || ::lseek(fd, bytes, SEEK_SET) != bytes) {
    return fail(write_error(errno, location, "cutting the unfinished file"));
  }
  return {};
}

}  // namespace

Result<TemporaryFile> create_temporary(const std::string& location, const std::string& target) {
  struct stat existing{};
  const bool exists = ::stat(target.c_str(), &existing) == 0;
  if (exists && ::access(target.c_str(), W_OK) != 0) {
    return fail(write_error(errno, location, "replacing it"));
  }
  remove_leftovers(target, kUnfinished);
  // Until the mode is known to be right, what may be secret is for our eyes only.
  const mode_t mode = exists ? S_IRUSR | S_IWUSR : 0666;
  for (int attempt = 0; attempt < 100; ++attempt) {
    TemporaryFile made{.fd = -1, .path = {}, .token = make_token()};
    made.path = temporary_path(target, made.token, kUnfinished);
    made.fd = ::open(made.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (made.fd < 0 && (errno == EEXIST || errno == EINTR)) continue;
    if (made.fd < 0) return fail(write_error(errno, location, "creating a file in its folder"));
    // Another process that clears leftovers may have locked and removed it in between.
    struct stat ours{};
    if (lock(made.fd) && ::fstat(made.fd, &ours) == 0 && ours.st_nlink > 0) {
      const int reason = exists ? take_mode_and_owner(made.fd, existing) : 0;
      if (reason == 0) return made;
      ::unlink(made.path.c_str());
      ::close(made.fd);
      return fail(write_error(reason, location, "keeping its mode"));
    }
    ::close(made.fd);
  }
  return fail(write_error(EEXIST, location, "finding a free name in its folder"));
}

Result<TemporaryFile> reopen_temporary(const std::string& location, const std::string& target,
                                       std::string_view token, std::int64_t bytes) {
  if (!is_token(token)) {
    return fail(changed(location, "this is no position of an unfinished file"));
  }
  TemporaryFile found{
      .fd = -1, .path = temporary_path(target, token, kResumable), .token = std::string(token)};
  found.fd = ::open(found.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (found.fd < 0 && errno == ENOENT) {
    return fail(changed(location, "the unfinished file " + found.path + " is gone"));
  }
  if (found.fd < 0) {
    return fail(write_error(errno, location, "opening the unfinished file " + found.path));
  }
  Result<void> cut = {};
  if (lock(found.fd)) {
    cut = cut_to(found.fd, location, bytes);
  } else {
    SourceError busy = write_error(EWOULDBLOCK, location, "locking " + found.path);
    busy.hint = "another process is writing it: wait for it, or stop it";
    cut = fail(std::move(busy));
  }
  if (!cut) {
    ::close(found.fd);
    return fail(std::move(cut.error()));
  }
  return found;
}

void remove_resumable(const std::string& target) { remove_leftovers(target, kResumable); }

std::string temporary_path(const std::string& target, std::string_view token,
                           std::string_view ending) {
  return fmt::format("{}/{}{}{}", folder_of(target), prefix_for(target), token, ending);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace polarway
