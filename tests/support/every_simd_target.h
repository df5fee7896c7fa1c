#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cstdint>
#include <string>
#include <vector>

namespace polarway::testing {

/// Every SIMD target of this machine, one after the other. In a test of one's own class:
///   class Scan : public EverySimdTarget {};
///   INSTANTIATE_TEST_SUITE_P(Simd, Scan, ::testing::ValuesIn(simd_targets()), simd_name);
class EverySimdTarget : public ::testing::TestWithParam<std::int64_t> {
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

inline std::vector<std::int64_t> simd_targets() {
  std::vector<std::int64_t> result;
  for (std::int64_t targets = hwy::SupportedTargets(); targets != 0; targets &= targets - 1) {
    result.push_back(targets & -targets);
  }
  return result;
}

inline std::string simd_name(const ::testing::TestParamInfo<std::int64_t>& target) {
  return hwy::TargetName(target.param);
}

}  // namespace polarway::testing
