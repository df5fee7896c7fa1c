#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/json_text.h"
#include "core/nearest_name.h"
#include "core/out_of_memory.h"
#include "core/quoted_text.h"
#include "polarway/config.h"

namespace polarway {

namespace {

SourceError not_valid(std::string message, std::string hint = "") {
  return {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)};
}

// Reads the members of a config's JSON object, one by one. The first that does not fit leaves an
// error and ends the reading: later calls do nothing.
class ConfigReader {
 public:
  explicit ConfigReader(const Json& json) : json_(json) {}

  // Calls `take` with the member, if it is there; `take` answers whether it could use it.
  template <class Take>
  ConfigReader& read(const std::string& key, std::string_view expected, Take take) {
    known_.push_back(key);
    if (error_) return *this;
    const auto member = json_.find(key);
    if (member != json_.end() && !take(*member)) {
      error_ = not_valid(fmt::format("\"{}\" is not {}", key, expected));
    }
    return *this;
  }

  // The same for what explains itself where it cannot be used.
  template <class Take>
  ConfigReader& read_checked(const std::string& key, Take take) {
    known_.push_back(key);
    if (error_) return *this;
    const auto member = json_.find(key);
    if (member == json_.end()) return *this;
    if (Result<void> taken = take(*member); !taken) {
      error_ = std::move(taken.error());
      error_->message = fmt::format("\"{}\": {}", key, error_->message);
    }
    return *this;
  }

  Result<void> finish() {
    if (error_) return fail(std::move(*error_));
    for (const auto& [key, value] : json_.items()) {
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
      return fail(
          not_valid(fmt::format("unknown key {}", shorten(key)), did_you_mean(key, known_)));
    }
    return {};
  }

 private:
  const Json& json_;
  std::vector<std::string> known_;
  std::optional<SourceError> error_;
};

// Calls `use` with the number in the type that JSON gave it; false when it is no number.
template <class Use>
bool take_number(const Json& json, Use use) {
  if (json.is_number_unsigned()) {
    use(json.get<std::uint64_t>());
  } else if (json.is_number_integer()) {
    use(json.get<std::int64_t>());
  } else if (json.is_number_float()) {
    use(json.get<double>());
  } else {
    return false;
  }
  return true;
}

bool take_bool(const Json& json, bool& out) {
  if (json.is_boolean()) out = json.get<bool>();
  return json.is_boolean();
}

bool take_bytes(const Json& json, std::string& out) {
  std::optional<std::string> bytes = bytes_from_json(json);
  if (bytes) out = *std::move(bytes);
  return bytes.has_value();
}

bool take_list(const Json& json, std::vector<std::string>& out) {
  if (!json.is_array()) return false;
  for (const Json& item : json) {
    if (!take_bytes(item, out.emplace_back())) return false;
  }
  return true;
}

Json to_list(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(bytes_to_json(text));
  return list;
}

Json split_to_json(const Split& split) {
  return {{"piece", bytes_to_json(split.piece)},
          {"size_bytes", split.size_bytes},
          {"working_set_bytes", split.working_set_bytes}};
}

Result<Split> split_from_json(const Json& json) {
  if (!json.is_object()) return fail(not_valid("not an object"));
  Split split;
  bool has_piece = false;
  ConfigReader reader(json);
  const auto take_integer = [](std::int64_t& out) {
    return [&out](const Json& number) {
      if (number.is_number_integer()) out = number.get<std::int64_t>();
      return number.is_number_integer();
    };
  };
  reader
      .read("piece", "a string",
            [&](const Json& piece) { return has_piece = take_bytes(piece, split.piece); })
      .read("size_bytes", "an integer", take_integer(split.size_bytes))
      .read("working_set_bytes", "an integer", take_integer(split.working_set_bytes));
  POLARWAY_CHECK(reader.finish());
  if (!has_piece) return fail(not_valid("has no \"piece\""));
  return split;
}

}  // namespace

Result<std::optional<std::int64_t>> SourceConfig::memory_limit() const {
  std::optional<std::int64_t> bytes = memory_limit_;
  if (memory_limit_text_) {
    Result<std::int64_t> parsed = parse_size(*memory_limit_text_);
    if (!parsed) {
      parsed.error().message = "memory limit: " + parsed.error().message;
      return fail(std::move(parsed.error()));
    }
    bytes = *parsed;
  }
  if (bytes && *bytes <= 0) return fail(not_valid("the memory limit must be more than 0 bytes"));
  return bytes;
}

const std::string& SourceConfig::location() const {
  static const std::string none;
  return locations_.empty() ? none : locations_.front();
}

std::string SourceConfig::to_json() const {
  Json json = Json::object();
  json["location"] = locations_.size() == 1 ? bytes_to_json(locations_[0]) : to_list(locations_);
  if (memory_limit_) json["memory_limit"] = *memory_limit_;
  if (memory_limit_text_) json["memory_limit"] = bytes_to_json(*memory_limit_text_);
  if (chunk_size_) json["chunk_size"] = *chunk_size_;
  if (max_chunk_size_) json["max_chunk_size"] = *max_chunk_size_;
  json["parallel"] = parallel_;
  json["prefetch"] = prefetch_;
  if (!options_.empty()) {
    Json& options = json["options"] = Json::object();
    for (const auto& [key, value] : options_) options[key] = bytes_to_json(value);
  }
  if (columns_) json["columns"] = to_list(*columns_);
  if (filter_) json["filter"] = bytes_to_json(filter_->to_string());
  if (limit_) json["limit"] = *limit_;
  // As text, because the checksum of a checkpoint is over its text.
  if (resume_) json["resume"] = resume_->to_json();
  if (split_) json["split"] = split_to_json(*split_);
  return to_line(json);
}

Result<SourceConfig> SourceConfig::from_json(std::string_view text) {
  return guard([&]() -> Result<SourceConfig> {
    Result<Json> parsed = parse_json_object(text);
    if (!parsed) return fail(not_valid("config: " + parsed.error().message));
    SourceConfig config{std::vector<std::string>()};
    ConfigReader reader(*parsed);
    reader
        .read("location", "a string or a list of strings",
              [&](const Json& json) {
                if (json.is_array()) return take_list(json, config.locations_);
                return take_bytes(json, config.locations_.emplace_back());
              })
        .read("memory_limit", "a number or a string",
              [&](const Json& json) {
                std::string size;
                if (take_number(json, [&](auto bytes) { config.with_memory_limit(bytes); }))
                  return true;
                if (!take_bytes(json, size)) return false;
                config.with_memory_limit(std::move(size));
                return true;
              })
        .read("chunk_size", "a number",
              [&](const Json& json) {
                return take_number(json, [&](auto rows) { config.with_chunk_size(rows); });
              })
        .read("max_chunk_size", "a number",
              [&](const Json& json) {
                return take_number(json, [&](auto rows) { config.with_max_chunk_size(rows); });
              })
        .read("parallel", "true or false",
              [&](const Json& json) { return take_bool(json, config.parallel_); })
        .read("prefetch", "true or false",
              [&](const Json& json) { return take_bool(json, config.prefetch_); })
        .read("options", "an object of strings",
              [&](const Json& json) {
                if (!json.is_object()) return false;
                for (const auto& [key, value] : json.items()) {
                  if (!take_bytes(value, config.options_[key])) return false;
                }
                return true;
              })
        .read("columns", "a list of strings",
              [&](const Json& json) { return take_list(json, config.columns_.emplace()); })
        .read_checked("filter",
                      [&](const Json& json) -> Result<void> {
                        std::string filter;
                        if (!take_bytes(json, filter))
                          return fail(not_valid("not an expression as text"));
                        POLARWAY_TRY(Expr predicate, parse_expr(filter));
                        config.with_filter(std::move(predicate));
                        return {};
                      })
        .read("limit", "a number",
              [&](const Json& json) {
                return take_number(json, [&](auto rows) { config.with_limit(rows); });
              })
        .read_checked("resume",
                      [&](const Json& json) -> Result<void> {
                        if (!json.is_string()) return fail(not_valid("not a checkpoint as text"));
                        POLARWAY_TRY(config.resume_,
                                     Checkpoint::from_json(json.get<std::string>()));
                        return {};
                      })
        .read_checked("split", [&](const Json& json) -> Result<void> {
          POLARWAY_TRY(config.split_, split_from_json(json));
          return {};
        });
    if (Result<void> read = reader.finish(); !read) {
      read.error().message = "config: " + read.error().message;
      return fail(std::move(read.error()));
    }
    if (!parsed->contains("location")) return fail(not_valid("config: \"location\" is missing"));
    return config;
  });
}

}  // namespace polarway
