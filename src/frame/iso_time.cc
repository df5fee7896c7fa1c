#include "frame/iso_time.h"

#include <chrono>
#include <cstddef>

namespace polarway {
namespace {

// Takes what it reads off the front of the text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // A number of exactly `count` digits.
  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }

  // The digits behind a point, at most nine.
  std::optional<std::int64_t> nanoseconds() {
    std::int64_t value = 0;
    std::int64_t unit = 1'000'000'000;
    while (unit > 1) {
      const std::optional<int> digit = digits(1);
      if (!digit) break;
      unit /= 10;
      value += *digit * unit;
    }
    return unit == 1'000'000'000 ? std::nullopt : std::optional(value);
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> read_days(Reader& text) {
  const auto year = text.digits(4);
  if (!year || !text.take('-')) return std::nullopt;
  const auto month = text.digits(2);
  if (!month || !text.take('-')) return std::nullopt;
  const auto day = text.digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<std::int64_t> read_time_of_day(Reader& text) {
  const auto hour = text.digits(2);
  if (!hour || *hour > 23 || !text.take(':')) return std::nullopt;
  const auto minute = text.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  std::int64_t nanoseconds = (*hour * 3600LL + *minute * 60LL) * 1'000'000'000;
  if (!text.take(':')) return nanoseconds;
  const auto second = text.digits(2);
  if (!second || *second > 59) return std::nullopt;
  nanoseconds += *second * 1'000'000'000LL;
  if (!text.take('.')) return nanoseconds;
  const auto fraction = text.nanoseconds();
  if (!fraction) return std::nullopt;
  return nanoseconds + *fraction;
}

// False when there is something else than a zone. No zone at all is good.
bool read_zone(Reader& text, std::optional<int>& offset_minutes) {
  if (text.at_end()) return true;
  if (text.take('Z') || text.take('z')) {
    offset_minutes = 0;
    return text.at_end();
  }
  const bool east = text.take('+');
  if (!east && !text.take('-')) return false;
  const auto hours = text.digits(2);
  if (!hours || *hours > 23) return false;
  int minutes = 0;
  const bool colon = text.take(':');
  if (colon || !text.at_end()) {
    const auto given = text.digits(2);
    if (!given || *given > 59) return false;
    minutes = *given;
  }
  offset_minutes = (east ? 1 : -1) * (*hours * 60 + minutes);
  return text.at_end();
}

}  // namespace

std::optional<IsoTime> parse_iso_time(std::string_view text) {
  Reader reader(text);
  const auto days = read_days(reader);
  if (!days) return std::nullopt;
  IsoTime time{.days = *days};
  if (reader.at_end()) return time;
  if (!reader.take('T') && !reader.take(' ')) return std::nullopt;
  const auto nanoseconds = read_time_of_day(reader);
  if (!nanoseconds) return std::nullopt;
  time.nanoseconds = *nanoseconds;
  if (!read_zone(reader, time.offset_minutes)) return std::nullopt;
  return time;
}

}  // namespace polarway
