#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "polarway/source.h"

namespace polarway {

/// Rows that are left out: they are counted, reported if somebody wants to know of them, and become
/// an error when there are too many.
///
/// Threads: one at a time.
class RowRejects {
 public:
  /// `keeps`: the channel is told what they were, not only how many. More than `max_rows` are an
  /// error.
  RowRejects(std::shared_ptr<RejectChannel> channel, bool keeps,
             std::optional<std::int64_t> max_rows)
      : channel_(std::move(channel)), keeps_(keeps), max_rows_(max_rows) {}

  /// Whether one more may be left out, of all that the channel has heard of: of all files.
  bool has_room() const { return !max_rows_ || count() < *max_rows_; }
  /// Leaves a row out; null: nothing but that it was there is known of it.
  void add(std::unique_ptr<Reject> reject);
  /// The error for the row there is no room for; `reject` as in add().
  SourceError too_many(const Reject* reject) const;

 private:
  std::int64_t count() const { return channel_ ? channel_->count() : count_; }

  std::shared_ptr<RejectChannel> channel_;
  bool keeps_;
  std::optional<std::int64_t> max_rows_;
  std::int64_t count_ = 0;  // without a channel
};

}  // namespace polarway
