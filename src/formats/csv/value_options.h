#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/option_value.h"
#include "core/time_zone.h"
#include "formats/csv/time_format.h"

namespace polarway::csv {

/// A format as users write it, and what it was compiled to; null for ISO 8601.
struct TimeFormatText {
  std::string text;
  std::shared_ptr<const TimeFormat> format;

  bool operator==(const TimeFormatText& other) const { return text == other.text; }
};

/// A time zone by its name; null for none.
struct ZoneName {
  std::shared_ptr<const TimeZone> zone;
};

}  // namespace polarway::csv

namespace polarway {

template <>
struct OptionValue<csv::TimeFormatText> {  // strptime's directives; iso, or nothing, for ISO 8601
  static std::string type() { return "format"; }
  static Result<csv::TimeFormatText> parse(std::string_view text);
  static std::string print(const csv::TimeFormatText& value) {
    return value.format ? value.text : "iso";
  }
};

template <>
struct OptionValue<csv::ZoneName> {  // what TimeZone::find() takes, or none
  static std::string type() { return "time zone or none"; }
  static Result<csv::ZoneName> parse(std::string_view text);
  static std::string print(const csv::ZoneName& value) {
    return value.zone ? value.zone->name() : "none";
  }
};

}  // namespace polarway
