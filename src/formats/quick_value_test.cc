#include "formats/quick_value.h"

#include <arrow/util/decimal.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include "formats/parse_value.h"

namespace polarway {
namespace {

// A text in the middle of others, as fields are.
class Padded {
 public:
  // What stands around it must not matter, whatever it is.
  explicit Padded(std::string_view text, char around = '7')
      : bytes_(std::string(64, around) + std::string(text) + std::string(64, around)),
        size_(text.size()) {}

  FieldText field() const { return {bytes_.data() + 64, bytes_.data() + 64 + size_}; }

 private:
  std::string bytes_;
  std::size_t size_;
};

constexpr char kAround[] = {'7', '.', '-', ',', '\n', 'Z', '\xFF'};

std::uint64_t bits_of(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// A quick answer is the answer. Says whether there was one.
bool agrees_on_int64(std::string_view text) {
  bool any = false;
  for (const char around : kAround) {
    const Padded padded(text, around);
    std::int64_t quick = 0;
    std::int64_t slow = 0;
    if (!quick_int64(padded.field(), quick)) continue;
    any = true;
    EXPECT_TRUE(parse_int64(text, slow)) << text;
    EXPECT_EQ(quick, slow) << text;
    EXPECT_FALSE(has_leading_zero(text)) << text;
  }
  return any;
}

bool agrees_on_double(std::string_view text) {
  bool any = false;
  for (const char around : kAround) {
    const Padded padded(text, around);
    double quick = 0;
    double slow = 0;
    if (!quick_double(padded.field(), quick)) continue;
    any = true;
    EXPECT_TRUE(parse_double(text, slow)) << text;
    EXPECT_EQ(bits_of(quick), bits_of(slow)) << text;
    EXPECT_FALSE(has_leading_zero(text)) << text;
  }
  return any;
}

bool agrees_on_date(std::string_view text) {
  const Padded padded(text);
  std::int32_t quick = 0;
  std::int32_t slow = 0;
  const bool is_date = parse_date(text, slow);
  const bool is_quick = text.size() == 10 && quick_date(padded.field().begin, quick);
  EXPECT_EQ(is_quick, is_date) << text;
  if (is_quick) {
    EXPECT_EQ(quick, slow) << text;
  }
  return is_quick;
}

bool agrees_on_timestamp(std::string_view text) {
  bool any = false;
  for (const bool zone : {false, true}) {
    const Padded padded(text);
    QuickTime quick;
    if (!quick_timestamp(padded.field(), zone, quick)) continue;
    any = true;
    TextTime slow;
    EXPECT_TRUE(parse_timestamp(text, slow)) << text;
    EXPECT_EQ(quick.seconds, slow.epoch_seconds()) << text;
    EXPECT_EQ(quick.nanos, slow.nanos) << text;
    EXPECT_EQ(zone, slow.has_zone) << text;
  }
  return any;
}

TEST(QuickInt64, IsTheAnswerAtEveryBoundary) {
  for (int digits = 1; digits <= 19; ++digits) {
    const std::string nines(static_cast<std::size_t>(digits), '9');
    const std::string power = "1" + std::string(static_cast<std::size_t>(digits) - 1, '0');
    for (const std::string& text : {nines, power, "-" + nines, "-" + power}) {
      EXPECT_EQ(agrees_on_int64(text), digits < 19 || text.find('9') == std::string::npos) << text;
    }
  }
  for (const char* text : {"9223372036854775807", "-9223372036854775808", "0", "-0"}) {
    EXPECT_TRUE(agrees_on_int64(text)) << text;
  }
  for (const char* text : {"", "-", "+1", "9223372036854775808", "-9223372036854775809", "007",
                           "99999999999999999999", "1.0", "1e5", " 1", "1 ", "--1", "1-1"}) {
    EXPECT_FALSE(agrees_on_int64(text)) << text;
  }
}

TEST(QuickInt64, IsTheAnswerForNumbersOfAllSizes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = static_cast<std::int64_t>(random()) >> (random() % 64);
    EXPECT_TRUE(agrees_on_int64(std::to_string(value)));
  }
}

TEST(QuickInt64, RefusesWhateverIsNoDigitInAnyPlace) {
  for (std::size_t size = 1; size <= 19; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(size, '1');
        text[at] = static_cast<char>(c);
        agrees_on_int64(text);
      }
    }
  }
}

TEST(QuickDouble, IsTheAnswerForDecimalsOfAllSizes) {
  std::mt19937_64 random(2);
  int num_quick = 0;
  for (int i = 0; i < 300'000; ++i) {
    const std::size_t size = 1 + random() % 20;
    std::string text;
    for (std::size_t d = 0; d < size; ++d) text += static_cast<char>('0' + random() % 10);
    if (random() % 8 != 0) text.insert(random() % (size + 1), ".");
    if (random() % 2 == 0) text.insert(0, "-");
    num_quick += agrees_on_double(text) ? 1 : 0;
  }
  EXPECT_GT(num_quick, 150'000);
}

TEST(QuickDouble, IsTheAnswerForExponentsOfAllSizes) {
  std::mt19937_64 random(7);
  int num_quick = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text(random() % 2, '-');
    text += static_cast<char>('0' + random() % 10);
    if (random() % 8 != 0) text += '.';
    for (auto digits = random() % 20; digits > 0; --digits) {
      text += static_cast<char>('0' + random() % 10);
    }
    text += random() % 2 == 0 ? 'e' : 'E';
    if (random() % 4 != 0) text += random() % 4 == 0 ? '+' : '-';
    text += std::to_string(random() % (random() % 2 == 0 ? 20 : 340));
    num_quick += agrees_on_double(text) ? 1 : 0;
  }
  EXPECT_GT(num_quick, 150'000);
}

TEST(QuickDouble, IsTheAnswerNearTheMiddleOfTwoDoubles) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 30'000; ++i) {
    const double value =
        static_cast<double>(random() >> 11) / static_cast<double>(1ULL << (random() % 60));
    char text[64];
    for (const int digits : {15, 16, 17, 18}) {
      std::snprintf(text, sizeof text, "%.*g", digits, value);
      agrees_on_double(text);
      std::snprintf(text, sizeof text, "%.*f", digits, value);
      agrees_on_double(text);
      std::snprintf(text, sizeof text, "%.*e", digits, value);
      agrees_on_double(text);
    }
  }
}

TEST(QuickDouble, TakesWhatIsCommonAndLeavesTheRest) {
  for (const char* text : {"0",
                           "1",
                           "-1",
                           "0.5",
                           "-0",
                           "-0.0",
                           "218274.10",
                           "-1416.00",
                           "5.",
                           ".5",
                           "0.871331",
                           "9007199254740992",
                           "1234567890.123456",
                           "0.1234567890123456",
                           "1234567.8",
                           "1e5",
                           "1E+05",
                           "-2.472203e-09",
                           "1.7976931348623157e308",
                           "2.2250738585072014e-308",

                           "-0.0e-9",
                           "9007199254740993e0",
                           "123456789.0123456789e-123"}) {
    EXPECT_TRUE(agrees_on_double(text)) << text;
  }
  for (const char* text : {"",
                           "-",
                           ".",
                           "-.",
                           "1..2",
                           "1.2.3",
                           "+1",
                           "nan",
                           "inf",
                           "007",
                           "01e5",
                           "9007199254740993",
                           "12345678901234567890",
                           "1,5",
                           "0x1p3",
                           "e5",
                           "1e",
                           "1e-",
                           "1e+-5",
                           "1e5.",
                           "1.e5",
                           "1.5e309",
                           "1e-400",
                           "5e-324",
                           "1e-1234567890",
                           "1e5e5"}) {
    EXPECT_FALSE(agrees_on_double(text)) << text;
  }
}

TEST(QuickDouble, RefusesWhateverIsNoDigitInAnyPlace) {
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(size, '1');
        text[at] = static_cast<char>(c);
        agrees_on_double(text);
        if (size < 3) continue;
        text[size / 2] = '.';
        agrees_on_double(text);
      }
    }
  }
}

TEST(QuickDecimal, IsTheAnswerForDecimalsOfAllSizes) {
  std::mt19937_64 random(4);
  int num_quick = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::size_t size = 1 + random() % 20;
    std::string text;
    for (std::size_t d = 0; d < size; ++d) text += static_cast<char>('0' + random() % 10);
    if (random() % 8 != 0) text.insert(random() % (size + 1), ".");
    if (random() % 2 == 0) text.insert(0, random() % 9 == 0 ? "+" : "-");
    if (random() % 50 == 0) text[random() % text.size()] = 'e';
    const int precision = static_cast<int>(1 + random() % 38);
    const int scale = static_cast<int>(random() % static_cast<unsigned>(precision + 1));
    const Padded padded(text);
    std::int64_t quick = 0;
    if (!quick_decimal(padded.field(), precision, scale, quick)) continue;
    ++num_quick;
    arrow::Decimal128 slow;
    ASSERT_TRUE(parse_decimal(text, precision, scale, slow)) << text;
    EXPECT_EQ(arrow::Decimal128(quick), slow) << text << " " << precision << " " << scale;
  }
  EXPECT_GT(num_quick, 10'000);
}

TEST(QuickBool, IsTheAnswerAndKnowsTheUsualSpellings) {
  for (const char* text : {"true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "fALSE", "",
                           "t", "f", "truE", "truee", "falsee", "fals", "0", "1", "tru\0e"}) {
    const Padded padded(text);
    bool quick = false;
    bool slow = false;
    const bool is_quick = quick_bool(padded.field(), quick);
    const bool is_bool = parse_bool(text, slow);
    EXPECT_TRUE(!is_quick || (is_bool && quick == slow)) << text;
    if (std::string_view(text).ends_with("rue") || std::string_view(text).ends_with("alse")) {
      EXPECT_EQ(is_quick, is_bool) << text;
    }
  }
}

TEST(QuickDate, IsTheAnswerForEveryDayThereIsAndEveryOneThereIsNot) {
  std::int32_t expected = -719'528;
  std::int32_t days = 0;
  for (int year = 0; year < 10'000; year += year == 2'400 ? 1'000 : 1) {
    if (year == 3'400) {
      year = 9'999;
      expected = 2'932'532;
    }
    for (int month = 0; month < 20; ++month) {
      for (int day = 0; day < 40; ++day) {
        char text[32];
        std::snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        if (!agrees_on_date(text)) continue;
        parse_date(text, days);
        EXPECT_EQ(days, expected++) << text;
      }
    }
  }
  EXPECT_EQ(days, 2'932'896);
}

TEST(QuickDate, RefusesWhateverIsNoDigitInAnyPlace) {
  for (std::size_t at = 0; at < 10; ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string text = "2011-11-11";
      text[at] = static_cast<char>(c);
      agrees_on_date(text);
    }
  }
}

TEST(QuickTimestamp, IsTheAnswerForAllItTakes) {
  for (const char* text :
       {"2024-02-29 00:00:00", "2024-02-29T23:59:59", "1969-12-31 23:59:59.5",
        "2024-02-29 12:34:56.123456", "2024-02-29T12:34:56Z", "2024-02-29T12:34:56.000001Z",
        "0000-01-01 00:00:00", "9999-12-31 23:59:59.999999", "2024-02-29 12:34:56.12345678"}) {
    EXPECT_TRUE(agrees_on_timestamp(text)) << text;
  }
  for (const char* text :
       {"2024-02-30 00:00:00", "2024-02-29 24:00:00", "2024-02-29 00:60:00", "2024-02-29 00:00:60",
        "2024-02-29 00:00", "2024-02-29", "2024-02-29 00:00:00.", "2024-02-29x00:00:00", "", "Z",
        "2024-02-29 00:00:00+01:00", "2024-02-29 00:00:00.1234567890"}) {
    EXPECT_FALSE(agrees_on_timestamp(text)) << text;
  }
}

TEST(QuickTimestamp, RefusesWhateverIsNoDigitInAnyPlace) {
  const std::string_view whole = "2011-11-11 11:11:11.111111";
  for (const std::size_t size : {std::size_t{19}, std::size_t{23}, std::size_t{26}}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(whole.substr(0, size));
        text[at] = static_cast<char>(c);
        agrees_on_timestamp(text);
      }
    }
  }
}

}  // namespace
}  // namespace polarway
