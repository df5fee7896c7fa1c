#include "sources/http/records_pass.h"

#include <limits>

namespace polarway::rest {
namespace {

bool is_blank(std::uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool ends_scalar(std::uint8_t c) {
  return is_blank(c) || c == ',' || c == ']' || c == '}' || c == '[' || c == '{' || c == '"';
}

}  // namespace

RecordsPass::Step RecordsPass::next(std::span<const std::uint8_t> text) {
  // How deep records may be, their decoder says.
  constexpr std::int64_t kAnyDepth = std::numeric_limits<std::int64_t>::max() / 2;
  std::size_t at = 0;
  std::size_t begin = 0;
  const auto stopped = [&](std::size_t consumed, std::size_t end, bool is_over) {
    return Step{
        .consumed = consumed, .begin = is_handed_ ? begin : end, .end = end, .is_over = is_over};
  };
  while (at < text.size()) {
    const std::uint8_t c = text[at];
    if (!in_record_) {
      if (is_blank(c) || (c == ',' && shape_ == Shape::Array)) {
        ++at;
        continue;
      }
      if (shape_ == Shape::Array && !is_open_) {  // its bracket
        is_open_ = true;
        ++at;
        continue;
      }
      if (shape_ == Shape::Array && c == ']') return stopped(at + 1, at, true);
      in_record_ = true;
      first_ = c;
      state_ = {};
      if (!is_handed_ && num_records_ >= skip_) {
        is_handed_ = true;
        begin = at;
      }
      if (c != '{' && c != '[' && c != '"') ++at;  // at least a byte
      if (at == text.size()) break;
    }
    bool is_complete = false;
    if (first_ == '{' || first_ == '[') {
      at = json::scan_container(text, at, kAnyDepth, state_);
      is_complete = state_.depth == 0;
    } else if (first_ == '"') {
      at = json::scan_string(text, at, state_);
      is_complete = state_.in_string == 0;
    } else {
      while (at < text.size() && !ends_scalar(text[at])) ++at;
      is_complete = at < text.size();
    }
    if (!is_complete) break;
    in_record_ = false;
    ++num_records_;
    if (shape_ == Shape::One) return stopped(at, at, true);
  }
  return stopped(text.size(), text.size(), false);
}

void RecordsPass::end() {
  if (!in_record_ || first_ == '{' || first_ == '[' || first_ == '"') return;
  in_record_ = false;
  ++num_records_;
}

}  // namespace polarway::rest
