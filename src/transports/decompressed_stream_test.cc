#include "transports/decompressed_stream.h"

#include <arrow/memory_pool.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "support/compressed.h"
#include "support/drain.h"
#include "support/memory_stream.h"

namespace polarway {
namespace {

using testing::compressed;
using testing::drain;
using testing::Drained;
using ::testing::HasSubstr;
using testing::MemoryStream;
using ::testing::StartsWith;

std::string sample(int rows = 200) {
  std::mt19937 random(7);
  std::string text = "id,name\n";
  for (int i = 0; i < rows; ++i) {
    text += std::to_string(i) + ",name " + std::to_string(random()) + "\n";
  }
  return text;
}

class EveryCompression : public ::testing::TestWithParam<Compression> {
 protected:
  static std::string packed(std::string_view text) { return compressed(GetParam(), text); }

  std::unique_ptr<ByteStream> unpack(std::string bytes, std::size_t cut = std::string::npos,
                                     std::optional<std::int64_t> max_expansion = 1000) const {
    return unpack(std::make_unique<MemoryStream>(std::move(bytes), cut), max_expansion);
  }
  std::unique_ptr<ByteStream> unpack(std::unique_ptr<ByteStream> stored,
                                     std::optional<std::int64_t> max_expansion = 1000) const {
    return *decompress(std::move(stored), format_of(GetParam()), max_expansion, budget);
  }

  std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(64 << 20);
};

INSTANTIATE_TEST_SUITE_P(Formats, EveryCompression,
                         ::testing::Values(Compression::Gzip, Compression::Zstd, Compression::Bz2,
                                           Compression::Lz4, Compression::Xz),
                         [](const auto& format) {
                           return std::string(format_of(format.param).name);
                         });

TEST_P(EveryCompression, GivesTheTextWhereverReadsEnd) {
  const std::string text = sample();
  const std::string bytes = packed(text);
  for (const std::size_t cut : {1, 2, 3, 5, 17, 100, 1000, 1 << 20}) {
    for (const std::size_t block : {1, 3, 64, 1 << 16}) {
      const Drained got = drain(*unpack(bytes, cut), block);
      EXPECT_FALSE(got.error) << got.message();
      EXPECT_EQ(got.bytes, text) << "cut every " << cut << ", read " << block;
    }
  }
}

TEST_P(EveryCompression, GivesAllMembersAndThoseThatAreEmpty) {
  std::string bytes, text;
  for (int i = 0; i < 40; ++i) {
    const std::string part = i % 3 == 0 ? "" : sample(i);
    bytes += packed(part);
    text += part;
  }
  for (const std::size_t cut : {1, 7, 1 << 20}) {
    const Drained got = drain(*unpack(bytes, cut));
    EXPECT_FALSE(got.error) << got.message();
    EXPECT_EQ(got.bytes, text);
  }
  EXPECT_EQ(drain(*unpack("")).bytes, "");
}

TEST_P(EveryCompression, CutAnywhereIsTruncatedThere) {
  const std::string text = sample(20);
  const std::string first = packed(text);
  const std::string bytes = first + packed(text);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const Drained got = drain(*unpack(bytes.substr(0, size), 100));
    if (size == first.size()) {  // that is a whole file
      EXPECT_FALSE(got.error);
      continue;
    }
    EXPECT_THAT(got.message(), HasSubstr("truncated at byte " + std::to_string(size) + " of"));
    EXPECT_TRUE(got.error && got.error->kind == ErrorKind::Parse);
    EXPECT_THAT(text + text, StartsWith(got.bytes));
  }
}

TEST_P(EveryCompression, WithAnyByteChangedIsAnErrorOrTheSameText) {
  const std::string text = sample(50);
  const std::string bytes = packed(text);
  int errors = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char flip : {'\x01', '\x80', '\xFF'}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const Drained got = drain(*unpack(damaged));
      errors += got.error ? 1 : 0;
      if (!got.error) {
        EXPECT_EQ(got.bytes, text) << "byte " << at;
      }
    }
  }
  EXPECT_GT(errors, static_cast<int>(bytes.size()) * 2);
}

TEST_P(EveryCompression, OfNoiseBehindItsMagicNumberIsAnError) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string bytes = packed("a").substr(0, 4 + random() % 12);
    for (int j = 0; j < 300; ++j) bytes += static_cast<char>(random());
    EXPECT_TRUE(drain(*unpack(bytes)).error.has_value());
  }
}

TEST_P(EveryCompression, ZerosBehindItAreNoMatterAndAnythingElseIsAnError) {
  const std::string bytes = packed("a,b\n1,2\n");
  for (const std::size_t cut : {1, 1 << 20}) {
    Drained got = drain(*unpack(bytes + std::string(200'000, '\0'), cut));
    EXPECT_FALSE(got.error) << got.message();
    EXPECT_EQ(got.bytes, "a,b\n1,2\n");
    got = drain(*unpack(bytes + std::string(1000, '\0') + packed("3,4\n"), cut));
    EXPECT_FALSE(got.error) << got.message();
    EXPECT_EQ(got.bytes, "a,b\n1,2\n3,4\n");
    got = drain(*unpack(bytes + "garbage", cut));
    EXPECT_THAT(got.message(), HasSubstr("end at byte " + std::to_string(bytes.size()) + " of"));
    EXPECT_THAT(got.message(), HasSubstr("something else follows"));
  }
}

TEST_P(EveryCompression, GoesOnAtAnyByteOfTheText) {
  const std::string text = sample();
  auto stream = unpack(packed(text), 100);
  EXPECT_TRUE(stream->seekable());
  EXPECT_FALSE(stream->random_access());
  for (const std::size_t at : {500, 100, 0, 3000, 3001, 7}) {
    ASSERT_TRUE(stream->seek(static_cast<std::int64_t>(at)));
    EXPECT_EQ(drain(*stream, 64).bytes, text.substr(at));
  }
  ASSERT_TRUE(stream->seek(static_cast<std::int64_t>(text.size())));
  EXPECT_EQ(drain(*stream).bytes, "");
  ASSERT_TRUE(stream->seek(static_cast<std::int64_t>(text.size()) + 1));
  EXPECT_EQ(drain(*stream).error->kind, ErrorKind::Changed);
}

TEST_P(EveryCompression, CountsEachStoredByteOnce) {
  const std::string bytes = packed(sample());
  auto stream = unpack(bytes, 100);
  std::int64_t before = 0;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::uint8_t> buffer(round == 1 ? 4096 : 64);
    while (*stream->read(buffer, {}) > 0) {
      EXPECT_GE(stream->bytes_read(), before);
      before = stream->bytes_read();
    }
    ASSERT_TRUE(stream->seek(0));
  }
  EXPECT_EQ(before, static_cast<std::int64_t>(bytes.size()));
  EXPECT_EQ(stream->size_bytes(), before);
}

TEST_P(EveryCompression, HasAnIdentityOfItsOwn) {
  const std::string bytes = packed("a");
  EXPECT_THAT(unpack(bytes)->identity(), StartsWith(MemoryStream(bytes).identity()));
  EXPECT_NE(unpack(bytes)->identity(), MemoryStream(bytes).identity());
}

TEST_P(EveryCompression, LosesNothingByAnErrorThatPasses) {
  const std::string text = sample();
  const std::string bytes = packed(text);
  for (int nth = 0; nth < 8; ++nth) {
    auto stream = unpack(std::make_unique<MemoryStream>(
        bytes, bytes.size() / 6, true, MemoryStream::Faults{nth, ErrorKind::Network}));
    Drained got = drain(*stream);
    if (got.error) {
      EXPECT_EQ(got.error->kind, ErrorKind::Network);
      got.bytes += drain(*stream).bytes;
    }
    EXPECT_EQ(got.bytes, text) << "read " << nth << " failed";
  }
}

TEST_P(EveryCompression, RepeatsItsErrorUntilItGoesElsewhere) {
  std::string bytes = packed(sample());
  bytes.resize(bytes.size() - 2);
  auto stream = unpack(bytes);
  const Drained first = drain(*stream);
  EXPECT_EQ(drain(*stream).message(), first.message());
  ASSERT_TRUE(stream->seek(0));
  std::vector<std::uint8_t> buffer(10);
  EXPECT_TRUE(stream->read(buffer, {}));
}

TEST_P(EveryCompression, EndsAtAStop) {
  auto stream = unpack(packed(sample()));
  std::stop_source stop;
  stop.request_stop();
  std::vector<std::uint8_t> buffer(10);
  EXPECT_EQ(stream->read(buffer, stop.get_token()).error().kind, ErrorKind::Cancelled);
  EXPECT_EQ(drain(*stream).bytes, sample());
}

TEST_P(EveryCompression, IsPaidForAndGivesAllBack) {
  std::int64_t most = 0;
  {
    auto stream = unpack(packed(sample()), 50);
    std::vector<std::uint8_t> buffer(100);
    while (*stream->read(buffer, {}) > 0) {
      EXPECT_LE(budget->arrow_pool()->bytes_allocated(), budget->reserved_bytes());
    }
    most = budget->reserved_bytes();
  }
  EXPECT_GE(most, 64 << 10);
  EXPECT_EQ(budget->reserved_bytes(), 0);
  EXPECT_EQ(budget->arrow_pool()->bytes_allocated(), 0);
}

TEST_P(EveryCompression, WaitsForItsMemoryAndLosesNothing) {
  budget->set_limit(100 << 10);
  const std::string text = sample();
  auto stream = unpack(packed(text));
  Drained got = drain(*stream);
  ASSERT_EQ(got.error->kind, ErrorKind::MemoryLimit) << got.message();
  EXPECT_EQ(drain(*stream).error->kind, ErrorKind::MemoryLimit);
  budget->set_limit(64 << 20);
  got = drain(*stream);
  EXPECT_FALSE(got.error) << got.message();
  EXPECT_EQ(got.bytes, text);
}

TEST_P(EveryCompression, ThatExpandsBeyondMeasureIsAnErrorWithTheRatio) {
  const std::string bomb = packed(std::string(std::size_t{80} << 20, '0'));
  const auto ratio = std::to_string((80 << 20) / static_cast<std::int64_t>(bomb.size()));
  Drained got = drain(*unpack(bomb, 1000, 100), 1 << 16);
  EXPECT_THAT(got.message(), HasSubstr("data expand "));
  EXPECT_THAT(got.message(), HasSubstr("max_expansion"));
  EXPECT_LT(got.bytes.size(), std::size_t{66} << 20);
  got = drain(*unpack(bomb, 1 << 20, std::nullopt), 1 << 20);
  EXPECT_FALSE(got.error) << got.message();
  EXPECT_EQ(got.bytes.size(), std::size_t{80} << 20) << "of ratio " << ratio;
}

TEST(Compression, OfZstdAndLz4HasFramesWithoutData) {
  const std::string skippable = std::string("\x52\x2A\x4D\x18\x0A\0\0\0", 8) + "0123456789";
  const auto budget = MemoryBudget::make(64 << 20);
  for (const Compression kind : {Compression::Zstd, Compression::Lz4}) {
    const std::string bytes = skippable + compressed(kind, "a\n") + skippable + skippable +
                              compressed(kind, "b\n") + skippable;
    for (const std::size_t cut : {1, 11, 1 << 20}) {
      auto stream =
          *decompress(std::make_unique<MemoryStream>(bytes, cut), format_of(kind), 1000, budget);
      const Drained got = drain(*stream);
      EXPECT_EQ(got.bytes, "a\nb\n") << got.message();
      EXPECT_FALSE(got.error);
    }
    auto cut = *decompress(std::make_unique<MemoryStream>(bytes.substr(0, bytes.size() - 3)),
                           format_of(kind), 1000, budget);
    EXPECT_THAT(drain(*cut).message(), HasSubstr("truncated"));
  }
}

}  // namespace
}  // namespace polarway
