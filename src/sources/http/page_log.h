#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::rest {

/// A place between two records of a paged endpoint: what checkpoints and splits are made of.
struct PagePosition {
  std::int64_t partition = 0;  ///< Which of the URLs that the user has named, each of a first page.
  std::int64_t page = 1;       ///< Its number, counted from 1 at the first page.
  std::string cursor;          ///< Where it is.
  std::int64_t record = 0;     ///< Records of it that are before.
  std::int64_t rows = 0;       ///< Records of all pages that are before.
  std::string request;         ///< What was asked, in a fingerprint.
  std::optional<std::int64_t> end_page = {};       ///< Of a split: pages from here on are not its.
  std::optional<std::int64_t> end_partition = {};  ///< The same.

  std::string to_text() const;
  /// Config error for other text.
  static Result<PagePosition> parse(const std::string& text);
};

/// Which records, and which bytes, of a stream of pages are of which page: of those pages that
/// somebody may still ask for.
///
/// Threads: one at a time.
class PageLog {
 public:
  struct Entry {
    std::int64_t partition = 0;
    std::int64_t page = 0;
    std::string cursor;
    std::string shown_url;
    std::int64_t first_row = 0;     // in the stream, of the page's first record
    std::int64_t stream_byte = -1;  // of what is handed on of it; -1: nothing yet
    std::int64_t page_byte = 0;     // the same, in the page's own text
  };

  explicit PageLog(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)) {}

  /// A page begins.
  Result<void> begin(Entry entry);
  Entry& last() { return entries_.back(); }
  const std::string& last_url() const { return entries_.back().shown_url; }
  bool empty() const { return entries_.empty(); }
  /// The page of that row, or the one that begins with it; the last for rows behind all.
  const Entry& of_row(std::int64_t row) const;
  /// The page of that byte of the stream; null for what stands before the first.
  const Entry* of_byte(std::int64_t byte) const;
  /// Nobody will ask for rows before that one any more.
  void forget_before(std::int64_t row);

 private:
  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease lease_;  // outlives what it pays for
  std::int64_t bytes_ = 0;
  std::deque<Entry> entries_;
};

}  // namespace polarway::rest
