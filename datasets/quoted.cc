#include <string>

#include "datasets/put_text.h"
#include "datasets/random.h"
#include "datasets/table_maker.h"

namespace polarway::datasets {

namespace {

constexpr std::string_view kLevels[] = {"DEBUG", "INFO", "INFO", "INFO", "WARNING", "ERROR"};

// As they stand within quotes: a quote is doubled.
constexpr std::string_view kEvents[] = {
    "connection reset by peer, retrying in 5 s",
    R"(user ""anna"" logged in from 10.0.0.7, session kept)",
    R"(cannot open ""/var/lib/shop/cache.db"": no such file or directory)",
    "Traceback (most recent call last):\n  File \"\"shop.py\"\", line 42, in <module>\n    main()",
    R"(""GET /items?ids=1,2,3&sort=name HTTP/1.1"" took long)",
    "queue is 80 % full, oldest entry is 12 s old",
    "größere Datei übertragen, 3 Blöcke fehlten",
    "cache miss",
    R"(said ""no, thanks"")",
    "first line\nsecond line, with a comma\n\nfourth line",
    "payment accepted, 19.99 EUR",
    "health check passed",
};
constexpr std::string_view kAgents[] = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:130.0) Gecko/20100101 Firefox/130.0",
    "curl/8.9.1",
    R"(shop-app/3.2 (phone, ""beta""))",
};

class QuotedMaker final : public TableMaker {
 public:
  explicit QuotedMaker(std::uint64_t seed) : random_(seed) {}

  std::span<const std::string> columns() const override { return columns_; }
  std::size_t max_row_bytes() const override { return 1024; }

  char* put_row(char* out, std::span<char*> ends) override {
    std::size_t column = 0;
    const auto end_cell = [&](char* end) {
      ends[column++] = end;
      *end = ',';
      out = end + 1;
    };
    end_cell(put_time(out));
    end_cell(put(out, random_.pick(kLevels)));
    end_cell(put_digits(put(out, "web-"), random_.below(40), 2));
    end_cell(put_integer(out, static_cast<std::int64_t>(1 + random_.below(32'768))));
    end_cell(put_message(out));
    end_cell(put(put(put(out, "\""), random_.pick(kAgents)), "\""));
    end_cell(put_integer(out, random_.below(20) != 0 ? 200 : 500));
    char* point = put(put_integer(out, static_cast<std::int64_t>(random_.below(3'000))), ".");
    end_cell(put_digits(point, random_.below(1000), 3));
    return out - 1;
  }

 private:
  // A log goes forward: 0 to 49 ms from line to line.
  char* put_time(char* out) {
    milliseconds_ += random_.below(50);
    const std::uint64_t second = milliseconds_ / 1000;
    out = calendar_.put_moment(out, second / Calendar::kSecondsPerDay % Calendar::kNumDays,
                               second % Calendar::kSecondsPerDay);
    return put_digits(put(out, "."), milliseconds_ % 1000, 3);
  }

  char* put_message(char* out) {
    out = put(out, "\"");
    for (std::uint64_t more = 1 + random_.below(2); more > 0; --more) {
      out = put(out, random_.pick(kEvents));
      if (more > 1) out = put(out, "; ");
    }
    return put(out, "\"");
  }

  const std::string columns_[8] = {"time",    "level", "host",   "process",
                                   "message", "agent", "status", "duration_ms"};
  Random random_;
  Calendar calendar_;
  std::uint64_t milliseconds_ = 0;
};

}  // namespace

std::unique_ptr<TableMaker> make_quoted(std::uint64_t seed) {
  return std::make_unique<QuotedMaker>(seed);
}

}  // namespace polarway::datasets
