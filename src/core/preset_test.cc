#include "core/preset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "polarway/memory.h"

namespace polarway {
namespace {

using ::testing::HasSubstr;

TEST(Preset, IsTheGuidesTable) {
  const Preset b1s = *find_preset("b1s");
  EXPECT_EQ(b1s.memory_limit_bytes, 600'000'000);
  EXPECT_EQ(b1s.max_chunk_rows, 5'000);
  const Preset b2s = *find_preset("B2s");
  EXPECT_EQ(b2s.memory_limit_bytes, 2'500'000'000);
  EXPECT_EQ(b2s.max_chunk_rows, 20'000);
  const Preset b4ms = *find_preset("b4ms");
  EXPECT_EQ(b4ms.memory_limit_bytes, 10'000'000'000);
  EXPECT_EQ(b4ms.max_chunk_rows, 100'000);
}

TEST(Preset, IsChosenByRamAsMachinesReportIt) {
  EXPECT_EQ(preset_for_ram(64'000'000).name, "b1s");
  EXPECT_EQ(preset_for_ram(950'000'000).name, "b1s");
  EXPECT_EQ(preset_for_ram(3'900'000'000).name, "b2s");
  EXPECT_EQ(preset_for_ram(8'000'000'000).name, "b2s");
  EXPECT_EQ(preset_for_ram(16'300'000'000).name, "b4ms");
  EXPECT_EQ(preset_for_ram(64'000'000'000).name, "b4ms");
}

TEST(Preset, MadeForThisMachineTakes60PercentOfWhatThereIs) {
  const Preset made = *find_preset("auto");
  const auto sixty_percent = static_cast<double>(memory_available()) * 0.6;
  EXPECT_NEAR(static_cast<double>(made.memory_limit_bytes), sixty_percent, sixty_percent / 4);
  EXPECT_GE(made.max_chunk_rows, 5'000);
}

TEST(Preset, OfAnotherNameIsAnError) {
  const auto near = find_preset("b2");
  ASSERT_FALSE(near);
  EXPECT_EQ(near.error().kind, ErrorKind::Config);
  EXPECT_THAT(near.error().to_string(), HasSubstr("b2s"));
  EXPECT_THAT(find_preset("enormous").error().to_string(), HasSubstr("auto, b1s, b2s and b4ms"));
}

}  // namespace
}  // namespace polarway
