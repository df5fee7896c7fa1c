#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

#include "formats/block.h"
#include "formats/json/record_scanner.h"
#include "formats/json/value.h"
#include "polarway/result.h"

namespace polarway::json {

/// The records of a stream, one after the other, and the places of errors in them.
///
/// Threads: one at a time.
class RecordReader {
 public:
  /// `block` must outlive the reader, and nobody else may move it meanwhile.
  RecordReader(Block& block, std::string location, Layout layout, std::int64_t max_depth)
      : block_(block),
        location_(std::move(location)),
        scanner_(layout, max_depth),
        byte_(block.offset()) {}

  /// A new reader is before the first record; this goes on behind a record, where `rows` are.
  void resume(std::int64_t rows);

  /// The next record, the same until it is taken; nothing at the end. Valid until then; as many
  /// bytes behind it as Block::kPadding are readable. Parse error for a text that is cut off.
  Result<std::optional<std::string_view>> peek(std::stop_token stop);
  /// Goes past the record.
  void take();

  /// Records taken, those before resume() included.
  std::int64_t rows() const { return rows_; }
  /// Behind the last record taken; before the first one, where reading began.
  std::int64_t byte() const { return byte_; }
  /// Where the record that peek() gave begins.
  std::int64_t record_byte() const {
    return block_.offset() + static_cast<std::int64_t>(record_->begin);
  }
  const std::string& location() const { return location_; }

  /// The error with the place of the record that peek() gave.
  SourceError at_record(SourceError error) const;
  /// What is wrong with that record.
  SourceError error_of(const Trouble& trouble) const;

 private:
  SourceError cut_error(const RecordScanner::Cut& cut) const;

  Block& block_;
  std::string location_;
  RecordScanner scanner_;
  std::optional<RecordScanner::Cut> record_;
  std::optional<RecordScanner::Cut> final_cut_;  // where no record follows any more
  std::int64_t rows_ = 0;
  std::int64_t byte_;
};

}  // namespace polarway::json
