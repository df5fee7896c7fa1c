#include "polarway/parse_credentials.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json_text.h"
#include "core/nearest_name.h"
#include "core/quoted_text.h"

namespace polarway {
namespace {

SourceError config_error(std::string message, std::string hint = "") {
  return {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)};
}

// The parts of one way; what goes wrong first is kept.
class Parts {
 public:
  Parts(const Json& json, std::string way) : json_(json), way_(std::move(way)) {}

  std::string text(const char* name) {
    std::optional<std::string> found = optional(name);
    if (!found && !error_) error_ = config_error(way_ + " has no " + name);
    return found.value_or("");
  }
  std::string text_or(const char* name, const char* other) {
    return optional(name).value_or(other);
  }
  std::optional<std::string> optional(const char* name) {
    names_.emplace_back(name);
    const auto found = json_.find(name);
    if (found == json_.end() || found->is_null()) return std::nullopt;
    if (found->is_string()) return found->get<std::string>();
    if (!error_) error_ = config_error(way_ + ": " + name + " is no text");
    return std::nullopt;
  }
  std::optional<Secret> secret(const char* name) {
    if (std::optional<std::string> found = optional(name)) return Secret(*std::move(found));
    return std::nullopt;
  }

  // The credentials, if all was well and nothing was left over.
  Result<Credentials> finish(Credentials made) const {
    if (error_) return fail(*error_);
    for (const auto& [name, value] : json_.items()) {
      if (std::find(names_.begin(), names_.end(), name) != names_.end()) continue;
      return fail(config_error(way_ + " has no part " + shorten(name), did_you_mean(name, names_)));
    }
    return made;
  }

 private:
  const Json& json_;
  std::string way_;
  std::vector<std::string> names_;
  std::optional<SourceError> error_;
};

}  // namespace

Result<Credentials> parse_credentials(std::string_view text) {
  const std::vector<std::string> ways = {"bearer", "basic", "api_key",  "oauth2", "aws",
                                         "azure",  "gcs",   "dynamodb", "kafka",  "default"};
  const Result<Json> json = parse_json_object(text);
  // Not the parser's own error, which may show what it stumbled over.
  if (!json) return fail(config_error("the credentials are no JSON object"));
  if (json->size() != 1) {
    return fail(config_error("credentials have one name in them, that of their way",
                             R"(such as {"bearer": {"token": "..."}})"));
  }
  const std::string way = json->begin().key();
  const Json& parts_json = json->begin().value();
  if (!parts_json.is_object())
    return fail(config_error("the value of " + shorten(way) + " is no object"));
  Parts parts(parts_json, way);
  if (way == "bearer") return parts.finish(Credentials::Bearer{.token = parts.text("token")});
  if (way == "basic") {
    return parts.finish(Credentials::Basic{.username = parts.text("username"),
                                           .password = parts.text_or("password", "")});
  }
  if (way == "api_key") {
    return parts.finish(Credentials::ApiKey{.key = parts.text("key"),
                                            .name = parts.text_or("name", "X-API-Key"),
                                            .in = parts.text_or("in", "header")});
  }
  if (way == "oauth2") {
    return parts.finish(Credentials::OAuth2{.token_url = parts.text("token_url"),
                                            .client_id = parts.text("client_id"),
                                            .client_secret = parts.text_or("client_secret", ""),
                                            .scope = parts.optional("scope"),
                                            .refresh_token = parts.secret("refresh_token")});
  }
  if (way == "aws") {
    return parts.finish(Credentials::Aws{.access_key_id = parts.text("access_key_id"),
                                         .secret_access_key = parts.text("secret_access_key"),
                                         .region = parts.optional("region"),
                                         .session_token = parts.secret("session_token")});
  }
  if (way == "azure") {
    return parts.finish(Credentials::Azure{.account = parts.text("account"),
                                           .access_key = parts.secret("access_key"),
                                           .sas_token = parts.secret("sas_token")});
  }
  if (way == "gcs") {
    return parts.finish(
        Credentials::Gcs{.service_account_json = parts.text("service_account_json")});
  }
  if (way == "dynamodb") {
    return parts.finish(Credentials::DynamoDB{.access_key_id = parts.text("access_key_id"),
                                              .secret_access_key = parts.text("secret_access_key"),
                                              .region = parts.text("region"),
                                              .session_token = parts.secret("session_token")});
  }
  if (way == "kafka") {
    return parts.finish(Credentials::Kafka{.username = parts.text("username"),
                                           .password = parts.text("password"),
                                           .mechanism = parts.text_or("mechanism", "PLAIN")});
  }
  if (way == "default") return parts.finish(Credentials::ProviderDefault{});
  const std::string near = did_you_mean(way, ways);
  return fail(config_error("there are no credentials called " + shorten(way),
                           near.empty() ? "bearer, basic, api_key, oauth2 and others" : near));
}

}  // namespace polarway
