#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/option_value.h"
#include "polarway/registry.h"
#include "polarway/result.h"

namespace polarway {

// The text given for an option under its name or one of its aliases; null when it was not given.
// Config error when it was given twice, under two names.
Result<const std::string*> find_option(const OptionInfo& option,
                                       const std::map<std::string, std::string>& given);

// Says which option an error is about.
SourceError about_option(const std::string& name, SourceError error);

// The error for a text that is none of the spellings.
SourceError not_a_choice(std::string_view text, const std::vector<std::string>& spellings);

// The options of one struct, described once: they are read, checked and documented from here.
// Defaults are those of a default-constructed Options.
//
//   struct CsvOptions { char delimiter = ','; bool has_header = true; };
//   OptionTable<CsvOptions> table;
//   table.add("delimiter", &CsvOptions::delimiter, "What separates the cells.", {"sep",
//   "separator"}); POLARWAY_TRY(CsvOptions options, table.parse(config.options()));
//
// Immutable once built, and then safe to use from any thread.
template <class Options>
class OptionTable {
 public:
  // An option whose text OptionValue<T> reads.
  template <class T>
  OptionTable& add(std::string name, T Options::* member, std::string meaning,
                   std::vector<std::string> aliases = {}) {
    return add_row({.name = std::move(name),
                    .aliases = std::move(aliases),
                    .type = OptionValue<T>::type(),
                    .default_value = OptionValue<T>::print(Options{}.*member),
                    .meaning = std::move(meaning)},
                   [member](Options& options, const std::string& text) -> Result<void> {
                     POLARWAY_TRY(options.*member, OptionValue<T>::parse(text));
                     return {};
                   });
  }

  // An option with a closed set of values: `{{"error", OnBadRow::Error}, {"skip",
  // OnBadRow::Skip}}`. Of several spellings of one value, the first is the one shown as the
  // default.
  template <class T>
  OptionTable& add_choice(std::string name, T Options::* member, std::string meaning,
                          std::vector<std::pair<std::string, T>> spellings,
                          std::vector<std::string> aliases = {}) {
    std::vector<std::string> words;
    std::string type, default_value;
    for (const auto& [word, value] : spellings) {
      if (default_value.empty() && value == Options{}.*member) default_value = word;
      type += (type.empty() ? "" : "|") + word;
      words.push_back(word);
    }
    return add_row(
        {.name = std::move(name),
         .aliases = std::move(aliases),
         .type = std::move(type),
         .default_value = std::move(default_value),
         .meaning = std::move(meaning)},
        [member, words, spellings](Options& options, const std::string& text) -> Result<void> {
          for (const auto& [word, value] : spellings) {
            if (word != text) continue;
            options.*member = value;
            return {};
          }
          return fail(not_a_choice(text, words));
        });
  }

  // Reads the options it knows and ignores the rest, which the registry has refused already. Config
  // error naming the option, the text and what is allowed.
  Result<Options> parse(const std::map<std::string, std::string>& given) const {
    Options options;
    for (const Row& row : rows_) {
      POLARWAY_TRY(const std::string* text, find_option(row.info, given));
      if (text == nullptr) continue;
      if (Result<void> read = row.read(options, *text); !read) {
        return fail(about_option(row.info.name, std::move(read.error())));
      }
    }
    return options;
  }

  // For people, in the order added.
  std::vector<OptionInfo> describe() const {
    std::vector<OptionInfo> infos;
    for (const Row& row : rows_) infos.push_back(row.info);
    return infos;
  }

 private:
  using Reader = std::function<Result<void>(Options&, const std::string&)>;
  struct Row {
    OptionInfo info;
    Reader read;
  };

  OptionTable& add_row(OptionInfo info, Reader read) {
    rows_.push_back({std::move(info), std::move(read)});
    return *this;
  }

  std::vector<Row> rows_;
};

}  // namespace polarway
