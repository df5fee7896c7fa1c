#include "core/memory_probe.h"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace polarway {
namespace {

// The number after `key` and blanks, in a file of "key value" lines.
std::optional<std::int64_t> number_after(std::string_view text, std::string_view key) {
  std::size_t at = 0;
  while ((at = text.find(key, at)) != std::string_view::npos) {
    const bool at_line_start = at == 0 || text[at - 1] == '\n';
    at += key.size();
    if (!at_line_start || at >= text.size() || (text[at] != ' ' && text[at] != '\t')) continue;
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data() + at, text.data() + text.size(), value);
    if (parsed.ec == std::errc()) return value;
  }
  return std::nullopt;
}

// All of a file of any length, or "".
std::string read_whole(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

MemoryProbe::MemoryProbe(const std::string& root)
    : root_(root),
      status_(root + "/proc/self/status"),
      memberships_(root + "/proc/self/cgroup"),
      host_(root + "/proc/meminfo"),
      pressure_(root + "/proc/pressure/memory") {}

std::string_view MemoryProbe::read(KernelFile& file) { return file.read(text_).value_or(""); }

// Of a file that holds one. "max" (v2) and v1's nearly 2^63 mean that there is no limit.
std::optional<std::int64_t> MemoryProbe::read_number(KernelFile& file) {
  constexpr std::int64_t kNoLimit = INT64_MAX / 2;
  const std::string_view text = read(file);
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || value >= kNoLimit) return std::nullopt;
  return value;
}

ProcessMemory MemoryProbe::process_memory() {
  const std::string_view status = read(status_);
  const auto bytes = [&](std::string_view key) {
    return number_after(status, key).value_or(0) * 1024;
  };
  return {bytes("RssAnon:") + bytes("RssShmem:"), bytes("RssFile:")};
}

void MemoryProbe::find_cgroups() {
  const std::string_view memberships = read(memberships_);
  if (memberships == known_memberships_) return;
  std::string groups(memberships);
  std::vector<Cgroup> found;
  const std::string mounts = read_whole(root_ + "/proc/self/mountinfo");
  std::istringstream group_lines(groups);
  for (std::string group; std::getline(group_lines, group);) {
    const std::size_t first = group.find(':');
    const std::size_t second = group.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + group.substr(first + 1, second - first - 1) + ",";
    const bool v2 = controllers == ",,";
    if (!v2 && controllers.find(",memory,") == std::string::npos) continue;
    std::string inner = group.substr(second + 1);

    // mountinfo: id parent dev root mount-point options ... - type source super-options
    std::istringstream mount_lines(mounts);
    for (std::string mount; std::getline(mount_lines, mount);) {
      const std::size_t dash = mount.find(" - ");
      if (dash == std::string::npos) continue;
      std::istringstream head(mount.substr(0, dash));
      std::istringstream tail(mount.substr(dash + 3));
      std::string skip, mount_root, mount_point, type, source, super_options;
      head >> skip >> skip >> skip >> mount_root >> mount_point;
      tail >> type >> source >> super_options;
      const bool fits = v2 ? type == "cgroup2"
                           : type == "cgroup" &&
                                 ("," + super_options + ",").find(",memory,") != std::string::npos;
      if (!fits) continue;
      // Inside a container the mount shows a part of the hierarchy only.
      if (mount_root != "/" && inner.starts_with(mount_root)) inner.erase(0, mount_root.size());
      if (inner == "/") inner.clear();
      for (;;) {
        const std::string folder = root_ + mount_point + inner + "/";
        found.push_back(
            {.is_v2 = v2,
             .limit = KernelFile(folder + (v2 ? "memory.max" : "memory.limit_in_bytes")),
             .high = KernelFile(folder + "memory.high"),
             .usage = KernelFile(folder + (v2 ? "memory.current" : "memory.usage_in_bytes")),
             .stat = KernelFile(folder + "memory.stat"),
             .pressure = KernelFile(folder + "memory.pressure")});
        if (inner.empty()) break;
        inner.erase(inner.rfind('/'));
      }
      break;
    }
  }
  levels_.reserve(found.size());
  cgroups_.swap(found);
  known_memberships_ = std::move(groups);
}

const std::vector<CgroupLevel>& MemoryProbe::cgroup_levels() {
  find_cgroups();
  levels_.clear();
  for (Cgroup& group : cgroups_) {
    std::optional<std::int64_t> limit = read_number(group.limit);
    if (group.is_v2) {
      const auto high = read_number(group.high);
      if (high) limit = std::min(*high, limit.value_or(INT64_MAX));
    }
    if (!limit) continue;
    const std::int64_t usage = read_number(group.usage).value_or(0);
    const std::string_view stat = read(group.stat);
    const std::int64_t file_pages =
        number_after(stat, group.is_v2 ? "inactive_file" : "total_inactive_file").value_or(0) +
        number_after(stat, group.is_v2 ? "active_file" : "total_active_file").value_or(0);
    const std::int64_t used = std::max<std::int64_t>(0, usage - file_pages);
    levels_.push_back({*limit, std::max<std::int64_t>(0, *limit - used)});
  }
  return levels_;
}

std::optional<std::int64_t> MemoryProbe::cgroup_limit_bytes() {
  std::optional<std::int64_t> smallest;
  for (const CgroupLevel& level : cgroup_levels()) {
    smallest = std::min(smallest.value_or(INT64_MAX), level.limit_bytes);
  }
  return smallest;
}

std::optional<std::int64_t> MemoryProbe::cgroup_available_bytes() {
  std::optional<std::int64_t> smallest;
  for (const CgroupLevel& level : cgroup_levels()) {
    smallest = std::min(smallest.value_or(INT64_MAX), level.available_bytes);
  }
  return smallest;
}

std::int64_t MemoryProbe::host_available_bytes() {
  const auto kib = number_after(read(host_), "MemAvailable:");
  return kib ? *kib * 1024 : INT64_MAX;
}

std::int64_t MemoryProbe::host_total_bytes() {
  const auto kib = number_after(read(host_), "MemTotal:");
  return kib ? *kib * 1024 : INT64_MAX;
}

std::optional<std::int64_t> MemoryProbe::rlimit_available_bytes() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::nullopt;
  }
  const std::int64_t used = number_after(read(status_), "VmData:").value_or(0) * 1024;
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(limit.rlim_cur) - used);
}

std::optional<std::int64_t> MemoryProbe::stall_us() {
  find_cgroups();
  std::string_view pressure;
  for (Cgroup& group : cgroups_) {
    if (group.is_v2 && pressure.empty()) pressure = read(group.pressure);
  }
  if (pressure.empty()) pressure = read(pressure_);
  // some avg10=0.00 avg60=0.00 avg300=0.00 total=1234
  constexpr std::string_view kTotal = "total=";
  const std::size_t at = pressure.find(kTotal);
  if (at == std::string_view::npos || !pressure.starts_with("some ")) return std::nullopt;
  const char* const digits = pressure.data() + at + kTotal.size();
  std::int64_t total = 0;
  if (std::from_chars(digits, pressure.data() + pressure.size(), total).ec != std::errc()) {
    return std::nullopt;
  }
  return total;
}

}  // namespace polarway
