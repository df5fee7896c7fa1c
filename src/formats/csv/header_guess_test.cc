#include "formats/csv/header_guess.h"

#include <gtest/gtest.h>

#include <string_view>

namespace polarway::csv {
namespace {

HeaderGuess guess(std::string_view text, std::size_t first = 0) {
  const SampleRows rows(text, {}, true);
  return guess_header(rows, first, rows.size() == 0 ? 0 : rows.num_fields(0));
}

TEST(HeaderGuess, TextsAboveValuesAreNames) {
  EXPECT_TRUE(guess("id,name\n1,Ada\n2,Bob\n").has_header);
  EXPECT_FALSE(guess("1,Ada\n2,Bob\n3,Cyd\n").has_header);
  EXPECT_GT(guess("a,b,c\n1,2,3\n4,5,6\n").confidence, guess("a,b\nx,y\n").confidence);
}

TEST(HeaderGuess, NamesAreThereOnce) {
  EXPECT_FALSE(guess("yes,yes\nno,no\nyes,no\n").has_header);
  EXPECT_FALSE(guess("yes,no\nno,yes\nyes,no\n").has_header) << "and not below";
}

TEST(HeaderGuess, YearsInOrderAreNamesAndOtherNumbersAreNot) {
  EXPECT_TRUE(guess("2019,2020,2021\n1,2,3\n").has_header);
  EXPECT_FALSE(guess("2019,2021,2020\n1,2,3\n").has_header);
}

TEST(HeaderGuess, TextsOfOneLengthHaveNamesOfAnother) {
  EXPECT_TRUE(guess("country\nDEU\nFRA\nUSA\n").has_header);
  EXPECT_FALSE(guess("AUT\nDEU\nFRA\nUSA\n").has_header);
}

TEST(HeaderGuess, RowsBeforeTheTableHaveNoSay) {
  EXPECT_TRUE(guess("1,2\nid,name\n1,Ada\n2,Bob\n", 1).has_header);
}

TEST(HeaderGuess, HasAReasonWhateverItIs) {
  for (const std::string_view text : {"", "a\n", "1\n", "a\nb\n", "1\n2\n", ",\n,\n"}) {
    EXPECT_NE(guess(text).reason, "") << text;
  }
  EXPECT_EQ(guess("").confidence, 0);
}

}  // namespace
}  // namespace polarway::csv
