#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace polarway::fuzz {

/// Ends the process, as a sanitizer does, when a law does not hold; `details` help to see why.
inline void require(bool holds, std::string_view law, const std::string& details = {}) {
  if (holds) return;
  std::fprintf(stderr, "LAW BROKEN: %.*s\n%s\n", static_cast<int>(law.size()), law.data(),
               details.c_str());
  std::abort();
}

/// The bytes that libFuzzer gives: `num_choices` at the front that say how, and the text.
inline std::string_view text_of(const unsigned char* data, std::size_t size,
                                std::size_t num_choices = 0) {
  if (size <= num_choices) return {};
  return {reinterpret_cast<const char*>(data) + num_choices, size - num_choices};
}

}  // namespace polarway::fuzz
