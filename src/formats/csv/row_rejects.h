#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "polarway/source.h"

namespace polarway::csv {

/// Rows that are left out: they are counted, reported if somebody wants to know of them, and become
/// an error when there are too many.
///
/// Threads: any.
class RowRejects {
 public:
  /// `keeps`: the channel is told what they were, not only how many. More than `max_rows` are an
  /// error.
  RowRejects(std::shared_ptr<RejectChannel> channel, bool keeps,
             std::optional<std::int64_t> max_rows)
      : channel_(std::move(channel)), keeps_(keeps), max_rows_(max_rows) {}

  /// Leaves a row out. False, and nothing is done, when no more may be: too_many().
  bool add(Reject reject);
  /// The error, for the row that is one too many: what is wrong with it.
  SourceError too_many(SourceError error) const;

 private:
  std::shared_ptr<RejectChannel> channel_;
  bool keeps_;
  std::optional<std::int64_t> max_rows_;
  std::atomic<std::int64_t> count_ = 0;
};

}  // namespace polarway::csv
