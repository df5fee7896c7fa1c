#include "formats/csv/csv_options.h"

#include <gtest/gtest.h>

namespace polarway::csv {
namespace {

TEST(CsvOptions, RefuseWhatMakesNoSense) {
  for (const std::map<std::string, std::string>& options :
       std::vector<std::map<std::string, std::string>>{
           {{"delimiter", "\""}},
           {{"delimiter", "\n"}},
           {{"quote_char", "\n"}},
           {{"comment_char", ","}},
           {{"skip_rows", "-1"}},
           {{"infer_schema_length", "-2"}},
           {{"skip_rows_after_header", "-1"}},
           {{"n_rows", "-1"}},
           {{"new_columns", "a,b,a"}},
           {{"thousands", "."}},
           {{"thousands", "5"}},
           {{"decimal_comma", "maybe"}},
           {{"true_values", "yes"}},
           {{"true_values", "x"}, {"false_values", "x"}},
           {{"date_format", "%d.%m"}},
           {{"date_format", "%Y-%m-%dT%H"}},
           {{"time_format", "%Y-%m-%dT%H"}},
           {{"timestamp_format", "%H:%M"}},
           {{"timestamp_format", "%Q"}},
           {{"date_format", R"({"x": "%d"})"}},
           {{"time_zone", "Europe/Pariss"}},
           {{"encoding", "klingon"}},
           {{"has_header", "perhaps"}}}) {
    const auto parsed = parse_csv_options(options);
    ASSERT_FALSE(parsed) << options.begin()->first;
    EXPECT_EQ(parsed.error().kind, ErrorKind::Config);
  }
}

TEST(CsvOptions, GoByTheNamesOfOtherSystemsToo) {
  const auto options =
      parse_csv_options({{"sep", ";"}, {"quote", "'"}, {"nullstr", "NA"}, {"header", "false"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->delimiter, ByteText(";"));
  EXPECT_EQ(options->quote_char, '\'');
  EXPECT_EQ(options->null_values.of("any"), std::vector<std::string>{"NA"});
  EXPECT_FALSE(options->has_header);
}

}  // namespace
}  // namespace polarway::csv
