#include "transports/http_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/quoted_text.h"

namespace polarway {
namespace {

SourceError stopped() { return {.kind = ErrorKind::Cancelled, .message = "stopped"}; }

void drop_transfer(HttpExchange& exchange) {
  if (exchange.transfer) exchange.waited += exchange.transfer->waited();
  exchange.transfer.reset();
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_passing(int status) {
  return status == 408 || status == 425 || status == 429 || status == 500 || status == 502 ||
         status == 503 || status == 504;
}

bool is_passing(const SourceError& error) {
  return error.kind == ErrorKind::Network || error.kind == ErrorKind::Timeout;
}

ErrorKind kind_of(int status) {
  if (status == 401 || status == 403 || status == 407) return ErrorKind::Auth;
  if (status == 404 || status == 410) return ErrorKind::NotFound;
  return is_passing(status) ? ErrorKind::Network : ErrorKind::Io;
}

std::string way_out(int status) {
  switch (status) {
    case 401:
      return "give credentials, or other ones";
    case 403:
      return "these credentials, or none, are not enough";
    case 404:
    case 410:
      return "check the URL";
    case 405:
      return "check the option method";
    case 407:
      return "put the proxy's user and password into its URL";
    case 429:
      return "lower requests_per_second, or raise retry_attempts";
    default:
      return is_passing(status) ? "raise retry_attempts, or try later" : "";
  }
}

}  // namespace

HttpSession::HttpSession(HttpSessionOptions options, HttpUrl home, std::unique_ptr<HttpAuth> auth,
                         const std::shared_ptr<MemoryBudget>& budget)
    : options_(std::move(options)),
      home_(std::move(home)),
      auth_(std::move(auth)),
      client_(options_.client, budget),
      rate_(options_.requests_per_second, options_.retry.max_delay) {}

Result<std::unique_ptr<HttpSession>> HttpSession::make(
    HttpSessionOptions options, HttpUrl home, const std::optional<Credentials>& credentials,
    const std::shared_ptr<MemoryBudget>& budget) {
  POLARWAY_TRY(auto auth, make_http_auth(credentials, options.token_file, options.retry));
  return std::unique_ptr<HttpSession>(
      new HttpSession(std::move(options), std::move(home), std::move(auth), budget));
}

bool HttpSession::is_home(const HttpUrl& url) const {
  if (url.origin() == home_.origin()) return true;
  // The same server, now encrypted.
  const bool is_default = home_.origin() == "http://" + home_.host() + ":80";
  if (is_default && url.origin() == "https://" + home_.host() + ":443") return true;
  if (home_.is_encrypted() && !url.is_encrypted()) return false;
  return std::find(options_.friends.begin(), options_.friends.end(), url.host()) !=
         options_.friends.end();
}

bool HttpSession::may_repeat(const HttpExchange& exchange) const {
  const std::string& method = exchange.request.method;
  return method == "GET" || method == "HEAD" || options_.is_repeatable;
}

Result<void> HttpSession::send(HttpExchange& exchange, const std::stop_token& stop) {
  const auto now = std::chrono::steady_clock::now();
  HttpRequest request = exchange.request;
  request.url = exchange.url->text();
  if (is_home(*exchange.url)) {
    if (auth_) POLARWAY_CHECK(auth_->sign(request, client_, stop));
  } else {
    // The user's headers may be secrets, too; these alone are ours.
    HttpHeaders harmless;
    for (const auto& [name, value] : request.headers.fields()) {
      const bool is_ours =
          equals_ignoring_case(name, "Accept") || equals_ignoring_case(name, "Accept-Encoding") ||
          equals_ignoring_case(name, "User-Agent") || equals_ignoring_case(name, "Range") ||
          equals_ignoring_case(name, "If-Match") || equals_ignoring_case(name, "If-Range");
      if (is_ours) harmless.add(name, value);
    }
    request.headers = std::move(harmless);
    request.body.clear();
  }
  if (options_.total_timeout) request.most_waiting = *options_.total_timeout - exchange.waited;
  POLARWAY_TRY(exchange.transfer, client_.start(request));
  rate_.sent(now);
  return {};
}

Result<HttpExchange> HttpSession::begin(HttpRequest request, const std::stop_token& stop) {
  HttpExchange exchange{.request = std::move(request),
                        .transfer = nullptr,
                        .retries = RetrySchedule(options_.retry),
                        .takes_parts = false,
                        .url = std::nullopt};
  POLARWAY_TRY(exchange.url, HttpUrl::parse(exchange.request.url));
  if (rate_.wait(std::chrono::steady_clock::now()).count() == 0) {
    POLARWAY_CHECK(send(exchange, stop));
  }
  return exchange;
}

// Whether the answer sends us elsewhere.
Result<bool> HttpSession::redirect(HttpExchange& exchange, int& num_redirects) {
  const HttpTransfer& transfer = *exchange.transfer;
  if (!is_redirect(transfer.status())) return false;
  const auto refuse = [&](std::string message, std::string hint = "") {
    return fail({.kind = ErrorKind::Io,
                 .where = {.location = transfer.shown_url()},
                 .message = std::move(message),
                 .hint = std::move(hint)});
  };
  const auto location = transfer.headers().find("Location");
  if (!location || location->empty()) {
    return refuse(fmt::format("status {} without a Location", transfer.status()));
  }
  Result<HttpUrl> target = exchange.url->resolve(*location);
  if (!target) return refuse("redirected to what cannot be read: " + target.error().message);
  if (exchange.url->is_encrypted() && !target->is_encrypted()) {
    return refuse("redirected from https to http, to " + target->shown(),
                  "if that is meant, give that URL");
  }
  if (++num_redirects > options_.max_redirects) {
    return refuse(fmt::format("redirected more than {} times, last to {}", options_.max_redirects,
                              target->shown()),
                  "a loop, perhaps; else raise max_redirects");
  }
  const std::string& method = exchange.request.method;
  if (method != "GET" && method != "HEAD") {
    if (!is_home(*target)) {
      return refuse("a " + method + " was redirected to another host, " + target->shown(),
                    "if that is meant, name the host in pagination_hosts");
    }
    if (transfer.status() != 307 && transfer.status() != 308) {
      exchange.request.method = "GET";
      exchange.request.body.clear();
    }
  }
  exchange.url = *std::move(target);
  drop_transfer(exchange);
  return true;
}

// The error that a status is, and the beginning of what the server says about it.
Result<SourceError> HttpSession::status_error(HttpExchange& exchange, const std::stop_token& stop) {
  HttpTransfer& transfer = *exchange.transfer;
  SourceError error{.kind = kind_of(transfer.status()),
                    .where = {.location = transfer.shown_url()},
                    .message = fmt::format("the server answered with status {}", transfer.status()),
                    .hint = way_out(transfer.status())};
  std::array<std::uint8_t, 200> text;
  std::size_t size = 0;
  while (size < text.size()) {
    const Result<std::int64_t> got = transfer.read(std::span(text).subspan(size), stop);
    if (!got && got.error().kind == ErrorKind::Cancelled) return fail(got.error());
    if (!got || *got == 0) break;
    size += static_cast<std::size_t>(*got);
  }
  // Bodies of 401 and 403 may repeat what was sent.
  if (size > 0 && error.kind != ErrorKind::Auth) {
    error.message += ": " + shorten({reinterpret_cast<const char*>(text.data()), size}, 200);
  }
  return error;
}

Result<void> HttpSession::retry(HttpExchange& exchange, SourceError error,
                                const std::stop_token& stop) {
  if (!is_passing(error)) return fail(std::move(error));
  const bool was_sent = !exchange.transfer || exchange.transfer->was_sent();
  std::optional<std::chrono::milliseconds> wish;
  if (exchange.transfer) {
    if (const auto said = exchange.transfer->headers().find("Retry-After")) {
      wish = parse_retry_after(*said, std::chrono::system_clock::now());
    }
  }
  drop_transfer(exchange);
  if (was_sent && !may_repeat(exchange)) {
    error.kind = ErrorKind::Io;  // for a retryable one is sent again by whoever reads
    error.hint = "a " + exchange.request.method +
                 " is not sent twice; set idempotent=true where it does no harm";
    return fail(std::move(error));
  }
  const std::int64_t tries = exchange.retries.tries();
  const auto pause = retry_budget_.take() ? exchange.retries.next(wish) : std::nullopt;
  if (!pause) {
    if (tries > 1) error.message += fmt::format(" (after {} tries)", tries);
    return fail(std::move(error));
  }
  if (options_.total_timeout && exchange.waited + *pause >= *options_.total_timeout) {
    error.kind = ErrorKind::Timeout;
    error.message = fmt::format("no answer within {} ms, in {} tries; the last: {}",
                                options_.total_timeout->count(), tries, error.message);
    error.hint = "raise total_timeout_ms";
    return fail(std::move(error));
  }
  if (!wait_for(*pause, stop)) return fail(stopped());
  exchange.waited += *pause;
  ++num_retries_;
  return {};
}

Result<void> HttpSession::await(HttpExchange& exchange, const std::stop_token& stop) {
  int num_redirects = 0;
  bool has_renewed = false;
  for (;;) {
    if (!exchange.transfer) {
      const auto pause = rate_.wait(std::chrono::steady_clock::now());
      if (pause.count() > 0 && !wait_for(pause, stop)) return fail(stopped());
      POLARWAY_CHECK(send(exchange, stop));
    }
    if (Result<void> came = exchange.transfer->wait_headers(stop); !came) {
      if (came.error().kind == ErrorKind::Cancelled) return came;
      POLARWAY_CHECK(retry(exchange, std::move(came.error()), stop));
      continue;
    }
    rate_.observe(exchange.transfer->headers(), std::chrono::steady_clock::now(),
                  std::chrono::system_clock::now());
    POLARWAY_TRY(const bool is_redirected, redirect(exchange, num_redirects));
    if (is_redirected) continue;
    const int status = exchange.transfer->status();
    const bool is_part = status == 206 || status == 412 || status == 416;
    if (is_part ? exchange.takes_parts : status >= 200 && status < 300) {
      retry_budget_.give_back();
      return {};
    }
    if (status == 401 && auth_ && !has_renewed && is_home(*exchange.url) && auth_->renew()) {
      has_renewed = true;
      drop_transfer(exchange);
      continue;
    }
    POLARWAY_TRY(SourceError error, status_error(exchange, stop));
    if (!is_passing(status)) return fail(std::move(error));
    POLARWAY_CHECK(retry(exchange, std::move(error), stop));
  }
}

}  // namespace polarway
