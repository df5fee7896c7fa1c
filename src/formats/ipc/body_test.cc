#include "formats/ipc/body.h"

#include <arrow/buffer.h>
#include <arrow/memory_pool.h>
#include <arrow/util/compression.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "support/memory_stream.h"

namespace polarway::ipc {
namespace {

using polarway::testing::MemoryStream;
using ::testing::HasSubstr;

constexpr std::int64_t kBodyOffset = 16;

std::string text(Body& body, std::size_t buffer, std::int64_t offset, std::int64_t length) {
  std::string bytes(static_cast<std::size_t>(length), '\0');
  EXPECT_TRUE(
      body.copy(buffer, offset, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}));
  return bytes;
}

// A body behind other bytes: what is stored, and where.
struct Stored {
  std::string bytes = std::string(kBodyOffset, '-');
  std::vector<BufferPlace> places;

  void add(const std::string& buffer) {
    bytes.resize((bytes.size() + 7) / 8 * 8, '.');
    places.push_back({static_cast<std::int64_t>(bytes.size()) - kBodyOffset,
                      static_cast<std::int64_t>(buffer.size())});
    bytes += buffer;
  }
  MessageMetadata message(BodyCodec codec) const {
    MessageMetadata message;
    message.body_bytes = static_cast<std::int64_t>(bytes.size()) - kBodyOffset;
    message.batch.buffers = places;
    message.batch.codec = codec;
    return message;
  }
};

std::string packed(const std::string& text, std::int64_t says,
                   arrow::Compression::type type = arrow::Compression::ZSTD) {
  std::string bytes(reinterpret_cast<const char*>(&says), sizeof(says));
  if (says == -1) return bytes + text;
  const auto codec = arrow::util::Codec::Create(type).ValueOrDie();
  const auto size = static_cast<std::int64_t>(text.size());
  const auto* from = reinterpret_cast<const std::uint8_t*>(text.data());
  std::string out(static_cast<std::size_t>(codec->MaxCompressedLen(size, from)), '\0');
  const std::int64_t made = codec
                                ->Compress(size, from, static_cast<std::int64_t>(out.size()),
                                           reinterpret_cast<std::uint8_t*>(out.data()))
                                .ValueOrDie();
  return bytes + out.substr(0, static_cast<std::size_t>(made));
}

std::unique_ptr<MessageStream> open(const Stored& stored,
                                    const std::shared_ptr<MemoryBudget>& budget,
                                    bool can_seek = true) {
  auto stream = std::make_unique<MessageStream>(
      std::make_unique<MemoryStream>(stored.bytes, std::string::npos, can_seek), budget);
  EXPECT_TRUE(stream->go_to(kBodyOffset));
  return stream;
}

TEST(IpcBody, InAFileIsReadPieceByPieceAndHoldsNothing) {
  Stored stored;
  stored.add("first");
  stored.add("the second");
  const auto budget = MemoryBudget::make(1 << 20);
  const auto stream = open(stored, budget);
  const auto body = body_in_file(*stream, kBodyOffset, stored.places);
  EXPECT_EQ(body->size(1), 10);
  EXPECT_EQ(text(*body, 1, 4, 6), "second");
  EXPECT_EQ(text(*body, 0, 0, 5), "first");
  EXPECT_EQ(body->share(0, 0, 5, 1), nullptr);
  EXPECT_FALSE(body->shares_file());
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

class Map final : public FileMap {
 public:
  explicit Map(std::string bytes) : bytes_(std::move(bytes)) {}
  std::shared_ptr<arrow::Buffer> share(std::int64_t offset, std::int64_t length) override {
    return arrow::SliceBuffer(arrow::Buffer::FromString(bytes_), offset, length);
  }
  void copy(std::int64_t offset, std::span<std::uint8_t> into) override {
    std::memcpy(into.data(), bytes_.data() + offset, into.size());
  }
  Result<void> check() const override { return {}; }
  std::int64_t bytes_read() const override { return 0; }

 private:
  std::string bytes_;
};

TEST(IpcBody, InAMapIsSharedWhereItsAddressIsRight) {
  Stored stored;
  stored.add("12345678abcdefgh");
  const auto body = body_in_map(std::make_shared<Map>(stored.bytes), kBodyOffset, stored.places);
  EXPECT_TRUE(body->shares_file());
  EXPECT_EQ(body->share(0, 8, 8, 8)->ToString(), "abcdefgh");
  EXPECT_EQ(body->share(0, 4, 4, 8), nullptr);
  EXPECT_EQ(body->share(0, 4, 4, 4)->ToString(), "5678");
  EXPECT_EQ(text(*body, 0, 4, 6), "5678ab");
}

TEST(IpcBody, ThatIsLoadedHasTheWantedBuffersAndLeavesTheStreamBehindIt) {
  const std::string large(100'000, 'x');
  for (const bool can_seek : {true, false}) {
    for (const BodyCodec codec : {BodyCodec::None, BodyCodec::Zstd, BodyCodec::Lz4}) {
      const auto stored_as = [&](const std::string& text, std::int64_t says) {
        if (codec == BodyCodec::None) return text;
        return packed(
            text, says,
            codec == BodyCodec::Zstd ? arrow::Compression::ZSTD : arrow::Compression::LZ4_FRAME);
      };
      Stored stored;
      stored.add(stored_as("unwanted", 8));
      stored.add(stored_as(large, 100'000));
      stored.add(stored_as("as it is", -1));
      stored.add("");
      const auto budget = MemoryBudget::make(1 << 20);
      {
        const auto stream = open(stored, budget, can_seek);
        const auto body =
            load_body(*stream, stored.message(codec), {false, true, true, true}, budget);
        ASSERT_TRUE(body) << body.error().to_string();
        EXPECT_EQ((*body)->size(0), 0);
        EXPECT_EQ((*body)->size(1), 100'000);
        EXPECT_EQ(text(**body, 2, 3, 5), "it is");
        EXPECT_EQ((*body)->size(3), 0);
        EXPECT_EQ(stream->offset(), static_cast<std::int64_t>(stored.bytes.size()));
        // Whole, or hardly less: a small part would keep all of it.
        EXPECT_NE((*body)->share(1, 0, 100'000, 8), nullptr);
        EXPECT_EQ((*body)->share(1, 0, 99'950, 8)->size(), 99'950);
        EXPECT_EQ((*body)->share(1, 0, 50'000, 8), nullptr);
        EXPECT_EQ((*body)->share(1, 8, 99'992, 8), nullptr);
        // Buffers of a few bytes are rounded up.
        EXPECT_GE(budget->reserved_bytes() + 2 * 64, budget->arrow_pool()->bytes_allocated());
        EXPECT_GE(budget->arrow_pool()->bytes_allocated(), 100'000);
      }
      EXPECT_EQ(budget->reserved_bytes() + budget->arrow_pool()->bytes_allocated(), 0);
    }
  }
}

TEST(IpcBody, ThatHasNoRoomIsRefusedBeforeAnythingIsAllocated) {
  Stored stored;
  for (int i = 0; i < 4; ++i) stored.add(packed(std::string(100'000, 'x'), 100'000));
  const auto budget = MemoryBudget::make(300'000);
  const auto stream = open(stored, budget);
  const auto refused =
      load_body(*stream, stored.message(BodyCodec::Zstd), std::vector<bool>(4, true), budget);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::MemoryLimit);
  EXPECT_EQ(budget->arrow_pool()->max_memory(), 0);
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_TRUE(stream->go_to(kBodyOffset));
  EXPECT_TRUE(
      load_body(*stream, stored.message(BodyCodec::Zstd), {true, false, true, false}, budget));
}

TEST(IpcBody, WhatABufferSaysOfItsSizeIsBelievedAsFarAsItsCodecGoes) {
  const std::pair<std::string, const char*> wrong[] = {
      {packed("text", std::int64_t{1} << 40), "says that its"},
      {packed("text", -2), "says that its"},
      {packed("text", 5), "is damaged"},
      {packed("text", 3), "is damaged"},
      {packed("text", 4).substr(0, 5), "is too short"},
      {packed("text", 4).substr(0, 12), "is damaged"},
  };
  for (const auto& [buffer, says] : wrong) {
    for (const bool can_seek : {true, false}) {
      Stored stored;
      stored.add(buffer);
      const auto budget = MemoryBudget::make(1 << 20);
      const auto stream = open(stored, budget, can_seek);
      const auto body = load_body(*stream, stored.message(BodyCodec::Zstd), {true}, budget);
      ASSERT_FALSE(body) << says;
      EXPECT_EQ(body.error().kind, ErrorKind::Parse);
      EXPECT_THAT(body.error().message, HasSubstr(says));
      EXPECT_EQ(budget->reserved_bytes() + budget->arrow_pool()->bytes_allocated(), 0);
    }
  }
}

}  // namespace
}  // namespace polarway::ipc
