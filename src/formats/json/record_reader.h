#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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
  RecordReader(Block& block, std::string location, RecordScanner scanner)
      : block_(block),
        location_(std::move(location)),
        scanner_(std::move(scanner)),
        byte_(block.offset()) {}

  /// A new reader is before the first record; this goes on behind a record, where `rows` are.
  void resume(std::int64_t rows);

  /// The next record, the same until it is taken; nothing at the end. Valid until then; as many
  /// bytes behind it as Block::kPadding are readable. Parse error for a text that is cut off.
  Result<std::optional<std::string_view>> peek(std::stop_token stop);
  /// Goes past the record.
  void take();

  /// Whether peek() has given a record that is not taken yet.
  bool has_record() const { return record_.has_value(); }

  /// Goes on with a text that begins behind a record, ends behind one, and stands at `offset` in
  /// the stream; nobody may have peeked. As many bytes behind it as Block::kPadding must be
  /// readable. At its end peek() gives nothing, and leaves it: then the block goes on where it is.
  void enter(std::span<const std::uint8_t> text, std::int64_t offset);
  bool is_within() const { return within_.has_value(); }
  /// Goes past so many records of that text.
  void skip(std::int64_t num_records);
  /// Leaves the text behind its last record, before which there are so many more.
  void leave(std::int64_t num_records);

  /// Records taken, those before resume() included.
  std::int64_t rows() const { return rows_; }
  /// Behind the last record taken; before the first one, where reading began.
  std::int64_t byte() const { return byte_; }
  /// Where the record that peek() gave begins.
  std::int64_t record_byte() const { return offset() + static_cast<std::int64_t>(record_->begin); }
  const std::string& location() const { return location_; }

  /// The error with the place of the record that peek() gave.
  SourceError at_record(SourceError error) const;
  /// What is wrong with that record.
  SourceError error_of(const Trouble& trouble) const;

 private:
  struct Within {
    std::span<const std::uint8_t> text;  // what is left
    std::int64_t offset = 0;
  };

  std::span<const std::uint8_t> text() const { return within_ ? within_->text : block_.text(); }
  std::int64_t offset() const { return within_ ? within_->offset : block_.offset(); }
  void consume(std::size_t num_bytes);
  SourceError cut_error(const RecordScanner::Cut& cut) const;

  Block& block_;
  std::string location_;
  RecordScanner scanner_;
  std::optional<Within> within_;
  std::optional<RecordScanner::Cut> record_;
  std::optional<RecordScanner::Cut> final_cut_;  // where no record follows any more
  std::int64_t rows_ = 0;
  std::int64_t byte_;
};

}  // namespace polarway::json
