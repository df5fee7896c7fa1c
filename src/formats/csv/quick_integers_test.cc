#include "formats/csv/quick_integers.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace polarway::csv {
namespace {

class QuickInt64s : public ::testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override {
    hwy::SetSupportedTargetsForTest(GetParam());
    hwy::GetChosenTarget().DeInit();
  }
  void TearDown() override {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().DeInit();
  }
};

std::vector<std::int64_t> targets() {
  std::vector<std::int64_t> result;
  for (std::int64_t targets = hwy::SupportedTargets(); targets != 0; targets &= targets - 1) {
    result.push_back(targets & -targets);
  }
  return result;
}

INSTANTIATE_TEST_SUITE_P(Simd, QuickInt64s, ::testing::ValuesIn(targets()), [](const auto& target) {
  return std::string(hwy::TargetName(target.param));
});

// Fields one behind the other, as a column's only are where there is no other.
class Fields {
 public:
  explicit Fields(const std::vector<std::string>& texts) : text_(64, '7') {
    batch_.size = std::ssize(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      batch_.begins[i] = static_cast<std::uint32_t>(text_.size());
      text_ += texts[i];
      batch_.ends[i] = static_cast<std::uint32_t>(text_.size());
      text_ += i % 2 == 0 ? ',' : '\n';
    }
    text_.append(64, '7');
    batch_.text = text_.data();
  }
  const FieldBatch& batch() const { return batch_; }

 private:
  std::string text_;
  FieldBatch batch_;
};

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
