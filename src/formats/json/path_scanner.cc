#include "formats/json/path_scanner.h"

#include <string_view>
#include <utility>

#include "core/quoted_text.h"
#include "formats/json/characters.h"
#include "formats/json/string_text.h"

namespace polarway::json {
namespace {

constexpr std::size_t kMostSeen = 12;  // names that an error shows

}  // namespace

void PathScanner::resume_behind_value() {
  where_ = Where::BehindValue;
  level_ = names_.size();
  has_found_ = true;
  in_name_ = false;
}

// Whether a name, with its escapes, is the one that leads on from here.
bool PathScanner::is_wanted(std::span<const std::uint8_t> name) const {
  constexpr std::size_t kLongestEscape = 6;  // of a byte: \u0041
  const std::string& wanted = names_[level_ - 1];
  const std::string_view escaped(reinterpret_cast<const char*>(name.data()), name.size());
  if (escaped == wanted) return true;
  if (escaped.size() > kLongestEscape * wanted.size()) return false;
  if (escaped.find('\\') == std::string_view::npos) return false;
  std::string plain(escaped.size(), '\0');
  const char* const end = unescape(escaped, plain.data());
  return end != nullptr && std::string_view(plain.data(), end) == wanted;
}

// Keeps what an error says there is. Behind the value nobody asks for it.
void PathScanner::note(std::string_view kind) {
  if (has_found_) return;
  ++num_seen_;
  if (seen_.size() < kMostSeen) seen_.push_back(last_name_ + " (" + std::string(kind) + ")");
}

std::string PathScanner::missing() const {
  std::string text = "the document";
  if (level_ > 1 || (level_ == 1 && !kind_.empty())) {
    text = shorten(names_[level_ - (kind_.empty() ? 2 : 1)]);
  }
  if (!kind_.empty()) return text + " is no object (" + kind_ + ")";
  if (seen_.empty()) return text + " is an object without names";
  text += " has ";
  for (std::size_t i = 0; i < seen_.size(); ++i) text += (i == 0 ? "" : ", ") + seen_[i];
  if (num_seen_ > seen_.size())
    text += " and " + std::to_string(num_seen_ - seen_.size()) + " more";
  return text;
}

// The following move on from text[at], and are false where the search ends, with the cut said.

// A value on the way.
bool PathScanner::enter(std::uint8_t first, std::size_t at, Cut& cut) {
  cut.begin = at;
  if (cannot_begin_value(first)) {
    cut.found = Found::Stray;
    return false;
  }
  if (level_ == names_.size()) {
    cut.found = Found::Value;
    where_ = Where::BehindValue;
    has_found_ = true;
    return false;
  }
  if (first != '{') {
    kind_ = kind_of(first);
    cut.found = Found::Missing;
    return false;
  }
  if (static_cast<std::int64_t>(level_) == max_depth_) {
    cut.found = Found::TooDeep;
    return false;
  }
  ++level_;
  seen_.clear();
  num_seen_ = 0;
  where_ = Where::FirstName;
  return true;
}

bool PathScanner::close(std::size_t at, Cut& cut) {
  if (!has_found_) {
    cut = {.found = Found::Missing, .begin = at};
    return false;
  }
  where_ = --level_ == 0 ? Where::Closed : Where::BehindValue;
  return true;
}

bool PathScanner::take_name(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut) {
  const std::size_t begin = at;
  if (!in_name_) state_ = {};
  const std::size_t end = scan_string(text, begin + looked_, state_);
  in_name_ = state_.in_string != 0;
  if (in_name_) {
    looked_ = end - begin;
    cut = {.found = Found::More, .begin = begin};
    return false;
  }
  looked_ = 0;
  const std::span<const std::uint8_t> name = text.subspan(begin + 1, end - begin - 2);
  is_on_way_ = is_wanted(name);
  if (is_on_way_ && has_found_) {
    cut = {.found = Found::Twice, .begin = begin};
    return false;
  }
  if (!has_found_) {
    last_name_ = shorten_name({reinterpret_cast<const char*>(name.data()), name.size()});
  }
  at = end;
  where_ = Where::Colon;
  return true;
}

// A value beside the way, of which nothing is held.
bool PathScanner::pass(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut) {
  bool is_over = false;
  if (is_container(passed_)) {
    const std::int64_t depth = max_depth_ - static_cast<std::int64_t>(level_);
    at = scan_container(text, at, depth, state_);
    if (state_.depth > depth) {
      cut = {.found = Found::TooDeep, .begin = at};
      return false;
    }
    is_over = state_.depth == 0;
  } else if (passed_ == '"') {
    at = scan_string(text, at, state_);
    is_over = state_.in_string == 0;
  } else {
    while (at < text.size() && !ends_scalar(text[at])) ++at;
    is_over = at < text.size();
  }
  if (is_over) where_ = Where::BehindValue;
  return true;
}

bool PathScanner::step(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut) {
  if (where_ == Where::Passing) return pass(text, at, cut);
  const std::uint8_t c = text[at];
  if (is_blank(c)) {
    ++at;
    return true;
  }
  switch (where_) {
    case Where::Value:
      if (level_ > 0 && !cannot_begin_value(c)) note(kind_of(c));
      if (!enter(c, at, cut)) return false;
      ++at;
      return true;
    case Where::FirstName:
      if (c == '}') return close(at++, cut);
      [[fallthrough]];
    case Where::Name:
      if (c == '"') return take_name(text, at, cut);
      break;
    case Where::Colon:
      if (c != ':') break;
      ++at;
      where_ = is_on_way_ ? Where::Value : Where::Beside;
      return true;
    case Where::Beside:
      if (cannot_begin_value(c)) break;
      note(kind_of(c));
      passed_ = c;
      state_ = {};
      where_ = Where::Passing;
      return true;
    case Where::BehindValue:
      if (c == '}') return close(at++, cut);
      if (c != ',') break;
      ++at;
      where_ = Where::Name;
      return true;
    case Where::Passing:
    case Where::Closed:
      break;
  }
  cut = {.found = Found::Stray, .begin = at};
  return false;
}

PathScanner::Cut PathScanner::next(std::span<const std::uint8_t> text, bool is_last) {
  Cut cut;
  std::size_t at = 0;
  while (at < text.size()) {
    if (step(text, at, cut)) continue;
    if (cut.found == Found::More && is_last) cut.found = Found::Unclosed;
    return cut;
  }
  if (!is_last) return {.found = Found::More, .begin = at};
  return {.found = where_ == Where::Closed ? Found::End : Found::Unclosed, .begin = at};
}

SourceError path_error(const PathScanner& scanner, const PathScanner::Cut& cut,
                       std::span<const std::uint8_t> text, const std::string& path,
                       std::int64_t byte) {
  SourceError error{.kind = ErrorKind::Parse, .where = {.byte_offset = byte}};
  switch (cut.found) {
    case PathScanner::Found::Missing:
      error.kind = ErrorKind::Config;
      error.message = "records_path=" + path + " leads nowhere: " + scanner.missing();
      error.hint = "name the place of the records, as data.items or /data/items";
      break;
    case PathScanner::Found::Twice:
      error.message = "records_path=" + path + " is in the document twice, from here on again";
      error.hint = "records that were read cannot be taken back: mend the document";
      break;
    case PathScanner::Found::Unclosed:
      error.message = "the text ends within the document";
      error.hint = "the file was cut off, or a quote or a bracket is not closed";
      break;
    case PathScanner::Found::TooDeep:
      error.message = "more objects and arrays are open here than max_depth allows";
      error.hint = "raise max_depth";
      break;
    default: {
      const char c = static_cast<char>(text[cut.begin]);
      error.message = shorten({&c, 1}) + " stands where it cannot, beside the records";
      error.hint = "mend the document";
    }
  }
  return error;
}

}  // namespace polarway::json
