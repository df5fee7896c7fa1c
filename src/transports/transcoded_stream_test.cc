#include "transports/transcoded_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iconv.h>

#include "support/drain.h"
#include "support/memory_stream.h"

namespace polarway {
namespace {

using testing::drain;
using testing::Drained;
using ::testing::HasSubstr;
using testing::MemoryStream;

// UTF-8 in another encoding.
std::string in(const std::string& charset, std::string text) {
  const iconv_t converter = iconv_open(charset.c_str(), "UTF-8");
  std::string out(text.size() * 6 + 16, '\0');
  char* from = text.data();
  char* to = out.data();
  std::size_t from_left = text.size(), to_left = out.size();
  EXPECT_EQ(iconv(converter, &from, &from_left, &to, &to_left), 0U) << charset;
  iconv(converter, nullptr, nullptr, &to, &to_left);
  iconv_close(converter);
  out.resize(out.size() - to_left);
  return out;
}

std::unique_ptr<ByteStream> as_utf8(
    const std::string& charset, std::string bytes, std::size_t cut = std::string::npos,
    std::size_t mark = 0, std::shared_ptr<MemoryBudget> budget = MemoryBudget::make(1 << 20)) {
  return *transcode(std::make_unique<MemoryStream>(std::move(bytes), cut),
                    {.from = {charset}, .byte_order_mark = mark}, budget);
}

std::string sample() {
  std::string text = "id,näme\n";
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + ",\"Zoë\n\"\"é\"\"\"\n";
  return text;
}

TEST(TranscodedStream, GivesTheTextWhereverReadsEnd) {
  for (const std::string charset :
       {"utf-16le", "utf-16be", "utf-32le", "utf-32be", "windows-1252", "iso-8859-15", "utf-7"}) {
    const std::string bytes = in(charset, sample());
    for (const std::size_t cut : {1, 2, 3, 7, 1 << 20}) {
      for (const std::size_t block : {1, 2, 3, 5, 4096}) {
        const Drained got = drain(*as_utf8(charset, bytes, cut), block);
        EXPECT_FALSE(got.error) << got.message();
        EXPECT_EQ(got.bytes, sample()) << charset << ", cut every " << cut << ", read " << block;
      }
    }
  }
}

TEST(TranscodedStream, GivesTextLargerThanItsBuffer) {
  std::string text;
  while (text.size() < 300'000) text += "日本語,テキスト\n";
  for (const std::string charset : {"shift_jis", "euc-jp", "iso-2022-jp", "gb18030", "utf-16le"}) {
    EXPECT_EQ(drain(*as_utf8(charset, in(charset, text)), 1000).bytes, text) << charset;
  }
}

TEST(TranscodedStream, KeepsALastCharacterThatMightHaveBeenJoinedWithAnother) {
  const std::string text = "\xC3\x8A";  // Ê, which Big5-HKSCS may combine with an accent
  EXPECT_EQ(drain(*as_utf8("big5-hkscs", in("big5-hkscs", text)), 1).bytes, text);
}

TEST(TranscodedStream, GivesCharactersBeyondTheBasicPlane) {
  EXPECT_EQ(drain(*as_utf8("utf-16le", in("utf-16le", "🎈"), 1), 1).bytes, "🎈");
}

TEST(TranscodedStream, LeavesTheByteOrderMarkOut) {
  EXPECT_EQ(drain(*as_utf8("utf-16le", in("utf-16le", "\uFEFFab"), 1, 2)).bytes, "ab");
}

TEST(TranscodedStream, ThatIsNotValidIsAnErrorWithItsByte) {
  const std::string good = in("utf-16le", sample());
  for (const std::size_t cut : {1, 10, 1 << 20}) {
    for (const std::size_t block : {1, 4096}) {
      auto stream = as_utf8("utf-16le",
                            good + std::string("\x00\xDC"
                                               "a\0",
                                               4),
                            cut);
      const Drained got = drain(*stream, block);
      EXPECT_EQ(got.bytes, sample());
      EXPECT_EQ(got.error->kind, ErrorKind::Parse);
      EXPECT_THAT(got.message(), HasSubstr("at byte " + std::to_string(good.size()) + " "));
      EXPECT_THAT(got.message(), HasSubstr("00 DC"));
      EXPECT_EQ(drain(*stream).message(), got.message()) << "it repeats";
    }
  }
  EXPECT_THAT(drain(*as_utf8("windows-1252", "a\x81z")).message(), HasSubstr("at byte 1 "));
}

TEST(TranscodedStream, CutOffInACharacterIsAnErrorWithItsByte) {
  const std::string good = in("utf-16le", sample() + "🎈");
  for (std::size_t missing = 1; missing <= 3; ++missing) {
    const Drained got = drain(*as_utf8("utf-16le", good.substr(0, good.size() - missing), 5));
    EXPECT_EQ(got.bytes, sample());
    EXPECT_THAT(got.message(), HasSubstr("at byte " + std::to_string(good.size() - 4) + " "));
  }
}

TEST(TranscodedStream, GoesOnAtAnyByteOfTheText) {
  const std::string text = sample();
  auto stream = as_utf8("utf-16le", in("utf-16le", "\uFEFF" + text), 100, 2);
  EXPECT_FALSE(stream->random_access());
  for (const std::size_t at : {500, 100, 0, 501, 7}) {
    ASSERT_TRUE(stream->seek(static_cast<std::int64_t>(at)));
    EXPECT_EQ(drain(*stream, 64).bytes, text.substr(at));
  }
}

TEST(TranscodedStream, StartsAStatefulEncodingAnewWhenItGoesBack) {
  const std::string text = "a,日本\n";
  auto stream = as_utf8("iso-2022-jp", in("iso-2022-jp", text));
  std::vector<std::uint8_t> buffer(5);
  ASSERT_EQ(*stream->read(buffer, {}), 5);  // in the middle of what is shifted
  ASSERT_TRUE(stream->seek(0));
  EXPECT_EQ(drain(*stream).bytes, text);
}

TEST(TranscodedStream, IsPaidForBeforeItIsThere) {
  const auto budget = MemoryBudget::make(100 << 10);
  const auto refused =
      transcode(std::make_unique<MemoryStream>("a"), {.from = {"utf-16le"}}, budget);
  EXPECT_EQ(refused.error().kind, ErrorKind::MemoryLimit);
  budget->set_limit(1 << 20);
  {
    const auto stream = as_utf8("utf-16le", "a", 1, 0, budget);
    EXPECT_EQ(budget->reserved_bytes(), 128 << 10);
  }
  EXPECT_EQ(budget->reserved_bytes(), 0);
}

}  // namespace
}  // namespace polarway
