#include "formats/parquet/raw_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/types.h>

#include <cstring>
#include <vector>

#include "formats/parquet/page_reader.h"
#include "formats/parquet/text_reader.h"

namespace polarway::pq {
namespace {

using ::parquet::Encoding;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Padded {
  explicit Padded(const std::vector<std::uint8_t>& values) : bytes(values) {
    bytes.resize(values.size() + static_cast<std::size_t>(PageBytes::kPadding));
    span = std::span(bytes).first(values.size());
  }
  std::vector<std::uint8_t> bytes;
  std::span<const std::uint8_t> span;
};

// Of two bytes each: 0x0100, 0x0302, 0x0504.
const Padded kDictionary({0, 1, 2, 3, 4, 5});

// What the page says of indices into it, as pages begin with their width.
Result<std::vector<int>> read(const std::vector<std::uint8_t>& page, std::int64_t count) {
  const Padded bytes(page);
  POLARWAY_TRY(const auto reader,
               make_raw_reader(Encoding::RLE_DICTIONARY, 2, false, bytes.span, kDictionary.span));
  std::vector<std::uint8_t> out(static_cast<std::size_t>(count) * 2);
  if (!reader->read(out.data(), count)) return fail({.message = "refused"});
  std::vector<int> values;
  for (std::size_t i = 0; i < out.size(); i += 2) values.push_back(out[i]);
  return values;
}

TEST(RawReader, IndicesAreThoseOfTheDictionary) {
  EXPECT_THAT(*read({2, 3 << 1, 1}, 3), ElementsAre(2, 2, 2));
  EXPECT_THAT(*read({2, 3, 0b00'10'01'00, 0}, 4), ElementsAre(0, 2, 4, 0));
  EXPECT_THAT(*read({0}, 3), ElementsAre(0, 0, 0)) << "of no bits";
}

TEST(RawReader, AnIndexBeyondTheDictionaryIsRefused) {
  EXPECT_FALSE(read({2, 1 << 1, 3}, 1));
  EXPECT_FALSE(read({2, 3, 0b00'11'01'00, 0}, 3));
  EXPECT_FALSE(read({8, 1 << 1, 200}, 1));
  EXPECT_FALSE(read({32, 1 << 1, 0xFF, 0xFF, 0xFF, 0xFF}, 1));
  EXPECT_FALSE(read({2, 1 << 1, 1}, 2)) << "fewer than there should be";
}

TEST(RawReader, IndicesOfMoreBitsThanThereAreAreRefused) {
  for (const auto width : std::initializer_list<std::uint8_t>{33, 64, 255}) {
    const auto values = read({width, 1 << 1, 1}, 1);
    ASSERT_FALSE(values);
    EXPECT_THAT(values.error().message, HasSubstr(std::to_string(width)));
    const Padded bytes({width, 1 << 1, 1});
    EXPECT_FALSE(make_text_reader(Encoding::RLE_DICTIONARY, bytes.span, {}));
  }
}

TEST(RawReader, TextHasNoIndexBeyondItsDictionaryEither) {
  const std::vector<std::string_view> words{"a", "b"};
  const Padded good({1, 1 << 1, 1});
  const Padded bad({2, 1 << 1, 2});
  std::string_view value;
  EXPECT_EQ((*make_text_reader(Encoding::RLE_DICTIONARY, good.span, words))->read(&value, 1), 1);
  EXPECT_EQ(value, "b");
  EXPECT_LT((*make_text_reader(Encoding::RLE_DICTIONARY, bad.span, words))->read(&value, 1), 0);
}

}  // namespace
}  // namespace polarway::pq
