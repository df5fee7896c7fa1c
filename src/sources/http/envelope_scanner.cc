#include "sources/http/envelope_scanner.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/quoted_text.h"
#include "formats/json/characters.h"
#include "formats/json/string_text.h"

namespace polarway::rest {
namespace {

using json::cannot_begin_value;
using json::ends_scalar;
using json::is_blank;
using json::is_container;
using json::kind_of;

constexpr std::size_t kMostSeen = 12;
constexpr std::size_t kMostNameBytes = 1 << 10;  // longer ones are none that is wanted

Fact scalar_fact(std::string text) {
  if (text == "null") return {.kind = Fact::Kind::Null, .text = {}};
  if (text == "true" || text == "false") return {.kind = Fact::Kind::Bool, .text = std::move(text)};
  return {.kind = Fact::Kind::Number, .text = std::move(text)};
}

}  // namespace

// Whether something that is wanted, or the records, can be within an object here.
bool EnvelopeScanner::leads_on() const {
  const auto is_within = [&](const json::RecordsPath& path) {
    return path.names.size() > names_.size() &&
           std::equal(names_.begin(), names_.end(), path.names.begin());
  };
  return (records_ && is_within(*records_)) ||
         std::any_of(wanted_.begin(), wanted_.end(), is_within);
}

void EnvelopeScanner::note(std::string_view kind) {
  if (seen_.size() >= kMostSeen || names_.empty()) return;
  std::string path;
  for (const std::string& name : names_) path += (path.empty() ? "" : ".") + shorten_name(name);
  seen_.push_back(path + " (" + std::string(kind) + ")");
}

std::string EnvelopeScanner::shape() const {
  if (seen_.empty()) return "it has no names";
  std::string text = "it has ";
  for (std::size_t i = 0; i < seen_.size(); ++i) text += (i == 0 ? "" : ", ") + seen_[i];
  return text;
}

// The following move on from text[at], and are false where next() has to end, with the cut said.

bool EnvelopeScanner::enter(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut) {
  const std::uint8_t first = text[at];
  if (cannot_begin_value(first)) {
    cut = {.found = Found::Stray, .begin = at};
    return false;
  }
  note(kind_of(first));
  if (records_ && names_ == records_->names) {
    cut = {.found = has_records_ ? Found::Twice : Found::Records, .begin = at};
    has_records_ = true;
    end_value();
    return false;
  }
  if (first == '{' && leads_on()) {
    names_.emplace_back();
    where_ = Where::FirstName;
    ++at;
    return true;
  }
  const auto wanted = std::find_if(wanted_.begin(), wanted_.end(), [&](const auto& path) {
    return !path.names.empty() && path.names == names_;
  });
  if (wanted == wanted_.end() || is_container(first)) {
    if (wanted != wanted_.end()) {
      facts_[static_cast<std::size_t>(wanted - wanted_.begin())] =
          Fact{.kind = Fact::Kind::Container, .text = {}};
    }
    passed_ = first;
    state_ = {};
    where_ = Where::Passing;
    return true;
  }
  fact_ = static_cast<std::size_t>(wanted - wanted_.begin());
  token_.clear();
  is_overlong_ = false;
  is_escaped_ = false;
  where_ = first == '"' ? Where::InText : Where::InScalar;
  if (first == '"') ++at;
  return true;
}

bool EnvelopeScanner::pass(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut) {
  bool is_over = false;
  if (is_container(passed_)) {
    const std::int64_t depth = max_depth_ - static_cast<std::int64_t>(names_.size());
    at = json::scan_container(text, at, depth, state_);
    if (state_.depth > depth) {
      cut = {.found = Found::TooDeep, .begin = at};
      return false;
    }
    is_over = state_.depth == 0;
  } else if (passed_ == '"') {
    at = json::scan_string(text, at, state_);
    is_over = state_.in_string == 0;
  } else {
    while (at < text.size() && !ends_scalar(text[at])) ++at;
    is_over = at < text.size();
  }
  if (is_over) end_value();
  return true;
}

// Takes a text up to its closing quote. True when it is complete.
bool EnvelopeScanner::collect(std::span<const std::uint8_t> text, std::size_t& at,
                              std::size_t most) {
  while (at < text.size()) {
    const char c = static_cast<char>(text[at++]);
    if (c == '"' && !is_escaped_) return true;
    is_escaped_ = c == '\\' && !is_escaped_;
    if (token_.size() < most) {
      token_ += c;
    } else {
      is_overlong_ = true;
    }
  }
  return false;
}

std::string EnvelopeScanner::unescaped() const {
  std::string plain(token_.size(), '\0');
  const char* const end = json::unescape(token_, plain.data());
  if (end == nullptr) return "\xFF";  // no name and no cursor
  plain.resize(static_cast<std::size_t>(end - plain.data()));
  return plain;
}

bool EnvelopeScanner::step(std::span<const std::uint8_t> text, std::size_t& at, Cut& cut) {
  switch (where_) {
    case Where::Passing:
      return pass(text, at, cut);
    case Where::InName:
      if (!collect(text, at, kMostNameBytes)) return true;
      names_.back() = is_overlong_ ? "\xFF" : unescaped();
      where_ = Where::Colon;
      return true;
    case Where::InText:
      if (!collect(text, at, kMostFactBytes) && !is_overlong_) return true;
      if (is_overlong_) {
        cut = {.found = Found::TooLong, .begin = at};
        return false;
      }
      facts_[fact_] = Fact{.kind = Fact::Kind::Text, .text = unescaped()};
      end_value();
      return true;
    case Where::InScalar:
      while (at < text.size() && !ends_scalar(text[at]) && token_.size() < kMostNameBytes) {
        token_ += static_cast<char>(text[at++]);
      }
      if (at == text.size()) return true;
      if (!ends_scalar(text[at])) {
        cut = {.found = Found::TooLong, .begin = at};
        return false;
      }
      facts_[fact_] = scalar_fact(token_);
      end_value();
      return true;
    default:
      break;
  }
  const std::uint8_t c = text[at];
  if (is_blank(c)) {
    ++at;
    return true;
  }
  switch (where_) {
    case Where::Value:
      return enter(text, at, cut);
    case Where::FirstName:
    case Where::Name:
      if (c == '}' && where_ == Where::FirstName) {
        names_.pop_back();
        end_value();
        ++at;
        return true;
      }
      if (c != '"') break;
      token_.clear();
      is_overlong_ = false;
      is_escaped_ = false;
      where_ = Where::InName;
      ++at;
      return true;
    case Where::Colon:
      if (c != ':') break;
      where_ = Where::Value;
      ++at;
      return true;
    case Where::BehindValue:
      if (c == '}') {
        names_.pop_back();
        end_value();
        ++at;
        return true;
      }
      if (c != ',') break;
      where_ = Where::Name;
      ++at;
      return true;
    default:
      break;
  }
  cut = {.found = Found::Stray, .begin = at};
  return false;
}

EnvelopeScanner::Cut EnvelopeScanner::next(std::span<const std::uint8_t> text) {
  Cut cut;
  std::size_t at = 0;
  while (where_ != Where::Closed) {
    if (at == text.size()) return {.found = Found::More, .begin = at};
    if (!step(text, at, cut)) return cut;
  }
  return {.found = Found::End, .begin = at};
}

}  // namespace polarway::rest
