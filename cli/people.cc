#include "people.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "people_names.h"

namespace polarway::cli {

namespace {

using std::string_view;

constexpr string_view kHeader = "id,name,email,age,country,balance,score,signup,last_seen,active\n";
constexpr std::size_t kBufferBytes = 1 << 20;
constexpr std::size_t kMaxRowBytes = 512;
constexpr std::uint64_t kMissingOf65536 = 1966;  // 3 %

constexpr int kNumColumnsAfterId = 9;
constexpr std::size_t kDateLength = 10;
constexpr std::chrono::sys_days kFirstDay{std::chrono::year{2010} / 1 / 1};
constexpr std::chrono::sys_days kEndDay{std::chrono::year{2026} / 1 / 1};
constexpr std::uint64_t kNumDays = static_cast<std::uint64_t>((kEndDay - kFirstDay).count());

char* put(char* out, string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// Exactly `width` digits, zeros first.
char* put_digits(char* out, std::uint64_t value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}

char* put_integer(char* out, std::int64_t value) { return std::to_chars(out, out + 20, value).ptr; }

// Every date of the range as text, one after the other: 58 KB, and no calendar for each row.
std::string all_dates() {
  std::string dates;
  for (std::chrono::sys_days day = kFirstDay; day < kEndDay; day += std::chrono::days{1}) {
    const std::chrono::year_month_day date(day);
    char text[] = "0000-00-00";
    put_digits(text, static_cast<std::uint64_t>(int{date.year()}), 4);
    put_digits(text + 5, unsigned{date.month()}, 2);
    put_digits(text + 8, unsigned{date.day()}, 2);
    dates += text;
  }
  return dates;
}

// One person after the other, from nothing but the seed.
class PeopleMaker {
 public:
  explicit PeopleMaker(std::uint64_t seed) : state_(seed), dates_(all_dates()) {}

  // Writes the next row, at most kMaxRowBytes, and returns its end.
  char* put_row(char* out) {
    const std::uint32_t missing = choose_missing();
    const NamePart& first = pick(kFirstNames);
    const NamePart& last = pick(kLastNames);
    const std::uint64_t joined = below(kNumDays);

    const auto cell = [&](int column, const auto& put_value) {
      *out++ = ',';
      if ((missing >> column & 1) == 0) out = put_value();
    };
    out = put_integer(out, ++id_);
    cell(0, [&] { return put_name(out, first, last); });
    cell(1, [&] { return put_email(out, first, last); });
    cell(2, [&] { return put_integer(out, static_cast<std::int64_t>(10 + below(80))); });
    cell(3, [&] { return put(out, pick(kCountries)); });
    cell(4, [&] { return put_balance(out); });
    cell(5, [&] { return put_digits(put(out, "0."), below(1'000'000), 6); });
    cell(6, [&] { return put_date(out, joined); });
    cell(7, [&] { return put_moment(out, joined + below(kNumDays - joined)); });
    cell(8, [&] { return put(out, below(4) != 0 ? "true" : "false"); });
    *out++ = '\n';
    return out;
  }

 private:
  // SplitMix64: a counter, scrambled.
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // Evenly from [0, end); end < 2^32.
  std::uint64_t below(std::uint64_t end) { return ((next() >> 32) * end) >> 32; }

  template <class T, std::size_t N>
  const T& pick(const T (&from)[N]) {
    return from[below(N)];
  }

  // One bit for each column after id.
  std::uint32_t choose_missing() {
    std::uint32_t missing = 0;
    for (int column = 0; column < kNumColumnsAfterId; column += 4) {
      std::uint64_t random = next();
      for (int i = column; i < column + 4; ++i, random >>= 16) {
        missing |= std::uint32_t{(random & 0xffff) < kMissingOf65536} << i;
      }
    }
    return missing;
  }

  char* put_name(char* out, const NamePart& first, const NamePart& last) {
    const std::uint64_t style = below(64);
    if (style < 2) {
      out = put(put(out, "\""), last.written);
      return put(put(put(out, ", "), first.written), "\"");
    }
    out = put(out, style == 2 ? "\"" : "");
    out = put(out, first.written);
    out = put(out, style == 2 ? " \"\"Ace\"\" " : " ");
    out = put(out, last.written);
    return put(out, style == 2 ? "\"" : "");
  }

  char* put_email(char* out, const NamePart& first, const NamePart& last) {
    out = put(put(put(out, first.mailed), "."), last.mailed);
    out = put_integer(out, static_cast<std::int64_t>(below(10'000)));
    return put(put(out, "@"), pick(kMailHosts));
  }

  // From -2,000.00 to 247,900.00; most have little.
  char* put_balance(char* out) {
    std::int64_t cents = static_cast<std::int64_t>(below(5'000) * below(5'000)) - 200'000;
    if (cents < 0) {
      *out++ = '-';
      cents = -cents;
    }
    out = put(put_integer(out, cents / 100), ".");
    return put_digits(out, static_cast<std::uint64_t>(cents % 100), 2);
  }

  char* put_date(char* out, std::uint64_t day) {
    return put(out, string_view(dates_).substr(day * kDateLength, kDateLength));
  }

  char* put_moment(char* out, std::uint64_t day) {
    const std::uint64_t second = below(86'400);
    out = put(put_date(out, day), " ");
    out = put(put_digits(out, second / 3600, 2), ":");
    out = put(put_digits(out, second / 60 % 60, 2), ":");
    return put_digits(out, second % 60, 2);
  }

  std::uint64_t state_;
  std::int64_t id_ = 0;
  std::string dates_;
};

// A file being written; removed unless it is kept.
class NewFile {
 public:
  explicit NewFile(std::string path)
      : path_(std::move(path)),
        file_(open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)),
        open_error_(file_ < 0 ? errno : 0) {}
  ~NewFile() {
    if (file_ < 0) return;
    close(file_);
    if (!is_kept_) unlink(path_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Result<void> write(string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = file_ < 0 ? -1 : ::write(file_, bytes.data(), bytes.size());
      const int error = file_ < 0 ? open_error_ : errno;
      if (written < 0 && error == EINTR) continue;
      if (written < 0) {
        return fail({.kind = error == ENOENT ? ErrorKind::NotFound : ErrorKind::Io,
                     .where = {.location = path_},
                     .message = std::string("cannot write: ") + std::strerror(error)});
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }
  void keep() { is_kept_ = true; }

 private:
  std::string path_;
  int file_;
  int open_error_;
  bool is_kept_ = false;
};

}  // namespace

Result<PeopleWritten> write_people(const std::string& path, const PeopleOptions& options,
                                   std::stop_token stop) {
  const auto buffer = std::make_unique_for_overwrite<char[]>(kBufferBytes + kMaxRowBytes);
  PeopleMaker maker(options.seed);
  NewFile file(path);
  PeopleWritten written;
  char* out = put(buffer.get(), kHeader);

  const auto flush = [&]() -> Result<void> {
    const string_view full(buffer.get(), static_cast<std::size_t>(out - buffer.get()));
    POLARWAY_CHECK(file.write(full));
    written.bytes += static_cast<std::int64_t>(full.size());
    out = buffer.get();
    return {};
  };
  const auto is_enough = [&] {
    return options.rows > 0 ? written.rows >= options.rows
                            : written.bytes + (out - buffer.get()) >= options.size_bytes;
  };

  while (!is_enough()) {
    out = maker.put_row(out);
    ++written.rows;
    if (out - buffer.get() < std::ptrdiff_t{kBufferBytes}) continue;
    POLARWAY_CHECK(flush());
    if (stop.stop_requested()) {
      return fail(
          {.kind = ErrorKind::Cancelled, .where = {.location = path}, .message = "stopped"});
    }
  }
  POLARWAY_CHECK(flush());
  file.keep();
  return written;
}

}  // namespace polarway::cli
