#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "transports/http_auth.h"
#include "transports/http_client.h"
#include "transports/http_rate.h"
#include "transports/http_url.h"
#include "transports/retry.h"

namespace polarway {

/// What a session does around each request.
struct HttpSessionOptions {
  HttpClientOptions client;
  RetryPolicy retry;
  std::optional<double> requests_per_second = {};
  std::optional<std::chrono::milliseconds> total_timeout = {};  ///< Of a request, tries added up.
  std::int64_t max_redirects = 10;
  bool is_repeatable = true;  ///< Requests other than GET and HEAD may be sent twice.
  std::optional<std::string> token_file = {};  ///< Of OAuth2.
  std::vector<std::string> friends = {};  ///< Hosts, besides the first, that may see credentials.
};

/// A request on its way to its answer.
struct HttpExchange {
  HttpRequest request;                     ///< As its caller made it.
  std::unique_ptr<HttpTransfer> transfer;  ///< Null until it is sent.
  RetrySchedule retries;
  bool takes_parts = false;             ///< 206, 412 and 416 are answers, too.
  std::optional<HttpUrl> url = {};      ///< Where it was sent to, behind redirects.
  std::chrono::milliseconds waited{0};  ///< For earlier tries, and between them.
};

/// Requests of one user to one server: signed, no faster than allowed, sent again where that may
/// help, and redirected. Credentials, and headers that the user gave, are sent to the host of
/// `home`, to its friends, and to nobody else; and not unencrypted where home is encrypted.
///
/// Threads: one at a time.
class HttpSession {
 public:
  static Result<std::unique_ptr<HttpSession>> make(HttpSessionOptions options, HttpUrl home,
                                                   const std::optional<Credentials>& credentials,
                                                   const std::shared_ptr<MemoryBudget>& budget);

  /// Prepares a request, and sends it if that is allowed now, so that its answer is on its way
  /// while others are read.
  Result<HttpExchange> begin(HttpRequest request, const std::stop_token& stop);
  /// Waits for the answer's headers: its status is 2xx (and 206, 412 and 416 where parts of a file
  /// are asked for). Sends it again meanwhile, as often as the policy has it; a transfer that broke
  /// is begun anew when its transfer is reset. Other statuses are errors: Auth for 401, 403 and
  /// 407, NotFound for 404 and 410, Network for those that might be mended by waiting, Io for
  /// others.
  Result<void> await(HttpExchange& exchange, const std::stop_token& stop);
  /// The answer broke off. Drops it and waits before another try; the error comes back when there
  /// is none.
  Result<void> retry(HttpExchange& exchange, SourceError error, const std::stop_token& stop);

  bool is_home(const HttpUrl& url) const;
  /// Requests that were sent again. From any thread.
  std::int64_t num_retries() const { return num_retries_; }

 private:
  HttpSession(HttpSessionOptions options, HttpUrl home, std::unique_ptr<HttpAuth> auth,
              const std::shared_ptr<MemoryBudget>& budget);
  Result<void> send(HttpExchange& exchange, const std::stop_token& stop);
  Result<bool> redirect(HttpExchange& exchange, int& num_redirects);
  bool may_repeat(const HttpExchange& exchange) const;
  Result<SourceError> status_error(HttpExchange& exchange, const std::stop_token& stop);

  HttpSessionOptions options_;
  HttpUrl home_;
  std::unique_ptr<HttpAuth> auth_;
  HttpClient client_;
  HttpRate rate_;
  RetryBudget retry_budget_;
  std::atomic<std::int64_t> num_retries_ = 0;
};

}  // namespace polarway
