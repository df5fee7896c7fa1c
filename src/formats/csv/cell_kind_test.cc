#include "formats/csv/cell_kind.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace polarway::csv {
namespace {

void expect_all(CellKind kind, std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    EXPECT_EQ(kind_of_cell(text, false), kind) << text;
  }
}

TEST(CellKind, NumbersTimesAndAmountsOfAnyCountryAreValues) {
  expect_all(CellKind::Number, {"1", "-1.5", "1e5", " 7 "});
  expect_all(CellKind::CommaNumber, {"1,5", "-1,5", "1.234,50", "1,234"});
  expect_all(CellKind::Amount, {"1,234,567", "1.2.3", "$5", "12,50 €", "CHF 7", "50%", "-5 %"});
  expect_all(CellKind::Time, {"2024-02-29", "2024-02-29T12:00:00Z", "31.12.2024", "12/31/24",
                              "2024/1/2 7:05", "12:30:00.5", "1/2/2024 11:59 PM"});
  expect_all(CellKind::Boolean, {"true", "false"});
}

TEST(CellKind, WhatIsNearlyAValueIsText) {
  expect_all(CellKind::Text, {"1-", "v1.2", "1 2", "12:", "0x1F", "a 5", "31.12.", "one, two"});
}

TEST(CellKind, WhatWouldSeparateFieldsElsewhereIsOddUnlessItWasQuoted) {
  const std::initializer_list<std::string_view> odd = {"a;b", "a\tb", "a|b", "a,b", "\"a", "a\""};
  expect_all(CellKind::Odd, odd);
  for (const std::string_view text : odd) EXPECT_EQ(kind_of_cell(text, true), CellKind::Text);
}

TEST(CellKind, BlanksAreEmpty) { expect_all(CellKind::Empty, {"", " ", "\t"}); }

}  // namespace
}  // namespace polarway::csv
