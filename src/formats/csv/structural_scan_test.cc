#include "formats/csv/structural_scan.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <random>
#include <string>
#include <vector>

namespace polarway::csv {
namespace {

struct Found {
  Scan scan;
  std::vector<std::uint32_t> ends;
};

template <class Scanner>
Found run(Scanner scanner, const std::string& text, const Marks& marks, std::size_t room = 4096) {
  std::string padded = text + std::string(64, ',');  // padding must not be taken for text
  Found found;
  found.ends.resize(room);
  found.scan = scanner({reinterpret_cast<const std::uint8_t*>(padded.data()), text.size()}, marks,
                       std::span<std::uint32_t>(found.ends));
  found.ends.resize(static_cast<std::size_t>(found.scan.num_ends));
  return found;
}

// Every SIMD target of this machine, one after the other.
class EveryTarget : public ::testing::TestWithParam<std::int64_t> {
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

INSTANTIATE_TEST_SUITE_P(Simd, EveryTarget, ::testing::ValuesIn(targets()), [](const auto& target) {
  return std::string(hwy::TargetName(target.param));
});

TEST_P(EveryTarget, FindsWhatTheStateMachineFinds) {
  std::mt19937 random(7);
  const char alphabet[] = "ab,\n\"\r,\nx\"";
  int compared = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const std::size_t size = random() % 200;
    while (text.size() < size) {
      // Mostly well-formed fields, so that the SIMD scan has something to agree on.
      if (random() % 4 == 0) {
        text += '"';
        for (auto i = random() % 70; i > 0; --i) {
          const char c = alphabet[random() % (sizeof alphabet - 1)];
          text += c;
          if (c == '"') text += c;
        }
        text += '"';
        text += random() % 3 == 0 ? "\r\n" : ",";
      } else if (random() % 50 == 0) {
        text += alphabet[random() % (sizeof alphabet - 1)];
      } else {
        text += random() % 5 == 0 ? "\n" : random() % 2 == 0 ? "," : "z";
      }
    }
    const Found simd = run(structural_scan, text, {});
    if (simd.scan.stray_quotes) continue;
    const Found exact = run(exact_scan, text, {});
    ASSERT_EQ(simd.ends, exact.ends) << text;
    EXPECT_EQ(simd.scan.num_eols, exact.scan.num_eols);
    EXPECT_EQ(simd.scan.in_quotes, exact.scan.in_quotes) << text;
    ++compared;
  }
  EXPECT_GT(compared, 2000);
}

TEST_P(EveryTarget, SaysWhenAQuoteStandsWhereItMustNot) {
  for (std::size_t at = 0; at < 130; ++at) {
    const std::string before(at, 'x');
    EXPECT_TRUE(run(structural_scan, before + "x\"y,z\n", {}).scan.stray_quotes) << at;
    EXPECT_TRUE(run(structural_scan, before + ",\"y\"z\n", {}).scan.stray_quotes) << at;
    EXPECT_FALSE(run(structural_scan, before + ",\"y\",z\n", {}).scan.stray_quotes) << at;
    EXPECT_FALSE(run(structural_scan, before + ",\"y\"\r\n", {}).scan.stray_quotes) << at;
    EXPECT_FALSE(run(structural_scan, before + ",\"y\"\"z\"\n", {}).scan.stray_quotes) << at;
  }
}

TEST_P(EveryTarget, StopsWhereTheRoomEnds) {
  const std::string text(1000, ',');
  const Found found = run(structural_scan, text, {}, 200);
  EXPECT_LE(found.scan.num_ends, 200);
  EXPECT_LT(found.scan.scanned, 1000);
  EXPECT_EQ(found.scan.scanned, found.scan.num_ends);
}

TEST_P(EveryTarget, TakesQuotesForTextWhenThereIsNoQuoting) {
  const Found found = run(structural_scan, "\"a,b\n", {.has_quote = false});
  EXPECT_EQ(found.ends, (std::vector<std::uint32_t>{2, 4}));
}

}  // namespace
}  // namespace polarway::csv
