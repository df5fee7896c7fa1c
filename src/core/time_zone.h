#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/result.h"

namespace polarway {

// When clocks change by a rule that repeats each year: what stands behind the table of a zone's
// file (POSIX.1, 8.3, "TZ"; RFC 8536, 3.3).
struct YearlyRule {
  // A day of the year, and when of that day in local time.
  struct Turn {
    enum class Kind : std::uint8_t { MonthWeekDay, JulianDay, DayOfYear } kind = Kind::DayOfYear;
    int month = 0;
    int week = 0;  // 5: the last
    int day = 0;   // of the week, Sunday is 0; else of the year
    std::int64_t seconds = 7'200;
  };

  std::int64_t standard_offset = 0;  // seconds east of Greenwich
  std::int64_t summer_offset = 0;
  std::optional<Turn> summer_begins;  // nothing: never
  Turn summer_ends;

  static std::optional<YearlyRule> parse(std::string_view text);
  std::int64_t offset_at(std::int64_t utc_seconds) const;
};

// How the clocks of a place were and will be set. Immutable; safe to use from any thread.
class TimeZone {
 public:
  // "UTC", "+02:00", or a name of the IANA database as the system has it ("Europe/Paris"; the
  // folder is that of TZDIR, or the usual one). Config error for any other.
  static Result<std::shared_ptr<const TimeZone>> find(std::string_view name);

  const std::string& name() const { return name_; }

  // Seconds east of Greenwich, at a point in time.
  std::int64_t offset_at(std::int64_t utc_seconds) const;
  // The point in time that local clocks showed so. Nothing where they showed it twice or never.
  std::optional<std::int64_t> to_utc(std::int64_t local_seconds) const;

 private:
  struct Change {
    std::int64_t utc_seconds = 0;
    std::int64_t offset = 0;  // from then on
  };

  static std::optional<TimeZone> parse_file(std::string_view bytes);

  std::string name_;
  std::int64_t first_offset_ = 0;
  std::vector<Change> changes_;
  std::optional<YearlyRule> rule_;  // behind the last of them
};

}  // namespace polarway
