#include "formats/csv/quick_integers.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "support/csv_fields.h"
#include "support/every_simd_target.h"

namespace polarway::csv {
namespace {

using testing::Fields;

class QuickInt64s : public ::polarway::testing::EverySimdTarget {};

INSTANTIATE_TEST_SUITE_P(Simd, QuickInt64s,
                         ::testing::ValuesIn(::polarway::testing::simd_targets()),
                         ::polarway::testing::simd_name);

// As many as one at a time are read, and the same.
void expect_as_single(const std::vector<std::string>& texts, std::int64_t from) {
  const Fields fields(texts);
  std::array<std::int64_t, FieldBatch::kMostFields> many{};
  const std::int64_t count = quick_int64s(fields.batch(), from, many.data());
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t single = 0;
    ASSERT_TRUE(quick_int64(fields.batch().field(from + i), single));
    ASSERT_EQ(many[static_cast<std::size_t>(i)], single);
  }
  std::int64_t next = 0;
  ASSERT_TRUE(from + count == fields.batch().size ||
              !quick_int64(fields.batch().field(from + count), next));
}

TEST_P(QuickInt64s, ReadsWhatIsReadOneAtATime) {
  std::mt19937_64 random(5);
  const std::vector<std::string> odd = {"", "-", "+1", "007", "-01", "1.5", "\"1\"", " 1", "1-1"};
  for (int round = 0; round < 5'000; ++round) {
    std::vector<std::string> texts;
    const auto size = 1 + random() % 40;
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto value = static_cast<std::int64_t>(random()) >> (random() % 64);
      texts.push_back(random() % 30 == 0 ? odd[random() % odd.size()] : std::to_string(value));
    }
    expect_as_single(texts, static_cast<std::int64_t>(random() % size));
  }
}

TEST_P(QuickInt64s, RefusesWhateverIsNoDigitInAnyPlace) {
  for (std::size_t size = 1; size <= 17; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::vector<std::string> texts(5, "12");
        std::string& text = texts[at % 4];
        text.assign(size, '1');
        text[at] = static_cast<char>(c);
        expect_as_single(texts, 0);
      }
    }
  }
}

}  // namespace
}  // namespace polarway::csv
