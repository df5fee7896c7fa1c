#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "formats/json/container_scan.h"

namespace polarway::rest {

/// The records of one page, which are handed on as they stand, and counted. Only strings, escapes
/// and brackets are followed: what the records say, and whether they are JSON at all, is for their
/// decoder to find. Where the text is cut makes no difference.
///
/// Threads: one at a time.
class RecordsPass {
 public:
  enum class Shape : std::uint8_t {
    Array,   ///< The elements of an array, from its bracket to its other one.
    One,     ///< One value.
    Values,  ///< One value behind the other, to the end of the text.
  };

  /// The first `skip` records are not handed on.
  RecordsPass(Shape shape, std::int64_t skip) : shape_(shape), skip_(skip) {}

  struct Step {
    std::size_t consumed = 0;  ///< Of the text; all of it unless is_over.
    std::size_t begin = 0;     ///< What is handed on: [begin, end).
    std::size_t end = 0;
    bool is_over = false;  ///< The records end before text[consumed].
  };

  /// Looks at more text. kScanPadding bytes behind it must be readable.
  Step next(std::span<const std::uint8_t> text);

  /// Nothing follows: a number at the text's end is complete.
  void end();

  /// Records that are complete, skipped ones included.
  std::int64_t num_records() const { return num_records_; }
  /// Whether the last one is not.
  bool is_within() const { return in_record_; }

 private:
  Shape shape_;
  std::int64_t skip_;
  bool is_open_ = false;  // the array
  bool in_record_ = false;
  std::uint8_t first_ = 0;  // of the record
  bool is_handed_ = false;  // from the first record that is not skipped on
  std::int64_t num_records_ = 0;
  json::ContainerState state_;
};

}  // namespace polarway::rest
