#include "sources/file_list.h"

#define XXH_INLINE_ALL
#include <sys/stat.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/measured_lease.h"

namespace polarway {
namespace {

using Parts = std::array<std::string_view, 2>;

// Compares two texts that come in two parts each, byte by byte.
int compare(Parts a, Parts b) {
  std::size_t i = 0;
  std::size_t j = 0;
  for (;;) {
    while (i < 2 && a[i].empty()) ++i;
    while (j < 2 && b[j].empty()) ++j;
    if (i == 2 || j == 2) return (i < 2 ? 1 : 0) - (j < 2 ? 1 : 0);
    const std::size_t length = std::min(a[i].size(), b[j].size());
    if (const int order = a[i].substr(0, length).compare(b[j].substr(0, length)); order != 0) {
      return order;
    }
    a[i].remove_prefix(length);
    b[j].remove_prefix(length);
  }
}

}  // namespace

std::string_view FileList::name_of(Entry entry) const {
  return &blocks_[entry.name / kBlockBytes][entry.name % kBlockBytes];
}

std::string FileList::path(std::int64_t i) const {
  const Entry entry = entries_[static_cast<std::size_t>(i)];
  std::string path = folders_[entry.folder];
  path += name_of(entry);
  return path;
}

Result<void> FileList::pay(std::int64_t more_bytes) {
  constexpr std::int64_t kFree = 1 << 16;
  constexpr std::int64_t kStep = 1 << 18;
  bytes_ += more_bytes;
  if (bytes_ - kFree <= lease_.bytes()) return {};
  Result<void> paid;
  if (lease_) {
    paid = lease_.grow(std::max(kStep, more_bytes));
  } else if (auto first = budget_->reserve(std::max(kStep, more_bytes), LeaseHolder::Reader)) {
    lease_ = *std::move(first);
  } else {
    paid = fail(std::move(first.error()));
  }
  if (paid) return {};
  bytes_ -= more_bytes;
  paid.error().message = "there is no room for a list of more than " +
                         std::to_string(entries_.size()) + " files: " + paid.error().message;
  paid.error().hint = "raise the memory limit, or read fewer files at once";
  return paid;
}

Result<std::uint32_t> FileList::add_folder(std::string path) {
  constexpr std::size_t kWalk = 64;  // what whoever lists it keeps of it
  POLARWAY_CHECK(
      pay(static_cast<std::int64_t>(sizeof(std::string) + path.capacity() + 16 + kWalk)));
  folders_.push_back(std::move(path));
  return static_cast<std::uint32_t>(folders_.size() - 1);
}

Result<void> FileList::add(std::uint32_t folder, std::string_view name, const struct stat* status) {
  if (block_used_ + name.size() + 1 > kBlockBytes) {
    POLARWAY_CHECK(pay(kBlockBytes));
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
    block_used_ = 0;
  }
  POLARWAY_CHECK(pay(sizeof(Entry)));
  char* at = &blocks_.back()[block_used_];
  std::memcpy(at, name.data(), name.size());
  at[name.size()] = '\0';
  const auto block = static_cast<std::uint32_t>(blocks_.size() - 1);
  entries_.push_back({.folder = folder, .name = block * kBlockBytes + block_used_});
  block_used_ += static_cast<std::uint32_t>(name.size() + 1);

  const std::string& of_folder = folders_[folder];
  std::uint64_t hash = XXH64(of_folder.data(), of_folder.size(), 0);
  hash = XXH64(name.data(), name.size(), hash);
  if (status != nullptr) {
    const std::array<std::int64_t, 3> seen = {status->st_size, status->st_mtim.tv_sec,
                                              status->st_mtim.tv_nsec};
    hash = XXH64(seen.data(), sizeof(seen), hash);
    total_bytes_ += status->st_size;
  }
  location_sum_ += hash;  // a sum: the system lists folders in any order
  all_regular_ = all_regular_ && status != nullptr && S_ISREG(status->st_mode);
  return {};
}

bool FileList::is_before(Entry a, Entry b) const {
  if (a.folder == b.folder) return name_of(a) < name_of(b);
  return compare({folders_[a.folder], name_of(a)}, {folders_[b.folder], name_of(b)}) < 0;
}

void FileList::finish_location() {
  std::sort(entries_.begin() + location_begin_, entries_.end(),
            [this](Entry a, Entry b) { return is_before(a, b); });
  location_begin_ = std::ssize(entries_);
  fingerprint_ = XXH64(&location_sum_, sizeof(location_sum_), fingerprint_);
  location_sum_ = 0;
}

void FileList::finish() { settle_measured(lease_); }

}  // namespace polarway
