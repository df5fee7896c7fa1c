#include "formats/json/container_scan.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "support/every_simd_target.h"

namespace polarway::json {
namespace {

std::span<const std::uint8_t> bytes_of(const std::string& padded) {
  return {reinterpret_cast<const std::uint8_t*>(padded.data()), padded.size() - kScanPadding};
}

RecordBorder border_of(std::string_view text) {
  return last_border(bytes_of(std::string(text) + std::string(kScanPadding, '"')));
}

// The same, byte by byte.
RecordBorder slow_border_of(std::string_view text) {
  RecordBorder border;
  std::int64_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      if (!in_string) return {border.end, true};
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      continue;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return {border.end, true};
      if (--depth == 0) border.end = i + 1;
    }
  }
  return border;
}

TEST(ContainerScan, TheLastRecordEndsAtABracketThatClosesAll) {
  EXPECT_EQ(border_of(R"({"a":[1]}, {"b":"}"} , [2)").end, 20u);
  EXPECT_EQ(border_of(R"({"a":[1]},"x",3)").end, 9u);
  EXPECT_EQ(border_of(R"({"a":"}\"]")").end, 0u);
  EXPECT_EQ(border_of("").end, 0u);
  EXPECT_FALSE(border_of("{} [").is_over);
}

TEST(ContainerScan, BehindABracketThatClosesNoneThereIsNoRecord) {
  const RecordBorder border = border_of(R"({"a":1},{}],"m":{"n":{}}})");
  EXPECT_EQ(border.end, 10u);
  EXPECT_TRUE(border.is_over);
  EXPECT_EQ(border_of("] {}").end, 0u);
}

TEST(ContainerScan, ABackslashOutsideOfStringsEndsTheSearch) {
  const RecordBorder border = border_of(R"({"a":"\\"} \" {} ")");
  EXPECT_EQ(border.end, 10u);
  EXPECT_TRUE(border.is_over);
}

TEST(ContainerScan, BordersAreThoseFoundByteByByte) {
  static constexpr const char* kParts[] = {
      "{",  "}",         "[",      "]",    ",",   "\"", "\\",        "\"a\":1",   "{\"a\":[1,2]}",
      "\n", "\"}\\\"\"", "{\"b\"", "[[]]", ":2}", "{}", "\"text\",", "{\"c\":{}}"};
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    std::srand(seed);  // NOLINT(cert-msc51-cpp)
    std::string text;
    const bool is_long = seed % 4 == 0;
    const bool is_tame = seed % 3 != 0;
    while (text.size() < (is_long ? 9'000u : 200u)) {
      // Mostly whole records: else most texts end at once.
      const bool is_record = is_tame && std::rand() % 500 != 0;                  // NOLINT
      text += is_record ? "{\"a\":[1,\"}\\\\\"]},"                               //
                        : kParts[std::size_t(std::rand()) % std::size(kParts)];  // NOLINT
    }
    const RecordBorder found = border_of(text);
    const RecordBorder expected = slow_border_of(text);
    ASSERT_EQ(found.end, expected.end) << text;
    ASSERT_EQ(found.is_over, expected.is_over) << text;
  }
}

TEST(ContainerScan, ARecordLargerThanTheTailIsFoundToo) {
  const std::string text = "{\"a\":1}\n{\"b\":\"" + std::string(20'000, 'x') + "\"";
  EXPECT_EQ(border_of(text).end, 7u);
}

}  // namespace
}  // namespace polarway::json
