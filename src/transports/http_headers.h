#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polarway {

/// The fields of a request or an answer, in their order; names are compared without case.
class HttpHeaders {
 public:
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  /// Instead of any of that name.
  void set(std::string name, std::string value);
  void clear() { fields_.clear(); }
  /// The first of that name; nothing where there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  /// All of that name, joined by commas as RFC 9110 has it.
  std::string joined(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

  /// Whether it can be sent: no line end or NUL in it, and a name that is one.
  static bool is_valid(std::string_view name, std::string_view value);

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool equals_ignoring_case(std::string_view a, std::string_view b);

using WallTime = std::chrono::system_clock::time_point;

/// So many seconds, not negative, since 1970; the last that the clock can tell (2262) for what is
/// later.
WallTime wall_time(std::int64_t seconds);

/// A date of HTTP: "Sun, 06 Nov 1994 08:49:37 GMT". Nothing for other text.
std::optional<WallTime> parse_http_date(std::string_view text);

/// Retry-After, in seconds or as a date. Nothing for other text and for what is past.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text, WallTime now);

/// The target of the first link of a Link field (RFC 8288) that has the relation `rel`.
std::optional<std::string> find_link(std::string_view field, std::string_view rel);

}  // namespace polarway
