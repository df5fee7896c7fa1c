#include "formats/json/records_path.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/quoted_text.h"
#include "formats/json/string_text.h"

namespace polarway::json {
namespace {

Result<RecordsPath> refuse(std::string_view text, std::string why) {
  return fail({.kind = ErrorKind::Config,
               .message = shorten(text) + " is no path: " + std::move(why),
               .hint = "write data.items, or /data/items where a name has a dot or a bracket in "
                       "it; elements of arrays cannot be named"});
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Of a JSON pointer: ~1 is a slash, ~0 a tilde. False for other tildes.
bool unescape_pointer(std::string& name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '~') {
      plain += name[i];
      continue;
    }
    const char next = i + 1 < name.size() ? name[++i] : 'x';
    if (next != '0' && next != '1') return false;
    plain += next == '0' ? '~' : '/';
  }
  name = std::move(plain);
  return true;
}

bool is_plain(const std::string& name) {
  return !name.empty() && name.find_first_of(".[]/$~") == std::string::npos;
}

// Walks through objects, and says which arrays are at their ends.
class ArrayFinder {
 public:
  explicit ArrayFinder(std::string_view text) : text_(text) {}

  std::vector<RecordsPath> find() && {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (text_.starts_with(kMark)) at_ = kMark.size();
    value();
    return std::move(of_objects_.empty() ? of_nothing_ : of_objects_);
  }

 private:
  static constexpr std::size_t kMostPaths = 8;
  static constexpr std::size_t kMostNames = 16;  // of one path; deeper down nobody keeps records

  // The next character that is no blank; 0 at the end of the sample.
  char next() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
      ++at_;
    }
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  // The following are false where the sample ends, or is no JSON.

  bool take(char wanted) {
    if (next() != wanted) return false;
    ++at_;
    return true;
  }

  bool string(std::string_view& inner) {
    if (!take('"')) return false;
    const std::size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ >= text_.size()) return false;
    inner = text_.substr(begin, at_++ - begin);
    return true;
  }

  bool skip_container() {
    std::string_view inner;
    std::size_t depth = 0;
    do {
      const char c = next();
      if (c == '"') {
        if (!string(inner)) return false;
        continue;
      }
      if (c == '\0') return false;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    } while (depth > 0);
    return true;
  }

  bool value() {
    std::string_view inner;
    switch (next()) {
      case '\0':
        return false;
      case '"':
        return string(inner);
      case '[':
        return array();
      case '{':
        return names_.size() < kMostNames ? object() : skip_container();
      default:
        at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
        return at_ < text_.size();
    }
  }

  bool array() {
    const std::size_t begin = at_++;
    const char first = next();
    if (first == '{' || first == ']') {
      std::vector<RecordsPath>& found = first == '{' ? of_objects_ : of_nothing_;
      if (found.size() < kMostPaths) found.push_back({names_});
    }
    at_ = begin;
    return skip_container();
  }

  bool object() {
    take('{');
    if (next() == '}') return take('}');
    do {
      std::string_view escaped;
      if (!string(escaped) || !take(':')) return false;
      std::string name(escaped.size(), '\0');
      const char* const end = unescape(escaped, name.data());
      if (end == nullptr) return false;
      name.resize(static_cast<std::size_t>(end - name.data()));
      names_.push_back(std::move(name));
      if (!value()) return false;
      names_.pop_back();
    } while (take(','));
    return take('}');
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> names_;
  std::vector<RecordsPath> of_objects_;
  std::vector<RecordsPath> of_nothing_;
};

}  // namespace

Result<RecordsPath> RecordsPath::parse(std::string_view text) {
  RecordsPath path;
  if (text.starts_with('/')) {
    path.names = split(text.substr(1), '/');
    if (!std::all_of(path.names.begin(), path.names.end(), unescape_pointer)) {
      return refuse(text, "~ stands before neither 0 nor 1");
    }
    return path;
  }
  std::string_view rest = text;
  if (rest.starts_with('$')) {
    rest.remove_prefix(1);
    if (rest.empty()) return path;
    if (!rest.starts_with('.')) return refuse(text, "a dot has to follow $");
    rest.remove_prefix(1);
  }
  if (rest.find_first_of("[]") != std::string_view::npos) return refuse(text, "it has brackets");
  path.names = split(rest, '.');
  for (const std::string& name : path.names) {
    if (name.empty()) return refuse(text, "a name is empty");
  }
  return path;
}

std::string RecordsPath::to_text() const {
  if (names.empty()) return "$";
  const bool has_dots = std::all_of(names.begin(), names.end(), is_plain);
  std::string text;
  for (const std::string& name : names) {
    if (has_dots) {
      if (!text.empty()) text += '.';
      text += name;
      continue;
    }
    text += '/';
    for (const char c : name) {
      if (c == '~') {
        text += "~0";
      } else if (c == '/') {
        text += "~1";
      } else {
        text += c;
      }
    }
  }
  return text;
}

std::vector<RecordsPath> find_record_arrays(std::string_view sample) {
  return ArrayFinder(sample).find();
}

}  // namespace polarway::json
