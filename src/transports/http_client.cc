#include "transports/http_client.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "transports/http_curl.h"
#include "transports/http_url.h"
#include "transports/private_address.h"

namespace polarway {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr long kCurlBufferBytes = 64 << 10;
constexpr auto kBufferSize = static_cast<std::size_t>(HttpClient::kBufferBytes);
constexpr std::size_t kMostHeaderBytes = 256 << 10;

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

struct HttpClient::State {
  HttpClientOptions options;
  std::shared_ptr<MemoryBudget> budget;
  CURLM* multi = nullptr;
  std::int64_t num_prepaid = 0;  // of those under way
  // Of a transfer that is over, for the next one.
  CURL* spare_easy = nullptr;
  std::unique_ptr<std::uint8_t[]> spare_buffer;

  /// Moves all transfers on; waits for news up to `time` when there are none.
  void drive(milliseconds time, const std::stop_token& stop);
  void take_messages();
};

struct HttpTransfer::State {
  HttpClient::State* client = nullptr;
  MemoryLease lease;  // outlives what it pays for
  bool is_prepaid = false;
  CURL* easy = nullptr;
  curl_slist* header_list = nullptr;
  std::string body;
  std::string url;
  std::string shown;
  std::unique_ptr<std::uint8_t[]> buffer;
  std::size_t begin = 0;  // of what is not read
  std::size_t end = 0;
  int status = 0;
  HttpHeaders headers;
  std::size_t header_bytes = 0;
  bool has_headers = false;
  bool is_paused = false;
  bool is_done = false;
  CURLcode result = CURLE_OK;
  char curl_message[CURL_ERROR_SIZE] = {};
  std::optional<SourceError> refused;  // what our own callbacks stopped it for
  bool is_private = false;             // an address that it was to connect to
  std::optional<milliseconds> most_waiting;
  std::int64_t body_bytes = 0;
  std::int64_t events = 0;  // bytes of any kind that came
  // Of waiting: what it took in all, and of the window in which low_speed_bytes have to come.
  milliseconds waited{0};
  milliseconds window{0};
  std::int64_t window_events = 0;

  ~State() {
    if (easy != nullptr) {
      curl().multi_remove_handle(client->multi, easy);
      if (client->spare_easy == nullptr) {
        curl().easy_reset(easy);
        client->spare_easy = easy;
        client->spare_buffer = std::move(buffer);
      } else {
        curl().easy_cleanup(easy);
      }
    }
    curl().slist_free_all(header_list);
    if (is_prepaid) --client->num_prepaid;
  }

  SourceError error(ErrorKind kind, std::string message, std::string hint = "") const {
    return {.kind = kind,
            .where = {.location = shown},
            .message = std::move(message),
            .hint = std::move(hint)};
  }
  SourceError curl_error() const;
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* state);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* state);
  static curl_socket_t open_public(void* state, curlsocktype purpose, curl_sockaddr* address);
  std::size_t take_header(std::string_view line);
  std::size_t take_body(const char* bytes, std::size_t size);
  Result<void> wait(const std::stop_token& stop);
};

// ---- What libcurl calls

std::size_t HttpTransfer::State::take_header(std::string_view line) {
  header_bytes += line.size();
  events += static_cast<std::int64_t>(line.size());
  if (header_bytes > kMostHeaderBytes) {
    refused = error(ErrorKind::Parse, "the answer has more than 256 KiB of headers",
                    "this is no server to read from");
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    headers.clear();
    const std::size_t space = line.find(' ');
    status = space == std::string_view::npos ? 0 : std::atoi(line.data() + space + 1);
    return line.size();
  }
  const std::string_view text = trimmed(line);
  if (text.empty()) {
    has_headers = status >= 200 || status == 101;
    return line.size();
  }
  const std::size_t colon = text.find(':');
  // After the body come trailers, which are nothing to us.
  if (colon != std::string_view::npos && !has_headers) {
    headers.add(std::string(trimmed(text.substr(0, colon))),
                std::string(trimmed(text.substr(colon + 1))));
  }
  return line.size();
}

std::size_t HttpTransfer::State::take_body(const char* bytes, std::size_t size) {
  if (kBufferSize - (end - begin) < size) {
    is_paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  if (kBufferSize - end < size) {
    std::memmove(buffer.get(), buffer.get() + begin, end - begin);
    end -= begin;
    begin = 0;
  }
  std::memcpy(buffer.get() + end, bytes, size);
  end += size;
  body_bytes += static_cast<std::int64_t>(size);
  events += static_cast<std::int64_t>(size);
  if (client->options.max_body_bytes && body_bytes > *client->options.max_body_bytes) {
    refused = error(ErrorKind::Parse,
                    fmt::format("the body is larger than max_body_bytes, {} bytes",
                                *client->options.max_body_bytes),
                    "raise max_body_bytes, or ask for smaller pages");
    return 0;
  }
  return size;
}

std::size_t HttpTransfer::State::on_header(char* bytes, std::size_t size, std::size_t count,
                                           void* state) {
  try {
    return static_cast<State*>(state)->take_header({bytes, size * count});
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

std::size_t HttpTransfer::State::on_body(char* bytes, std::size_t size, std::size_t count,
                                         void* state) {
  return static_cast<State*>(state)->take_body(bytes, size * count);
}

// The address itself is looked at, whatever name or spelling led to it.
curl_socket_t HttpTransfer::State::open_public(void* state, curlsocktype, curl_sockaddr* address) {
  if (is_private_address(address->addr)) {
    static_cast<State*>(state)->is_private = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

SourceError HttpTransfer::State::curl_error() const {
  if (refused) return *refused;
  if (is_private && result == CURLE_COULDNT_CONNECT) {
    return error(ErrorKind::Config, "the host has a private address, and deny_private is set",
                 "leave deny_private out if the URL is trusted");
  }
  const std::string said = curl_message[0] != '\0' ? curl_message : curl().easy_strerror(result);
  switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
      return error(ErrorKind::Timeout,
                   fmt::format("no connection within {} ms", client->options.timeout.count()),
                   "raise timeout_ms, or see whether the server is there");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return error(ErrorKind::Auth, "the server's certificate is not trusted: " + said,
                   "if it is signed by an authority of your own, name its file in ca_file");
    case CURLE_SSL_CONNECT_ERROR:
      return error(ErrorKind::Network, "no TLS connection: " + said,
                   "if it stays so, the server's TLS may be older than what is still safe");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return error(ErrorKind::Network, said, "check the name, and the network");
    case CURLE_COULDNT_CONNECT:
      return error(ErrorKind::Network, said, "see whether the server is there");
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_CERTPROBLEM:
      return error(ErrorKind::Config, said);
    case CURLE_PARTIAL_FILE:
      return error(ErrorKind::Network,
                   fmt::format("the body was cut off after {} bytes: {}", body_bytes, said));
    case CURLE_OUT_OF_MEMORY:
      return error(ErrorKind::MemoryLimit, "the system refused memory for a request");
    default:
      return error(ErrorKind::Network, said);
  }
}

// ---- The client

HttpClient::HttpClient(HttpClientOptions options, std::shared_ptr<MemoryBudget> budget)
    : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->budget = std::move(budget);
  if (find_curl() != nullptr) state_->multi = curl().multi_init();
  if (state_->multi == nullptr) return;
  const auto pool = static_cast<long>(state_->options.connection_pool_size);
  curl().multi_setopt(state_->multi, CURLMOPT_MAXCONNECTS, pool);
  // Several answers on one connection would wait for each other: one whose buffer is full stops
  // all of them.
  curl().multi_setopt(state_->multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

HttpClient::~HttpClient() {
  if (state_->spare_easy != nullptr) curl().easy_cleanup(state_->spare_easy);
  if (state_->multi != nullptr) curl().multi_cleanup(state_->multi);
}

void HttpClient::State::take_messages() {
  int left = 0;
  while (CURLMsg* message = curl().multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* found = nullptr;
    curl().easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &found);
    auto* transfer = static_cast<HttpTransfer::State*>(found);
    transfer->result = message->data.result;
    transfer->is_done = true;
  }
}

void HttpClient::State::drive(milliseconds time, const std::stop_token& stop) {
  int running = 0;
  if (time.count() > 0) {
    const std::stop_callback wake(stop, [this] { curl().multi_wakeup(multi); });
    curl().multi_poll(multi, nullptr, 0, static_cast<int>(time.count()), nullptr);
  }
  curl().multi_perform(multi, &running);
  take_messages();
}

Result<std::unique_ptr<HttpTransfer>> HttpClient::start(const HttpRequest& request) {
  const SourceError no_memory{.kind = ErrorKind::MemoryLimit,
                              .message = "the system refused memory for a request",
                              .hint = "lower the memory limit to what there is"};
  if (find_curl() == nullptr) return fail(no_curl());
  if (state_->multi == nullptr) return fail(no_memory);
  auto made = std::make_unique<HttpTransfer::State>();
  made->client = state_.get();
  made->url = request.url;
  made->shown = HttpUrl::shown_url(request.url);
  if (state_->num_prepaid < state_->options.prepaid_transfers) {
    made->is_prepaid = true;
    ++state_->num_prepaid;
  } else {
    POLARWAY_TRY(made->lease, state_->budget->reserve(kTransferBytes, LeaseHolder::Reader));
  }
  made->buffer = std::move(state_->spare_buffer);
  if (made->buffer == nullptr)
    made->buffer = std::make_unique_for_overwrite<std::uint8_t[]>(kBufferSize);
  made->body = request.body;
  made->most_waiting = request.most_waiting;
  for (const auto& [name, value] : request.headers.fields()) {
    if (!HttpHeaders::is_valid(name, value)) {
      return fail({.kind = ErrorKind::Config,
                   .where = {.location = made->shown},
                   .message = "a header has characters that none may have",
                   .hint = "line ends, above all: look at the headers, and the credentials"});
    }
    // "Name;" is how libcurl is told of a header without value.
    curl_slist* longer = curl().slist_append(
        made->header_list, value.empty() ? (name + ";").c_str() : (name + ": " + value).c_str());
    if (longer == nullptr) return fail(no_memory);
    made->header_list = longer;
  }
  made->easy = state_->spare_easy != nullptr ? std::exchange(state_->spare_easy, nullptr)
                                             : curl().easy_init();
  if (made->easy == nullptr) return fail(no_memory);
  CURL* const easy = made->easy;
  const HttpClientOptions& options = state_->options;
  const auto set = [&](CURLoption option, auto value) { curl().easy_setopt(easy, option, value); };
  set(CURLOPT_URL, made->url.c_str());
  set(CURLOPT_PRIVATE, static_cast<void*>(made.get()));
  set(CURLOPT_ERRORBUFFER, made->curl_message);
  set(CURLOPT_HEADERFUNCTION, &HttpTransfer::State::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(made.get()));
  set(CURLOPT_WRITEFUNCTION, &HttpTransfer::State::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(made.get()));
  set(CURLOPT_HTTPHEADER, made->header_list);
  set(CURLOPT_BUFFERSIZE, kCurlBufferBytes);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name to be found
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.timeout.count()));
  set(CURLOPT_TCP_KEEPALIVE, options.keepalive ? 1L : 0L);
  set(CURLOPT_FORBID_REUSE, options.keepalive ? 0L : 1L);
  set(CURLOPT_MAXLIFETIME_CONN, 600L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (options.deny_private) {
    set(CURLOPT_OPENSOCKETFUNCTION, &HttpTransfer::State::open_public);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(made.get()));
  }
  if (options.proxy) set(CURLOPT_PROXY, options.proxy->c_str());
  if (options.ca_file) set(CURLOPT_CAINFO, options.ca_file->c_str());
  if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request.method == "GET" && request.body.empty()) {
    set(CURLOPT_HTTPGET, 1L);
  } else {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(made->body.size()));
    set(CURLOPT_POSTFIELDS, made->body.c_str());
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (curl().multi_add_handle(state_->multi, easy) != CURLM_OK) return fail(no_memory);
  int running = 0;
  curl().multi_perform(state_->multi, &running);  // the connect begins now
  state_->take_messages();
  return std::unique_ptr<HttpTransfer>(new HttpTransfer(std::move(made)));
}

// ---- A transfer

HttpTransfer::HttpTransfer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpTransfer::~HttpTransfer() = default;

int HttpTransfer::status() const { return state_->status; }
const HttpHeaders& HttpTransfer::headers() const { return state_->headers; }
std::int64_t HttpTransfer::body_bytes() const { return state_->body_bytes; }
milliseconds HttpTransfer::waited() const { return state_->waited; }
const std::string& HttpTransfer::shown_url() const { return state_->shown; }

bool HttpTransfer::knows_its_end() const {
  long version = 0;
  curl().easy_getinfo(state_->easy, CURLINFO_HTTP_VERSION, &version);
  return version >= CURL_HTTP_VERSION_2_0 || state_->headers.find("Content-Length") ||
         state_->headers.find("Transfer-Encoding");
}

bool HttpTransfer::was_sent() const {
  return state_->result != CURLE_COULDNT_CONNECT && state_->result != CURLE_COULDNT_RESOLVE_HOST &&
         state_->result != CURLE_COULDNT_RESOLVE_PROXY;
}

// Waits for one piece of news.
Result<void> HttpTransfer::State::wait(const std::stop_token& stop) {
  constexpr milliseconds kLongestWait{1000};
  if (stop.stop_requested()) return fail(error(ErrorKind::Cancelled, "stopped"));
  const std::int64_t before = events;
  const Clock::time_point begun = Clock::now();
  client->drive(milliseconds(0), stop);
  if (events == before && !is_done) {
    milliseconds longest = std::min(kLongestWait, client->options.timeout);
    if (most_waiting) longest = std::clamp(*most_waiting - waited, milliseconds(1), longest);
    client->drive(longest, stop);
  }
  const auto time = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
  waited += time;
  window += time;
  if (is_done) return {};
  const HttpClientOptions& options = client->options;
  if (window >= options.timeout) {
    const std::int64_t came = events - window_events;
    if (came < options.low_speed_bytes) {
      return fail(error(
          ErrorKind::Timeout,
          came == 0 ? fmt::format("nothing came within {} ms", options.timeout.count())
                    : fmt::format("only {} bytes came within {} ms", came, options.timeout.count()),
          "raise timeout_ms"));
    }
    window = milliseconds(0);
    window_events = events;
  } else if (events - window_events >= options.low_speed_bytes) {
    window = milliseconds(0);
    window_events = events;
  }
  if (most_waiting && waited >= *most_waiting) {
    return fail(error(ErrorKind::Timeout, fmt::format("it took {} ms", waited.count()),
                      "raise total_timeout_ms"));
  }
  return {};
}

Result<void> HttpTransfer::wait_headers(const std::stop_token& stop) {
  while (!state_->has_headers && !state_->is_done) POLARWAY_CHECK(state_->wait(stop));
  if (state_->is_done && state_->result != CURLE_OK && !state_->has_headers) {
    return fail(state_->curl_error());
  }
  return {};
}

Result<std::span<const std::uint8_t>> HttpTransfer::peek(std::size_t count,
                                                         const std::stop_token& stop) {
  State& state = *state_;
  while (state.end - state.begin < count && !state.is_done) POLARWAY_CHECK(state.wait(stop));
  return std::span<const std::uint8_t>(state.buffer.get() + state.begin,
                                       std::min(count, state.end - state.begin));
}

Result<std::int64_t> HttpTransfer::read(std::span<std::uint8_t> into, const std::stop_token& stop) {
  State& state = *state_;
  while (state.begin == state.end) {
    if (state.is_done) {
      if (state.result != CURLE_OK) return fail(state.curl_error());
      return 0;
    }
    POLARWAY_CHECK(state.wait(stop));
  }
  const std::size_t count = std::min(into.size(), state.end - state.begin);
  std::memcpy(into.data(), state.buffer.get() + state.begin, count);
  state.begin += count;
  if (state.begin == state.end) state.begin = state.end = 0;
  if (state.is_paused &&
      kBufferSize - (state.end - state.begin) >= static_cast<std::size_t>(2 * kCurlBufferBytes)) {
    state.is_paused = false;
    curl().easy_pause(state.easy, CURLPAUSE_CONT);  // what it kept comes at once
  }
  return static_cast<std::int64_t>(count);
}

}  // namespace polarway
