#include "formats/csv/quick_doubles.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
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

TEST_P(QuickDoubles, ReadsLongOnesAndThoseWithExponentsAndRoundsAsWell) {
  std::mt19937_64 random(6);
  const char* const formats[] = {"%.16f", "%.17g", "%.14f", "%.6e", "%.16e", "%.0e", "%g", "%.18f"};
  const std::vector<std::string> odd = {"",
                                        "1e",
                                        "1e+",
                                        "e5",
                                        ".e5",
                                        "1.e5",
                                        ".5e5",
                                        "1E5",
                                        "1e5.0",
                                        "1e400",
                                        "-1e-400",
                                        "0e0",
                                        "-0e5",
                                        "01e5",
                                        "1ee5",
                                        "1.2.3e5",
                                        "1e-00000007",
                                        "9007199254740993",
                                        "0.1e1234567",
                                        "1.5",
                                        "12345678901234567890.5",
                                        ".12345678901234567",
                                        "1234567890123456.",
                                        "12345678901234567890",
                                        "1.7976931348623159e308",
                                        "2.2250738585072011e-308",
                                        "4.9e-324",
                                        "1.2345678901234.567",
                                        "12.34567890123456.78"};
  for (int round = 0; round < 5'000; ++round) {
    std::vector<std::string> texts;
    const char* const format = formats[random() % std::size(formats)];
    const auto size = 1 + random() % 40;
    const bool has_odd = random() % 2 == 0;
    for (std::uint64_t i = 0; i < size; ++i) {
      char text[64];
      const double value = static_cast<double>(static_cast<std::int64_t>(random())) *
                           std::pow(10, -static_cast<double>(random() % 40));
      (void)std::snprintf(text, sizeof text, format, value);
      texts.emplace_back(has_odd && random() % 9 == 0 ? odd[random() % odd.size()] : text);
    }
    expect_as_parsed(texts, static_cast<std::int64_t>(random() % size));
  }
}

TEST_P(QuickDoubles, ReadsAllOfAColumnOfLongOnes) {
  const std::vector<std::string> texts = {"-7.6101746815609346", "8.2209307422871798",
                                          "2.0343844960271083",  "-0.8128224054089190",
                                          "12.075927951951979",  "123.37478015843025"};
  const Fields fields(texts);
  std::array<double, FieldBatch::kMostFields> many{};
  EXPECT_EQ(quick_doubles(fields.batch(), 0, many.data()), fields.batch().size);
}

TEST_P(QuickDoubles, RefusesWhateverIsNoDigitInAnyPlaceOfALongOne) {
  for (const std::string_view whole : {"12.345678901234567", "1.234567890123456e-12",
                                       "1234.567890123456789", "0.1234567890123456789e+100"}) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (int c = 0; c < 256; ++c) {
        std::vector<std::string> texts(5, std::string(whole));
        texts[at % 4][at] = static_cast<char>(c);
        expect_as_parsed(texts, 0);
      }
    }
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
