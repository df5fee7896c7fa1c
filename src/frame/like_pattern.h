#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/result.h"

namespace polarway {

/// SQL's `like`: % is any text, _ is one character of UTF-8, all else is itself, and the whole text
/// must match. Without an escape no character is special but those two. Allocates nothing for a
/// text, whatever it is; its time is at most the product of both lengths.
///
/// (Arrow's match_like takes a backslash for an escape always, and a regular expression's automaton
/// takes memory that no budget knows of.)
class LikePattern {
 public:
  /// Config error for an escape of several characters, or one with nothing to escape behind it.
  static Result<LikePattern> parse(std::string_view pattern, std::string_view escape);

  bool matches(std::string_view text) const;

  /// For each text of a string or large_string array whether it matches; null stays null.
  Result<std::shared_ptr<arrow::Array>> matches(const arrow::Array& texts,
                                                arrow::MemoryPool* pool) const;

 private:
  // So many characters, whatever they are, and then these bytes.
  struct Piece {
    std::size_t num_any = 0;
    std::string bytes;
  };
  // What is between two %.
  using Run = std::vector<Piece>;

  static std::size_t end_of_match(const Run& run, std::string_view text, std::size_t from);
  static bool find(const Run& run, std::string_view text, std::size_t& from);

  std::vector<Run> runs_;  // never empty
};

}  // namespace polarway
