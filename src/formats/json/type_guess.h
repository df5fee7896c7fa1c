#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/json/value.h"
#include "polarway/memory.h"
#include "polarway/schema.h"

namespace polarway::json {

/// What looking at values needs.
struct GuessContext {
  const Schema* known = nullptr;  ///< Fields of records whose values need no look; null: none.
  bool infers_times = false;
  std::int64_t max_depth = 0;
  const char* text_end = nullptr;  ///< Of the record being looked at.
  MemoryLease lease;               ///< Pays for the fields that are found.
  std::string scratch;
  Trouble trouble;  ///< Says why see() returned false.
};

/// What the values of one place, a column, a field of objects, the elements of lists, have in
/// common so far.
class TypeGuess {
 public:
  TypeGuess();
  TypeGuess(TypeGuess&&) noexcept;
  TypeGuess& operator=(TypeGuess&&) noexcept;
  ~TypeGuess();
  struct Child;

  /// Looks at one more value. False for what is no JSON, is nested too deeply, or has more fields
  /// than there is memory for.
  /// @{
  bool see(ondemand::value value, std::int64_t depth, GuessContext& context);
  bool see_object(ondemand::object object, std::int64_t depth, GuessContext& context);
  bool see_array(ondemand::array array, std::int64_t depth, GuessContext& context);
  bool see_token(std::string_view token, GuessContext& context);
  /// @}

  /// The narrowest type that holds all values seen exactly: bool; int64; uint64; float64, also for
  /// integers among floats that are exact as such; date, timestamp and timestamp in UTC, if those
  /// are looked for; string; list; struct. String, too, where values are of several kinds, or
  /// integers larger than any: each as it is written. Null when there was no value; no value within
  /// a list or an object is string.
  DataType type() const;
  /// Whether the values are such that a column of strings must take what is no string.
  bool is_mixed() const;
  /// Only objects, or nothing.
  bool is_object() const { return (seen_ & ~kNull) == kObject; }
  bool has_seen_value() const { return (seen_ & ~kNull) != 0; }

  bool has_seen_object() const { return (seen_ & kObject) != 0; }

  /// Of objects, in order of appearance.
  const std::vector<std::unique_ptr<Child>>& children() const { return children_; }
  const TypeGuess* child(std::string_view name) const;
  /// Of lists; null when none had any.
  const TypeGuess* element() const { return element_.get(); }

  /// Arrow bytes of one of `num_rows` rows, on average, as that type.
  double bytes_per_row(std::int64_t num_rows) const;

 private:
  enum Kind : unsigned {
    kNull = 1,
    kBoolean = 2,
    kInt64 = 4,        // fits int64
    kUInt64 = 8,       // fits uint64 alone
    kBigInteger = 16,  // fits neither
    kInexact = 32,     // an integer that is no float64
    kFloat = 64,       // with point or exponent
    kString = 128,
    kObject = 256,
    kArray = 512,
    kNegative = 1024,  // an integer
    kBigFloat = 2048,  // no float64
    kNumbers = kInt64 | kUInt64 | kBigInteger | kInexact | kFloat | kNegative | kBigFloat,
  };
  enum Time : unsigned { kDate = 1, kTimestamp = 2, kTimestampUtc = 4 };

  TypeGuess* child_of(std::string_view name, std::int64_t depth, GuessContext& context);
  void see_string(std::string_view text, const GuessContext& context);
  void see_number(std::string_view token);
  DataType number_type() const;
  DataType type_or_string() const;

  bool is_known_ = false;  // its values are not looked at
  unsigned seen_ = 0;
  unsigned times_ = kDate | kTimestamp | kTimestampUtc;  // what all strings are
  std::int64_t num_bytes_ = 0;                           // of tokens
  std::int64_t num_elements_ = 0;
  std::vector<std::unique_ptr<Child>> children_;
  std::unordered_map<std::string_view, std::size_t> places_;  // of the names in children_
  std::unique_ptr<TypeGuess> element_;
};

struct TypeGuess::Child {
  std::string name;
  TypeGuess guess;
};

}  // namespace polarway::json
