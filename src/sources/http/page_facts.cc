#include "sources/http/page_facts.h"

#include <charconv>

namespace polarway::rest {

std::optional<std::int64_t> Fact::count() const {
  if (kind != Kind::Number && kind != Kind::Text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace polarway::rest
