#include "core/memory_probe.h"

#include <gtest/gtest.h>

#include "support/recorded_root.h"

namespace polarway {
namespace {

using testing::RecordedRoot;

TEST(MemoryProbe, AddsAnonymousAndSharedMemory) {
  RecordedRoot root;
  root.write(
      "proc/self/status",
      "Name:\tx\nVmRSS:\t  900 kB\nRssAnon:\t     120 kB\nRssFile:\t 700 kB\nRssShmem:\t  8 kB\n");
  EXPECT_EQ(root.probe().process_memory().anonymous_bytes, 128 * 1024);
  EXPECT_EQ(root.probe().process_memory().file_bytes, 700 * 1024);
  EXPECT_GT(MemoryProbe().process_memory().anonymous_bytes, 0);
}

TEST(MemoryProbe, TakesTheSmallestLimitOfACgroup2Chain) {
  RecordedRoot root;
  root.write("proc/self/cgroup", "0::/jobs/one\n");
  root.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
  root.write("sys/fs/cgroup/jobs/one/memory.max", "max\n");
  root.write("sys/fs/cgroup/jobs/one/memory.high", "300000000\n");
  root.write("sys/fs/cgroup/jobs/one/memory.current", "100000000\n");
  root.write("sys/fs/cgroup/jobs/one/memory.stat", "anon 1\ninactive_file 40000000\n");
  root.write("sys/fs/cgroup/jobs/memory.max", "250000000\n");
  root.write("sys/fs/cgroup/jobs/memory.high", "max\n");
  root.write("sys/fs/cgroup/jobs/memory.current", "120000000\n");
  root.write("sys/fs/cgroup/jobs/memory.stat", "inactive_file 40000000\n");
  EXPECT_EQ(root.probe().cgroup_limit_bytes(), 250'000'000);
  EXPECT_EQ(root.probe().cgroup_available_bytes(), 170'000'000);
}

TEST(MemoryProbe, ReadsCgroup1BesideAnEmptyUnifiedHierarchy) {
  RecordedRoot root;
  root.write("proc/self/cgroup", "5:cpu,cpuacct:/\n3:memory:/box\n0::/\n");
  root.write("proc/self/mountinfo",
             "33 32 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
             "34 32 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  root.write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "64000000\n");
  root.write("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "30000000\n");
  root.write("sys/fs/cgroup/memory/box/memory.stat",
             "inactive_file 1\ntotal_inactive_file 10000000\n");
  EXPECT_EQ(root.probe().cgroup_limit_bytes(), 64'000'000);
  EXPECT_EQ(root.probe().cgroup_available_bytes(), 44'000'000);
}

TEST(MemoryProbe, KnowsContainersThatSeeAPartOfTheHierarchy) {
  RecordedRoot root;
  root.write("proc/self/cgroup", "3:memory:/docker/abc\n");
  root.write("proc/self/mountinfo",
             "33 32 0:29 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000\n");
  EXPECT_EQ(root.probe().cgroup_limit_bytes(), 1'000'000);
}

TEST(MemoryProbe, FilePagesAreThereForTheTaking) {
  RecordedRoot root;
  root.write("proc/self/cgroup", "0::/box\n");
  root.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  root.write("sys/fs/cgroup/box/memory.max", "1000000\n");
  root.write("sys/fs/cgroup/box/memory.current", "900000\n");
  root.write("sys/fs/cgroup/box/memory.stat", "inactive_file 300000\nactive_file 100000\n");
  MemoryProbe probe = root.probe();
  const std::vector<CgroupLevel> levels = probe.cgroup_levels();
  ASSERT_EQ(levels.size(), 1U);
  EXPECT_EQ(levels[0].limit_bytes, 1'000'000);
  EXPECT_EQ(levels[0].available_bytes, 500'000);
}

TEST(MemoryProbe, SeesALimitThatChangesAndAProcessThatIsMoved) {
  RecordedRoot root;
  root.write("proc/self/cgroup", "0::/box\n");
  root.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  root.write("sys/fs/cgroup/box/memory.max", "1000000\n");
  root.write("sys/fs/cgroup/other/memory.max", "3000000\n");
  MemoryProbe probe = root.probe();
  EXPECT_EQ(probe.cgroup_limit_bytes(), 1'000'000);
  root.write("sys/fs/cgroup/box/memory.high", "500000\n");
  EXPECT_EQ(probe.cgroup_limit_bytes(), 500'000);
  root.write("proc/self/cgroup", "0::/other\n");
  EXPECT_EQ(probe.cgroup_limit_bytes(), 3'000'000);
}

TEST(MemoryProbe, ReadsThePressureOfTheCgroupElseOfTheHost) {
  RecordedRoot root;
  EXPECT_EQ(root.probe().stall_us(), std::nullopt);
  root.write("proc/pressure/memory",
             "some avg10=0.00 avg60=0.00 avg300=0.00 total=3252252\n"
             "full avg10=0.00 avg60=0.00 avg300=0.00 total=696010\n");
  EXPECT_EQ(root.probe().stall_us(), 3'252'252);
  root.write("proc/self/cgroup", "0::/box\n");
  root.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  root.write("sys/fs/cgroup/box/memory.pressure", "some avg10=1.00 avg60=0 avg300=0 total=17\n");
  EXPECT_EQ(root.probe().stall_us(), 17);
}

TEST(MemoryProbe, WithoutCgroupsThereIsNoLimit) {
  RecordedRoot root;
  EXPECT_EQ(root.probe().cgroup_limit_bytes(), std::nullopt);
  EXPECT_EQ(root.probe().cgroup_available_bytes(), std::nullopt);
  EXPECT_EQ(root.probe().host_available_bytes(), INT64_MAX);
}

}  // namespace
}  // namespace polarway
