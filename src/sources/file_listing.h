#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "polarway/memory.h"
#include "polarway/result.h"
#include "sources/file_list.h"

namespace polarway {

/// Which files locations mean.
struct ListingRules {
  bool glob = true;                     ///< Whether * ? [ in a location are a pattern.
  std::vector<std::string> extensions;  ///< Of the files taken from a directory, without dot.
};

/// Whether a location can mean several files, or another one than it says: a glob (unless a file
/// has that very name), or a directory. Looks at the file system.
bool is_file_set(const std::string& location, const ListingRules& rules);

/// The files that the locations mean, in their order.
///
/// A directory means the files in it, however deep, that have one of the extensions (".csv", and
/// with one for a compression behind it, ".csv.gz"); what is hidden, or begins with "_", is left
/// out. A glob (see matches_glob(); `**` is any number of folders) means the regular files that
/// match, and no directories; with a slash at its end, the directories that match. Both are sorted
/// by the bytes of the paths. Everything else is one file, as it stands.
///
/// EmptySource when a glob or a directory means no file. NotFound for a file that is not there and
/// for a link that leads nowhere. Io for a folder that cannot be read and for a link that leads to
/// a folder around it. MemoryLimit when the budget has no room for so many names. One descriptor is
/// open at a time.
Result<FileList> list_files(std::span<const std::string> locations, const ListingRules& rules,
                            const std::shared_ptr<MemoryBudget>& budget,
                            const std::stop_token& stop);

/// Whether a glob or a directory means some file with one of the extensions: to tell its kind.
/// Errors as list_files() has them.
Result<bool> has_file_of(const std::string& location, const ListingRules& rules);

}  // namespace polarway
