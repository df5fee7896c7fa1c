#include "sources/glob_pattern.h"

#include <cstddef>
#include <string>

namespace polarway {
namespace {

// The bytes of the character that the text begins with; 1 where it begins with no whole one.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t size = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (size > text.size()) return 1;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 1;
  }
  return size;
}

// UTF-8 sorts as its code points do, so that characters compare as their bytes.
struct Set {
  bool is_there = false;  // the pattern begins with one
  bool holds = false;     // the character
  std::size_t size = 0;   // of the set in the pattern
};

Set match_set(std::string_view pattern, std::string_view character) {
  std::size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  bool found = false;
  for (bool first = true; at < pattern.size(); first = false) {
    if (pattern[at] == ']' && !first) {
      return {.is_there = true, .holds = found != negated, .size = at + 1};
    }
    const std::string_view low = pattern.substr(at, character_size(pattern.substr(at)));
    std::string_view high = low;
    at += low.size();
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      high = pattern.substr(at + 1, character_size(pattern.substr(at + 1)));
      at += 1 + high.size();
    }
    found = found || (low <= character && character <= high);
  }
  return {};
}

}  // namespace

bool is_glob(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

bool matches_glob(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  // Where the last star stands, and what it takes: only that one is ever tried again.
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  std::size_t p = 0;
  std::size_t n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
      continue;
    }
    const std::string_view character = name.substr(n, character_size(name.substr(n)));
    std::size_t matched = 0;  // bytes of the pattern
    if (p < pattern.size()) {
      const std::string_view rest = pattern.substr(p);
      const Set set = rest[0] == '[' ? match_set(rest, character) : Set();
      if (set.is_there) {
        matched = set.holds ? set.size : 0;
      } else if (rest[0] == '?') {
        matched = 1;
      } else if (rest.starts_with(character)) {
        matched = character.size();
      }
    }
    if (matched > 0) {
      p += matched;
      n += character.size();
    } else if (star != std::string_view::npos) {
      taken += character_size(name.substr(taken));
      n = taken;
      p = star + 1;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace polarway
