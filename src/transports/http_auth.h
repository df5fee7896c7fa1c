#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "polarway/credentials.h"
#include "polarway/result.h"
#include "transports/http_client.h"
#include "transports/retry.h"

namespace polarway {

/// Proves to a server who asks.
///
/// Threads: one at a time.
class HttpAuth {
 public:
  virtual ~HttpAuth() = default;

  /// Adds the proof to a request that goes to the servers it is meant for. May ask for a token
  /// first, with `client`.
  virtual Result<void> sign(HttpRequest& request, HttpClient& client,
                            const std::stop_token& stop) = 0;
  /// A request so signed was answered with 401. Whether signing it anew may help.
  virtual bool renew() { return false; }
};

/// For Bearer, Basic, ApiKey, OAuth2; null for no credentials. Config error for those of others,
/// and for what a header cannot hold.
Result<std::unique_ptr<HttpAuth>> make_http_auth(const std::optional<Credentials>& credentials,
                                                 const std::optional<std::string>& token_file,
                                                 const RetryPolicy& retry);

/// OAuth 2.0: client credentials, or a refresh token. Tokens are renewed before they expire.
/// `token_file`: where refresh tokens that replace others are kept; one found there goes before
/// that of the credentials.
std::unique_ptr<HttpAuth> make_oauth2(Credentials::OAuth2 credentials,
                                      std::optional<std::string> token_file,
                                      const RetryPolicy& retry);

}  // namespace polarway
