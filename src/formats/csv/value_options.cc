#include "formats/csv/value_options.h"

#include <utility>

namespace polarway {

Result<csv::TimeFormatText> OptionValue<csv::TimeFormatText>::parse(std::string_view text) {
  csv::TimeFormatText value;
  if (text.empty() || text == "iso") return value;
  POLARWAY_TRY(csv::TimeFormat compiled, csv::TimeFormat::compile(text));
  value.text = text;
  value.format = std::make_shared<const csv::TimeFormat>(std::move(compiled));
  return value;
}

Result<csv::ZoneName> OptionValue<csv::ZoneName>::parse(std::string_view text) {
  csv::ZoneName value;
  if (is_spelled_none(text)) return value;
  POLARWAY_TRY(value.zone, TimeZone::find(text));
  return value;
}

}  // namespace polarway
