#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "polarway/config.h"

namespace polarway {
namespace {

using ::testing::HasSubstr;

const Checkpoint kSample{.kind = "csv",
                         .location = "data/größe.csv",
                         .position = "byte=530;\x1B\xFF\n",
                         .rows = 1'048'577};

void expect_refused(std::string_view text) {
  const Result<Checkpoint> got = Checkpoint::from_json(text);
  ASSERT_FALSE(got) << text;
  EXPECT_EQ(got.error().kind, ErrorKind::Config);
}

TEST(Checkpoint, ComesBackAsItWas) {
  const Checkpoint wild{
      .kind = "", .location = "a\"b\\c", .position = std::string("\0\x01\xC3", 3), .rows = 0};
  const Checkpoint late{.kind = "k", .location = "l", .position = "", .rows = INT64_MAX};
  for (const Checkpoint& checkpoint : {kSample, wild, late, Checkpoint{}}) {
    const Result<Checkpoint> back = Checkpoint::from_json(checkpoint.to_json());
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->kind, checkpoint.kind);
    EXPECT_EQ(back->location, checkpoint.location);
    EXPECT_EQ(back->position, checkpoint.position);
    EXPECT_EQ(back->rows, checkpoint.rows);
  }
}

TEST(Checkpoint, IsOneLineAndItsFileMayEndInANewLine) {
  const std::string text = kSample.to_json();
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_TRUE(Checkpoint::from_json(text + "\n"));
  EXPECT_TRUE(Checkpoint::from_json(text + "\r\n"));
}

TEST(Checkpoint, ItsTextStaysTheSameFromVersionToVersion) {
  const Checkpoint plain{.kind = "csv", .location = "a.csv", .position = "p", .rows = 3};
  EXPECT_EQ(plain.to_json(),
            R"({"version":1,"kind":"csv","location":"a.csv","position":"p","rows":3,)"
            R"("checksum":"9adc7f9cd930bc47"})");
}

TEST(Checkpoint, TextCutAtAnyByteIsRefused) {
  const std::string text = kSample.to_json();
  for (std::size_t length = 0; length < text.size(); ++length)
    expect_refused(text.substr(0, length));
  for (std::size_t begin = 1; begin < text.size(); ++begin) expect_refused(text.substr(begin));
}

TEST(Checkpoint, TextWithAnyBitFlippedIsRefused) {
  const std::string text = kSample.to_json();
  for (std::size_t byte = 0; byte < text.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = text;
      changed[byte] = static_cast<char>(changed[byte] ^ (1 << bit));
      expect_refused(changed);
    }
  }
}

TEST(Checkpoint, TwoGluedTogetherOrAnythingAddedIsRefused) {
  const std::string text = kSample.to_json();
  expect_refused(text + text);
  expect_refused(text + "\n" + text);
  expect_refused("{\"more\":1," + text.substr(1));
  expect_refused(text.substr(0, text.size() - 1) + ",\"more\":1}");
  expect_refused(" " + text);
}

TEST(Checkpoint, OfANewerVersionIsRefusedAndSaysSo) {
  std::string text = kSample.to_json();
  text.replace(text.find("\"version\":1"), 11, "\"version\":2");
  const Result<Checkpoint> got = Checkpoint::from_json(text);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::Config);
  EXPECT_THAT(got.error().message, HasSubstr("version 2"));
}

TEST(Checkpoint, OtherJsonIsRefused) {
  for (const char* text :
       {"", "null", "{}", "[]", "{\"version\":1}", "{\"version\":\"1\"}", "{\"version\":1e400}"}) {
    expect_refused(text);
  }
}

}  // namespace
}  // namespace polarway
