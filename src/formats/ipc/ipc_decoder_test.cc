#include "formats/ipc/ipc_decoder.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/builder.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/writer.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "polarway/executor.h"
#include "support/memory_stream.h"

namespace polarway::ipc {
namespace {

using ::polarway::testing::MemoryStream;
using ::testing::HasSubstr;

std::shared_ptr<arrow::Array> array(const std::shared_ptr<arrow::DataType>& type,
                                    const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

// Two batches of every shape of type: six rows, nulls among them.
arrow::RecordBatchVector sample() {
  using namespace arrow;  // NOLINT: the types' names
  const std::vector<std::pair<std::shared_ptr<arrow::DataType>, std::string>> columns = {
      {int64(), "[1, null, 3, -4, 5, 6]"},
      {boolean(), "[true, false, null, true, true, false]"},
      {utf8(), R"(["a", "", null, "Zoë", "a longer text than twelve bytes", "f"])"},
      {large_binary(), R"(["x", null, "yz", "", "1", "22"])"},
      {utf8_view(),
       R"(["a", "twelve bytes", "more than twelve bytes", null, "", "again such one"])"},
      {decimal128(10, 2), R"(["1.10", null, "-3.00", "4.20", "0.00", "6.66"])"},
      {list(int32()), "[[1, 2], null, [], [3], [4, null, 5], [6]]"},
      {large_list(utf8()), R"([["a"], [], null, ["b", "c"], [null], ["d"]])"},
      {list_view(int16()), "[[1, 2], null, [], [3], [4, null, 5], [6]]"},
      {fixed_size_list(int8(), 2), "[[1, 2], null, [3, 4], [5, 6], [null, 7], [8, 9]]"},
      {struct_({arrow::field("x", float64()), arrow::field("y", utf8())}),
       R"([{"x": 1.5, "y": "a"}, null, {"x": null, "y": "b"}, {"x": 2, "y": null}, {}, {"x": 3}])"},
      {map(utf8(), int32()), R"([[["a", 1]], null, [], [["b", 2], ["c", 3]], [["d", null]], []])"},
      {arrow::null(), "[null, null, null, null, null, null]"},
      {timestamp(TimeUnit::MICRO, "UTC"), "[1, 2, null, 4, 5, 6]"},
      {dictionary(int8(), utf8()), R"(["u", "v", null, "u", "w", "w"])"},
      {dense_union({arrow::field("i", int32()), arrow::field("s", utf8())}, {0, 5}),
       R"([[0, 1], [5, "a"], [0, null], [0, 4], [5, "bb"], [5, ""]])"},
      {sparse_union({arrow::field("i", int32()), arrow::field("s", utf8())}, {0, 5}),
       R"([[0, 1], [5, "a"], [0, null], [0, 4], [5, "bb"], [5, ""]])"},
  };
  FieldVector fields;
  ArrayVector first;
  ArrayVector second;
  for (const auto& [type, json] : columns) {
    fields.push_back(arrow::field("c" + std::to_string(fields.size()), type));
    const auto whole = array(type, json);
    first.push_back(whole);
    second.push_back(whole->Slice(1, 4));
  }
  return {RecordBatch::Make(schema(fields), 6, first),
          RecordBatch::Make(schema(fields), 4, second)};
}

std::string written(const arrow::RecordBatchVector& batches, bool as_file = true,
                    arrow::Compression::type codec = arrow::Compression::UNCOMPRESSED) {
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  arrow::ipc::IpcWriteOptions options;
  options.emit_dictionary_deltas = true;
  if (codec != arrow::Compression::UNCOMPRESSED) {
    options.codec = arrow::util::Codec::Create(codec).ValueOrDie();
  }
  const auto& schema = batches.front()->schema();
  const auto writer = (as_file ? arrow::ipc::MakeFileWriter(sink, schema, options)
                               : arrow::ipc::MakeStreamWriter(sink, schema, options))
                          .ValueOrDie();
  for (const auto& batch : batches) EXPECT_TRUE(writer->WriteRecordBatch(*batch).ok());
  EXPECT_TRUE(writer->Close().ok());
  return sink->Finish().ValueOrDie()->ToString();
}

struct Reading {
  std::string bytes;
  ScanRequest request = {};
  std::int64_t max_rows = 1 << 20;
  std::int64_t max_bytes = 1 << 20;
  bool can_seek = true;
  std::int64_t limit_bytes = 64 << 20;
};

struct Outcome {
  std::shared_ptr<MemoryBudget> budget;  // outlives the chunks, which are in its memory
  arrow::RecordBatchVector chunks;
  std::vector<std::string> positions;
  std::optional<SourceError> error;
  SourceMetadata metadata;

  std::string message() const { return error ? error->to_string() : "no error"; }
  // All rows as one table, read row by row so that types without comparison do not matter.
  std::string text() const {
    std::string text;
    for (const auto& chunk : chunks) {
      EXPECT_TRUE(chunk->ValidateFull().ok()) << chunk->ValidateFull().ToString();
      for (std::int64_t row = 0; row < chunk->num_rows(); ++row) {
        for (const auto& column : chunk->columns()) {
          auto value = column->GetScalar(row).ValueOrDie();
          if (value->type->id() == arrow::Type::DICTIONARY) {
            // Not the whole dictionary, which may have grown.
            value =
                static_cast<const arrow::DictionaryScalar&>(*value).GetEncodedValue().ValueOrDie();
          }
          text += value->ToString() + "|";
        }
        text += '\n';
      }
    }
    return text;
  }
};

std::string text_of(const arrow::RecordBatchVector& batches) {
  Outcome outcome;
  outcome.chunks = batches;
  return outcome.text();
}

Outcome read_all(const Reading& reading) {
  Outcome outcome;
  Context context;
  context.budget = MemoryBudget::make(reading.limit_bytes);
  outcome.budget = context.budget;
  context.executor = Executor::global();
  context.rejects = std::make_shared<RejectChannel>(context.budget);
  const auto decoder = make_ipc_decoder();
  auto plan = decoder->open(
      std::make_unique<MemoryStream>(reading.bytes, std::string::npos, reading.can_seek),
      reading.request, context);
  if (!plan) {
    outcome.error = plan.error();
    return outcome;
  }
  outcome.metadata = plan->metadata;
  for (;;) {
    auto batch =
        decoder->read({.max_rows = reading.max_rows, .max_bytes = reading.max_bytes, .stop = {}});
    if (!batch) {
      outcome.error = batch.error();
      return outcome;
    }
    if (!*batch) return outcome;
    EXPECT_LE((*batch)->rows->num_rows(), reading.max_rows);
    outcome.chunks.push_back((*batch)->rows);
    outcome.positions.push_back((*batch)->position_after);
  }
}

constexpr arrow::Compression::type kCodecs[] = {
    arrow::Compression::UNCOMPRESSED, arrow::Compression::LZ4_FRAME, arrow::Compression::ZSTD};

TEST(IpcDecoder, RowsAreTheSameWhateverTheFormatTheCodecTheChunksAndTheWayIn) {
  const arrow::RecordBatchVector batches = sample();
  const std::string expected = text_of(batches);
  for (const bool as_file : {true, false}) {
    for (const auto codec : kCodecs) {
      const std::string bytes = written(batches, as_file, codec);
      for (const bool can_seek : {true, false}) {
        for (const std::int64_t max_rows : {1, 2, 3, 5, 1000}) {
          const Outcome outcome =
              read_all({.bytes = bytes, .max_rows = max_rows, .can_seek = can_seek});
          EXPECT_EQ(outcome.error, std::nullopt) << outcome.message();
          EXPECT_EQ(outcome.text(), expected) << as_file << " " << can_seek << " " << max_rows;
        }
      }
    }
  }
}

TEST(IpcDecoder, AChunkWeighsNoMoreThanItMay) {
  const auto batches = sample();
  for (const std::int64_t max_bytes : {500, 700, 900}) {
    const Outcome outcome = read_all({.bytes = written(batches), .max_bytes = max_bytes});
    EXPECT_EQ(outcome.text(), text_of(batches)) << outcome.message();
    EXPECT_GT(outcome.chunks.size(), 2U);
  }
  const Outcome too_small = read_all({.bytes = written(batches), .max_bytes = 50});
  ASSERT_TRUE(too_small.error);
  EXPECT_EQ(too_small.error->kind, ErrorKind::MemoryLimit);
  EXPECT_GT(too_small.error->memory->needed_bytes, 50);
}

TEST(IpcDecoder, GoesOnAtEveryPosition) {
  const auto batches = sample();
  for (const bool as_file : {true, false}) {
    const std::string bytes = written(batches, as_file);
    const Outcome whole = read_all({.bytes = bytes, .max_rows = 1});
    const std::string expected = whole.text();
    for (std::size_t i = 0; i < whole.positions.size(); ++i) {
      Reading rest{.bytes = bytes, .max_rows = 3};
      rest.request.resume_from = whole.positions[i];
      const arrow::RecordBatchVector before(
          whole.chunks.begin(), whole.chunks.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      EXPECT_EQ(text_of(before) + read_all(rest).text(), expected);
    }
    Reading other{.bytes = written({batches[0], batches[1], batches[0]}, as_file)};
    other.request.resume_from = whole.positions[0];
    EXPECT_THAT(read_all(other).message(), HasSubstr("not the one that the checkpoint"));
  }
}

TEST(IpcDecoder, ReadsOnlyTheColumnsThatAreAskedForInTheirOrder) {
  const auto batches = sample();
  Reading reading{.bytes = written(batches)};
  reading.request.columns = {"c14", "c0"};
  const Outcome outcome = read_all(reading);
  ASSERT_EQ(outcome.chunks.size(), 2U) << outcome.message();
  EXPECT_EQ(text_of(outcome.chunks), text_of({batches[0]->SelectColumns({14, 0}).ValueOrDie(),
                                              batches[1]->SelectColumns({14, 0}).ValueOrDie()}));
  reading.request.columns = {"c99"};
  EXPECT_THAT(read_all(reading).message(), HasSubstr("there is no column \"c99\""));
}

TEST(IpcDecoder, KnowsTheNumberOfRowsWhenNoColumnIsAskedFor) {
  Reading reading{.bytes = written(sample())};
  reading.request.columns.emplace();
  EXPECT_EQ(read_all(reading).metadata.num_records, 10);
}

TEST(IpcDecoder, SplitsAreTheWhole) {
  const arrow::RecordBatchVector two = sample();
  arrow::RecordBatchVector batches;
  for (int i = 0; i < 5; ++i) batches.insert(batches.end(), two.begin(), two.end());
  const std::string bytes = written(batches);
  for (const int most : {1, 2, 3, 7, 100}) {
    Context context;
    context.budget = MemoryBudget::make(64 << 20);
    const auto decoder = make_ipc_decoder();
    ASSERT_TRUE(decoder->open(std::make_unique<MemoryStream>(bytes), {}, context));
    const auto splits = decoder->splits(most);
    ASSERT_TRUE(splits) << splits.error().to_string();
    EXPECT_LE(static_cast<int>(splits->size()), most);
    std::string text;
    for (const Split& split : *splits) {
      Reading part{.bytes = bytes, .max_rows = 4};
      part.request.split = split;
      text += read_all(part).text();
    }
    EXPECT_EQ(text, text_of(batches)) << most;
  }
}

TEST(IpcDecoder, DictionariesMayGrowAndInAStreamBeReplaced) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  const auto batch = [&](const std::string& words, const std::string& codes) {
    const auto column = arrow::DictionaryArray::FromArrays(type, array(arrow::int8(), codes),
                                                           array(arrow::utf8(), words))
                            .ValueOrDie();
    return arrow::RecordBatch::Make(arrow::schema({arrow::field("d", type)}), column->length(),
                                    {column});
  };
  const arrow::RecordBatchVector grown = {batch(R"(["a", "b"])", "[0, 1]"),
                                          batch(R"(["a", "b", "c"])", "[2, 0]")};
  for (const bool as_file : {true, false}) {
    EXPECT_EQ(read_all({.bytes = written(grown, as_file)}).text(), text_of(grown));
  }
  const arrow::RecordBatchVector replaced = {batch(R"(["a", "b"])", "[0, 1]"),
                                             batch(R"(["x"])", "[0, null]")};
  for (const bool can_seek : {true, false}) {
    EXPECT_EQ(read_all({.bytes = written(replaced, false), .can_seek = can_seek}).text(),
              text_of(replaced));
  }
}

TEST(IpcDecoder, AStreamMayEndWithoutItsMarkAndWhatComesBehindTheMarkIsNotRead) {
  const auto batches = sample();
  const std::string bytes = written(batches, false);
  const std::string without = bytes.substr(0, bytes.size() - 8);
  for (const bool can_seek : {true, false}) {
    for (const std::string& variant : {without, bytes + "garbage"}) {
      const Outcome outcome = read_all({.bytes = variant, .can_seek = can_seek});
      EXPECT_EQ(outcome.text(), text_of(batches)) << outcome.message();
      EXPECT_EQ(outcome.error, std::nullopt) << outcome.message();
    }
    const Outcome cut =
        read_all({.bytes = without.substr(0, without.size() - 9), .can_seek = can_seek});
    ASSERT_TRUE(cut.error);
    EXPECT_EQ(cut.error->kind, ErrorKind::Parse) << cut.message();
    EXPECT_THAT(cut.message(), HasSubstr("truncated"));
  }
}

TEST(IpcDecoder, WhatIsNoArrowSaysWhatItIs) {
  EXPECT_EQ(read_all({.bytes = ""}).error->kind, ErrorKind::EmptySource);
  EXPECT_THAT(read_all({.bytes = "FEA1 and so on"}).message(), HasSubstr("version 1 of Feather"));
  EXPECT_THAT(read_all({.bytes = "id,name\n1,Ada\n"}).message(), HasSubstr("this is no Arrow IPC"));
}

TEST(IpcDecoder, TypesNestedTooDeeplyAreAnError) {
  auto type = arrow::int32();
  for (int i = 0; i < 64; ++i) type = arrow::list(type);
  const auto column = arrow::MakeArrayOfNull(type, 1).ValueOrDie();
  const auto batch =
      arrow::RecordBatch::Make(arrow::schema({arrow::field("deep", type)}), 1, {column});
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  arrow::ipc::IpcWriteOptions options;
  options.max_recursion_depth = 100;
  const auto writer = arrow::ipc::MakeFileWriter(sink, batch->schema(), options).ValueOrDie();
  ASSERT_TRUE(writer->WriteRecordBatch(*batch).ok());
  ASSERT_TRUE(writer->Close().ok());
  const Outcome outcome = read_all({.bytes = sink->Finish().ValueOrDie()->ToString()});
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::Parse) << outcome.message();
}

TEST(IpcDecoder, ABufferThatSaysThatItIsHugeIsRefusedBeforeItIsAllocated) {
  const auto column = arrow::MakeArrayFromScalar(arrow::Int64Scalar(7), 100'000).ValueOrDie();
  const auto batch = arrow::RecordBatch::Make(arrow::schema({arrow::field("i", arrow::int64())}),
                                              column->length(), {column});
  const auto as_bytes = [](std::int64_t number) {
    return std::string(reinterpret_cast<const char*>(&number), sizeof(number));
  };
  for (const auto codec : {arrow::Compression::LZ4_FRAME, arrow::Compression::ZSTD}) {
    const std::string good = written({batch}, true, codec);
    const std::size_t place = good.find(as_bytes(800'000));
    ASSERT_NE(place, std::string::npos);
    for (const std::int64_t says :
         {std::int64_t{1} << 40, std::int64_t{1} << 62, std::int64_t{-2}, std::int64_t{799'999}}) {
      std::string bytes = good;
      bytes.replace(place, 8, as_bytes(says));
      for (const bool can_seek : {true, false}) {
        const Outcome outcome = read_all({.bytes = bytes, .can_seek = can_seek});
        ASSERT_TRUE(outcome.error) << says;
        EXPECT_EQ(outcome.error->kind, ErrorKind::Parse) << outcome.message();
      }
    }
  }
}

TEST(IpcDecoder, ABatchThatIsHeldAndDoesNotFitIsNamed) {
  arrow::Int64Builder builder;
  for (std::int64_t i = 0; i < 1'000'000; ++i) ASSERT_TRUE(builder.Append(i * 7919).ok());
  const auto column = builder.Finish().ValueOrDie();
  const auto batch = arrow::RecordBatch::Make(arrow::schema({arrow::field("i", arrow::int64())}),
                                              column->length(), {column});
  const std::string packed = written({batch}, true, arrow::Compression::ZSTD);
  const Outcome outcome = read_all({.bytes = packed, .limit_bytes = 2 << 20});
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind, ErrorKind::MemoryLimit) << outcome.message();
  EXPECT_THAT(outcome.message(), HasSubstr("record batch 0: its wanted columns take"));
  // What is not compressed needs no room but a chunk's.
  const Outcome plain =
      read_all({.bytes = written({batch}), .max_bytes = 64 << 10, .limit_bytes = 2 << 20});
  EXPECT_EQ(plain.error, std::nullopt) << plain.message();
  std::int64_t rows = 0;
  for (const auto& chunk : plain.chunks) rows += chunk->num_rows();
  EXPECT_EQ(rows, 1'000'000);
}

// Whatever is done to the bytes, there are rows that are whole, or an error; never a wild read,
// which ValidateFull() and reading every value would be.
TEST(IpcDecoder, DamagedBytesAreAnErrorOrRowsThatAreWhole) {
  std::mt19937 random(7);
  int refused = 0;
  for (const bool as_file : {true, false}) {
    for (const auto codec : kCodecs) {
      const std::string good = written(sample(), as_file, codec);
      for (int round = 0; round < 300; ++round) {
        std::string bytes = good;
        const int changes = 1 + static_cast<int>(random() % 4);
        for (int i = 0; i < changes; ++i) {
          const std::size_t place = random() % bytes.size();
          constexpr char kOdd[] = {'\0', '\1', '\x7f', '\x80', '\xff', '\x40'};
          bytes[place] = random() % 2 == 0 ? kOdd[random() % sizeof kOdd]
                                           : static_cast<char>(bytes[place] ^ (1 << random() % 8));
        }
        if (random() % 8 == 0) bytes.resize(random() % bytes.size());
        const Outcome outcome =
            read_all({.bytes = bytes, .max_rows = 3, .can_seek = random() % 2 == 0});
        outcome.text();
        refused += outcome.error ? 1 : 0;
      }
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace polarway::ipc
