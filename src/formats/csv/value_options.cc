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

Result<csv::SampleLength> OptionValue<csv::SampleLength>::parse(std::string_view text) {
  // None is how Polars writes it, -1 how DuckDB does.
  if (text == "full" || text == "all" || text == "-1" || is_spelled_none(text)) {
    return csv::SampleLength{csv::SampleLength::kAll};
  }
  POLARWAY_TRY(const std::int64_t rows, OptionValue<std::int64_t>::parse(text));
  if (rows < 0) {
    return fail({.kind = ErrorKind::Config,
                 .message = std::string(text) + " rows cannot be looked at",
                 .hint = "give a number of rows, or full"});
  }
  return csv::SampleLength{rows};
}

}  // namespace polarway
