// Options are read or refused with Config; what is printed of a value reads back as that value.

#include <map>
#include <string>

#include "core/option_value.h"
#include "core/per_column.h"
#include "core/stream_options.h"
#include "formats/csv/csv_options.h"
#include "law.h"

namespace polarway {
namespace {

using fuzz::require;

template <class T>
void check_value(std::string_view text) {
  const Result<T> value = OptionValue<T>::parse(text);
  if (!value) {
    require(value.error().kind == ErrorKind::Config, "a bad option is Config");
    require(!value.error().message.empty(), "an error says something");
    return;
  }
  const std::string printed = OptionValue<T>::print(*value);
  const Result<T> again = OptionValue<T>::parse(printed);
  require(again && *again == *value, "what is printed reads back", printed);
}

template <class T>
void require_config_error(const Result<T>& read) {
  require(read || read.error().kind == ErrorKind::Config, "a bad option is Config");
}

// Lines "name=value".
std::map<std::string, std::string> read_lines(std::string_view text) {
  std::map<std::string, std::string> options;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    options.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return options;
}

void check(unsigned kind, std::string_view text) {
  switch (kind % 12) {
    case 0:
      return check_value<bool>(text);
    case 1:
      return check_value<std::int64_t>(text);
    case 2:
      return check_value<double>(text);
    case 3:
      return check_value<std::optional<char>>(text);
    case 4:
      return check_value<Bytes>(text);
    case 5:
      return check_value<std::vector<std::string>>(text);
    case 6:
      return check_value<Schema>(text);
    case 10:
      return check_value<csv::ByteText>(text);
    case 11:
      return check_value<PerColumn<std::vector<std::string>>>(text);
    case 7:
      if (const auto type = DataType::parse(text)) {
        const auto again = DataType::parse(type->to_string());
        require(again && *again == *type, "a type's spelling reads back", type->to_string());
      }
      return;
    case 8:
      if (const auto options = stream_option_table().parse(read_lines(text))) {
        require_config_error(options->validate());
      }
      return;
    default:
      return require_config_error(csv::parse_csv_options(read_lines(text)));
  }
}

}  // namespace
}  // namespace polarway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return -1;
  polarway::check(data[0], polarway::fuzz::text_of(data, size, 1));
  return 0;
}
