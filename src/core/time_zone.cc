#include "core/time_zone.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/quoted_text.h"

namespace polarway {
namespace {

constexpr std::int64_t kDay = 86'400;

// ---- Rules

// Takes text off its front, or nothing.
class RuleText {
 public:
  explicit RuleText(std::string_view rest) : rest_(rest) {}

  bool at_end() const { return rest_.empty(); }
  bool next_is(char c) const { return rest_.starts_with(c); }
  bool take(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // "CET" or "<+03>": three characters or more.
  bool name() {
    std::size_t size = 0;
    if (take('<')) {
      size = rest_.find('>');
      if (size == std::string_view::npos) return false;
      rest_.remove_prefix(size + 1);
      return size >= 3;
    }
    while (size < rest_.size() && ((rest_[size] | 0x20) >= 'a' && (rest_[size] | 0x20) <= 'z')) {
      ++size;
    }
    rest_.remove_prefix(size);
    return size >= 3;
  }

  std::optional<int> number(int least, int most) {
    int value = 0;
    const auto got = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (got.ec != std::errc() || value < least || value > most || rest_.starts_with('-')) return {};
    rest_.remove_prefix(static_cast<std::size_t>(got.ptr - rest_.data()));
    return value;
  }

  // [+-]hh[:mm[:ss]] in seconds.
  std::optional<std::int64_t> time(int most_hours) {
    const bool negative = take('-');
    if (!negative) take('+');
    std::int64_t seconds = 0;
    std::int64_t unit = 3'600;
    for (int most = most_hours; unit > 0; most = 59, unit /= 60) {
      if (unit < 3'600 && !take(':')) break;
      const std::optional<int> value = number(0, most);
      if (!value) return {};
      seconds += *value * unit;
    }
    return negative ? -seconds : seconds;
  }

  std::optional<YearlyRule::Turn> turn() {
    using Kind = YearlyRule::Turn::Kind;
    YearlyRule::Turn result;
    if (!take(',')) return {};
    const bool by_month = take('M');
    std::optional<int> month = 0;
    std::optional<int> week = 0;
    if (by_month) {
      result.kind = Kind::MonthWeekDay;
      month = number(1, 12);
      week = take('.') ? number(1, 5) : std::nullopt;
      if (!month || !week || !take('.')) return {};
    } else if (take('J')) {
      result.kind = Kind::JulianDay;
    }
    const std::optional<int> day =
        number(result.kind == Kind::JulianDay ? 1 : 0, by_month ? 6 : 365);
    if (!day) return {};
    result.month = *month;
    result.week = *week;
    result.day = *day;
    if (take('/')) {
      const std::optional<std::int64_t> seconds = time(167);
      if (!seconds) return {};
      result.seconds = *seconds;
    }
    return result;
  }

 private:
  std::string_view rest_;
};

// When a turn is in a year, by local clocks.
std::int64_t local_seconds(const YearlyRule::Turn& turn, std::chrono::year year) {
  using Kind = YearlyRule::Turn::Kind;
  namespace time = std::chrono;
  const time::sys_days new_year = time::sys_days(year / time::January / 1);
  time::sys_days day = new_year + time::days(turn.day);
  if (turn.kind == Kind::JulianDay) {  // counts no 29 February
    const bool behind_leap_day = year.is_leap() && turn.day >= 60;
    day = new_year + time::days(turn.day - 1 + (behind_leap_day ? 1 : 0));
  } else if (turn.kind == Kind::MonthWeekDay) {
    const time::month month(static_cast<unsigned>(turn.month));
    const time::weekday weekday(static_cast<unsigned>(turn.day));
    day = turn.week == 5 ? time::sys_days(year / month / weekday[time::last])
                         : time::sys_days(year / month / weekday[static_cast<unsigned>(turn.week)]);
  }
  return day.time_since_epoch().count() * kDay + turn.seconds;
}

// ---- Files

std::string zone_folder() {
  const char* folder = std::getenv("TZDIR");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return folder != nullptr && *folder != 0 ? folder : "/usr/share/zoneinfo";
}

bool is_zone_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  };
  return !name.empty() && name.size() < 64 && name.front() != '/' &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

// "+02:00", "-0530", "+01".
std::optional<std::int64_t> fixed_offset(std::string_view name) {
  if (name.empty() || (name[0] != '+' && name[0] != '-')) return {};
  std::string digits;
  for (const char c : name.substr(1)) {
    if (c >= '0' && c <= '9')
      digits += c;
    else if (c != ':' || digits.size() != 2)
      return {};
  }
  if (digits.size() != 2 && digits.size() != 4) return {};
  digits.resize(4, '0');
  const int hours = (digits[0] - '0') * 10 + digits[1] - '0';
  const int minutes = (digits[2] - '0') * 10 + digits[3] - '0';
  if (hours > 23 || minutes > 59) return {};
  return (hours * 60 + minutes) * 60 * (name[0] == '-' ? -1 : 1);
}

// Numbers of a zone's file, the most significant byte first.
template <class T>
T read_big(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return static_cast<T>(value);
}

// The header of one of the two parts of a zone's file (RFC 8536, 3.1).
struct PartHeader {
  static constexpr std::size_t kBytes = 44;

  std::size_t num_utc_flags, num_standard_flags, num_leaps, num_changes, num_types, name_bytes;

  explicit PartHeader(std::string_view bytes)
      : num_utc_flags(read_big<std::uint32_t>(bytes, 20)),
        num_standard_flags(read_big<std::uint32_t>(bytes, 24)),
        num_leaps(read_big<std::uint32_t>(bytes, 28)),
        num_changes(read_big<std::uint32_t>(bytes, 32)),
        num_types(read_big<std::uint32_t>(bytes, 36)),
        name_bytes(read_big<std::uint32_t>(bytes, 40)) {}

  std::size_t body_bytes(std::size_t time_bytes) const {
    return num_changes * (time_bytes + 1) + num_types * 6 + name_bytes +
           num_leaps * (time_bytes + 4) + num_standard_flags + num_utc_flags;
  }
};

}  // namespace

std::optional<YearlyRule> YearlyRule::parse(std::string_view text) {
  RuleText rest(text);
  YearlyRule rule;
  if (!rest.name()) return {};
  const std::optional<std::int64_t> west = rest.time(24);  // POSIX counts to the west
  if (!west) return {};
  rule.standard_offset = -*west;
  rule.summer_offset = rule.standard_offset + 3'600;
  if (rest.at_end()) return rule;
  if (!rest.name()) return {};
  if (!rest.next_is(',')) {
    const std::optional<std::int64_t> summer = rest.time(24);
    if (!summer) return {};
    rule.summer_offset = -*summer;
  }
  rule.summer_begins = rest.turn();
  const std::optional<Turn> ends = rest.turn();
  if (!rule.summer_begins || !ends || !rest.at_end()) return {};
  rule.summer_ends = *ends;
  return rule;
}

std::int64_t YearlyRule::offset_at(std::int64_t utc_seconds) const {
  if (!summer_begins) return standard_offset;
  namespace time = std::chrono;
  const time::sys_seconds local{time::seconds(utc_seconds + standard_offset)};
  const time::year year = time::year_month_day(time::floor<time::days>(local)).year();
  const std::int64_t begins = local_seconds(*summer_begins, year) - standard_offset;
  const std::int64_t ends = local_seconds(summer_ends, year) - summer_offset;
  const bool is_summer = begins < ends ? utc_seconds >= begins && utc_seconds < ends
                                       : utc_seconds >= begins || utc_seconds < ends;
  return is_summer ? summer_offset : standard_offset;
}

std::optional<TimeZone> TimeZone::parse_file(std::string_view bytes) {
  constexpr std::string_view kMagic = "TZif";
  if (bytes.size() < PartHeader::kBytes || !bytes.starts_with(kMagic) || bytes[4] < '2') return {};
  const std::size_t first_part = PartHeader::kBytes + PartHeader(bytes).body_bytes(4);
  if (bytes.size() < first_part + PartHeader::kBytes) return {};
  bytes.remove_prefix(first_part);  // has times of 32 bits, and is there for old readers
  if (!bytes.starts_with(kMagic)) return {};
  const PartHeader header(bytes);
  const std::size_t end = PartHeader::kBytes + header.body_bytes(8);
  if (bytes.size() < end + 2 || header.num_types == 0 || bytes[end] != '\n') return {};
  const std::size_t indexes = PartHeader::kBytes + header.num_changes * 8;
  const std::size_t types = indexes + header.num_changes;
  const auto offset_of_type = [&](std::size_t type) -> std::int64_t {
    return read_big<std::int32_t>(bytes, types + type * 6);
  };
  TimeZone zone;
  zone.first_offset_ = offset_of_type(0);
  for (std::size_t i = 0; i < header.num_changes; ++i) {
    const auto type = static_cast<std::uint8_t>(bytes[indexes + i]);
    if (type >= header.num_types) return {};
    zone.changes_.push_back(
        {read_big<std::int64_t>(bytes, PartHeader::kBytes + i * 8), offset_of_type(type)});
  }
  const std::string_view footer = bytes.substr(end + 1);
  const std::string_view rule = footer.substr(0, footer.find('\n'));
  if (!rule.empty()) {
    zone.rule_ = YearlyRule::parse(rule);
    if (!zone.rule_) return {};
  }
  return zone;
}

Result<std::shared_ptr<const TimeZone>> TimeZone::find(std::string_view name) {
  TimeZone zone;
  if (const std::optional<std::int64_t> offset = fixed_offset(name)) {
    zone.first_offset_ = *offset;
  } else if (name != "UTC") {
    constexpr std::streamsize kMostBytes = 64 << 10;
    std::string bytes;
    if (is_zone_name(name)) {
      std::ifstream file(zone_folder() + "/" + std::string(name), std::ios::binary);
      bytes.resize(kMostBytes);
      file.read(bytes.data(), kMostBytes);
      bytes.resize(static_cast<std::size_t>(file.gcount()));
    }
    std::optional<TimeZone> parsed = parse_file(bytes);
    if (!parsed) {
      return fail({.kind = ErrorKind::Config,
                   .message = shorten(name) + " is no time zone that this system knows",
                   .hint = "write UTC, +02:00, or a name such as Europe/Paris; names need the "
                           "system's tzdata"});
    }
    zone = *std::move(parsed);
  }
  zone.name_ = name;
  return std::make_shared<const TimeZone>(std::move(zone));
}

std::int64_t TimeZone::offset_at(std::int64_t utc_seconds) const {
  const auto next = std::upper_bound(
      changes_.begin(), changes_.end(), utc_seconds,
      [](std::int64_t time, const Change& change) { return time < change.utc_seconds; });
  if (next == changes_.end() && rule_) return rule_->offset_at(utc_seconds);
  return next == changes_.begin() ? first_offset_ : std::prev(next)->offset;
}

std::optional<std::int64_t> TimeZone::to_utc(std::int64_t local_seconds) const {
  if (changes_.empty() && !rule_) return local_seconds - first_offset_;
  // Offsets are less than a day, and clocks do not change twice within two.
  const std::int64_t before = local_seconds - offset_at(local_seconds - kDay);
  const std::int64_t after = local_seconds - offset_at(local_seconds + kDay);
  const bool before_is_so = before + offset_at(before) == local_seconds;
  const bool after_is_so = after + offset_at(after) == local_seconds;
  if (before == after) return before_is_so ? std::optional(before) : std::nullopt;
  if (before_is_so == after_is_so) return std::nullopt;
  return before_is_so ? before : after;
}

}  // namespace polarway
