#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/json/container_scan.h"
#include "formats/json/path_scanner.h"

namespace polarway::json {

/// How the records of a text follow each other.
enum class Layout : std::uint8_t {
  Lines,   ///< One value a line (NDJSON, JSON Lines).
  Values,  ///< One value behind the other, blanks and line ends between them or not.
  Array,   ///< The elements of one array.
  One,     ///< One value; none, if that is null.
};

/// Cuts top-level records out of a text that comes in pieces, without a look at what they say: only
/// strings, escapes and brackets are followed. Where the text is cut makes no difference, and no
/// byte is looked at twice.
///
/// Threads: one at a time.
class RecordScanner {
 public:
  /// `max_depth` counts brackets that are open at the same time, that of the array included. With a
  /// path, the text begins at the place in a document that it leads to, and goes on to the
  /// document's end.
  RecordScanner(Layout layout, std::int64_t max_depth, const std::vector<std::string>& path = {});

  enum class Found : std::uint8_t {
    Record,    ///< [begin, end) of the text is one.
    More,      ///< None is complete. The next text begins at `begin`, and has more behind it.
    End,       ///< Nothing but blanks follows.
    Stray,     ///< At `begin` stands what belongs to no record.
    Unclosed,  ///< The text ends within a record that begins at `begin`, or within the array.
    TooDeep,   ///< At `begin` a bracket opens beyond max_depth; only where records have any length.
    Twice,     ///< At `begin` the path begins that leads to records, again.
  };
  struct Cut {
    Found found = Found::More;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  /// The next record of `text`, which begins behind the last record, or where More said. `is_last`:
  /// nothing follows it. kScanPadding bytes behind `text` must be readable. What is neither Record
  /// nor More is final.
  Cut next(std::span<const std::uint8_t> text, bool is_last);

  /// Goes on behind a record, wherever that is. A new scanner begins before the first.
  void resume_behind_record();

 private:
  enum class Where : std::uint8_t { Start, First, BehindRecord, BehindComma, Closed };

  Cut between(std::span<const std::uint8_t> text, bool is_last, std::size_t& at);
  Cut behind_all(std::span<const std::uint8_t> text, bool is_last, std::size_t at);
  Cut within(std::span<const std::uint8_t> text, bool is_last, std::size_t begin, std::size_t at);

  Layout layout_;
  std::int64_t max_depth_;
  Where where_ = Where::Start;
  bool in_record_ = false;
  std::size_t looked_ = 0;  // so many bytes of the text have been looked at
  ContainerState container_;
  std::optional<PathScanner> around_;  // the document around the records
};

}  // namespace polarway::json
