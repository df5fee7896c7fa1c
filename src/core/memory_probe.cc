#include "core/memory_probe.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>

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

// A file that holds one number. "max" (v2) and v1's nearly 2^63 mean that there is no limit.
std::optional<std::int64_t> only_number(const std::optional<std::string>& text) {
  constexpr std::int64_t kNoLimit = INT64_MAX / 2;
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), value);
  if (parsed.ec != std::errc() || value >= kNoLimit) return std::nullopt;
  return value;
}

}  // namespace

struct MemoryProbe::Level {
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> usage;
  std::int64_t inactive_file = 0;
};

std::optional<std::string> MemoryProbe::read(const std::string& path) const {
  const int fd = ::open((root_ + path).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text;
  char block[4096];
  ssize_t got = 0;
  while ((got = ::read(fd, block, sizeof block)) > 0) {
    text.append(block, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return text;
}

std::int64_t MemoryProbe::process_bytes() const {
  const std::optional<std::string> status = read("/proc/self/status");
  if (!status) return 0;
  const std::int64_t kib = number_after(*status, "RssAnon:").value_or(0) +
                           number_after(*status, "RssShmem:").value_or(0);
  return kib * 1024;
}

template <class Visit>
void MemoryProbe::visit_cgroups(Visit visit) const {
  const std::string groups = read("/proc/self/cgroup").value_or("");
  const std::string mounts = read("/proc/self/mountinfo").value_or("");
  std::istringstream group_lines(groups);
  for (std::string group; std::getline(group_lines, group);) {
    const std::size_t first = group.find(':');
    const std::size_t second = group.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + group.substr(first + 1, second - first - 1) + ",";
    const bool v2 = controllers == ",,";
    if (!v2 && controllers.find(",memory,") == std::string::npos) continue;
    std::string path = group.substr(second + 1);

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
      std::string inner = path;
      if (mount_root != "/" && inner.starts_with(mount_root)) inner.erase(0, mount_root.size());
      if (inner == "/") inner.clear();
      for (;;) {
        const std::string folder = mount_point + inner + "/";
        Level level;
        std::string stat_key;
        if (v2) {
          const auto max = only_number(read(folder + "memory.max"));
          const auto high = only_number(read(folder + "memory.high"));
          level.limit = max && high ? std::min(*max, *high) : (max ? max : high);
          level.usage = only_number(read(folder + "memory.current"));
          stat_key = "inactive_file";
        } else {
          level.limit = only_number(read(folder + "memory.limit_in_bytes"));
          level.usage = only_number(read(folder + "memory.usage_in_bytes"));
          stat_key = "total_inactive_file";
        }
        if (level.limit) {
          level.inactive_file =
              number_after(read(folder + "memory.stat").value_or(""), stat_key).value_or(0);
          visit(level);
        }
        if (inner.empty()) break;
        inner.erase(inner.rfind('/'));
      }
      break;
    }
  }
}

std::optional<std::int64_t> MemoryProbe::cgroup_limit_bytes() const {
  std::optional<std::int64_t> smallest;
  visit_cgroups(
      [&](const Level& level) { smallest = std::min(smallest.value_or(INT64_MAX), *level.limit); });
  return smallest;
}

std::optional<std::int64_t> MemoryProbe::cgroup_available_bytes() const {
  std::optional<std::int64_t> smallest;
  visit_cgroups([&](const Level& level) {
    const std::int64_t used =
        std::max<std::int64_t>(0, level.usage.value_or(0) - level.inactive_file);
    const std::int64_t left = std::max<std::int64_t>(0, *level.limit - used);
    smallest = std::min(smallest.value_or(INT64_MAX), left);
  });
  return smallest;
}

std::int64_t MemoryProbe::host_available_bytes() const {
  const std::optional<std::string> info = read("/proc/meminfo");
  const auto kib = info ? number_after(*info, "MemAvailable:") : std::nullopt;
  return kib ? *kib * 1024 : INT64_MAX;
}

std::optional<std::int64_t> MemoryProbe::rlimit_available_bytes() const {
  rlimit limit{};
  if (::getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::nullopt;
  }
  const std::optional<std::string> status = read("/proc/self/status");
  const std::int64_t used = status ? number_after(*status, "VmData:").value_or(0) * 1024 : 0;
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(limit.rlim_cur) - used);
}

}  // namespace polarway
