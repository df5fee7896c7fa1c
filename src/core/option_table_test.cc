#include "core/option_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace polarway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

enum class OnBadRow { Error, Skip };

struct Everything {
  bool header = true;
  std::int64_t rows = 100;
  double share = 0.25;
  std::string name = "none";
  char delimiter = ',';
  std::optional<char> quote = '"';
  std::optional<std::int64_t> sample = std::nullopt;
  Bytes block{1 << 20};
  std::vector<std::string> nulls = {"", "NA"};
  std::optional<Schema> schema = std::nullopt;
  OnBadRow bad_rows = OnBadRow::Error;
};

const OptionTable<Everything>& table() {
  static const OptionTable<Everything> built = [] {
    OptionTable<Everything> t;
    t.add("header", &Everything::header, "Whether the first line has names.", {"has_header"})
        .add("rows", &Everything::rows, "How many.")
        .add("share", &Everything::share, "How much.")
        .add("name", &Everything::name, "Whose.")
        .add("delimiter", &Everything::delimiter, "Between cells.", {"sep", "separator"})
        .add("quote", &Everything::quote, "Around cells.")
        .add("sample", &Everything::sample, "Rows to look at.")
        .add("block", &Everything::block, "Bytes at a time.")
        .add("nulls", &Everything::nulls, "What is null.")
        .add("schema", &Everything::schema, "The columns.")
        .add_choice(
            "bad_rows", &Everything::bad_rows, "What to do.",
            {{"error", OnBadRow::Error}, {"skip", OnBadRow::Skip}, {"count", OnBadRow::Skip}});
    return t;
  }();
  return built;
}

Everything parse(const std::map<std::string, std::string>& given) {
  Result<Everything> got = table().parse(given);
  EXPECT_TRUE(got) << got.error().message;
  return got.value_or(Everything{});
}

std::string error_of(const std::string& option, const std::string& text) {
  const Result<Everything> got = table().parse({{option, text}});
  if (got) return "no error";
  EXPECT_EQ(got.error().kind, ErrorKind::Config);
  return got.error().message + " (" + got.error().hint + ")";
}

TEST(OptionTable, WhatIsNotGivenKeepsItsDefault) {
  const Everything got = parse({{"somebody_elses", "1"}});
  EXPECT_TRUE(got.header);
  EXPECT_EQ(got.rows, 100);
  EXPECT_EQ(got.quote, '"');
  EXPECT_THAT(got.nulls, ElementsAre("", "NA"));
}

TEST(OptionTable, BoolsHaveTheUsualSpellings) {
  for (const char* text : {"false", "FALSE", "no", "off", "0"})
    EXPECT_FALSE(parse({{"header", text}}).header);
  for (const char* text : {"true", "True", "yes", "on", "1"})
    EXPECT_TRUE(parse({{"header", text}}).header);
  EXPECT_EQ(error_of("header", "maybe"),
            "option \"header\": \"maybe\" is not a bool (write true or false)");
}

TEST(OptionTable, NumbersAreReadWhole) {
  EXPECT_EQ(parse({{"rows", "10_000"}}).rows, 10'000);
  EXPECT_EQ(parse({{"rows", " -7 "}}).rows, -7);
  EXPECT_DOUBLE_EQ(parse({{"share", "8e-1"}}).share, 0.8);
  for (const char* text :
       {"", "1.5", "1e3", "12x", "_1", "1_", "1__0", "+-1", "9223372036854775808"}) {
    EXPECT_THAT(error_of("rows", text), HasSubstr("is not an integer")) << text;
  }
  for (const char* text : {"", "nan", "inf", "1,5", "1e999"}) {
    EXPECT_THAT(error_of("share", text), HasSubstr("is not a number")) << text;
  }
}

TEST(OptionTable, ACharacterIsOneByteOrATab) {
  EXPECT_EQ(parse({{"delimiter", ";"}}).delimiter, ';');
  EXPECT_EQ(parse({{"sep", "\\t"}}).delimiter, '\t');
  EXPECT_EQ(parse({{"separator", "TAB"}}).delimiter, '\t');
  EXPECT_EQ(parse({{"separator", "\t"}}).delimiter, '\t');
  for (const char* text : {"", "||", "é", "none"}) {
    EXPECT_THAT(error_of("delimiter", text), HasSubstr("is not one character")) << text;
  }
}

TEST(OptionTable, NoneAndNothingAreTheAbsenceOfAnOptional) {
  EXPECT_EQ(parse({{"quote", ""}}).quote, std::nullopt);
  EXPECT_EQ(parse({{"quote", "None"}}).quote, std::nullopt);
  EXPECT_EQ(parse({{"quote", "'"}}).quote, '\'');
  EXPECT_EQ(parse({{"sample", "none"}}).sample, std::nullopt);
  EXPECT_EQ(parse({{"sample", "5"}}).sample, 5);
  EXPECT_EQ(parse({{"name", ""}}).name, "");
}

TEST(OptionTable, SizesTakeUnits) {
  EXPECT_EQ(parse({{"block", "16MiB"}}).block.value, 16 << 20);
  EXPECT_THAT(error_of("block", "16 parsecs"),
              HasSubstr("option \"block\": \"16 parsecs\" is not a size"));
}

TEST(OptionTable, ListsAreCommaSeparatedOrJson) {
  EXPECT_THAT(parse({{"nulls", "NA, -999 ,,n/a"}}).nulls, ElementsAre("NA", "-999", "", "n/a"));
  EXPECT_THAT(parse({{"nulls", R"(["a,b", " ", 7])"}}).nulls, ElementsAre("a,b", " ", "7"));
  EXPECT_THAT(parse({{"nulls", ""}}).nulls, IsEmpty());
  EXPECT_THAT(parse({{"nulls", "[]"}}).nulls, IsEmpty());
  EXPECT_THAT(parse({{"nulls", "[\"\"]"}}).nulls, ElementsAre(""));
  EXPECT_THAT(parse({{"nulls", "NA,"}}).nulls, ElementsAre("NA", ""));
  for (const char* text : {"[", "[a]", "[null]", "[[\"a\"]]", "[\"a\"] x"}) {
    EXPECT_THAT(error_of("nulls", text), HasSubstr("is not a JSON list of strings")) << text;
  }
}

TEST(OptionTable, SchemasAreJson) {
  EXPECT_EQ(parse({{"schema", R"({"age": "int64"})"}}).schema, Schema({{"age", DataType::Int64}}));
  EXPECT_THAT(
      error_of("schema", R"({"age": "in64"})"),
      HasSubstr(
          "option \"schema\": schema: the type of \"age\": \"in64\" is not a type (did you mean"));
}

TEST(OptionTable, AChoiceIsOneOfItsSpellings) {
  EXPECT_EQ(parse({{"bad_rows", "skip"}}).bad_rows, OnBadRow::Skip);
  EXPECT_EQ(parse({{"bad_rows", "count"}}).bad_rows, OnBadRow::Skip);
  EXPECT_EQ(
      error_of("bad_rows", "skp"),
      "option \"bad_rows\": \"skp\" is not one of error, skip, count (did you mean \"skip\"?)");
}

TEST(OptionTable, TwoNamesOfOneOptionAreRefused) {
  const auto got = table().parse({{"sep", ","}, {"delimiter", ","}});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::Config);
  EXPECT_EQ(got.error().message, "options \"delimiter\" and \"sep\" are the same option");
}

TEST(OptionTable, WhatItShowsAsDefaultsIsReadBackAsTheDefaults) {
  std::map<std::string, std::string> shown;
  for (const OptionInfo& info : table().describe()) shown[info.name] = info.default_value;
  EXPECT_EQ(shown["delimiter"], ",");
  EXPECT_EQ(shown["block"], "1MiB");
  EXPECT_EQ(shown["nulls"], ",NA");
  EXPECT_EQ(shown["sample"], "none");
  EXPECT_EQ(shown["bad_rows"], "error");
  const Everything got = parse(shown);
  EXPECT_EQ(got.share, 0.25);
  EXPECT_EQ(got.block, Bytes{1 << 20});
  EXPECT_EQ(got.nulls, Everything{}.nulls);
}

TEST(OptionTable, ListsThatTheShortFormWouldChangeAreShownAsJson) {
  using List = std::vector<std::string>;
  for (const List& list : {List{}, List{""}, List{" a"}, List{"a,b"}, List{"[x"}, List{"a", "b"}}) {
    EXPECT_EQ(OptionValue<List>::parse(OptionValue<List>::print(list)), list)
        << OptionValue<List>::print(list);
  }
}

TEST(OptionTable, DescribesTypesAndAliases) {
  const std::vector<OptionInfo> infos = table().describe();
  EXPECT_EQ(infos[4].name, "delimiter");
  EXPECT_THAT(infos[4].aliases, ElementsAre("sep", "separator"));
  EXPECT_EQ(infos[5].type, "character or none");
  EXPECT_EQ(infos[10].type, "error|skip|count");
  EXPECT_EQ(infos[10].meaning, "What to do.");
}

}  // namespace
}  // namespace polarway
