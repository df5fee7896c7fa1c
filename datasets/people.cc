#include <string>

#include "datasets/people_names.h"
#include "datasets/put_text.h"
#include "datasets/random.h"
#include "datasets/table_maker.h"

namespace polarway::datasets {

namespace {

constexpr std::uint64_t kMissingOf65536 = 1966;  // 3 %
constexpr int kNumColumnsAfterId = 9;

class PeopleMaker final : public TableMaker {
 public:
  explicit PeopleMaker(std::uint64_t seed) : random_(seed) {}

  std::span<const std::string> columns() const override { return columns_; }
  std::size_t max_row_bytes() const override { return 512; }

  char* put_row(char* out, std::span<char*> ends) override {
    const std::uint32_t missing = choose_missing();
    const NamePart& first = random_.pick(kFirstNames);
    const NamePart& last = random_.pick(kLastNames);
    const std::uint64_t joined = random_.below(Calendar::kNumDays);

    const auto cell = [&](std::size_t column, const auto& put_value) {
      *out++ = ',';
      if ((missing >> (column - 1) & 1) == 0) out = put_value();
      ends[column] = out;
    };
    out = ends[0] = put_integer(out, ++id_);
    cell(1, [&] { return put_name(out, first, last); });
    cell(2, [&] { return put_email(out, first, last); });
    cell(3, [&] { return put_integer(out, static_cast<std::int64_t>(10 + random_.below(80))); });
    cell(4, [&] { return put(out, random_.pick(kCountries)); });
    cell(5, [&] { return put_balance(out); });
    cell(6, [&] { return put_digits(put(out, "0."), random_.below(1'000'000), 6); });
    cell(7, [&] { return calendar_.put_date(out, joined); });
    cell(8, [&] { return put_last_seen(out, joined); });
    cell(9, [&] { return put(out, random_.below(4) != 0 ? "true" : "false"); });
    return out;
  }

 private:
  // One bit for each column after id.
  std::uint32_t choose_missing() {
    std::uint32_t missing = 0;
    for (int column = 0; column < kNumColumnsAfterId; column += 4) {
      std::uint64_t random = random_.next();
      for (int i = column; i < column + 4; ++i, random >>= 16) {
        missing |= std::uint32_t{(random & 0xffff) < kMissingOf65536} << i;
      }
    }
    return missing;
  }

  char* put_name(char* out, const NamePart& first, const NamePart& last) {
    const std::uint64_t style = random_.below(64);
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
    out = put_integer(out, static_cast<std::int64_t>(random_.below(10'000)));
    return put(put(out, "@"), random_.pick(kMailHosts));
  }

  // From -2,000.00 to 247,900.00; most have little.
  char* put_balance(char* out) {
    const std::uint64_t product = random_.below(5'000) * random_.below(5'000);
    return put_cents(out, static_cast<std::int64_t>(product) - 200'000);
  }

  char* put_last_seen(char* out, std::uint64_t joined) {
    const std::uint64_t day = joined + random_.below(Calendar::kNumDays - joined);
    return calendar_.put_moment(out, day, random_.below(Calendar::kSecondsPerDay));
  }

  const std::string columns_[1 + kNumColumnsAfterId] = {
      "id", "name", "email", "age", "country", "balance", "score", "signup", "last_seen", "active"};
  Random random_;
  std::int64_t id_ = 0;
  Calendar calendar_;
};

}  // namespace

std::unique_ptr<TableMaker> make_people(std::uint64_t seed) {
  return std::make_unique<PeopleMaker>(seed);
}

}  // namespace polarway::datasets
