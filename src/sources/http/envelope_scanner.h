#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/json/container_scan.h"
#include "formats/json/records_path.h"
#include "sources/http/page_facts.h"

namespace polarway::rest {

/// Follows a page, one JSON document that comes in pieces, from outside to its records, and behind
/// them to its end. Of what is beside the way it keeps the values that are wanted, each of at most
/// kMostFactBytes, and passes over the rest. Where the text is cut makes no difference.
///
/// Threads: one at a time.
class EnvelopeScanner {
 public:
  static constexpr std::size_t kMostFactBytes = 64 << 10;

  /// `records`: names that lead to the records; at least one, or nothing: there are none.
  /// Paths without names among `wanted` lead nowhere.
  EnvelopeScanner(std::vector<json::RecordsPath> wanted, std::optional<json::RecordsPath> records,
                  std::int64_t max_depth)
      : wanted_(std::move(wanted)),
        records_(std::move(records)),
        max_depth_(max_depth),
        facts_(wanted_.size()) {}

  enum class Found : std::uint8_t {
    Records,  ///< They begin at `begin`; the next text is to begin behind them.
    More,     ///< All of the text was taken.
    End,      ///< The document was closed before `begin`.
    Stray,    ///< At `begin` stands what cannot stand there.
    TooDeep,  ///< At `begin` a bracket opens beyond max_depth.
    TooLong,  ///< A wanted value, which ends behind `begin`, is too long.
    Twice,    ///< At `begin` the records are said to be once more.
  };
  struct Cut {
    Found found = Found::More;
    std::size_t begin = 0;
  };

  /// What comes next. kScanPadding bytes behind `text` must be readable. What is neither Records
  /// nor More is final.
  Cut next(std::span<const std::uint8_t> text);

  bool has_found_records() const { return has_records_; }
  const std::vector<std::optional<Fact>>& facts() const { return facts_; }
  /// What the document has, in a few words: names and kinds.
  std::string shape() const;

 private:
  enum class Where : std::uint8_t {
    Value,      // of a name, or the document
    FirstName,  // or the object's end
    Name,       // behind a comma
    InName,
    Colon,
    Passing,   // within a value that is passed over
    InText,    // of a wanted value
    InScalar,  // the same
    BehindValue,
    Closed,
  };

  bool step(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut);
  bool enter(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut);
  bool pass(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut);
  bool collect(std::span<const std::uint8_t> text, std::size_t& at, std::size_t most);
  std::string unescaped() const;
  void end_value() { where_ = names_.empty() ? Where::Closed : Where::BehindValue; }
  bool leads_on() const;
  void note(std::string_view kind);

  std::vector<json::RecordsPath> wanted_;
  std::optional<json::RecordsPath> records_;
  std::int64_t max_depth_;
  std::vector<std::optional<Fact>> facts_;
  Where where_ = Where::Value;
  std::vector<std::string> names_;  // of the objects that are open, where we are in each
  std::string token_;               // a name or a wanted value, with its escapes
  bool is_escaped_ = false;
  bool is_overlong_ = false;
  std::size_t fact_ = 0;     // which is collected
  std::uint8_t passed_ = 0;  // what a value that is passed begins with
  json::ContainerState state_;
  bool has_records_ = false;
  std::vector<std::string> seen_;
};

}  // namespace polarway::rest
