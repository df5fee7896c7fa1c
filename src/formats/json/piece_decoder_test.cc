#include "formats/json/piece_decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/json_reading.h"

namespace polarway::json {
namespace {

using testing::make_context;
using testing::Outcome;
using testing::read_all;
using testing::Reading;
using testing::Rows;
using Options = std::map<std::string, std::string>;

// Records of all kinds of values, some of them null, missing or large.
std::string record(int i) {
  const std::string n = std::to_string(i);
  std::string text = "{\"n\":" + n + ",\"ok\":" +
                     (i % 3 == 0   ? "null"
                      : i % 2 == 0 ? "true"
                                   : "false");
  text += ",\"text\":\"" + std::string(static_cast<std::size_t>(i % 41), 'a') + "}\\\"\\u00e9[\"";
  if (i % 4 != 0) text += ", \"list\" : [" + n + ",null,{\"x\":[" + (i % 8 == 1 ? "" : n) + "]}]";
  if (i % 5 != 0) text += ",\"object\":{\"a\":" + n + ".5,\"b\":{\"c\":\"" + n + "\"}}";
  if (i % 7 == 0) text += ",\"large\":\"" + std::string(static_cast<std::size_t>(i), 'x') + "\"";
  return text + "}";
}

std::string lines(int count, const std::string& between = "\n") {
  std::string text;
  for (int i = 0; i < count; ++i) text += record(i) + (i + 1 < count ? between : "");
  return text;
}

struct Case {
  std::string name;
  std::string bytes;
  Options options = {};
};

std::vector<Case> cases() {
  return {{"lines", lines(1500), {{"format", "lines"}}},
          {"lines that end in CRLF, some blank", lines(1500, "\r\n\r\n"), {{"format", "lines"}}},
          {"values", lines(1500, "")},
          {"array", "[" + lines(1500, ",") + "]"},
          {"array with blanks", " [ " + lines(1500, " ,\n ") + " ] \n"},
          {"document",
           "{\"m\":[{}],\"d\":[" + lines(1500, ",") + "],\"x\":{\"y\":{}},\"z\":[{}]}",
           {{"records_path", "d"}}}};
}

// All that can be seen of reading; but for chunks, which may be cut elsewhere.
struct Seen {
  Rows rows;
  std::string error;
  std::vector<std::string> rejects;

  bool operator==(const Seen&) const = default;
};

Seen seen(const Reading& reading) {
  const Outcome outcome = read_all(reading);
  EXPECT_EQ(outcome.pool_bytes_left, 0);
  Seen result{.rows = outcome.rows, .error = {}, .rejects = {}};
  if (outcome.error) {
    SourceError error = *outcome.error;
    error.memory.reset();
    result.error =
        error.to_string() + " at " + std::to_string(error.where.byte_offset.value_or(-1));
  }
  for (const Reject& reject : outcome.rejects) result.rejects.push_back(reject.to_json());
  return result;
}

TEST(JsonPieces, RowsAreTheSameForAnyNumberOfThreads) {
  for (const Case& one : cases()) {
    Reading reading{.bytes = one.bytes, .options = one.options, .num_threads = 1};
    const Seen alone = seen(reading);
    ASSERT_EQ(alone.rows.size(), 1500u) << one.name;
    for (const int num_threads : {2, 4}) {
      for (const std::int64_t block_bytes : {64, 1'000, 20'000, 256 << 10}) {
        for (const std::int64_t max_rows : {7, 1'000'000}) {
          for (const std::int64_t max_bytes : {20'000, 64 << 20}) {
            reading.num_threads = num_threads;
            reading.block_bytes = block_bytes;
            reading.max_rows = max_rows;
            reading.max_bytes = max_bytes;
            ASSERT_EQ(seen(reading), alone)
                << one.name << " " << num_threads << " " << block_bytes << " " << max_rows;
          }
        }
      }
    }
    reading.seekable = false;
    EXPECT_EQ(seen(reading), alone) << one.name;
  }
}

TEST(JsonPieces, EveryPositionGoesOnWithTheNextRow) {
  for (const Case& one : cases()) {
    Reading reading{.bytes = one.bytes,
                    .options = one.options,
                    .block_bytes = 10'000,
                    .max_rows = 83,
                    .num_threads = 3};
    const Outcome whole = read_all(reading);
    std::size_t before = 0;
    for (std::size_t i = 0; i < whole.positions.size(); ++i) {
      before += static_cast<std::size_t>(whole.chunk_rows[i]);
      reading.request.resume_from = whole.positions[i];
      const Outcome rest = read_all(reading);
      EXPECT_FALSE(rest.error);
      ASSERT_EQ(rest.rows,
                Rows(whole.rows.begin() + static_cast<std::ptrdiff_t>(before), whole.rows.end()))
          << one.name;
    }
  }
}

TEST(JsonPieces, SplitsTogetherAreTheWhole) {
  for (const Case& one : cases()) {
    Reading reading{
        .bytes = one.bytes, .options = one.options, .block_bytes = 5'000, .num_threads = 3};
    auto decoder = make_json_decoder(*parse_json_options(one.options));
    ASSERT_TRUE(decoder->open(std::make_unique<testing::MemoryStream>(one.bytes), {},
                              make_context(256 << 20)));
    const auto splits = decoder->splits(5);
    ASSERT_TRUE(splits) << splits.error().to_string();
    Rows rows;
    for (const Split& split : *splits) {
      reading.request.split = split;
      const Outcome outcome = read_all(reading);
      EXPECT_FALSE(outcome.error);
      rows.insert(rows.end(), outcome.rows.begin(), outcome.rows.end());
    }
    reading.request.split.reset();
    EXPECT_EQ(rows, read_all(reading).rows) << one.name;
  }
}

TEST(JsonPieces, WhatIsOddIsTheSameForAnyNumberOfThreads) {
  const std::string start = lines(400) + "\n";
  const std::string more = "\n" + lines(400) + "\n";
  const std::string odd[] = {R"({"n":"x"})",
                             R"({"n":)",
                             R"({"n":1}})",
                             R"({"new":1})",
                             "[1]",
                             "7",
                             "\"}\"",
                             "\\\" {}",
                             "{\"text\":\"\\ud800\"}",
                             "{\"text\":\"\xFF\"}",
                             std::string(200, '['),
                             R"({"n":1,"large":")" + std::string(90'000, 'y') + "\"}",
                             R"({"n":1} {"n":2})",
                             "]",
                             "}",
                             "nul",
                             "",
                             "{\"text\":\"x"};
  for (const std::string& between : odd) {
    for (const char* change : {"error", "reject", "rescue"}) {
      for (const char* format : {"lines", "values"}) {
        Reading reading{.bytes = start + between + more + between,
                        .options = {{"format", format},
                                    {"on_schema_change", change},
                                    {"infer_schema_length", "300"}},
                        .max_rows = 150,
                        .num_threads = 1};
        const Seen alone = seen(reading);
        ASSERT_GE(alone.rows.size(), 400u);
        reading.num_threads = 4;
        for (const std::int64_t block_bytes : {700, 6'000}) {
          reading.block_bytes = block_bytes;
          ASSERT_EQ(seen(reading), alone) << between << " " << change << " " << format;
        }
      }
    }
  }
}

TEST(JsonPieces, WhatIsOddInAnArrayIsTheSameForAnyNumberOfThreads) {
  const std::string start = "[" + lines(400, ",");
  const std::string more = lines(400, ",");
  for (const std::string& between :
       {std::string(","), std::string(",,"), std::string("]"), std::string("}"), std::string(" "),
        std::string(",1,"), std::string(",\"]\","), std::string(",null,"),
        std::string(",{\"n\":[]},"), std::string(",[1],"), std::string(":"), std::string("\\"),
        std::string(",{\"n\":1]},")}) {
    for (const std::string& end : {std::string("]"), std::string(), std::string("]]"),
                                   std::string(","), std::string(",]"), std::string("] {}")}) {
      Reading reading{.bytes = start + between + more + end,
                      .options = {{"infer_schema_length", "300"}, {"on_schema_change", "rescue"}},
                      .num_threads = 1};
      const Seen alone = seen(reading);
      reading.num_threads = 4;
      for (const std::int64_t block_bytes : {700, 6'000}) {
        reading.block_bytes = block_bytes;
        ASSERT_EQ(seen(reading), alone) << between << " " << end;
      }
    }
  }
}

TEST(JsonPieces, RecordsThatAreNoObjectsAreTheSameForAnyNumberOfThreads) {
  std::string text = "[";
  for (int i = 0; i < 5'000; ++i) text += std::to_string(i) + (i % 100 == 99 ? ",[7]," : ",");
  text += "0]";
  for (const std::string& bytes : {text, "[" + lines(3, ",") + "," + text + "]"}) {
    Reading reading{.bytes = bytes, .num_threads = 1};
    const Seen alone = seen(reading);
    reading.num_threads = 3;
    reading.block_bytes = 1'000;
    EXPECT_EQ(seen(reading), alone);
  }
}

TEST(JsonPieces, NRowsEndsTheFileWithinAPiece) {
  for (const Case& one : cases()) {
    Reading reading{
        .bytes = one.bytes, .options = one.options, .block_bytes = 5'000, .num_threads = 3};
    reading.options["n_rows"] = "777";
    EXPECT_EQ(read_all(reading).rows.size(), 777u) << one.name;
  }
}

TEST(JsonPieces, WhereMemoryIsShortOneThreadReads) {
  for (const Case& one : cases()) {
    Reading reading{.bytes = one.bytes, .options = one.options, .num_threads = 1};
    const Seen alone = seen(reading);
    reading.num_threads = 8;
    for (const std::int64_t limit_bytes : {3 << 20, 8 << 20, 30 << 20}) {
      reading.limit_bytes = limit_bytes;
      ASSERT_EQ(seen(reading), alone) << one.name << " " << limit_bytes;
    }
  }
}

TEST(JsonPieces, AllButTheLastLineComesOfPieces) {
  const std::string text = lines(4'000);
  const Context context = make_context(256 << 20, 3);
  testing::MemoryStream bytes(text);
  constexpr std::int64_t kPieceBytes = 10'000;
  auto block = *Block::make(bytes, kPieceBytes, context.budget);
  RecordReader records(*block, "text", RecordScanner(Layout::Lines, 16));
  const std::vector<TableColumn> columns = {
      {.name = "n", .path = {"n"}, .type = DataType::Int64, .is_seen = true}};
  JsonOptions options;
  options.on_schema_change = SchemaChange::Rescue;  // of the other fields
  const PieceRules rules{
      .make_table =
          [&] { return RecordTable::make(columns, {"n"}, options, context.budget->arrow_pool()); },
      .make_scanner = [] { return RecordScanner(Layout::Lines, 16); },
      .layout = Layout::Lines,
      .piece_bytes = kPieceBytes,
      .num_columns = 1,
      .end_byte = {}};
  auto table = *rules.make_table();
  table->start(1'000'000, 64 << 20);
  PieceDecoder pieces(*block, records, rules, context.executor, 2, context.budget);
  while (pieces.fill(*table, 1'000'000, {}) == PieceDecoder::Filled::Rows) {
  }
  EXPECT_EQ(table->num_rows(), 3'999);
  EXPECT_EQ(records.rows(), 3'999);
  EXPECT_EQ(*records.peek({}), record(3'999));
}

}  // namespace
}  // namespace polarway::json
