#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "core/base64.h"
#include "core/json_text.h"
#include "transports/http_auth.h"
#include "transports/http_url.h"

namespace polarway {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostAnswerBytes = 64 << 10;

SourceError auth_error(const std::string& url, std::string message, std::string hint = "") {
  return {.kind = ErrorKind::Auth,
          .where = {.location = HttpUrl::shown_url(url)},
          .message = std::move(message),
          .hint = std::move(hint)};
}

class OAuth2 final : public HttpAuth {
 public:
  OAuth2(Credentials::OAuth2 credentials, std::optional<std::string> token_file,
         const RetryPolicy& retry)
      : credentials_(std::move(credentials)), token_file_(std::move(token_file)), retry_(retry) {}

  Result<void> sign(HttpRequest& request, HttpClient& client,
                    const std::stop_token& stop) override {
    if (token_.empty() || (renews_at_ && Clock::now() >= *renews_at_)) {
      POLARWAY_CHECK(ask(client, stop));
    }
    request.headers.set("Authorization", "Bearer " + token_);
    return {};
  }

  bool renew() override {
    token_.clear();
    return true;
  }

 private:
  struct Answer {
    int status = 0;
    std::string body;
    std::optional<std::chrono::milliseconds> retry_after;
  };

  Result<void> ask(HttpClient& client, const std::stop_token& stop);
  HttpRequest token_request() const;
  Result<Answer> send(HttpClient& client, const std::stop_token& stop) const;
  Result<void> take(const Answer& answer);
  Result<void> read_token_file();
  Result<void> keep_refresh_token(const std::string& token);

  Credentials::OAuth2 credentials_;
  std::optional<std::string> token_file_;
  RetryPolicy retry_;
  std::string token_;
  std::optional<Clock::time_point> renews_at_;
  bool in_body_ = false;  // the client's secret; else in a header
  bool has_read_file_ = false;
};

HttpRequest OAuth2::token_request() const {
  HttpRequest request{.method = "POST", .url = credentials_.token_url, .headers = {}};
  std::string form;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!form.empty()) form += '&';
    form += std::string(name) + "=" + percent_encoded(value);
  };
  if (credentials_.refresh_token) {
    add("grant_type", "refresh_token");
    add("refresh_token", credentials_.refresh_token->reveal());
  } else {
    add("grant_type", "client_credentials");
  }
  if (credentials_.scope) add("scope", *credentials_.scope);
  if (in_body_) {
    add("client_id", credentials_.client_id);
    add("client_secret", credentials_.client_secret.reveal());
  } else {
    request.headers.add("Authorization",
                        "Basic " + base64(percent_encoded(credentials_.client_id) + ":" +
                                          percent_encoded(credentials_.client_secret.reveal())));
  }
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.headers.add("Accept", "application/json");
  request.body = std::move(form);
  return request;
}

Result<OAuth2::Answer> OAuth2::send(HttpClient& client, const std::stop_token& stop) const {
  POLARWAY_TRY(const std::unique_ptr<HttpTransfer> transfer, client.start(token_request()));
  POLARWAY_CHECK(transfer->wait_headers(stop));
  Answer answer{.status = transfer->status(), .body = {}, .retry_after = {}};
  if (const auto wish = transfer->headers().find("Retry-After")) {
    answer.retry_after = parse_retry_after(*wish, std::chrono::system_clock::now());
  }
  std::array<std::uint8_t, 4096> piece;
  for (;;) {
    POLARWAY_TRY(const std::int64_t got, transfer->read(piece, stop));
    if (got == 0) return answer;
    answer.body.append(reinterpret_cast<const char*>(piece.data()), static_cast<std::size_t>(got));
    if (answer.body.size() > kMostAnswerBytes) {
      return fail(auth_error(credentials_.token_url, "the answer is too long for a token"));
    }
  }
}

Result<void> OAuth2::ask(HttpClient& client, const std::stop_token& stop) {
  if (!has_read_file_) POLARWAY_CHECK(read_token_file());
  RetrySchedule schedule(retry_);
  for (;;) {
    Result<Answer> answer = send(client, stop);
    const bool is_passing = answer ? answer->status == 429 || answer->status >= 500
                                   : answer.error().kind == ErrorKind::Network ||
                                         answer.error().kind == ErrorKind::Timeout;
    if (is_passing) {
      const auto pause = schedule.next(answer ? answer->retry_after : std::nullopt);
      if (pause) {
        if (!wait_for(*pause, stop)) {
          return fail({.kind = ErrorKind::Cancelled, .message = "stopped"});
        }
        continue;
      }
    }
    if (!answer) return fail(std::move(answer.error()));
    // Some take the secret in the form alone.
    if ((answer->status == 401 || answer->status == 400) && !in_body_ && token_.empty() &&
        !renews_at_) {
      in_body_ = true;
      Result<Answer> second = send(client, stop);
      if (second && second->status == 200) return take(*second);
      in_body_ = false;
    }
    return take(*answer);
  }
}

Result<void> OAuth2::take(const Answer& answer) {
  const std::string& url = credentials_.token_url;
  const Result<Json> json = parse_json_object(answer.body);
  if (answer.status != 200) {
    std::string said;
    if (json && json->contains("error") && (*json)["error"].is_string()) {
      said = ": " + (*json)["error"].get<std::string>();
    }
    return fail(auth_error(url,
                           fmt::format("no token was given (status {}){}", answer.status, said),
                           "check client_id, client_secret and scope"));
  }
  if (!json || !json->contains("access_token") || !(*json)["access_token"].is_string()) {
    return fail(auth_error(url, "the answer has no access_token in it", "is this the token_url?"));
  }
  std::string token = (*json)["access_token"].get<std::string>();
  if (token.empty() || !HttpHeaders::is_valid("Authorization", token)) {
    return fail(auth_error(url, "the access_token cannot be sent in a header"));
  }
  token_ = std::move(token);
  renews_at_.reset();
  if (json->contains("expires_in") && (*json)["expires_in"].is_number()) {
    // Early enough for a request that takes its time; but not for every one of them.
    const double seconds = std::clamp((*json)["expires_in"].get<double>(), 1.0, 1e9);
    renews_at_ =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(
                           std::chrono::duration<double>(std::max(seconds * 0.8, seconds - 60.0)));
  }
  if (json->contains("refresh_token") && (*json)["refresh_token"].is_string() &&
      credentials_.refresh_token) {
    return keep_refresh_token((*json)["refresh_token"].get<std::string>());
  }
  return {};
}

// What an earlier run was given last counts more than what the credentials say.
Result<void> OAuth2::read_token_file() {
  has_read_file_ = true;
  if (!token_file_) return {};
  std::ifstream file(*token_file_);
  if (!file) return {};
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const Result<Json> json = parse_json_object(text);
  if (!json || !json->contains("refresh_token") || !(*json)["refresh_token"].is_string()) {
    return fail({.kind = ErrorKind::Config,
                 .where = {.location = *token_file_},
                 .message = "there is no refresh_token in the token file",
                 .hint = "remove it, and give a fresh refresh token"});
  }
  credentials_.refresh_token = (*json)["refresh_token"].get<std::string>();
  return {};
}

// A server that rotates tokens takes the old one back: whoever loses the new one is locked out.
Result<void> OAuth2::keep_refresh_token(const std::string& token) {
  if (token == credentials_.refresh_token->reveal()) return {};
  credentials_.refresh_token = token;
  if (!token_file_) return {};
  const std::string& path = *token_file_;
  const std::string temporary = path + ".new";
  const std::string text = to_line(Json{{"refresh_token", token}}) + "\n";
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool is_good =
      fd >= 0 && write(fd, text.data(), text.size()) == std::ssize(text) && fsync(fd) == 0;
  if (fd >= 0) is_good = close(fd) == 0 && is_good;
  is_good = is_good && std::rename(temporary.c_str(), path.c_str()) == 0;
  if (is_good) return {};
  return fail({.kind = ErrorKind::Io,
               .where = {.location = path},
               .message = "the new refresh token could not be written",
               .hint = "the old one is no longer good: see to the folder, and log in again"});
}

}  // namespace

std::unique_ptr<HttpAuth> make_oauth2(Credentials::OAuth2 credentials,
                                      std::optional<std::string> token_file,
                                      const RetryPolicy& retry) {
  return std::make_unique<OAuth2>(std::move(credentials), std::move(token_file), retry);
}

}  // namespace polarway
