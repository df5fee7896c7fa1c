#include <string>
#include <vector>

#include "datasets/put_text.h"
#include "datasets/random.h"
#include "datasets/table_maker.h"

namespace polarway::datasets {

namespace {

class WideMaker final : public TableMaker {
 public:
  explicit WideMaker(std::uint64_t seed) : random_(seed) {
    for (std::uint64_t column = 0; column < kNumColumns; ++column) {
      char name[] = "f000";
      put_digits(name + 1, column, 3);
      columns_.emplace_back(name);
    }
  }

  std::span<const std::string> columns() const override { return columns_; }
  std::size_t max_row_bytes() const override { return kNumColumns * 24; }

  char* put_row(char* out, std::span<char*> ends) override {
    for (std::size_t column = 0; column < kNumColumns; ++column) {
      if (column > 0) *out++ = ',';
      out = ends[column] = put_float(out, column % 4);
    }
    return out;
  }

 private:
  static constexpr std::size_t kNumColumns = 200;

  char* put_float(char* out, std::size_t way) {
    const std::uint64_t random = random_.next();
    if (way == 0) return put_cents(out, static_cast<std::int64_t>(random % 2'000'000) - 1'000'000);
    if (way == 1) return put_digits(put(out, "0."), random % 1'000'000, 6);
    if ((random >> 63) != 0) out = put(out, "-");
    out = put(put_digits(out, 1 + (random >> 60) % 8, 1), ".");
    if (way == 2) return put_digits(out, random % 10'000'000'000'000'000, 16);
    out = put(put_digits(out, random % 1'000'000, 6), "e-");
    return put_digits(out, 1 + (random >> 32) % 12, 2);
  }

  std::vector<std::string> columns_;
  Random random_;
};

class NarrowMaker final : public TableMaker {
 public:
  explicit NarrowMaker(std::uint64_t seed) : random_(seed) {}

  std::span<const std::string> columns() const override { return columns_; }
  std::size_t max_row_bytes() const override { return 96; }

  char* put_row(char* out, std::span<char*> ends) override {
    out = ends[0] = put_integer(out, ++id_);
    *out++ = ',';
    out = ends[1] = put_integer(out, static_cast<std::int64_t>(random_.below(100)));
    *out++ = ',';
    out = ends[2] =
        put_integer(out, static_cast<std::int64_t>(random_.below(2'000'000)) - 1'000'000);
    *out++ = ',';
    return ends[3] = put_integer(out, static_cast<std::int64_t>(random_.next() % 10'000'000'000));
  }

 private:
  const std::string columns_[4] = {"id", "small", "change", "key"};
  Random random_;
  std::int64_t id_ = 0;
};

}  // namespace

std::unique_ptr<TableMaker> make_wide(std::uint64_t seed) {
  return std::make_unique<WideMaker>(seed);
}

std::unique_ptr<TableMaker> make_narrow(std::uint64_t seed) {
  return std::make_unique<NarrowMaker>(seed);
}

}  // namespace polarway::datasets
