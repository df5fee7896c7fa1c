#include "transports/http_options.h"

#include <utility>

#include "core/json_text.h"
#include "core/quoted_text.h"

namespace polarway {

const OptionTable<HttpOptions>& http_option_table() {
  static const OptionTable<HttpOptions> table = [] {
    using Options = HttpOptions;
    OptionTable<Options> made;
    made.add("timeout_ms", &Options::timeout_ms,
             "The most milliseconds for a connection, and for each wait without a byte.",
             {"timeout"})
        .add("total_timeout_ms", &Options::total_timeout_ms,
             "The most milliseconds that one request may make us wait, all its tries together; "
             "none: no limit.")
        .add("low_speed_bytes", &Options::low_speed_bytes,
             "Fewer bytes than this within timeout_ms are a server that has stalled.")
        .add("retry_attempts", &Options::retry_attempts,
             "How often a request that failed is tried again: status 408, 425, 429, 500, 502, "
             "503, 504, broken connections.")
        .add("retry_delay_ms", &Options::retry_delay_ms,
             "The most milliseconds before the first of them; a random part of it is waited.")
        .add("retry_multiplier", &Options::retry_multiplier,
             "How much longer the next wait may be.")
        .add("retry_max_delay_ms", &Options::retry_max_delay_ms,
             "The longest wait, Retry-After and other wishes of the server included.")
        .add("connection_pool_size", &Options::connection_pool_size,
             "Connections that are kept for the next request.")
        .add("keepalive", &Options::keepalive, "Whether connections are used again.")
        .add("requests_per_second", &Options::requests_per_second,
             "The most requests in a second; none: as many as the server lets.")
        .add("max_redirects", &Options::max_redirects, "Redirects that are followed.")
        .add("max_body_bytes", &Options::max_body_bytes,
             "The largest body that is read; none: any, as bodies take no memory.")
        .add("proxy", &Options::proxy,
             "URL of a proxy; none: http_proxy, https_proxy and no_proxy of the environment.")
        .add("ca_file", &Options::ca_file,
             "File with the certificates of authorities to trust (PEM), instead of the system's.")
        .add("user_agent", &Options::user_agent, "What we call ourselves.")
        .add("headers", &Options::headers,
             "Headers of every request to the location's host: a JSON object, or name: value "
             "lines.")
        .add("idempotent", &Options::idempotent,
             "Whether requests other than GET may be sent again.")
        .add("token_file", &Options::token_file,
             "Of OAuth2: the file in which a refresh token that the server has replaced is kept; "
             "one found there goes before that of the credentials.")
        .add("pagination_hosts", &Options::pagination_hosts,
             "Other hosts that pages and redirects may lead to, credentials included.")
        .add("deny_private", &Options::deny_private,
             "Whether to refuse servers at private, loopback and link-local addresses, whatever "
             "name or redirect leads there: for URLs that others have given. A proxy counts as the "
             "server.");
    return made;
  }();
  return table;
}

Result<HttpOptions> parse_http_options(const std::map<std::string, std::string>& given) {
  POLARWAY_TRY(HttpOptions options, http_option_table().parse(given));
  const auto refuse = [](std::string message, std::string hint) {
    return fail(
        {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)});
  };
  constexpr std::int64_t kMostMs = 86'400'000;
  for (const auto& [name, ms] :
       {std::pair("timeout_ms", options.timeout_ms),
        std::pair("total_timeout_ms", options.total_timeout_ms.value_or(1)),
        std::pair("retry_max_delay_ms", options.retry_max_delay_ms + 1),
        std::pair("retry_delay_ms", options.retry_delay_ms + 1)}) {
    if (ms < 1 || ms > kMostMs) {
      return refuse(std::string(name) + " is out of range", "give milliseconds, up to a day");
    }
  }
  if (options.retry_attempts < 0 || options.retry_attempts > 1000) {
    return refuse("retry_attempts is " + std::to_string(options.retry_attempts), "give 0 to 1000");
  }
  if (options.retry_multiplier < 1) {
    return refuse("retry_multiplier is below 1", "waits get longer, not shorter");
  }
  if (options.connection_pool_size < 1 || options.connection_pool_size > 256) {
    return refuse("connection_pool_size is " + std::to_string(options.connection_pool_size),
                  "give 1 to 256");
  }
  if (options.requests_per_second && *options.requests_per_second <= 0) {
    return refuse("requests_per_second is not above 0", "leave it out for no limit");
  }
  if (options.max_redirects < 0 || options.low_speed_bytes < 1) {
    return refuse("max_redirects or low_speed_bytes is too small", "give 0, or 1, or more");
  }
  return options;
}

HttpSessionOptions HttpOptions::session() const {
  using std::chrono::milliseconds;
  HttpSessionOptions made;
  made.client.timeout = milliseconds(timeout_ms);
  if (total_timeout_ms) made.total_timeout = milliseconds(*total_timeout_ms);
  made.client.low_speed_bytes = low_speed_bytes;
  made.client.connection_pool_size = connection_pool_size;
  made.client.keepalive = keepalive;
  made.client.proxy = proxy;
  made.client.ca_file = ca_file;
  made.client.deny_private = deny_private;
  if (max_body_bytes) made.client.max_body_bytes = max_body_bytes->value;
  made.retry = {.attempts = retry_attempts,
                .delay = milliseconds(retry_delay_ms),
                .multiplier = retry_multiplier,
                .max_delay = milliseconds(retry_max_delay_ms)};
  made.requests_per_second = requests_per_second;
  made.max_redirects = max_redirects;
  made.is_repeatable = idempotent;
  made.token_file = token_file;
  made.friends = pagination_hosts;
  return made;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_pairs(const std::string& option,
                                                                     const std::string& text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto refuse = [&](std::string why) {
    return fail({.kind = ErrorKind::Config,
                 .message = "option " + option + ": " + std::move(why),
                 .hint = R"(write {"name": "value"}, or name: value)"});
  };
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return pairs;
  if (text[first] == '{') {
    POLARWAY_TRY(const Json json, parse_json_object(text));
    for (const auto& [name, value] : json.items()) {
      if (value.is_string()) {
        pairs.emplace_back(name, value.get<std::string>());
      } else if (value.is_number() || value.is_boolean()) {
        pairs.emplace_back(name, value.dump());
      } else {
        return refuse("the value of " + shorten(name) + " is neither text nor number");
      }
    }
    return pairs;
  }
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return refuse("a line without a colon");
    const auto trimmed = [](std::string_view part) {
      const std::size_t begin = part.find_first_not_of(" \t\r");
      if (begin == std::string_view::npos) return std::string();
      return std::string(part.substr(begin, part.find_last_not_of(" \t\r") - begin + 1));
    };
    pairs.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return pairs;
}

}  // namespace polarway
