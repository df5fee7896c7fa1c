#include "core/option_table.h"

#include <fmt/format.h>

#include "core/nearest_name.h"
#include "core/quoted_text.h"

namespace polarway {

Result<const std::string*> find_option(const OptionInfo& option,
                                       const std::map<std::string, std::string>& given) {
  const std::string* text = nullptr;
  std::string found_as;
  const auto look_for = [&](const std::string& name) -> Result<void> {
    const auto entry = given.find(name);
    if (entry == given.end()) return {};
    if (text != nullptr) {
      return fail(
          {.kind = ErrorKind::Config,
           .message = fmt::format("options \"{}\" and \"{}\" are the same option", found_as, name),
           .hint = "give one of them"});
    }
    text = &entry->second;
    found_as = name;
    return {};
  };
  POLARWAY_CHECK(look_for(option.name));
  for (const std::string& alias : option.aliases) POLARWAY_CHECK(look_for(alias));
  return text;
}

SourceError about_option(const std::string& name, SourceError error) {
  error.kind = ErrorKind::Config;
  error.message = fmt::format("option \"{}\": {}", name, error.message);
  return error;
}

SourceError not_a_choice(std::string_view text, const std::vector<std::string>& spellings) {
  const std::string near = did_you_mean(text, spellings);
  return {.kind = ErrorKind::Config,
          .message = fmt::format("{} is not one of {}", shorten(text), fmt::join(spellings, ", ")),
          .hint = near};
}

}  // namespace polarway
