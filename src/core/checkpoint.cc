#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/json_text.h"
#include "polarway/config.h"

namespace polarway {

namespace {

constexpr int kVersion = 1;

Json content_of(const Checkpoint& checkpoint) {
  return {{"version", kVersion},
          {"kind", bytes_to_json(checkpoint.kind)},
          {"location", bytes_to_json(checkpoint.location)},
          {"position", bytes_to_json(checkpoint.position)},
          {"rows", checkpoint.rows}};
}

auto refuse(std::string message, std::string hint) {
  return fail({.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)});
}

auto refuse_damaged() {
  return refuse("the checkpoint was cut short or changed",
                "start again, or give the checkpoint before it");
}

bool read_bytes(const Json& json, const char* key, std::string& out) {
  const auto found = json.find(key);
  std::optional<std::string> bytes = found == json.end() ? std::nullopt : bytes_from_json(*found);
  if (!bytes) return false;
  out = *std::move(bytes);
  return true;
}

}  // namespace

std::string Checkpoint::to_json() const {
  Json json = content_of(*this);
  const std::string content = to_line(json);
  json["checksum"] = fmt::format("{:016x}", XXH64(content.data(), content.size(), kVersion));
  return to_line(json);
}

Result<Checkpoint> Checkpoint::from_json(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  const Result<Json> json = parse_json_object(text);
  if (!json) return refuse_damaged();

  const auto version = json->find("version");
  if (version == json->end() || !version->is_number_integer()) return refuse_damaged();
  if (version->get<std::int64_t>() > kVersion) {
    return refuse(
        fmt::format("the checkpoint has version {}, but this Polarway reads up to version {}",
                    version->get<std::int64_t>(), kVersion),
        "read it with the Polarway that wrote it, or a newer one");
  }

  Checkpoint checkpoint;
  const auto rows = json->find("rows");
  if (!read_bytes(*json, "kind", checkpoint.kind) ||
      !read_bytes(*json, "location", checkpoint.location) ||
      !read_bytes(*json, "position", checkpoint.position) || rows == json->end() ||
      !rows->is_number_integer()) {
    return refuse_damaged();
  }
  checkpoint.rows = rows->get<std::int64_t>();
  // Not the checksum alone: there are changes that JSON does not see, such as another key beside
  // ours.
  if (checkpoint.to_json() != text) return refuse_damaged();
  return checkpoint;
}

}  // namespace polarway
