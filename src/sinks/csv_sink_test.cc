#include "sinks/csv_sink.h"

#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/io/memory.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "support/temporary_folder.h"

namespace polarway {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_text;

std::shared_ptr<MemoryBudget> plenty() { return MemoryBudget::make(64 << 20); }

std::shared_ptr<arrow::Array> array(const std::shared_ptr<arrow::DataType>& type,
                                    const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

struct Column {
  std::string name;
  std::shared_ptr<arrow::Array> values;
};

DataFrame frame(const std::vector<Column>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const Column& column : columns) {
    fields.push_back(arrow::field(column.name, column.values->type()));
    arrays.push_back(column.values);
  }
  return DataFrame(arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays));
}

SinkConfig config(const std::string& path, const DataFrame& rows) {
  return {.path = path, .format = "csv", .schema = rows.schema(), .budget = plenty()};
}

std::unique_ptr<Sink> sink_for(const SinkConfig& config) {
  Result<std::unique_ptr<Sink>> sink = make_sink(config);
  EXPECT_TRUE(sink) << sink.error().to_string();
  return sink ? *std::move(sink) : nullptr;
}

// The text of a csv with these rows.
std::string text_of(const DataFrame& rows, std::map<std::string, std::string> options = {}) {
  TemporaryFolder folder;
  SinkConfig with = config(folder / "out.csv", rows);
  with.options = std::move(options);
  const auto sink = sink_for(with);
  EXPECT_TRUE(sink->write(rows));
  const Result<void> finished = sink->finish();
  EXPECT_TRUE(finished) << finished.error().to_string();
  return read_text(folder / "out.csv");
}

// What Arrow's reader makes of the text, told the types.
std::shared_ptr<arrow::Table> read_back(const std::string& text, const arrow::Schema& schema) {
  auto convert = arrow::csv::ConvertOptions::Defaults();
  for (const auto& field : schema.fields()) convert.column_types[field->name()] = field->type();
  convert.null_values = {""};
  convert.strings_can_be_null = true;
  convert.quoted_strings_can_be_null = false;
  auto parse = arrow::csv::ParseOptions::Defaults();
  parse.newlines_in_values = true;
  parse.ignore_empty_lines = schema.num_fields() > 1;
  auto input = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(text));
  // One thread: ThreadSanitizer cannot see how those of the wheel's library agree.
  auto read = arrow::csv::ReadOptions::Defaults();
  read.use_threads = false;
  const auto reader =
      arrow::csv::TableReader::Make(arrow::io::default_io_context(), input, read, parse, convert)
          .ValueOrDie();
  return reader->Read().ValueOrDie()->CombineChunks().ValueOrDie();
}

void expect_round_trip(const DataFrame& rows) {
  const std::string text = text_of(rows);
  const auto table = read_back(text, *rows.arrow()->schema());
  ASSERT_EQ(table->num_rows(), rows.height()) << text;
  for (int i = 0; i < rows.width(); ++i) {
    const auto& expected = *rows.arrow()->column(i);
    EXPECT_TRUE(
        table->column(i)->chunk(0)->Equals(expected, arrow::EqualOptions().nans_equal(true)))
        << text << table->column(i)->ToString();
  }
}

TEST(CsvSink, WritesAHeaderAndALineForEachRow) {
  EXPECT_EQ(text_of(frame({{"n", array(arrow::int64(), "[1, null]")},
                           {"text", array(arrow::utf8(), R"(["a", "b"])")},
                           {"b", array(arrow::boolean(), "[true, false]")}})),
            "n,text,b\n1,a,true\n,b,false\n");
}

TEST(CsvSink, QuotesOnlyWhatMustBe) {
  EXPECT_EQ(text_of(frame({{"a,b", array(arrow::utf8(), R"(["plain", "a,b", "say \"x\"", "\n"])")},
                           {"", array(arrow::utf8(), R"(["\r", "", null, " "])")}})),
            "\"a,b\",\"\"\n"
            "plain,\"\r\"\n"
            "\"a,b\",\"\"\n"
            "\"say \"\"x\"\"\",\n"
            "\"\n\", \n");
}

TEST(CsvSink, QuotesATextOrNotWhateverItsNeighboursAre) {
  std::mt19937 random(5);
  for (const unsigned one_in : {1u, 3u, 2'000u, 100'000u}) {
    arrow::StringBuilder builder;
    std::string expected = "\"a,b\",n\n";
    constexpr int kRows = 3'000;
    for (int row = 0; row < kRows; ++row) {
      std::string text(random() % 5 == 0 ? random() % 300 : random() % 40, 'x');
      if (!text.empty() && random() % one_in == 0)
        text[random() % text.size()] = ",\"\n\r"[random() % 4];
      if (random() % 20 == 0) {
        ASSERT_TRUE(builder.AppendNull().ok());
      } else {
        ASSERT_TRUE(builder.Append(text).ok());
        const bool is_quoted = text.empty() || text.find_first_of(",\"\n\r") != std::string::npos;
        if (const auto quote = text.find('"'); quote != std::string::npos) text.insert(quote, "\"");
        expected += is_quoted ? '"' + text + '"' : text;
      }
      expected += ",null\n";
    }
    const auto same = arrow::MakeArrayFromScalar(arrow::StringScalar("null"), kRows).ValueOrDie();
    const DataFrame rows = frame({{"a,b", *builder.Finish()}, {"n", same}});
    EXPECT_TRUE(text_of(rows) == expected) << one_in;
    const std::size_t header = expected.find('\n') + 1;
    for (const std::int64_t from : {1, 255, 256, 2'999}) {
      const std::string text = text_of(rows.slice(from, kRows - from));
      EXPECT_TRUE(expected.ends_with(text.substr(header))) << one_in << " from " << from;
    }
  }
}

TEST(CsvSink, ReadsBackAsWritten) {
  expect_round_trip(frame({
      {"i8", array(arrow::int8(), "[-128, 127, null]")},
      {"i64", array(arrow::int64(), "[-9223372036854775808, 9223372036854775807, null]")},
      {"u64", array(arrow::uint64(), "[0, 18446744073709551615, null]")},
      {"f32", array(arrow::float32(), "[0.1, 1e30, null]")},
      {"f64", array(arrow::float64(), "[0.1, 3, null]")},
      {"inf", array(arrow::float64(), "[Inf, -Inf, NaN]")},
      {"bool", array(arrow::boolean(), "[true, false, null]")},
      {"date", array(arrow::date32(), "[0, -719528, 2932896]")},
      {"date64", array(arrow::date64(), "[0, -86400000, null]")},
      {"s", array(arrow::timestamp(arrow::TimeUnit::SECOND), "[0, -1, null]")},
      {"us", array(arrow::timestamp(arrow::TimeUnit::MICRO), "[0, -1, 1700000000123456]")},
      {"ns", array(arrow::timestamp(arrow::TimeUnit::NANO), "[0, 1, null]")},
      {"utc", array(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "[0, 1, null]")},
      {"zone", array(arrow::timestamp(arrow::TimeUnit::MILLI, "Europe/Paris"), "[0, 1, null]")},
      {"time", array(arrow::time64(arrow::TimeUnit::MICRO), "[0, 86399999999, null]")},
      {"decimal", array(arrow::decimal128(20, 3), R"(["-0.001", "12345678901234567.890", null])")},
      {"text", array(arrow::utf8(), R"(["", null, "a\"b,\r\n☃"])")},
      {"large", array(arrow::large_utf8(), R"(["", null, "x"])")},
      {"null", array(arrow::null(), "[null, null, null]")},
  }));
}

TEST(CsvSink, TellsNullFromEmptyInATableOfOneColumn) {
  const DataFrame rows = frame({{"only", array(arrow::utf8(), R"([null, "", null, "x", null])")}});
  EXPECT_EQ(text_of(rows), "only\n\n\"\"\n\nx\n\n");
  expect_round_trip(rows);
}

TEST(CsvSink, WritesSlicesDictionariesAndViews) {
  const auto words =
      array(arrow::dictionary(arrow::int8(), arrow::utf8()), R"(["a", null, "b,", "a"])");
  const auto views =
      array(arrow::utf8_view(), R"(["x", "a text of more than twelve bytes", null, ""])");
  const auto half = array(arrow::float16(), "[0.5, 1, null, 2]");
  const auto narrow = array(arrow::decimal32(5, 2), R"(["1.00", "-0.01", null, "7.00"])");
  const DataFrame rows = frame({{"w", words}, {"v", views}, {"h", half}, {"d", narrow}});
  EXPECT_EQ(text_of(DataFrame(rows.arrow()->Slice(1, 3))),
            "w,v,h,d\n"
            ",a text of more than twelve bytes,1.0,-0.01\n"
            "\"b,\",,,\n"
            "a,\"\",2.0,7.00\n");
}

TEST(CsvSink, WritesFieldsThatAreLongerThanItsBuffer) {
  arrow::StringBuilder builder;
  std::string quoted(300'000, '"');
  ASSERT_TRUE(builder.Append(std::string(1'000'000, 'x')).ok());
  ASSERT_TRUE(builder.Append(quoted).ok());
  expect_round_trip(frame({{"text", builder.Finish().ValueOrDie()}}));
}

TEST(CsvSink, TakesItsBufferAndNoMoreFromTheBudget) {
  TemporaryFolder folder;
  const DataFrame rows = frame({{"n", array(arrow::int64(), "[1, 2, 3]")}});
  SinkConfig with = config(folder / "out.csv", rows);
  const auto sink = sink_for(with);
  for (int i = 0; i < 50'000; ++i) ASSERT_TRUE(sink->write(rows));
  EXPECT_GE(with.budget->peak_reserved_bytes(), 256 << 10);
  EXPECT_LT(with.budget->peak_reserved_bytes(), (256 << 10) + 200);  // one column
  EXPECT_LE(with.budget->arrow_pool()->max_memory(), 256 << 10);
  ASSERT_TRUE(sink->finish());
  EXPECT_EQ(with.budget->reserved_bytes(), 0);

  with.budget = MemoryBudget::make(100 << 10);
  const auto refused = make_sink(with);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::MemoryLimit);
  EXPECT_THAT(folder.names(), ElementsAre("out.csv"));
}

TEST(CsvSink, TakesAnyDelimiterThatNoValueContains) {
  const DataFrame rows = frame({{"a", array(arrow::utf8(), R"(["x,y", "x\ty"])")},
                                {"b", array(arrow::float64(), "[1, 2]")}});
  EXPECT_EQ(text_of(rows, {{"delimiter", "\\t"}}), "a\tb\nx,y\t1.0\n\"x\ty\"\t2.0\n");
  for (const std::string bad : {"1", "a", "-", ".", ":", "\"", "\n"}) {
    SinkConfig with = config("never.csv", rows);
    with.options = {{"delimiter", bad}};
    const auto sink = make_sink(with);
    ASSERT_FALSE(sink) << bad;
    EXPECT_EQ(sink.error().kind, ErrorKind::Config);
  }
}

TEST(CsvSink, WritesFormulasAsTheyAreUnlessToldToEscapeThem) {
  const DataFrame rows =
      frame({{"=a", array(arrow::utf8(), R"(["=1+1", "@x,y", "-", "a=b", "", null])")},
             {"n", array(arrow::int64(), "[-1, -2, -3, -4, -5, -6]")},
             {"d", array(arrow::dictionary(arrow::int32(), arrow::utf8()),
                         R"(["+1", "+1", "\tx", "\rx", "1", "'=1"])")}});
  EXPECT_EQ(text_of(rows),
            "=a,n,d\n=1+1,-1,+1\n\"@x,y\",-2,+1\n-,-3,\tx\na=b,-4,\"\rx\"\n\"\",-5,1\n,-6,'=1\n");
  EXPECT_EQ(text_of(rows, {{"escape_formulas", "true"}}),
            "'=a,n,d\n'=1+1,-1,'+1\n\"'@x,y\",-2,'+1\n'-,-3,'\tx\na=b,-4,\"'\rx\"\n"
            "\"\",-5,1\n,-6,'=1\n");
}

TEST(CsvSink, RefusesTypesWithoutATextAndNamesTheColumn) {
  TemporaryFolder folder;
  for (const auto& type : {arrow::list(arrow::int64()), arrow::binary(),
                           arrow::struct_({arrow::field("x", arrow::int64())}),
                           arrow::duration(arrow::TimeUnit::SECOND)}) {
    const auto schema =
        arrow::schema({arrow::field("good", arrow::int8()), arrow::field("bad", type)});
    const auto sink = make_sink(
        {.path = folder / "out.csv", .format = {}, .schema = Schema(schema), .budget = plenty()});
    ASSERT_FALSE(sink);
    EXPECT_EQ(sink.error().kind, ErrorKind::Config);
    EXPECT_EQ(sink.error().where.column, "bad");
  }
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(CsvSink, RefusesAYearThatHasNoTextAndNamesRowAndColumn) {
  TemporaryFolder folder;
  const DataFrame good = frame({{"day", array(arrow::date32(), "[0, 1]")}});
  const DataFrame bad = frame({{"day", array(arrow::date32(), "[0, 9999999]")}});
  const auto sink = sink_for(config(folder / "out.csv", good));
  ASSERT_TRUE(sink->write(good));
  const Result<void> written = sink->write(bad);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::Schema);
  EXPECT_EQ(written.error().where.row, 4);
  EXPECT_EQ(written.error().where.column, "day");
  EXPECT_FALSE(sink->write(good)) << "the first error is final";
  EXPECT_FALSE(sink->finish());
  sink->abort();
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(CsvSink, RefusesFramesOfAnotherSchema) {
  TemporaryFolder folder;
  const auto numbers = array(arrow::int64(), "[1]");
  const auto sink = sink_for(config(folder / "out.csv", frame({{"n", numbers}})));
  const Result<void> written = sink->write(frame({{"n", array(arrow::int32(), "[1]")}}));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::Schema);
  EXPECT_EQ(written.error().where.column, "n");
  EXPECT_FALSE(sink_for(config(folder / "out.csv", frame({{"n", numbers}})))
                   ->write(frame({{"n", numbers}, {"m", numbers}})));
}

TEST(CsvSink, WritesTheHeaderOfATableWithoutRows) {
  EXPECT_EQ(text_of(frame({{"a", array(arrow::int64(), "[]")}, {"b", array(arrow::utf8(), "[]")}})),
            "a,b\n");
}

TEST(CsvSink, GoesOnAtAnySyncedPositionAsIfNothingHadHappened) {
  const DataFrame rows = frame(
      {{"n", array(arrow::int64(), "[1, 2]")}, {"text", array(arrow::utf8(), R"(["a,", null])")}});
  TemporaryFolder folder;
  const SinkConfig with = config(folder / "out.csv", rows);
  const auto whole = sink_for(with);
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(whole->write(rows));
  ASSERT_TRUE(whole->finish());
  const std::string expected = read_text(folder / "out.csv");
  for (int before = 0; before <= 6; ++before) {
    SinkPosition position;
    {
      const auto killed = sink_for(with);
      for (int i = 0; i < before; ++i) ASSERT_TRUE(killed->write(rows));
      position = *killed->sync();
      EXPECT_EQ(position.rows, 2 * before);
      ASSERT_TRUE(killed->write(rows));
    }
    const auto resumed = sink_for(with);
    const Result<void> taken_up = resumed->resume(position);
    ASSERT_TRUE(taken_up) << taken_up.error().to_string();
    for (int i = before; i < 6; ++i) ASSERT_TRUE(resumed->write(rows));
    EXPECT_EQ(resumed->sync()->rows, 12);
    ASSERT_TRUE(resumed->finish());
    EXPECT_EQ(read_text(folder / "out.csv"), expected);
    EXPECT_THAT(folder.names(), ElementsAre("out.csv"));
  }
}

TEST(CsvSink, RefusesAPositionThatIsNotItsOwn) {
  TemporaryFolder folder;
  const DataFrame rows = frame({{"n", array(arrow::int64(), "[1, 2]")}});
  const SinkConfig with = config(folder / "out.csv", rows);
  const auto first = sink_for(with);
  ASSERT_TRUE(first->write(rows));
  const SinkPosition position = *first->sync();
  first->abort();
  EXPECT_EQ(sink_for(with)->resume(position).error().kind, ErrorKind::Changed)
      << "the file is gone";
  for (const std::string text : {"", "csv", "csv 1 1-ab 7", "csv 2 1-ab 7 0123456789abcdef",
                                 "csv 1 1-ab -7 0123456789abcdef"}) {
    EXPECT_EQ(sink_for(with)->resume({text, 0}).error().kind, ErrorKind::Changed) << text;
  }
  SinkConfig other = config(folder / "out.csv", frame({{"m", array(arrow::int64(), "[1]")}}));
  EXPECT_THAT(sink_for(other)->resume(position).error().message, HasSubstr("other columns"));
  const auto late = sink_for(with);
  ASSERT_TRUE(late->write(rows));
  EXPECT_EQ(late->resume(position).error().kind, ErrorKind::UnsupportedOperation);
}

TEST(CsvSink, WritesToWhatIsNoFile) {
  const DataFrame rows = frame({{"n", array(arrow::int64(), "[1, 2]")}});
  const auto nowhere = sink_for(config("/dev/null", rows));
  ASSERT_TRUE(nowhere->write(rows));
  EXPECT_EQ(nowhere->sync().error().kind, ErrorKind::UnsupportedOperation);
  ASSERT_TRUE(nowhere->finish());
  EXPECT_EQ(nowhere->bytes_written(), 6);

  const auto full = sink_for(config("/dev/full", rows));
  ASSERT_TRUE(full->write(rows)) << "it is still in the buffer";
  EXPECT_EQ(full->finish().error().kind, ErrorKind::Io);

  ::testing::internal::CaptureStdout();
  const auto standard = sink_for(config("-", rows));
  ASSERT_TRUE(standard->write(rows));
  ASSERT_TRUE(standard->finish());
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "n\n1\n2\n");
}

TEST(CsvSink, DoesNothingAfterItsEnd) {
  TemporaryFolder folder;
  const DataFrame rows = frame({{"n", array(arrow::int64(), "[1]")}});
  const auto sink = sink_for(config(folder / "out.csv", rows));
  EXPECT_EQ(sink->bytes_written(), 2);
  ASSERT_TRUE(sink->finish());
  sink->abort();
  EXPECT_EQ(read_text(folder / "out.csv"), "n\n");
  EXPECT_EQ(sink->bytes_written(), 2);
  EXPECT_FALSE(sink->write(rows));
  EXPECT_FALSE(sink->sync());
  EXPECT_FALSE(sink->finish());
  const auto aborted = sink_for(config(folder / "out.csv", rows));
  aborted->abort();
  EXPECT_FALSE(aborted->write(rows));
  EXPECT_FALSE(aborted->finish());
}

}  // namespace
}  // namespace polarway
