#include "formats/csv/dialect_guess.h"

#include <gtest/gtest.h>

namespace polarway::csv {
namespace {

DialectGuess guess(std::string_view text, const KnownDialect& known = {}) {
  return guess_dialect(text, '\n', true, known);
}

TEST(DialectGuess, TheDelimiterIsWhatGivesRowsAlike) {
  EXPECT_EQ(guess("a;b\n1,5;2\n3,7;4\n").delimiter, ';');
  EXPECT_EQ(guess("a\tb, c\n1\t2\n").delimiter, '\t');
  EXPECT_EQ(guess("a;b\n1,5;2\n3,7;4\n").num_columns, 2u);
}

TEST(DialectGuess, WhatIsKnownIsNotGuessed) {
  KnownDialect commas;
  commas.delimiter = ',';
  const DialectGuess told = guess("a;b,c\n1;2,3\n", commas);
  EXPECT_EQ(told.delimiter, ',');
  EXPECT_EQ(told.num_columns, 2u);
  KnownDialect no_quotes;
  no_quotes.quote.emplace(std::nullopt);
  const DialectGuess unquoted = guess("a,b\n\"1\",2\n", no_quotes);
  EXPECT_EQ(unquoted.quote, std::nullopt);
}

TEST(DialectGuess, RowsBeforeTheTableAreCounted) {
  EXPECT_EQ(guess("Report\n\na,b,c\n1,2,3\n4,5,6\n").first_row, 1u);
  EXPECT_EQ(guess("a,b,c\n1,2,3\n4,5,6\n").first_row, 0u);
}

TEST(DialectGuess, QuotesAreThoseThatHoldDelimiters) {
  EXPECT_EQ(guess("a,b\n1,'x, y'\n2,'z, w'\n").quote, '\'');
  EXPECT_EQ(guess("a,b\n1,\"x, y\"\n2,\"z, w\"\n").quote, '"');
  EXPECT_EQ(guess("a,b\n1,it's\n2,don't\n").quote, '"');
}

TEST(DialectGuess, MoreEvidenceIsMoreConfidence) {
  const double sure = guess("a;b;c\n1;2;3\n4;5;6\n").delimiter_confidence;
  EXPECT_GT(sure, guess("word\napple\npear\n").delimiter_confidence);
  EXPECT_LE(sure, 1);
}

TEST(DialectGuess, CharactersAreSpelledSoThatTheyCanBeSeen) {
  EXPECT_EQ(spelled_character('\t'), "tab");
  EXPECT_EQ(spelled_character(' '), "blank");
  EXPECT_EQ(spelled_character(';'), ";");
}

}  // namespace
}  // namespace polarway::csv
