#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/json/container_scan.h"
#include "polarway/error.h"

namespace polarway::json {

/// Follows names through the objects of one document that comes in pieces, to the value that they
/// lead to, and behind it to the document's end. Of all that is beside the way only strings,
/// escapes and brackets are followed, and nothing of it is held but a name. Where the text is cut
/// makes no difference.
///
/// Threads: one at a time.
class PathScanner {
 public:
  /// `names`: at least one. `max_depth` counts brackets that are open at the same time.
  PathScanner(std::vector<std::string> names, std::int64_t max_depth)
      : names_(std::move(names)), max_depth_(max_depth) {}

  enum class Found : std::uint8_t {
    Value,     ///< It begins at `begin`; the next text begins behind it.
    More,      ///< The next text begins at `begin`, and has more behind it.
    End,       ///< The document was closed, and nothing but blanks follows.
    Missing,   ///< The names do not lead there; see missing().
    Twice,     ///< At `begin` stands a name on the way once more, behind the value.
    Stray,     ///< At `begin` stands what cannot stand there.
    Unclosed,  ///< The text ends within the document.
    TooDeep,   ///< At `begin` a bracket opens beyond max_depth.
  };
  struct Cut {
    Found found = Found::More;
    std::size_t begin = 0;
  };

  /// What comes next. `is_last`: nothing follows `text`, behind which kScanPadding bytes must be
  /// readable. What is neither Value nor More is final.
  Cut next(std::span<const std::uint8_t> text, bool is_last);

  /// Goes on behind the value, wherever that is.
  void resume_behind_value();

  /// What stands where the names do not lead on, in a few words.
  std::string missing() const;

 private:
  enum class Where : std::uint8_t {
    Value,        // of the next name, or the document
    FirstName,    // or the object's end
    Name,         // behind a comma
    Colon,        // behind a name
    Beside,       // a value that is on no way
    Passing,      // within it
    BehindValue,  // or behind one of those
    Closed,
  };

  bool step(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut);
  bool take_name(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut);
  bool pass(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut);
  bool enter(std::uint8_t first, std::size_t at, Cut& cut);
  bool close(std::size_t at, Cut& cut);
  bool is_wanted(std::span<const std::uint8_t> name) const;
  void note(std::string_view kind);

  std::vector<std::string> names_;
  std::int64_t max_depth_;
  Where where_ = Where::Value;
  std::size_t level_ = 0;  // objects on the way that are open
  bool has_found_ = false;
  bool is_on_way_ = false;  // the last name
  bool in_name_ = false;
  std::size_t looked_ = 0;   // so many bytes of a name that begins the text have been looked at
  std::uint8_t passed_ = 0;  // what a value that is passed begins with
  ContainerState state_;
  std::string kind_;               // of what is no object on the way
  std::string last_name_;          // shortened
  std::vector<std::string> seen_;  // in the object on the way: names and kinds
  std::size_t num_seen_ = 0;
};

/// Says what is wrong where a path ends otherwise than at a value. `byte` is the cut's place.
SourceError path_error(const PathScanner& scanner, const PathScanner::Cut& cut,
                       std::span<const std::uint8_t> text, const std::string& path,
                       std::int64_t byte);

}  // namespace polarway::json
