#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/option_value.h"

namespace polarway {

// A value for all columns, or one for some of them by name.
template <class T>
struct PerColumn {
  T common{};                      // for columns that are not named
  std::map<std::string, T> named;  // by column

  const T& of(const std::string& column) const {
    const auto found = named.find(column);
    return found == named.end() ? common : found->second;
  }
  bool operator==(const PerColumn&) const = default;
};

// Reads `{"column": text or list, ...}`; the texts are what an option's would be.
Result<std::map<std::string, std::string>> parse_texts_by_column(std::string_view text);
// And the reverse.
std::string print_texts_by_column(const std::map<std::string, std::string>& texts);

template <class T>
struct OptionValue<PerColumn<T>> {  // as T, for all columns; or {"column": as T, ...}
  static std::string type() { return OptionValue<T>::type() + " or JSON by column"; }
  static Result<PerColumn<T>> parse(std::string_view text) {
    PerColumn<T> value;
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || text[first] != '{') {
      POLARWAY_TRY(value.common, OptionValue<T>::parse(text));
      return value;
    }
    POLARWAY_TRY(const auto texts, parse_texts_by_column(text));
    for (const auto& [column, one] : texts) {
      POLARWAY_TRY(value.named[column], OptionValue<T>::parse(one));
    }
    return value;
  }
  static std::string print(const PerColumn<T>& value) {
    if (value.named.empty()) return OptionValue<T>::print(value.common);
    std::map<std::string, std::string> texts;
    for (const auto& [column, one] : value.named) texts[column] = OptionValue<T>::print(one);
    return print_texts_by_column(texts);
  }
};

}  // namespace polarway
