#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/memory.h"
#include "polarway/result.h"

struct stat;

namespace polarway {

/// The files that a source reads, in the order in which it reads them. Kept small: a name takes its
/// bytes and nine more, folders are kept once.
class FileList {
 public:
  /// `budget` pays for what is beyond the first 64 KiB.
  explicit FileList(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)) {}

  std::int64_t size() const { return static_cast<std::int64_t>(entries_.size()); }
  std::string path(std::int64_t i) const;
  /// Whether all of them can be read again, and from any position: regular files, no pipes.
  bool all_regular() const { return all_regular_; }
  /// Of all, as listed.
  std::int64_t total_bytes() const { return total_bytes_; }
  /// Differs when paths, sizes or times of change of the files differ, or their order.
  std::uint64_t fingerprint() const { return fingerprint_; }

  /// Makes a folder known (with a slash at its end; or "") and gives its number.
  Result<std::uint32_t> add_folder(std::string path);
  const std::string& folder(std::uint32_t number) const { return folders_[number]; }
  /// Appends a file of a folder. `status` is null where nothing is known of it.
  Result<void> add(std::uint32_t folder, std::string_view name, const struct stat* status);
  /// What was appended since the last call is all that a location means: sorts it by the bytes of
  /// the paths.
  void finish_location();
  /// Nothing is appended any more; see settle_measured().
  void finish();

 private:
  static constexpr std::uint32_t kBlockBytes = 1 << 16;
  struct Entry {
    std::uint32_t folder = 0;
    std::uint32_t name = 0;  // a place in the blocks
  };

  std::string_view name_of(Entry entry) const;
  bool is_before(Entry a, Entry b) const;
  Result<void> pay(std::int64_t more_bytes);

  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease lease_;  // outlives what it pays for
  std::int64_t bytes_ = 0;
  std::deque<std::string> folders_;
  std::vector<std::unique_ptr<char[]>> blocks_;  // of names, each with a zero behind it
  std::uint32_t block_used_ = kBlockBytes;
  std::deque<Entry> entries_;
  std::ptrdiff_t location_begin_ = 0;  // among them, of the location being listed
  std::uint64_t location_sum_ = 0;
  bool all_regular_ = true;
  std::int64_t total_bytes_ = 0;
  std::uint64_t fingerprint_ = 0;
};

}  // namespace polarway
