#include "formats/csv/csv_options.h"

#include <gtest/gtest.h>

namespace polarway::csv {
namespace {

TEST(CsvOptions, RefuseWhatMakesNoSense) {
  for (const std::map<std::string, std::string>& options :
       std::vector<std::map<std::string, std::string>>{{{"delimiter", "\""}},
                                                       {{"delimiter", "\n"}},
                                                       {{"quote_char", "\n"}},
                                                       {{"comment_char", ","}},
                                                       {{"delimiter", "a\"b"}},
                                                       {{"delimiter", "|"}, {"eol_char", "|"}},
                                                       {{"delimiter", "a\nb"}},
                                                       {{"delimiter", ""}},
                                                       {{"escape_char", ","}},
                                                       {{"eol_char", "\n\r"}},
                                                       {{"comment_prefix", "\"#"}},
                                                       {{"max_line_size", "0"}},
                                                       {{"skip_rows", "-1"}},
                                                       {{"skip_lines", "-1"}},
                                                       {{"infer_schema_length", "0"}},
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
  EXPECT_EQ(options->null_values, std::vector<std::string>{"NA"});
  EXPECT_FALSE(options->has_header);
}

}  // namespace
}  // namespace polarway::csv
