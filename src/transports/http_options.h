#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/option_table.h"
#include "polarway/result.h"
#include "transports/http_session.h"

namespace polarway {

/// What users may say about requests, whatever they are for.
struct HttpOptions {
  std::int64_t timeout_ms = 30'000;
  std::optional<std::int64_t> total_timeout_ms = {};
  std::int64_t low_speed_bytes = 64;
  std::int64_t retry_attempts = 3;
  std::int64_t retry_delay_ms = 500;
  double retry_multiplier = 2.0;
  std::int64_t retry_max_delay_ms = 60'000;
  std::int64_t connection_pool_size = 4;
  bool keepalive = true;
  std::optional<double> requests_per_second = {};
  std::int64_t max_redirects = 10;
  std::optional<Bytes> max_body_bytes = {};
  std::optional<std::string> proxy = {};
  std::optional<std::string> ca_file = {};
  std::string user_agent = "polarway";
  std::optional<std::string> headers = {};
  bool idempotent = false;
  std::optional<std::string> token_file = {};
  std::vector<std::string> pagination_hosts = {};
  bool deny_private = false;

  HttpSessionOptions session() const;
};

const OptionTable<HttpOptions>& http_option_table();

/// Reads the options and refuses what makes no sense.
Result<HttpOptions> parse_http_options(const std::map<std::string, std::string>& given);

/// Names and values of a JSON object of texts and numbers, or of "name: value" lines ("name=value"
/// with & between them for `separators` "=&"). Config error naming the option.
Result<std::vector<std::pair<std::string, std::string>>> parse_pairs(const std::string& option,
                                                                     const std::string& text);

}  // namespace polarway
