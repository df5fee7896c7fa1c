#include <string>

#include "datasets/put_text.h"
#include "datasets/random.h"
#include "datasets/table_maker.h"

namespace polarway::datasets {

namespace {

constexpr std::uint64_t kFirstDay = 15 * 365 + 4;  // 2025-01-01
constexpr std::uint64_t kNumSeconds = 365 * Calendar::kSecondsPerDay;
constexpr std::uint64_t kNumZones = 263;

constexpr std::int64_t kExtraCents[] = {0, 0, 50, 100, 250, 350};
constexpr std::int64_t kTollCents = 694;
constexpr std::int64_t kMtaTaxCents = 50;
constexpr std::int64_t kImprovementCents = 100;
constexpr std::int64_t kCongestionCents = 250;
constexpr std::int64_t kAirportCents = 175;

class TaxiMaker final : public TableMaker {
 public:
  explicit TaxiMaker(std::uint64_t seed) : random_(seed) {}

  std::span<const std::string> columns() const override { return columns_; }
  std::size_t max_row_bytes() const override { return 512; }

  char* put_row(char* out, std::span<char*> ends) override {
    // Of some trips the meter did not say everything; these cells are missing together.
    const bool is_metered = random_.below(100) >= 3;
    const std::uint64_t start = random_.below(kNumSeconds - 7200);
    const std::uint64_t seconds = 60 + random_.below(60) * random_.below(60);
    const auto hundredth_miles =
        static_cast<std::int64_t>(seconds * (20 + random_.below(60)) / 100);
    const std::int64_t sign = random_.below(200) == 0 ? -1 : 1;  // a refund

    const std::int64_t fare = 300 + 10 * (hundredth_miles * 25 / 100);
    const std::int64_t extra = random_.pick(kExtraCents);
    const bool pays_card = random_.below(4) != 0;
    const std::int64_t tip =
        pays_card ? fare * static_cast<std::int64_t>(random_.below(30)) / 100 : 0;
    const std::int64_t toll = random_.below(12) == 0 ? kTollCents : 0;
    const std::int64_t congestion = random_.below(10) != 0 ? kCongestionCents : 0;
    const std::int64_t airport = random_.below(12) == 0 ? kAirportCents : 0;
    const std::int64_t total =
        fare + extra + kMtaTaxCents + tip + toll + kImprovementCents + congestion + airport;

    std::size_t column = 0;
    const auto end_cell = [&](char* end) {
      ends[column++] = end;
      *end = ',';
      out = end + 1;
    };
    const auto integer = [&](std::uint64_t value) {
      end_cell(put_integer(out, static_cast<std::int64_t>(value)));
    };
    const auto money = [&](std::int64_t cents) { end_cell(put_cents(out, cents)); };
    const auto moment = [&](std::uint64_t second) {
      end_cell(calendar_.put_moment(out, kFirstDay + second / Calendar::kSecondsPerDay,
                                    second % Calendar::kSecondsPerDay));
    };
    const auto metered = [&](const auto& put_cell) { is_metered ? put_cell() : end_cell(out); };

    integer(1 + random_.below(2));
    moment(start);
    moment(start + seconds);
    metered([&] { integer(random_.below(4) != 0 ? 1 : 1 + random_.below(6)); });
    money(hundredth_miles);
    metered([&] { integer(random_.below(20) != 0 ? 1 : 2 + random_.below(5)); });
    metered([&] { end_cell(put(out, random_.below(150) != 0 ? "N" : "Y")); });
    integer(1 + random_.below(kNumZones));
    integer(1 + random_.below(kNumZones));
    integer(is_metered ? (pays_card ? 1 : 2 + random_.below(3)) : 0);
    money(sign * fare);
    money(sign * extra);
    money(sign * kMtaTaxCents);
    money(sign * tip);
    money(sign * toll);
    money(sign * kImprovementCents);
    money(sign * total);
    metered([&] { money(sign * congestion); });
    metered([&] { money(sign * airport); });
    return out - 1;
  }

 private:
  const std::string columns_[19] = {"VendorID",
                                    "tpep_pickup_datetime",
                                    "tpep_dropoff_datetime",
                                    "passenger_count",
                                    "trip_distance",
                                    "RatecodeID",
                                    "store_and_fwd_flag",
                                    "PULocationID",
                                    "DOLocationID",
                                    "payment_type",
                                    "fare_amount",
                                    "extra",
                                    "mta_tax",
                                    "tip_amount",
                                    "tolls_amount",
                                    "improvement_surcharge",
                                    "total_amount",
                                    "congestion_surcharge",
                                    "airport_fee"};
  Random random_;
  Calendar calendar_;
};

}  // namespace

std::unique_ptr<TableMaker> make_taxi(std::uint64_t seed) {
  return std::make_unique<TaxiMaker>(seed);
}

}  // namespace polarway::datasets
