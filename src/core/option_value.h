#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/result.h"
#include "polarway/schema.h"

namespace polarway {

// A size in bytes, so that an option "16MiB" is not taken for a plain integer.
struct Bytes {
  std::int64_t value = 0;  // Never negative when parsed.

  bool operator==(const Bytes&) const = default;
};

// How an option's value is written. For each T: what type() it is for people, parse() from text,
// print() to text that parse() reads back. The errors of parse() are Config and speak of the text
// alone; the option table puts the option's name in front.
template <class T>
struct OptionValue;

template <>
struct OptionValue<bool> {  // true, false, yes, no, on, off, 1, 0; case does not matter
  static std::string type() { return "bool"; }
  static Result<bool> parse(std::string_view text);
  static std::string print(bool value) { return value ? "true" : "false"; }
};

template <>
struct OptionValue<std::int64_t> {  // 10000 or 10_000
  static std::string type() { return "integer"; }
  static Result<std::int64_t> parse(std::string_view text);
  static std::string print(std::int64_t value) { return std::to_string(value); }
};

template <>
struct OptionValue<double> {  // finite; 0.8 or 8e-1
  static std::string type() { return "number"; }
  static Result<double> parse(std::string_view text);
  static std::string print(double value);
};

template <>
struct OptionValue<std::string> {
  static std::string type() { return "text"; }
  static Result<std::string> parse(std::string_view text) { return std::string(text); }
  static std::string print(const std::string& value) { return value; }
};

template <>
struct OptionValue<char> {  // one byte, or a tab spelled \t or tab
  static std::string type() { return "character"; }
  static Result<char> parse(std::string_view text);
  static std::string print(char value) { return value == '\t' ? "\\t" : std::string(1, value); }
};

template <>
struct OptionValue<Bytes> {  // what parse_size() reads
  static std::string type() { return "size"; }
  static Result<Bytes> parse(std::string_view text);
  static std::string print(Bytes value);
};

// Comma-separated, spaces around an item dropped; or a JSON list of strings and numbers, taken as
// it is. Empty text is the empty list; `[""]` is the list of the empty string.
template <>
struct OptionValue<std::vector<std::string>> {
  static std::string type() { return "list"; }
  static Result<std::vector<std::string>> parse(std::string_view text);
  static std::string print(const std::vector<std::string>& value);
};

template <>
struct OptionValue<Schema> {  // what Schema::to_json() writes, and its short form
  static std::string type() { return "schema"; }
  static Result<Schema> parse(std::string_view text) { return Schema::from_json(text); }
  static std::string print(const Schema& value) { return value.to_json(); }
};

// True for "" and "none": how the absence of a value is written.
bool is_spelled_none(std::string_view text);

template <class T>
struct OptionValue<std::optional<T>> {
  static std::string type() { return OptionValue<T>::type() + " or none"; }
  static Result<std::optional<T>> parse(std::string_view text) {
    if (is_spelled_none(text)) return std::nullopt;
    POLARWAY_TRY(T value, OptionValue<T>::parse(text));
    return std::optional<T>(std::move(value));
  }
  static std::string print(const std::optional<T>& value) {
    return value ? OptionValue<T>::print(*value) : "none";
  }
};

}  // namespace polarway
