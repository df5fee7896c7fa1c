#include "formats/csv/quick_doubles.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <random>
#include <string>
#include <vector>

#include "formats/parse_value.h"
#include "support/csv_fields.h"
#include "support/every_simd_target.h"

namespace polarway::csv {
namespace {

using testing::Fields;

class QuickDoubles : public ::polarway::testing::EverySimdTarget {};

INSTANTIATE_TEST_SUITE_P(Simd, QuickDoubles,
                         ::testing::ValuesIn(::polarway::testing::simd_targets()),
                         ::polarway::testing::simd_name);

std::string decimal(std::mt19937_64& random) {
  std::string text = std::to_string(static_cast<std::int64_t>(random()) >> (random() % 64));
  const std::size_t sign = text[0] == '-' ? 1 : 0;
  if (random() % 3 == 0)
    text.insert(sign, "0.");
  else if (random() % 6 != 0)
    text.insert(sign + 1 + random() % (text.size() - sign), ".");
  return text;
}

// At least as many as one at a time are read, and what parse_double() makes of them.
void expect_as_parsed(const std::vector<std::string>& texts, std::int64_t from) {
  const Fields fields(texts);
  std::array<double, FieldBatch::kMostFields> many{};
  const std::int64_t count = quick_doubles(fields.batch(), from, many.data());
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string& text = texts[static_cast<std::size_t>(from + i)];
    double parsed = 0;
    ASSERT_TRUE(parse_double(text, parsed)) << text;
    ASSERT_FALSE(has_leading_zero(text)) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(many[static_cast<std::size_t>(i)]),
              std::bit_cast<std::uint64_t>(parsed))
        << text;
  }
  double next = 0;
  ASSERT_TRUE(from + count == fields.batch().size ||
              !quick_double(fields.batch().field(from + count), next));
}

TEST_P(QuickDoubles, ReadsWhatIsReadOneAtATimeAndRoundsAsWell) {
  std::mt19937_64 random(5);
  const std::vector<std::string> odd = {"",   "-",  "+1",   "007",   "-01", "-01.5", ".",     "-.",
                                        "5.", ".5", "1..2", "1.2.3", "1e5", "nan",   "\"1\"", " 1"};
  for (int round = 0; round < 5'000; ++round) {
    std::vector<std::string> texts;
    const auto size = 1 + random() % 40;
    for (std::uint64_t i = 0; i < size; ++i) {
      texts.push_back(random() % 30 == 0 ? odd[random() % odd.size()] : decimal(random));
    }
    expect_as_parsed(texts, static_cast<std::int64_t>(random() % size));
  }
}

TEST_P(QuickDoubles, RefusesWhateverIsNoDigitInAnyPlace) {
  for (std::size_t size = 1; size <= 17; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::vector<std::string> texts(5, "1.2");
        std::string& text = texts[at % 4];
        text.assign(size, '1');
        text[at] = static_cast<char>(c);
        expect_as_parsed(texts, 0);
      }
    }
  }
}

}  // namespace
}  // namespace polarway::csv
