#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "polarway/memory.h"
#include "polarway/result.h"
#include "transports/http_headers.h"

namespace polarway {

/// How connections are made and how long they are waited for.
struct HttpClientOptions {
  std::chrono::milliseconds timeout{30'000};  ///< Of the connect, and of each wait without a byte.
  std::int64_t low_speed_bytes = 64;          ///< Fewer within `timeout` are none.
  std::int64_t connection_pool_size = 4;
  bool keepalive = true;
  std::optional<std::string> proxy = {};    ///< Else the environment's.
  std::optional<std::string> ca_file = {};  ///< Trusted instead of the system's.
  bool deny_private = false;                ///< Config error for private_address.h's addresses.
  std::optional<std::int64_t> max_body_bytes = {};
  std::int64_t prepaid_transfers = 0;  ///< So many at a time are paid for by a working set.
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  HttpHeaders headers;
  std::string body = {};
  std::optional<std::chrono::milliseconds> most_waiting = {};  ///< Timeout after more in all.
};

class HttpTransfer;

/// Requests and their answers, whose bodies are read as they come. Redirects, retries and
/// credentials are others' affair (HttpSession). Transport errors are Network, Timeout, Auth (the
/// server's certificate is not trusted) or Config.
///
/// Many transfers may be under way: whoever waits for one moves all of them. Each has a buffer of
/// kBufferBytes, paid for when it is started, and its server is not read from while that is full.
///
/// Threads: one at a time, transfers included.
class HttpClient {
 public:
  static constexpr std::int64_t kBufferBytes = 256 << 10;
  /// What a transfer takes: its buffer, libcurl's, a TLS connection.
  static constexpr std::int64_t kTransferBytes = kBufferBytes + (192 << 10);

  HttpClient(HttpClientOptions options, std::shared_ptr<MemoryBudget> budget);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Begins a request. MemoryLimit when there is no room for its buffer.
  Result<std::unique_ptr<HttpTransfer>> start(const HttpRequest& request);

 private:
  friend class HttpTransfer;
  struct State;
  std::unique_ptr<State> state_;
};

/// One request and its answer. Its end gives connection and buffer back.
class HttpTransfer {
 public:
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  /// Waits until the answer's status and headers are there.
  Result<void> wait_headers(const std::stop_token& stop);
  int status() const;
  const HttpHeaders& headers() const;
  /// Reads the body: at least a byte, or 0 at its end. Network error when it is cut off.
  Result<std::int64_t> read(std::span<std::uint8_t> into, const std::stop_token& stop);
  /// The first bytes of the body, as many as are asked for or there are, which read() gives, too.
  /// Before any read() only.
  Result<std::span<const std::uint8_t>> peek(std::size_t count, const std::stop_token& stop);
  /// Whether the body's end is known by more than the connection's.
  bool knows_its_end() const;
  /// Whether the server can have seen the request: not, where no connection was made.
  bool was_sent() const;
  /// How long it was waited for.
  std::chrono::milliseconds waited() const;
  /// Of the body so far.
  std::int64_t body_bytes() const;
  /// For errors, without secrets.
  const std::string& shown_url() const;

 private:
  friend class HttpClient;
  struct State;
  explicit HttpTransfer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace polarway
