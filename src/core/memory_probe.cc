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

MemoryProbe::~MemoryProbe() {
  for (const auto& [path, file] : files_) ::close(file);
}

std::optional<std::string> MemoryProbe::read(const std::string& path) {
  auto found = files_.find(path);
  if (found == files_.end()) {
    const int file = ::open((root_ + path).c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::nullopt;
    found = files_.emplace(path, file).first;
  }
  std::string text(4096, '\0');  // larger than any file of interest but mountinfo
  std::size_t length = 0;
  for (;;) {
    const ssize_t got = ::pread(found->second, text.data() + length, text.size() - length,
                                static_cast<off_t>(length));
    if (got < 0) {  // the cgroup is gone
      ::close(found->second);
      files_.erase(found);
      return std::nullopt;
    }
    length += static_cast<std::size_t>(got);
    if (length < text.size()) break;
    text.resize(2 * text.size());
  }
  text.resize(length);
  return text;
}

ProcessMemory MemoryProbe::process_memory() {
  const std::string status = read("/proc/self/status").value_or("");
  const auto bytes = [&](std::string_view key) {
    return number_after(status, key).value_or(0) * 1024;
  };
  return {bytes("RssAnon:") + bytes("RssShmem:"), bytes("RssFile:")};
}

void MemoryProbe::find_cgroups() {
  std::string groups = read("/proc/self/cgroup").value_or("");
  if (groups == cgroups_) return;
  cgroups_ = std::move(groups);
  folders_.clear();
  for (const auto& [path, file] : files_) ::close(file);
  files_.clear();
  const std::string mounts = read("/proc/self/mountinfo").value_or("");
  std::istringstream group_lines(cgroups_);
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
        folders_.push_back({mount_point + inner + "/", v2});
        if (inner.empty()) break;
        inner.erase(inner.rfind('/'));
      }
      break;
    }
  }
}

std::vector<CgroupLevel> MemoryProbe::cgroup_levels() {
  find_cgroups();
  std::vector<CgroupLevel> levels;
  for (const auto& [path, v2] : folders_) {
    std::optional<std::int64_t> limit;
    if (v2) {
      const auto max = only_number(read(path + "memory.max"));
      const auto high = only_number(read(path + "memory.high"));
      limit = max && high ? std::min(*max, *high) : (max ? max : high);
    } else {
      limit = only_number(read(path + "memory.limit_in_bytes"));
    }
    if (!limit) continue;
    const std::int64_t usage =
        only_number(read(path + (v2 ? "memory.current" : "memory.usage_in_bytes"))).value_or(0);
    const std::string stat = read(path + "memory.stat").value_or("");
    const std::int64_t file_pages =
        number_after(stat, v2 ? "inactive_file" : "total_inactive_file").value_or(0) +
        number_after(stat, v2 ? "active_file" : "total_active_file").value_or(0);
    const std::int64_t used = std::max<std::int64_t>(0, usage - file_pages);
    levels.push_back({*limit, std::max<std::int64_t>(0, *limit - used)});
  }
  return levels;
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
  const auto kib = number_after(read("/proc/meminfo").value_or(""), "MemAvailable:");
  return kib ? *kib * 1024 : INT64_MAX;
}

std::int64_t MemoryProbe::host_total_bytes() {
  const auto kib = number_after(read("/proc/meminfo").value_or(""), "MemTotal:");
  return kib ? *kib * 1024 : INT64_MAX;
}

std::optional<std::int64_t> MemoryProbe::rlimit_available_bytes() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::nullopt;
  }
  const std::optional<std::string> status = read("/proc/self/status");
  const std::int64_t used = status ? number_after(*status, "VmData:").value_or(0) * 1024 : 0;
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(limit.rlim_cur) - used);
}

std::optional<std::int64_t> MemoryProbe::stall_us() {
  find_cgroups();
  std::optional<std::string> pressure;
  for (const auto& [path, v2] : folders_) {
    if (v2 && !pressure) pressure = read(path + "memory.pressure");
  }
  if (!pressure) pressure = read("/proc/pressure/memory");
  // some avg10=0.00 avg60=0.00 avg300=0.00 total=1234
  constexpr std::string_view kTotal = "total=";
  const std::size_t at = pressure ? pressure->find(kTotal) : std::string::npos;
  if (at == std::string::npos || !pressure->starts_with("some ")) return std::nullopt;
  const char* const digits = pressure->data() + at + kTotal.size();
  std::int64_t total = 0;
  if (std::from_chars(digits, pressure->data() + pressure->size(), total).ec != std::errc()) {
    return std::nullopt;
  }
  return total;
}

}  // namespace polarway
