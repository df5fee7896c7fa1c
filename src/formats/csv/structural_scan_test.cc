#include "formats/csv/structural_scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "support/every_simd_target.h"

namespace polarway::csv {
namespace {

struct Found {
  Scan scan;
  std::vector<std::uint32_t> ends;
};

template <class Scanner>
Found run(Scanner scanner, const std::string& text, const Marks& marks, std::size_t room = 4096) {
  std::string padded = text + std::string(64, ',');  // padding must not be taken for text
  Found found;
  found.ends.resize(room);
  found.scan = scanner({reinterpret_cast<const std::uint8_t*>(padded.data()), text.size()}, marks,
                       std::span<std::uint32_t>(found.ends));
  found.ends.resize(static_cast<std::size_t>(found.scan.num_ends));
  return found;
}

class EveryTarget : public ::polarway::testing::EverySimdTarget {};

INSTANTIATE_TEST_SUITE_P(Simd, EveryTarget,
                         ::testing::ValuesIn(::polarway::testing::simd_targets()),
                         ::polarway::testing::simd_name);

TEST_P(EveryTarget, FindsWhatTheStateMachineFinds) {
  std::mt19937 random(7);
  const char alphabet[] = "ab,\n\"\r,\nx\"";
  int compared = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const std::size_t size = random() % 200;
    while (text.size() < size) {
      // Mostly well-formed fields, so that the SIMD scan has something to agree on.
      if (random() % 4 == 0) {
        text += '"';
        for (auto i = random() % 70; i > 0; --i) {
          const char c = alphabet[random() % (sizeof alphabet - 1)];
          text += c;
          if (c == '"') text += c;
        }
        text += '"';
        text += random() % 3 == 0 ? "\r\n" : ",";
      } else if (random() % 50 == 0) {
        text += alphabet[random() % (sizeof alphabet - 1)];
      } else {
        text += random() % 5 == 0 ? "\n" : random() % 2 == 0 ? "," : "z";
      }
    }
    const Found simd = run(structural_scan, text, {});
    if (simd.scan.stray_quotes) continue;
    const Found exact = run(exact_scan, text, {});
    ASSERT_EQ(simd.ends, exact.ends) << text;
    EXPECT_EQ(simd.scan.num_eols, exact.scan.num_eols);
    EXPECT_EQ(simd.scan.in_quotes, exact.scan.in_quotes) << text;
    ++compared;
  }
  EXPECT_GT(compared, 2000);
}

// Mostly well-formed text of a dialect, so that the SIMD scan has something to agree on.
std::string text_in(const Marks& marks, std::mt19937& random) {
  const std::string delimiter(marks.long_delimiter.empty()
                                  ? std::string(1, static_cast<char>(marks.delimiter))
                                  : std::string(marks.long_delimiter.view()));
  const std::string comment(marks.comment.view());
  const char quote = static_cast<char>(marks.quote);
  const char escape = static_cast<char>(marks.escape);
  const std::string eol(1, static_cast<char>(marks.eol));
  const std::string alphabet = "ab\r" + delimiter + eol + comment + quote;
  const auto any = [&] { return alphabet[random() % alphabet.size()]; };
  std::string text;
  const std::size_t size = random() % 300;
  while (text.size() < size) {
    switch (random() % 16) {
      case 0:
      case 1:
      case 2:
        if (!marks.has_quote) break;
        text += quote;
        for (auto i = random() % 70; i > 0; --i) {
          const char c = any();
          text += c;
          if (c == quote) text += c;
          if (marks.has_escape && random() % 8 == 0) text += {escape, any()};
        }
        text += quote;
        text += random() % 3 == 0 ? eol : delimiter;
        break;
      case 3:
        if (random() % 4 == 0) text += any();
        break;
      case 4:
        text += eol + comment;
        for (auto i = random() % 20; i > 0; --i) text += any();
        text += eol;
        break;
      case 5:
        if (marks.has_escape) text += std::string(1 + random() % 4, escape) + any();
        break;
      case 6:
        text += delimiter.substr(0, random() % (delimiter.size() + 1));  // a part, or all of it
        break;
      case 7:
        text += eol;
        break;
      default:
        text += random() % 3 == 0 ? delimiter : "z";
    }
  }
  return text;
}

TEST_P(EveryTarget, FindsWhatTheStateMachineFindsInOtherDialects) {
  const std::vector<Marks> dialects = {
      {.comment = "#"},
      {.comment = "//"},
      {.delimiter = '|', .long_delimiter = "||"},
      {.delimiter = 'b', .long_delimiter = "aab"},
      {.delimiter = ':', .has_quote = false, .comment = "::", .long_delimiter = "<:>::::::::::::"},
      {.has_escape = true, .escape = '\\'},
      {.has_quote = false, .has_escape = true, .escape = '\\'},
      {.delimiter = '|',
       .eol = ';',
       .has_escape = true,
       .escape = 'a',
       .trims_cr = false,
       .comment = "b",
       .long_delimiter = "~|"},
  };
  std::mt19937 random(11);
  for (std::size_t i = 0; i < dialects.size(); ++i) {
    const Marks& marks = dialects[i];
    int compared = 0;
    for (int round = 0; round < 5'000; ++round) {
      const std::string text = text_in(marks, random);
      const Found simd = run(structural_scan, text, marks);
      if (simd.scan.stray_quotes) continue;
      const Found exact = run(exact_scan, text, marks);
      ASSERT_EQ(simd.ends, exact.ends) << "dialect " << i << ": " << text;
      EXPECT_EQ(simd.scan.num_eols, exact.scan.num_eols);
      EXPECT_EQ(simd.scan.has_comments, exact.scan.has_comments) << text;
      EXPECT_EQ(simd.scan.in_quotes, exact.scan.in_quotes) << "dialect " << i << ": " << text;
      ++compared;
    }
    EXPECT_GT(compared, 300) << "dialect " << i;
  }
}

TEST_P(EveryTarget, TakesTheFirstOfDelimitersThatOverlap) {
  const Marks marks{.delimiter = '|', .long_delimiter = "||"};
  EXPECT_EQ(run(structural_scan, "a|||b||||c\n", marks).ends,
            (std::vector<std::uint32_t>{2, 6, 8, 10}));
}

TEST_P(EveryTarget, SaysWhenAQuoteStandsWhereItMustNot) {
  for (std::size_t at = 0; at < 130; ++at) {
    const std::string before(at, 'x');
    EXPECT_TRUE(run(structural_scan, before + "x\"y,z\n", {}).scan.stray_quotes) << at;
    EXPECT_TRUE(run(structural_scan, before + ",\"y\"z\n", {}).scan.stray_quotes) << at;
    EXPECT_FALSE(run(structural_scan, before + ",\"y\",z\n", {}).scan.stray_quotes) << at;
    EXPECT_FALSE(run(structural_scan, before + ",\"y\"\r\n", {}).scan.stray_quotes) << at;
    EXPECT_FALSE(run(structural_scan, before + ",\"y\"\"z\"\n", {}).scan.stray_quotes) << at;
  }
}

TEST_P(EveryTarget, StopsWhereTheRoomEnds) {
  const std::string text(1000, ',');
  const Found found = run(structural_scan, text, {}, 200);
  EXPECT_LE(found.scan.num_ends, 200);
  EXPECT_LT(found.scan.scanned, 1000);
  EXPECT_EQ(found.scan.scanned, found.scan.num_ends);
}

TEST_P(EveryTarget, TakesQuotesForTextWhenThereIsNoQuoting) {
  const Found found = run(structural_scan, "\"a,b\n", {.has_quote = false});
  EXPECT_EQ(found.ends, (std::vector<std::uint32_t>{2, 4}));
}

}  // namespace
}  // namespace polarway::csv
