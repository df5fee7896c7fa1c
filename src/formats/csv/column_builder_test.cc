#include "formats/csv/column_builder.h"

#include <arrow/array.h>
#include <arrow/memory_pool.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace polarway::csv {
namespace {

constexpr std::size_t kPadding = 64;

// One column of a table of one column, or the middle one of three.
class OneColumn {
 public:
  explicit OneColumn(const std::vector<std::string>& fields, bool alone = false)
      : num_columns_(alone ? 1 : 3), text_(kPadding, '7') {
    for (const std::string& field : fields) {
      if (!alone) end_field("x", ',');
      end_field(field, alone ? '\n' : ',');
      if (!alone) end_field("y", '\n');
    }
    text_.append(kPadding, '7');
    num_rows_ = static_cast<std::int64_t>(fields.size());
  }

  std::int64_t column() const { return num_columns_ / 2; }
  Rows rows() const {
    return {.text = reinterpret_cast<const std::uint8_t*>(text_.data()) + kPadding,
            .ends = ends_.data(),
            .begins = nullptr,
            .num_rows = num_rows_,
            .num_columns = num_columns_};
  }

 private:
  void end_field(const std::string& field, char end) {
    text_ += field;
    ends_.push_back(static_cast<std::uint32_t>(text_.size() - kPadding));
    text_ += end;
  }

  std::int64_t num_columns_;
  std::int64_t num_rows_ = 0;
  std::string text_;
  std::vector<std::uint32_t> ends_;
};

struct Settings {
  bool inferred = false;
  std::map<std::string, std::string> options = {};
};

class Builder {
 public:
  explicit Builder(const std::shared_ptr<arrow::DataType>& type, const Settings& settings = {})
      : rules_(parse_csv_options(settings.options).value()) {
    ColumnContext context;
    context.rules = &rules_.of("x");
    context.pool = arrow::default_memory_pool();
    builder_ = make_column_builder(type, settings.inferred, context).value();
    EXPECT_TRUE(builder_->start(1));
  }

  // The first field that does not fit, or -1.
  std::int64_t append(const OneColumn& column, std::int64_t from, std::int64_t to) {
    return builder_->append(column.rows(), column.column(), from, to).value();
  }
  std::int64_t append(const OneColumn& column) { return append(column, 0, column.rows().num_rows); }
  void truncate(std::int64_t rows) { builder_->truncate(rows); }
  std::string finish() {
    array_ = builder_->finish().value();
    EXPECT_TRUE(array_->ValidateFull().ok()) << array_->ValidateFull().ToString();
    std::string text;
    for (std::int64_t i = 0; i < array_->length(); ++i) {
      text += (i > 0 ? "|" : "") + array_->GetScalar(i).ValueOrDie()->ToString();
    }
    return text;
  }
  const arrow::Array& array() const { return *array_; }

 private:
  FileRules rules_;
  std::unique_ptr<ColumnBuilder> builder_;
  std::shared_ptr<arrow::Array> array_;
};

// The values, or which field does not fit.
std::string read(const std::shared_ptr<arrow::DataType>& type,
                 const std::vector<std::string>& fields, const Settings& settings = {}) {
  Builder builder(type, settings);
  const std::int64_t bad = builder.append(OneColumn(fields));
  return bad < 0 ? builder.finish() : "misfit " + std::to_string(bad);
}

TEST(ColumnBuilder, ThereIsNoBitmapWhileThereIsNoNull) {
  for (const auto& type : {arrow::int64(), arrow::utf8(), arrow::boolean()}) {
    const std::string value = type->id() == arrow::Type::BOOL ? "true" : "1";
    Builder builder(type);
    EXPECT_EQ(builder.append(OneColumn(std::vector<std::string>(1000, value))), -1);
    builder.finish();
    EXPECT_EQ(builder.array().data()->buffers[0], nullptr);
    EXPECT_EQ(builder.array().null_count(), 0);
  }
}

TEST(ColumnBuilder, NullsAreWhereTheyWereHoweverTheRowsCome) {
  for (const auto& type : {arrow::int64(), arrow::utf8(), arrow::boolean()}) {
    const std::string value = type->id() == arrow::Type::BOOL ? "true" : "1";
    std::vector<std::string> fields;
    std::string expected;
    for (int i = 0; i < 900; ++i) {
      const bool null = i == 300 || i == 701 || (i > 800 && i % 3 == 0);
      fields.push_back(null ? "" : value);
      expected += (i > 0 ? "|" : "") + (null ? "null" : value);
    }
    const OneColumn column(fields);
    for (const std::int64_t step : {1, 7, 64, 255, 256, 257, 900}) {
      Builder builder(type);
      for (std::int64_t from = 0; from < 900; from += step) {
        ASSERT_EQ(builder.append(column, from, std::min<std::int64_t>(from + step, 900)), -1);
      }
      EXPECT_EQ(builder.finish(), expected) << type->ToString() << " by " << step;
    }
  }
}

TEST(ColumnBuilder, WhatIsTakenBackLeavesNoTrace) {
  for (const auto& type : {arrow::int64(), arrow::utf8(), arrow::boolean()}) {
    const std::string value = type->id() == arrow::Type::BOOL ? "false" : "7";
    std::vector<std::string> some_nulls;
    for (int i = 0; i < 600; ++i) some_nulls.push_back(i % 5 == 0 ? "" : value);
    for (const std::int64_t kept : {0, 1, 5, 63, 64, 300, 600}) {
      Builder builder(type);
      builder.append(OneColumn(some_nulls));
      builder.truncate(kept);
      builder.append(OneColumn(std::vector<std::string>(600, value)));
      std::string expected;
      for (std::int64_t i = 0; i < kept + 600; ++i) {
        expected += (i > 0 ? "|" : "") + (i < kept && i % 5 == 0 ? "null" : value);
      }
      EXPECT_EQ(builder.finish(), expected) << type->ToString() << " kept " << kept;
    }
  }
}

TEST(ColumnBuilder, TheFirstMisfitIsNamedAndTheRowsBeforeItAreThere) {
  std::vector<std::string> fields(700, "12");
  fields[500] = "x";
  fields[600] = "y";
  Builder builder(arrow::int64());
  const OneColumn column(fields);
  EXPECT_EQ(builder.append(column, 100, 700), 500);
  builder.truncate(400);
  builder.finish();
  EXPECT_EQ(builder.array().length(), 400);
  EXPECT_EQ(builder.array().null_count(), 0);
}

TEST(ColumnBuilder, BuildersAreUsedAgain) {
  for (const auto& type : {arrow::int64(), arrow::utf8()}) {
    const ValueRules rules;
    ColumnContext context;
    context.rules = &rules;
    context.pool = arrow::default_memory_pool();
    const auto builder = make_column_builder(type, false, context).value();
    for (const char* last : {"", "5", ""}) {
      const OneColumn column({"1", last});
      ASSERT_TRUE(builder->start(2));
      ASSERT_EQ(builder->append(column.rows(), column.column(), 0, 2).value(), -1);
      const auto array = builder->finish().value();
      EXPECT_EQ(array->length(), 2);
      EXPECT_EQ(array->null_count(), *last == 0 ? 1 : 0);
    }
  }
}

TEST(ColumnBuilder, FirstAndLastColumnsHaveTheirEdges) {
  Builder alone(arrow::int64());
  EXPECT_EQ(alone.append(OneColumn({"1", "22\r", "", "\r", "3"}, /*alone=*/true)), -1);
  EXPECT_EQ(alone.finish(), "1|22|null|null|3");
}

TEST(ColumnBuilder, NullTextsWinOverValues) {
  EXPECT_EQ(read(arrow::int64(), {"1", "-999", "\"-999\"", "NA"},
                 {.options = {{"null_values", "-999,NA"}}}),
            "1|null|null|null");
  EXPECT_EQ(read(arrow::int64(), {"1", "NA", "2"}, {.options = {{"null_values", "NA"}}}),
            "1|null|2");
  EXPECT_EQ(read(arrow::boolean(), {"false", "true"}, {.options = {{"null_values", "false"}}}),
            "null|true");
  EXPECT_EQ(read(arrow::utf8(), {"a", "NA", "\"NA\"", "NAN"}, {.options = {{"null_values", "NA"}}}),
            "a|null|null|NAN");
}

TEST(ColumnBuilder, BlanksAndQuotesAroundNumbersAreNoPartOfThem) {
  EXPECT_EQ(read(arrow::int64(), {" 1", "2\t", "\"3\"", "\" 4 \"", "+5", "\"\""}),
            "1|2|3|4|5|null");
  EXPECT_EQ(read(arrow::float64(), {" 1.5", "\"2.5\"", "1e3"}), "1.5|2.5|1000");
  EXPECT_EQ(read(arrow::date32(), {"\"2024-02-29\"", " 2024-03-01"}), "2024-02-29|2024-03-01");
  for (const char* text : {" ", "\" \"", "\"1\"2", "1 2", "\"1"}) {
    EXPECT_EQ(read(arrow::int64(), {"0", text}), "misfit 1") << text;
  }
}

TEST(ColumnBuilder, LeadingZerosAreAMisfitOnlyOfAGuess) {
  EXPECT_EQ(read(arrow::int64(), {"0", "007"}, {.inferred = true}), "misfit 1");
  EXPECT_EQ(read(arrow::int64(), {"0", "007"}), "0|7");
  EXPECT_EQ(read(arrow::float64(), {"0.5", "00.5"}, {.inferred = true}), "misfit 1");
  EXPECT_EQ(read(arrow::float64(), {"0.5", "00.5"}), "0.5|0.5");
}

TEST(ColumnBuilder, QuotedTextOfEveryLengthIsUnquoted) {
  for (std::size_t size = 0; size < 100; ++size) {
    for (std::size_t at = 0; at <= size; at += 3) {
      const std::string text = std::string(size, 'a').insert(at, "\"").insert(size / 2, "\"");
      std::string quoted = "\"";
      for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
      quoted += '"';
      ASSERT_EQ(read(arrow::utf8(), {quoted, "next"}), text + "|next");
      // One quote alone inside is not how quotes are written.
      quoted.insert(quoted.find('a') == std::string::npos ? 1 : quoted.find('a'), "\"");
      ASSERT_EQ(read(arrow::utf8(), {"x", quoted}), "misfit 1") << quoted;
    }
  }
}

std::shared_ptr<arrow::DataType> type(const char* text) {
  return DataType::parse(text).value().arrow();
}

TEST(ColumnBuilder, IntegersOfAllWidthsTakeWhatFitsThemAndNothingElse) {
  const struct {
    const char* type;
    const char* least;
    const char* most;
    const char* below;
    const char* above;
  } widths[] = {
      {"int8", "-128", "127", "-129", "128"},
      {"int16", "-32768", "32767", "-32769", "32768"},
      {"int32", "-2147483648", "2147483647", "-2147483649", "2147483648"},
      {"int64", "-9223372036854775808", "9223372036854775807", "-9223372036854775809",
       "9223372036854775808"},
      {"uint8", "0", "255", "-1", "256"},
      {"uint16", "0", "65535", "-1", "65536"},
      {"uint32", "0", "4294967295", "-1", "4294967296"},
      {"uint64", "0", "18446744073709551615", "-1", "18446744073709551616"},
  };
  for (const auto& width : widths) {
    const auto integer = type(width.type);
    EXPECT_EQ(read(integer, {width.least, width.most, ""}),
              std::string(width.least) + "|" + width.most + "|null");
    for (const char* text : {width.below, width.above, "1e5", "1.0", "0x1F", "1_000", "1,5"}) {
      EXPECT_EQ(read(integer, {"1", std::string("\"") + text + '"'}), "misfit 1") << text;
    }
  }
}

TEST(ColumnBuilder, FloatsAreTheNearestOnesAndIntegersAmongThemExact) {
  EXPECT_EQ(read(arrow::float32(), {"0.1", "16777216", "-1.5", "1e10", "nan", "-inf"}),
            "0.1|16777216|-1.5|1e+10|nan|-inf");
  for (const char* text : {"16777217", "1e39", "1e-60"}) {
    EXPECT_EQ(read(arrow::float32(), {text}), "misfit 0") << text;
  }
  EXPECT_EQ(read(arrow::float64(), {"9007199254740992", "-0"}), "9.007199254740992e+15|-0");
  for (const char* text : {"9007199254740993", "12345678901234567890", "1e400", "1e-400"}) {
    EXPECT_EQ(read(arrow::float64(), {text}), "misfit 0") << text;
  }
}

TEST(ColumnBuilder, FloatsAreRoundedOnce) {
  // The nearest double of these is in the middle between two floats; the text is not.
  for (const char* text : {"1.000000059604644775390626", "1.00000005960464477539062",
                           "0.50000002980232238770", "8388609.5000000001"}) {
    Builder builder(arrow::float32());
    ASSERT_EQ(builder.append(OneColumn({text})), -1);
    builder.finish();
    const auto& floats = static_cast<const arrow::FloatArray&>(builder.array());
    EXPECT_EQ(floats.Value(0), std::strtof(text, nullptr)) << text;
  }
}

TEST(ColumnBuilder, DecimalsAreExact) {
  EXPECT_EQ(read(type("decimal(5, 2)"), {"1", "-123.45", "999.99", "1.500", "", "1e2"}),
            "1.00|-123.45|999.99|1.50|null|100.00");
  for (const char* text : {"1.005", "1000", "nan"}) {
    EXPECT_EQ(read(type("decimal(5, 2)"), {text}), "misfit 0") << text;
  }
}

TEST(ColumnBuilder, TimestampsAreInTheirUnitOrDoNotFit) {
  EXPECT_EQ(read(type("timestamp[s]"), {"1970-01-01 00:00:01"}), "1970-01-01 00:00:01");
  EXPECT_EQ(read(type("timestamp[s]"), {"1970-01-01 00:00:01.5"}), "misfit 0");
  EXPECT_EQ(read(type("timestamp[ms]"), {"1970-01-01 00:00:01.5"}), "1970-01-01 00:00:01.500");
  EXPECT_EQ(read(type("timestamp[ms]"), {"1970-01-01 00:00:01.0005"}), "misfit 0");
  EXPECT_EQ(read(type("timestamp[us]"), {"1970-01-01 00:00:01.000000001"}), "misfit 0");
  EXPECT_EQ(read(type("timestamp[ns]"), {"1970-01-01 00:00:01.000000001"}),
            "1970-01-01 00:00:01.000000001");
  EXPECT_EQ(read(type("timestamp[ns]"), {"2262-04-11 23:47:16.854775807"}),
            "2262-04-11 23:47:16.854775807");
  EXPECT_EQ(read(type("timestamp[ns]"), {"1677-09-21 00:12:43.145224192"}),
            "1677-09-21 00:12:43.145224192");
  for (const char* text : {"2262-04-11 23:47:16.854775808", "1677-09-21 00:12:43.145224191",
                           "0001-01-01 00:00:00", "9999-12-31 23:59:59"}) {
    EXPECT_EQ(read(type("timestamp[ns]"), {text}), "misfit 0") << text;
  }
  EXPECT_EQ(read(type("timestamp[us]"), {"9999-12-31 23:59:59"}), "9999-12-31 23:59:59.000000");
}

TEST(ColumnBuilder, NoPointInTimeIsShiftedInSilence) {
  const Settings paris{.options = {{"time_zone", "Europe/Paris"}}};
  const auto zoned = type("timestamp[s, America/New_York]");
  const auto naive = type("timestamp[s]");
  EXPECT_EQ(read(zoned, {"2024-07-01T12:00:00Z", "2024-07-01 12:00:00+02:00"}),
            "2024-07-01 12:00:00Z|2024-07-01 10:00:00Z");
  EXPECT_EQ(read(zoned, {"2024-07-01 12:00:00"}), "misfit 0");
  EXPECT_EQ(read(zoned, {"2024-07-01 12:00:00", "2024-01-01 12:00:00"}, paris),
            "2024-07-01 10:00:00Z|2024-01-01 11:00:00Z");
  EXPECT_EQ(read(zoned, {"2024-03-31 02:30:00"}, paris), "misfit 0");
  EXPECT_EQ(read(zoned, {"2024-10-27 02:30:00"}, paris), "misfit 0");
  EXPECT_EQ(read(naive, {"2024-07-01T12:00:00Z"}), "misfit 0");
  EXPECT_EQ(read(naive, {"2024-07-01T12:00:00Z"}, paris), "misfit 0");
  EXPECT_EQ(read(naive, {"2024-07-01T12:00:00"}, paris), "2024-07-01 12:00:00");
}

TEST(ColumnBuilder, TimesOfDayAreInTheirUnitOrDoNotFit) {
  EXPECT_EQ(read(type("time[us]"), {"12:34:56.000001", "00:00", ""}),
            "12:34:56.000001|00:00:00.000000|null");
  EXPECT_EQ(read(type("time[s]"), {"23:59:59"}), "23:59:59");
  EXPECT_EQ(read(type("time[ms]"), {"23:59:59.5"}), "23:59:59.500");
  EXPECT_EQ(read(type("time[ns]"), {"23:59:59.999999999"}), "23:59:59.999999999");
  for (const char* text : {"24:00:00", "12:34:56.5", "1:00:00", "12:00:00Z"}) {
    EXPECT_EQ(read(type("time[s]"), {text}), "misfit 0") << text;
  }
  EXPECT_EQ(read(type("time[s]"), {"7:05 PM"}, {.options = {{"time_format", "%I:%M %p"}}}),
            "19:05:00");
}

TEST(ColumnBuilder, FormatsAreFollowedExactly) {
  const Settings german{
      .options = {{"date_format", "%d.%m.%Y"}, {"timestamp_format", "%d.%m.%Y %H:%M"}}};
  EXPECT_EQ(read(arrow::date32(), {"31.12.2024", "1.2.2024", ""}, german),
            "2024-12-31|2024-02-01|null");
  EXPECT_EQ(read(type("timestamp[s]"), {"31.12.2024 23:59"}, german), "2024-12-31 23:59:00");
  for (const char* text : {"2024-12-31", "30.02.2024", "31.12.2024 "}) {
    EXPECT_EQ(read(arrow::date32(), {std::string(text)}, german),
              text[10] == ' ' ? "2024-12-31" : "misfit 0")
        << text;
  }
}

TEST(ColumnBuilder, MarksOfNumbersAreFollowedExactly) {
  const Settings german{.options = {{"decimal_comma", "true"}, {"thousands", "."}}};
  EXPECT_EQ(read(arrow::float64(), {"1.234,5", "-0,25", "7"}, german), "1234.5|-0.25|7");
  EXPECT_EQ(read(arrow::int64(), {"1.234.567", "-7"}, german), "1234567|-7");
  EXPECT_EQ(read(type("decimal(6, 2)"), {"1.234,50"}, german), "1234.50");
  EXPECT_EQ(read(arrow::float64(), {"1.5"}, german), "misfit 0");
  EXPECT_EQ(read(arrow::int64(), {"1,5"}, german), "misfit 0");
}

TEST(ColumnBuilder, BooleansAreSpelledAsTheOptionsSay) {
  const Settings own{.options = {{"true_values", "yes,1"}, {"false_values", "no,0"}}};
  EXPECT_EQ(read(arrow::boolean(), {"yes", "0", "\"1\"", "no", ""}, own),
            "true|false|true|false|null");
  EXPECT_EQ(read(arrow::boolean(), {"true"}, own), "misfit 0");
  EXPECT_EQ(read(arrow::boolean(), {"true", "FALSE", "True"}), "true|false|true");
}

TEST(ColumnBuilder, EmptyTextIsWhatTheOptionsSay) {
  const std::vector<std::string> fields = {"", "\"\"", "a"};
  EXPECT_EQ(read(arrow::utf8(), fields), "null||a");
  EXPECT_EQ(read(arrow::utf8(), fields, {.options = {{"missing_utf8_is_empty_string", "true"}}}),
            "||a");
  EXPECT_EQ(read(arrow::utf8(), fields, {.options = {{"empty_string_is_null", "true"}}}),
            "null|null|a");
}

TEST(ColumnBuilder, QuotedTextsAreNullUnlessTheOptionsSayNo) {
  const std::map<std::string, std::string> options = {{"null_values", "NA"},
                                                      {"allow_quoted_nulls", "false"}};
  EXPECT_EQ(read(arrow::utf8(), {"NA", "\"NA\""}, {.options = options}), "null|NA");
  EXPECT_EQ(read(arrow::int64(), {"NA", "\"NA\""}, {.options = options}), "misfit 1");
  EXPECT_EQ(read(arrow::int64(), {"1", "\"\""}, {.options = options}), "misfit 1");
}

TEST(ColumnBuilder, WhatNoCsvHasIsAConfigError) {
  const ValueRules rules;
  ColumnContext context;
  context.rules = &rules;
  for (const auto& none : {arrow::list(arrow::int64()), arrow::binary(), arrow::null()}) {
    const auto made = make_column_builder(none, false, context);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::Config);
  }
}

}  // namespace
}  // namespace polarway::csv
