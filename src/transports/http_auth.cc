#include "transports/http_auth.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "core/base64.h"
#include "transports/http_url.h"

namespace polarway {
namespace {

SourceError config_error(std::string message, std::string hint = "") {
  return {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)};
}

// The same header for every request.
class HeaderAuth final : public HttpAuth {
 public:
  HeaderAuth(std::string name, std::string value)
      : name_(std::move(name)), value_(std::move(value)) {}
  Result<void> sign(HttpRequest& request, HttpClient&, const std::stop_token&) override {
    if (name_ == "Cookie") {
      if (const auto others = request.headers.find(name_)) {
        request.headers.set(name_, std::string(*others) + "; " + value_);
        return {};
      }
    }
    request.headers.set(name_, value_);
    return {};
  }

 private:
  std::string name_;
  std::string value_;
};

class QueryAuth final : public HttpAuth {
 public:
  QueryAuth(std::string name, std::string value)
      : name_(std::move(name)), value_(std::move(value)) {}
  Result<void> sign(HttpRequest& request, HttpClient&, const std::stop_token&) override {
    POLARWAY_TRY(const HttpUrl url, HttpUrl::parse(request.url));
    request.url = url.with_parameter(name_, value_).text();
    return {};
  }

 private:
  std::string name_;
  std::string value_;
};

Result<std::unique_ptr<HttpAuth>> header_auth(std::string name, std::string value) {
  if (!HttpHeaders::is_valid(name, value)) {
    return fail(config_error("the credentials have characters that no header may have",
                             "a line end at a token's end, perhaps"));
  }
  return std::make_unique<HeaderAuth>(std::move(name), std::move(value));
}

Result<std::unique_ptr<HttpAuth>> api_key_auth(const Credentials::ApiKey& key) {
  if (key.in == "header") return header_auth(key.name, key.key.reveal());
  if (key.in == "cookie") return header_auth("Cookie", key.name + "=" + key.key.reveal());
  if (key.in == "query") return std::make_unique<QueryAuth>(key.name, key.key.reveal());
  return fail(config_error("an API key cannot be in " + key.in, "header, query or cookie"));
}

}  // namespace

Result<std::unique_ptr<HttpAuth>> make_http_auth(const std::optional<Credentials>& credentials,
                                                 const std::optional<std::string>& token_file,
                                                 const RetryPolicy& retry) {
  if (!credentials) return nullptr;
  const Credentials::Any& any = credentials->any();
  if (std::holds_alternative<Credentials::ProviderDefault>(any)) return nullptr;
  if (const auto* bearer = std::get_if<Credentials::Bearer>(&any)) {
    return header_auth("Authorization", "Bearer " + bearer->token.reveal());
  }
  if (const auto* basic = std::get_if<Credentials::Basic>(&any)) {
    if (basic->username.find(':') != std::string::npos) {
      return fail(config_error("a user name with a colon cannot be sent"));
    }
    return header_auth("Authorization",
                       "Basic " + base64(basic->username + ":" + basic->password.reveal()));
  }
  if (const auto* key = std::get_if<Credentials::ApiKey>(&any)) return api_key_auth(*key);
  if (const auto* oauth = std::get_if<Credentials::OAuth2>(&any)) {
    return make_oauth2(*oauth, token_file, retry);
  }
  return fail(config_error(
      fmt::format("credentials of {} mean nothing to a server of HTTP", credentials->name()),
      "give Bearer, Basic, ApiKey or OAuth2"));
}

}  // namespace polarway
