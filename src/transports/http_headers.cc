#include "transports/http_headers.h"

#include <algorithm>
#include <charconv>

#include "transports/http_curl.h"

namespace polarway {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes a Link field apart, from left to right.
class LinkParser {
 public:
  explicit LinkParser(std::string_view text) : text_(text) {}

  // False at the end, and where it is no link.
  bool next(std::string& target, std::string& relations) {
    skip(", \t\r\n");
    if (at_ >= text_.size() || text_[at_] != '<') return false;
    const std::size_t end = text_.find('>', at_);
    if (end == std::string_view::npos) return false;
    target = std::string(trimmed(text_.substr(at_ + 1, end - at_ - 1)));
    at_ = end + 1;
    relations.clear();
    bool has_relation = false;
    for (;;) {
      skip(" \t\r\n");
      if (at_ >= text_.size() || text_[at_] != ';') return true;
      ++at_;
      skip(" \t\r\n");
      const std::size_t begin = at_;
      at_ = std::min(text_.find_first_of("=;, \t", at_), text_.size());
      const std::string_view name = text_.substr(begin, at_ - begin);
      skip(" \t");
      std::string value;
      if (at_ < text_.size() && text_[at_] == '=') {
        ++at_;
        skip(" \t");
        value = read_value();
      }
      // Of several, the first counts.
      if (equals_ignoring_case(name, "rel") && !has_relation) {
        relations = value;
        has_relation = true;
      }
    }
  }

 private:
  void skip(std::string_view what) {
    at_ = std::min(text_.find_first_not_of(what, at_), text_.size());
  }

  std::string read_value() {
    std::string value;
    if (at_ >= text_.size() || text_[at_] != '"') {
      const std::size_t begin = at_;
      at_ = std::min(text_.find_first_of(";, \t", at_), text_.size());
      return std::string(text_.substr(begin, at_ - begin));
    }
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    if (at_ < text_.size()) ++at_;
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool has_word(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    words = trimmed(words);
    const std::size_t end = std::min(words.find_first_of(" \t"), words.size());
    if (equals_ignoring_case(words.substr(0, end), wanted)) return true;
    words.remove_prefix(end);
  }
  return false;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

void HttpHeaders::set(std::string name, std::string value) {
  std::erase_if(fields_,
                [&](const auto& field) { return equals_ignoring_case(field.first, name); });
  add(std::move(name), std::move(value));
}

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
  for (const auto& [its_name, value] : fields_) {
    if (equals_ignoring_case(its_name, name)) return value;
  }
  return std::nullopt;
}

std::string HttpHeaders::joined(std::string_view name) const {
  std::string all;
  for (const auto& [its_name, value] : fields_) {
    if (!equals_ignoring_case(its_name, name)) continue;
    if (!all.empty()) all += ", ";
    all += value;
  }
  return all;
}

bool HttpHeaders::is_valid(std::string_view name, std::string_view value) {
  const auto is_token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  const auto is_text = [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token) &&
         std::all_of(value.begin(), value.end(), is_text);
}

WallTime wall_time(std::int64_t seconds) {
  const auto last = std::chrono::floor<std::chrono::seconds>(WallTime::max());
  return std::min(last, std::chrono::sys_seconds(std::chrono::seconds(seconds)));
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  // curl_getdate() takes nearly anything for a date.
  if (text.size() < 20 || text.find(',') == std::string_view::npos) return std::nullopt;
  if (find_curl() == nullptr) return std::nullopt;
  const time_t seconds = curl().getdate(std::string(text).c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return wall_time(seconds);
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text, WallTime now) {
  text = trimmed(text);
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (!text.empty() && error == std::errc() && end == text.data() + text.size()) {
    constexpr std::int64_t kMostSeconds = 1'000'000'000;
    if (seconds < 0) return std::nullopt;
    return std::chrono::seconds(std::min(seconds, kMostSeconds));
  }
  const std::optional<WallTime> date = parse_http_date(text);
  if (!date || *date <= now) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(*date - now);
}

std::optional<std::string> find_link(std::string_view field, std::string_view rel) {
  LinkParser links(field);
  std::string target;
  std::string relations;
  while (links.next(target, relations)) {
    if (has_word(relations, rel)) return target;
  }
  return std::nullopt;
}

}  // namespace polarway
