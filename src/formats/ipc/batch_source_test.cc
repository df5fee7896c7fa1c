#include "formats/ipc/batch_source.h"

#include <arrow/array.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/writer.h>
#include <arrow/json/from_string.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/memory_stream.h"

namespace polarway::ipc {
namespace {

using polarway::testing::MemoryStream;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Batches of one, two, three rows...: a number, a text, and a word of a dictionary that grows.
std::string written(int num_batches, bool as_file) {
  const auto words = arrow::dictionary(arrow::int8(), arrow::utf8());
  const auto schema =
      arrow::schema({arrow::field("n", arrow::int64()), arrow::field("text", arrow::utf8()),
                     arrow::field("word", words)});
  const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
  arrow::ipc::IpcWriteOptions options;
  options.emit_dictionary_deltas = true;
  const auto writer = (as_file ? arrow::ipc::MakeFileWriter(sink, schema, options)
                               : arrow::ipc::MakeStreamWriter(sink, schema, options))
                          .ValueOrDie();
  std::string dictionary = "[";
  for (int batch = 0; batch < num_batches; ++batch) {
    dictionary += (batch > 0 ? ",\"w" : "\"w") + std::to_string(batch) + '"';
    std::string numbers = "[";
    std::string texts = "[";
    std::string codes = "[";
    for (int row = 0; row <= batch; ++row) {
      const std::string comma = row > 0 ? "," : "";
      numbers += comma + std::to_string(batch);
      texts += comma + '"' + std::string(static_cast<std::size_t>(batch), 'x') + '"';
      codes += comma + std::to_string(batch);
    }
    const auto array = [](const auto& type, const std::string& json) {
      return arrow::json::ArrayFromJSONString(type, json + "]").ValueOrDie();
    };
    const auto codes_and_words =
        arrow::DictionaryArray::FromArrays(words, array(arrow::int8(), codes),
                                           array(arrow::utf8(), dictionary))
            .ValueOrDie();
    const auto made = arrow::RecordBatch::Make(
        schema, batch + 1,
        {array(arrow::int64(), numbers), array(arrow::utf8(), texts), codes_and_words});
    EXPECT_TRUE(writer->WriteRecordBatch(*made).ok());
  }
  EXPECT_TRUE(writer->Close().ok());
  return sink->Finish().ValueOrDie()->ToString();
}

struct Opened {
  Context context;
  std::unique_ptr<BatchSource> source;
};

Opened open(const std::string& bytes, bool can_seek = true) {
  Opened opened;
  opened.context.budget = MemoryBudget::make(4 << 20);
  auto source = BatchSource::open(
      std::make_unique<MemoryStream>(bytes, std::string::npos, can_seek), opened.context);
  EXPECT_TRUE(source) << source.error().to_string();
  opened.source = *std::move(source);
  return opened;
}

std::vector<std::int64_t> rows_left(BatchSource& source) {
  std::vector<std::int64_t> rows;
  for (;;) {
    const auto batch = source.next();
    EXPECT_TRUE(batch) << batch.error().to_string();
    if (!batch || *batch == nullptr) return rows;
    rows.push_back((*batch)->num_rows());
  }
}

TEST(BatchSource, GoesToABatchAndEndsWhereItShallInFilesAndStreams) {
  for (const bool as_file : {true, false}) {
    for (const bool can_seek : {true, false}) {
      const std::string bytes = written(5, as_file);
      Opened all = open(bytes, can_seek);
      ASSERT_TRUE(all.source->go_to(0, std::nullopt));
      EXPECT_THAT(rows_left(*all.source), ElementsAre(1, 2, 3, 4, 5));
      Opened some = open(bytes, can_seek);
      ASSERT_TRUE(some.source->go_to(1, 3));
      EXPECT_THAT(rows_left(*some.source), ElementsAre(2, 3));
      EXPECT_THAT(rows_left(*some.source), ElementsAre()) << "the end stays the end";
      Opened behind = open(bytes, can_seek);
      ASSERT_TRUE(behind.source->go_to(9, std::nullopt));
      EXPECT_THAT(rows_left(*behind.source), ElementsAre());
    }
  }
}

TEST(BatchSource, OnlyAFileThatCanBeReachedSaysWhereItsBatchesAre) {
  Opened file = open(written(3, true));
  EXPECT_TRUE(file.source->has_list());
  const auto sizes = file.source->sizes();
  ASSERT_TRUE(sizes);
  ASSERT_EQ(sizes->size(), 3U);
  EXPECT_EQ((*sizes)[2].rows, 3);
  EXPECT_GT((*sizes)[2].bytes, 0);
  EXPECT_TRUE(file.source->can_go_back());
  Opened pipe = open(written(3, true), false);
  EXPECT_FALSE(pipe.source->has_list());
  EXPECT_FALSE(pipe.source->can_go_back());
  EXPECT_FALSE(open(written(3, false)).source->has_list());
}

TEST(BatchSource, OnlyWantedColumnsHaveTheirBuffersReadAndTheirDictionariesKept) {
  for (const bool as_file : {true, false}) {
    Opened texts = open(written(4, as_file), false);
    texts.source->want(1);
    ASSERT_TRUE(texts.source->go_to(3, std::nullopt));
    const auto batch = texts.source->next();
    ASSERT_TRUE(batch);
    ASSERT_EQ((*batch)->cursors.size(), 1U);
    // Of the number: bitmap and values; of the text: bitmap, offsets and bytes; of the codes two.
    EXPECT_THAT((*batch)->wanted, ElementsAre(false, false, true, true, true, false, false));
    ASSERT_TRUE(texts.source->open_body(**batch));
    EXPECT_EQ((*batch)->body->size(0), 0);
    EXPECT_EQ((*batch)->body->size(4), 12);
    EXPECT_TRUE(texts.source->dictionaries().empty());

    Opened words = open(written(4, as_file), false);
    words.source->want(2);
    ASSERT_TRUE(words.source->go_to(2, std::nullopt));
    ASSERT_TRUE(words.source->next());
    ASSERT_EQ(words.source->dictionaries().size(), 1U);
    EXPECT_GE(words.source->dictionaries().begin()->second->length, 3) << "it has grown on the way";
  }
}

TEST(BatchSource, AnErrorSaysWhichBatchItIsIn) {
  std::string bytes = written(3, true);
  // The rows of the third batch, in its metadata: the number of rows, and of each column's values.
  const std::string three("\3\0\0\0\0\0\0\0", 8);
  const std::size_t at = bytes.rfind(three);
  ASSERT_NE(at, std::string::npos);
  bool found = false;
  for (std::size_t place = at; place != std::string::npos && !found;
       place = place == 0 ? std::string::npos : bytes.rfind(three, place - 1)) {
    std::string bad = bytes;
    bad[place] = 4;
    Opened opened = open(bad);
    opened.source->want(0);
    if (!opened.source->go_to(2, std::nullopt)) continue;
    const auto batch = opened.source->next();
    found = !batch && batch.error().message.find("record batch 2: it has") == 0;
  }
  EXPECT_TRUE(found);
}

TEST(BatchSource, SaysWhatItIsNot) {
  Context context;
  context.budget = MemoryBudget::make(1 << 20);
  const auto error_of = [&](const std::string& bytes) {
    const auto source = BatchSource::open(std::make_unique<MemoryStream>(bytes), context);
    return source ? std::string("none") : source.error().message;
  };
  const std::string good = written(2, true);
  EXPECT_THAT(error_of(""), HasSubstr("nothing in it"));
  EXPECT_THAT(error_of(good.substr(0, 12)), HasSubstr("truncated"));
  EXPECT_THAT(error_of(good.substr(0, good.size() - 1)), HasSubstr("footer is missing"));
  EXPECT_EQ(context.budget->reserved_bytes() + context.budget->arrow_pool()->bytes_allocated(), 0);
}

}  // namespace
}  // namespace polarway::ipc
