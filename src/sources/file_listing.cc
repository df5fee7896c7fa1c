#include "sources/file_listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bitset>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/quoted_text.h"
#include "sources/glob_pattern.h"
#include "transports/compression.h"
#include "transports/local_file.h"

namespace polarway {
namespace {

constexpr std::size_t kMostParts = 64;
constexpr std::string_view kAnyFolders = "**";

using PartSet = std::bitset<kMostParts>;

SourceError system_error(int error, std::string location, std::string what) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  std::string hint = missing ? "check the path" : "";
  if (error == EACCES || error == EPERM) hint = "check the permissions of the folder";
  if (error == EMFILE || error == ENFILE) hint = "too many files are open; raise ulimit -n";
  return {.kind = missing ? ErrorKind::NotFound : ErrorKind::Io,
          .where = {.location = std::move(location)},
          .message = std::move(what) + ": " + std::strerror(error),
          .hint = std::move(hint)};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool ends_with_extension(std::string_view name, std::string_view extension) {
  if (name.size() <= extension.size() || name[name.size() - extension.size() - 1] != '.') {
    return false;
  }
  return std::equal(extension.begin(), extension.end(), name.end() - std::ssize(extension),
                    [](char a, char b) { return a == lower(b); });
}

// A glob, or a directory, in the parts that are matched one after the other.
struct Pattern {
  std::string base;                // the folder in which the search begins, with a slash; or ""
  std::vector<std::string> parts;  // at least one
  bool is_directory = false;       // what begins with "_" is left out, and other extensions
};

Pattern pattern_of_directory(std::string path) {
  if (!path.ends_with('/')) path += '/';
  return {.base = std::move(path), .parts = {std::string(kAnyFolders)}, .is_directory = true};
}

Pattern pattern_of_glob(std::string_view path) {
  Pattern pattern;
  const std::size_t slash = path.rfind('/', path.find_first_of("*?["));
  if (slash != std::string_view::npos) {
    pattern.base = path.substr(0, slash + 1);
    path.remove_prefix(slash + 1);
  }
  pattern.is_directory = path.ends_with('/');
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    const bool repeats =
        part == kAnyFolders && !pattern.parts.empty() && pattern.parts.back() == kAnyFolders;
    if (!part.empty() && part != "." && !repeats) pattern.parts.emplace_back(part);
  }
  if (pattern.is_directory && pattern.parts.back() != kAnyFolders) {
    pattern.parts.emplace_back(kAnyFolders);
  }
  return pattern;
}

// Walks the folders that a pattern reaches, each once, however many ways lead to it.
class Walk {
 public:
  Walk(const Pattern& pattern, const ListingRules& rules, FileList& files,
       const std::stop_token& stop)
      : pattern_(pattern), rules_(rules), files_(files), stop_(stop) {}

  // With `only_one`, ends at the first file.
  Result<void> run(bool only_one) {
    POLARWAY_CHECK(visit_later(pattern_.base, kNone, reached(PartSet(1))));
    while (!pending_.empty() && !(only_one && files_.size() > 0)) {
      const std::size_t next = pending_.back();
      pending_.pop_back();
      POLARWAY_CHECK(visit(next));
    }
    return {};
  }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;
  struct Folder {
    std::uint32_t number = 0;  // of the list
    std::size_t parent = kNone;
    PartSet parts;  // that may come next
    dev_t device = 0;
    ino_t inode = 0;
  };
  // What a name in a folder is, for the pattern.
  struct Match {
    PartSet parts;         // that may come next, if it is a folder
    bool is_file = false;  // whether it is meant, if it is a file
  };

  // With those behind a `**`, which may stand for no folder at all.
  PartSet reached(PartSet parts) const {
    for (std::size_t i = 0; i + 1 < pattern_.parts.size(); ++i) {
      if (parts[i] && pattern_.parts[i] == kAnyFolders) parts.set(i + 1);
    }
    return parts;
  }

  bool has_extension(std::string_view name) const {
    const std::string_view plain = name_without_format(name);
    return std::any_of(rules_.extensions.begin(), rules_.extensions.end(),
                       [&](const std::string& one) { return ends_with_extension(plain, one); });
  }

  Match match(const Folder& folder, std::string_view name) const {
    Match found;
    for (std::size_t i = 0; i < pattern_.parts.size(); ++i) {
      if (!folder.parts[i]) continue;
      const bool is_last = i + 1 == pattern_.parts.size();
      if (pattern_.parts[i] == kAnyFolders) {
        if (name[0] == '.' || (pattern_.is_directory && name[0] == '_')) continue;
        found.parts.set(i);
        found.is_file = found.is_file || is_last;
      } else if (matches_glob(pattern_.parts[i], name)) {
        if (!is_last) found.parts.set(i + 1);
        found.is_file = found.is_file || is_last;
      }
    }
    found.parts = reached(found.parts);
    found.is_file = found.is_file && (!pattern_.is_directory || has_extension(name));
    return found;
  }

  Result<void> visit_later(std::string path, std::size_t parent, PartSet parts) {
    POLARWAY_TRY(const std::uint32_t number, files_.add_folder(std::move(path)));
    folders_.push_back({.number = number, .parent = parent, .parts = parts});
    pending_.push_back(folders_.size() - 1);
    return {};
  }

  Result<void> visit(std::size_t at) {
    if (stop_.stop_requested()) {
      return fail({.kind = ErrorKind::Cancelled, .message = "stopped while listing files"});
    }
    const std::string& path = files_.folder(folders_[at].number);
    const int descriptor =
        ::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // Gone since it was listed; or never there, which is no match.
    if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR)) return {};
    if (descriptor < 0) return fail(system_error(errno, path, "cannot list the folder"));
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(descriptor), &::closedir);
    if (directory == nullptr) {
      const int error = errno;
      ::close(descriptor);
      return fail(system_error(error, path, "cannot list the folder"));
    }
    struct stat status{};
    if (::fstat(descriptor, &status) == 0) {
      folders_[at].device = status.st_dev;
      folders_[at].inode = status.st_ino;
      POLARWAY_CHECK(check_cycle(at));
    }
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(directory.get());
      if (entry == nullptr && errno != 0) {
        return fail(system_error(errno, path, "cannot list the folder"));
      }
      if (entry == nullptr) return {};
      POLARWAY_CHECK(see(at, descriptor, *entry));
    }
  }

  // Only a link leads to a folder that is around it.
  Result<void> check_cycle(std::size_t at) const {
    const Folder& folder = folders_[at];
    for (std::size_t i = folder.parent; i != kNone; i = folders_[i].parent) {
      if (folders_[i].device != folder.device || folders_[i].inode != folder.inode) continue;
      return fail({.kind = ErrorKind::Io,
                   .where = {.location = files_.folder(folder.number)},
                   .message = "this link leads back to " +
                              shorten(files_.folder(folders_[i].number)) + ", which it is in",
                   .hint = "remove the link, or name the folders one by one"});
    }
    return {};
  }

  Result<void> see(std::size_t at, int descriptor, const dirent& entry) {
    const std::string_view name = entry.d_name;
    if (name == "." || name == "..") return {};
    const Match found = match(folders_[at], name);
    const bool may_be_folder = entry.d_type != DT_REG && found.parts.any();
    const bool may_be_file = entry.d_type != DT_DIR && found.is_file;
    if (!may_be_folder && !may_be_file) return {};

    struct stat status{};
    if (::fstatat(descriptor, entry.d_name, &status, 0) != 0) {
      return may_be_file ? not_there(at, descriptor, entry.d_name, errno) : Result<void>();
    }
    const std::string& path = files_.folder(folders_[at].number);
    if (S_ISDIR(status.st_mode)) {
      if (found.parts.none()) return {};
      return visit_later(path + std::string(name) + "/", at, found.parts);
    }
    if (!found.is_file || !S_ISREG(status.st_mode)) return {};
    return files_.add(folders_[at].number, name, &status);
  }

  // A name that leads to nothing: not an error if it is gone by now.
  Result<void> not_there(std::size_t at, int descriptor, const char* name, int error) const {
    struct stat link{};
    if (::fstatat(descriptor, name, &link, AT_SYMLINK_NOFOLLOW) != 0) return {};
    SourceError broken =
        system_error(error, files_.folder(folders_[at].number) + name,
                     S_ISLNK(link.st_mode) ? "this link leads to no file" : "cannot look at");
    if (S_ISLNK(link.st_mode)) broken.hint = "mend or remove it";
    return fail(std::move(broken));
  }

  const Pattern& pattern_;
  const ListingRules& rules_;
  FileList& files_;
  const std::stop_token& stop_;
  std::deque<Folder> folders_;
  std::vector<std::size_t> pending_;
};

// Nothing when the location is one file as it stands.
Result<std::optional<Pattern>> pattern_of(const std::string& location, const ListingRules& rules) {
  if (location == "-") return std::nullopt;
  const std::string path = path_of(location);
  struct stat status{};
  const bool is_there = ::stat(path.c_str(), &status) == 0;
  if (is_there && S_ISDIR(status.st_mode)) return pattern_of_directory(path);
  if (is_there || !rules.glob || !is_glob(path)) return std::nullopt;
  Pattern pattern = pattern_of_glob(path);
  if (pattern.parts.size() > kMostParts) {
    return fail({.kind = ErrorKind::Config,
                 .where = {.location = location},
                 .message = "this pattern has more than " + std::to_string(kMostParts) + " parts",
                 .hint = "begin it with the folders that are known"});
  }
  return pattern;
}

Result<void> add_one(const std::string& location, FileList& files) {
  if (location == "-") {
    POLARWAY_TRY(const std::uint32_t folder, files.add_folder(location));
    return files.add(folder, "", nullptr);
  }
  const std::string path = path_of(location);
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return fail(system_error(errno, path, "cannot open"));
  }
  POLARWAY_TRY(const std::uint32_t folder, files.add_folder(path));
  return files.add(folder, "", &status);
}

SourceError no_match(const std::string& location, const Pattern& pattern,
                     const ListingRules& rules) {
  SourceError error{.kind = ErrorKind::EmptySource, .where = {.location = location}};
  if (!pattern.is_directory) {
    error.message = "no file matches the pattern";
    error.hint = "check it; glob=false takes * ? [ as they stand";
    return error;
  }
  std::string extensions;
  for (const std::string& one : rules.extensions) {
    extensions += (extensions.empty() ? "." : ", .") + one;
  }
  error.message = "no file in the folder ends in " + extensions + " (or that and a compression)";
  error.hint = "check the path, or give a pattern such as FOLDER/*";
  return error;
}

}  // namespace

bool is_file_set(const std::string& location, const ListingRules& rules) {
  const auto pattern = pattern_of(location, rules);
  return !pattern || *pattern;
}

Result<FileList> list_files(std::span<const std::string> locations, const ListingRules& rules,
                            const std::shared_ptr<MemoryBudget>& budget,
                            const std::stop_token& stop) {
  FileList files(budget);
  for (const std::string& location : locations) {
    POLARWAY_TRY(const std::optional<Pattern> pattern, pattern_of(location, rules));
    if (pattern) {
      const std::int64_t before = files.size();
      POLARWAY_CHECK(Walk(*pattern, rules, files, stop).run(false));
      if (files.size() == before) return fail(no_match(location, *pattern, rules));
    } else {
      POLARWAY_CHECK(add_one(location, files));
    }
    files.finish_location();
  }
  files.finish();
  return files;
}

Result<bool> has_file_of(const std::string& location, const ListingRules& rules) {
  constexpr std::int64_t kMostBytes = 16 << 20;  // folders that are passed by
  POLARWAY_TRY(std::optional<Pattern> pattern, pattern_of(location, rules));
  if (!pattern) return false;
  pattern->is_directory = true;  // of a glob, too, only the extension tells
  FileList files(MemoryBudget::make(kMostBytes));
  const std::stop_token never;
  POLARWAY_CHECK(Walk(*pattern, rules, files, never).run(true));
  return files.size() > 0;
}

}  // namespace polarway
