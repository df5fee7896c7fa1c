#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace polarway::cli {

/// Adds an option that takes one of some words; `target` becomes what the word stands for.
template <class T>
void add_choice(CLI::App& command, const std::string& name, T& target,
                const std::vector<std::pair<std::string, T>>& choices,
                const std::string& description) {
  const auto choose = [name, &target, choices](const std::string& given) {
    std::string words;
    for (const auto& [word, value] : choices) {
      if (word == given) {
        target = value;
        return;
      }
      words += (words.empty() ? "" : ", ") + word;
    }
    throw CLI::ValidationError(name, "one of " + words + " was expected, not " + given);
  };
  command.add_option_function<std::string>(name, choose, description)->option_text("WHICH");
}

/// Adds an option that takes a whole number of at least `minimum`. `target` is any integer type, or
/// an optional of one.
template <class T>
CLI::Option* add_count(CLI::App& command, const std::string& name, T& target, std::int64_t minimum,
                       const std::string& description) {
  const auto read = [name, &target, minimum](const std::string& given) {
    std::int64_t value = 0;
    const char* end = given.data() + given.size();
    const auto [stopped_at, error] = std::from_chars(given.data(), end, value);
    if (error != std::errc() || stopped_at != end || value < minimum) {
      throw CLI::ValidationError(name, "a whole number of at least " + std::to_string(minimum) +
                                           " was expected, not " + given);
    }
    target = value;
  };
  return command.add_option_function<std::string>(name, read, description)->option_text("N");
}

}  // namespace polarway::cli
