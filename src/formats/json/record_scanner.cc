#include "formats/json/record_scanner.h"

#include <cstring>
#include <string_view>

namespace polarway::json {
namespace {

bool is_blank(std::uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// What ends a number, true, false, null, and whatever else is no string, object or array.
bool ends_scalar(std::uint8_t c) {
  return is_blank(c) || c == ',' || c == ']' || c == '}' || c == '[' || c == '{' || c == '"';
}

bool is_container(std::uint8_t c) { return c == '{' || c == '['; }

}  // namespace

RecordScanner::RecordScanner(Layout layout, std::int64_t max_depth,
                             const std::vector<std::string>& path)
    : layout_(layout), max_depth_(max_depth - static_cast<std::int64_t>(path.size())) {
  if (path.empty()) return;
  around_.emplace(path, max_depth);
  around_->resume_behind_value();
}

void RecordScanner::resume_behind_record() {
  where_ = Where::BehindRecord;
  in_record_ = false;
  looked_ = 0;
  container_ = {};
  if (around_) around_->resume_behind_value();
}

// Behind the array, or the one value.
RecordScanner::Cut RecordScanner::behind_all(std::span<const std::uint8_t> text, bool is_last,
                                             std::size_t at) {
  where_ = Where::Closed;
  if (around_) {
    const PathScanner::Cut cut = around_->next(text.subspan(at), is_last);
    Found found = Found::Stray;
    if (cut.found == PathScanner::Found::More) found = Found::More;
    if (cut.found == PathScanner::Found::End) found = Found::End;
    if (cut.found == PathScanner::Found::Unclosed) found = Found::Unclosed;
    if (cut.found == PathScanner::Found::TooDeep) found = Found::TooDeep;
    if (cut.found == PathScanner::Found::Twice) found = Found::Twice;
    return {.found = found, .begin = at + cut.begin};
  }
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at < text.size()) return {.found = Found::Stray, .begin = at};
  return {.found = is_last ? Found::End : Found::More, .begin = at};
}

// Goes to where the next record begins. A cut other than Record ends the search.
RecordScanner::Cut RecordScanner::between(std::span<const std::uint8_t> text, bool is_last,
                                          std::size_t& at) {
  for (; at < text.size(); ++at) {
    if (where_ == Where::Closed || (where_ == Where::BehindRecord && layout_ == Layout::One)) {
      return behind_all(text, is_last, at);
    }
    const std::uint8_t c = text[at];
    if (is_blank(c)) continue;
    if (layout_ != Layout::Array) {
      const bool is_stray = c == ',' || c == ']' || c == '}' || c == ':';
      if (is_stray && layout_ != Layout::Lines) return {.found = Found::Stray, .begin = at};
      return {.found = Found::Record};
    }
    switch (where_) {
      case Where::Start:
        if (c != '[') return {.found = Found::Stray, .begin = at};
        where_ = Where::First;
        break;
      case Where::First:
      case Where::BehindComma:
        if (c == ']' && where_ == Where::First) {
          where_ = Where::Closed;
          break;
        }
        if (c == ']' || c == ',' || c == '}' || c == ':') {
          return {.found = Found::Stray, .begin = at};
        }
        return {.found = Found::Record};
      case Where::BehindRecord:
        if (c != ',' && c != ']') return {.found = Found::Stray, .begin = at};
        where_ = c == ',' ? Where::BehindComma : Where::Closed;
        break;
      case Where::Closed:
        break;
    }
  }
  if (!is_last) return {.found = Found::More, .begin = at};
  if (where_ == Where::Closed || (where_ == Where::BehindRecord && layout_ == Layout::One)) {
    return behind_all(text, is_last, at);
  }
  const bool is_open = layout_ == Layout::Array || layout_ == Layout::One;
  return {.found = is_open ? Found::Unclosed : Found::End, .begin = at};
}

// Goes on at `at`, within the record that begins at `begin`.
RecordScanner::Cut RecordScanner::within(std::span<const std::uint8_t> text, bool is_last,
                                         std::size_t begin, std::size_t at) {
  const std::uint8_t first = text[begin];
  std::size_t end = at;
  bool is_complete = false;
  if (layout_ == Layout::Lines) {
    const void* newline = std::memchr(text.data() + at, '\n', text.size() - at);
    end = newline == nullptr
              ? text.size()
              : static_cast<std::size_t>(static_cast<const std::uint8_t*>(newline) - text.data());
    is_complete = newline != nullptr || is_last;
    if (is_complete) {
      while (is_blank(text[end - 1])) --end;
    }
  } else if (is_container(first)) {
    const std::int64_t depth = max_depth_ - (layout_ == Layout::Array ? 1 : 0);
    end = scan_container(text, at, depth, container_);
    if (container_.depth > depth) return {.found = Found::TooDeep, .begin = end};
    is_complete = container_.depth == 0;
  } else if (first == '"') {
    end = scan_string(text, at, container_);
    is_complete = container_.in_string == 0;
  } else {
    while (end < text.size() && !ends_scalar(text[end])) ++end;
    is_complete = end < text.size() || is_last;
  }
  if (!is_complete) {
    looked_ = end - begin;
    return {.found = is_last ? Found::Unclosed : Found::More, .begin = begin};
  }
  in_record_ = false;
  where_ = Where::BehindRecord;
  looked_ = 0;
  const std::string_view record(reinterpret_cast<const char*>(text.data()) + begin, end - begin);
  if (layout_ == Layout::One && record == "null") return behind_all(text, is_last, end);
  return {.found = Found::Record, .begin = begin, .end = end};
}

RecordScanner::Cut RecordScanner::next(std::span<const std::uint8_t> text, bool is_last) {
  if (in_record_) return within(text, is_last, 0, looked_);
  std::size_t begin = 0;
  const Cut cut = between(text, is_last, begin);
  if (cut.found != Found::Record) return cut;
  in_record_ = true;
  container_ = {};
  return within(text, is_last, begin, begin);
}

}  // namespace polarway::json
