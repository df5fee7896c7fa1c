#include "sources/http/page_requests.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <utility>

namespace polarway::rest {
namespace {

// The same for two requests that a server cannot tell apart.
std::uint64_t hash_of(const HttpRequest& request) {
  std::string all = request.url + '\n' + request.body;
  for (const auto& [name, value] : request.headers.fields()) all += '\n' + name + '\n' + value;
  return XXH3_64bits(all.data(), all.size());
}

}  // namespace

Result<HttpRequest> PageRequests::request_for(const std::string& cursor) const {
  HttpRequest request = request_;
  POLARWAY_CHECK(paginator_->aim(request, cursor));
  if (request.url == request_.url) return request;
  POLARWAY_TRY(const HttpUrl url, HttpUrl::parse(request.url));
  if (!session_->is_home(url)) {
    return fail({.kind = ErrorKind::Config,
                 .where = {.location = HttpUrl::shown_url(request_.url)},
                 .message = "the next page is said to be on another host: " + url.shown(),
                 .hint = "if that is meant, name the host in pagination_hosts"});
  }
  return request;
}

Result<std::string> PageRequests::begin(const std::string& cursor) {
  POLARWAY_TRY(const HttpRequest request, request_for(cursor));
  constexpr std::int64_t kSeenBytes = 48;
  constexpr std::int64_t kSeenStep = 1024;
  if (std::ssize(seen_) % kSeenStep == kSeenStep - 1) {
    if (!seen_lease_) {
      POLARWAY_TRY(seen_lease_, budget_->reserve(kSeenBytes * kSeenStep, LeaseHolder::Reader));
    } else {
      POLARWAY_CHECK(seen_lease_.grow(kSeenBytes * kSeenStep));
    }
  }
  if (!seen_.insert(hash_of(request)).second) {
    return fail({.kind = ErrorKind::Parse,
                 .where = {.location = HttpUrl::shown_url(request_.url)},
                 .message = "the pages lead in a circle: " + HttpUrl::shown_url(request.url) +
                            " was read before",
                 .hint = "set max_pages, or another pagination"});
  }
  return HttpUrl::shown_url(request.url);
}

void PageRequests::adopt(std::string cursor, HttpExchange answer) {
  ahead_.push_back({std::move(cursor), std::move(answer)});
}

Result<HttpExchange> PageRequests::exchange_for(const std::string& cursor,
                                                const std::stop_token& stop) {
  while (!ahead_.empty()) {
    Ahead first = std::move(ahead_.front());
    ahead_.pop_front();
    if (first.cursor == cursor) return std::move(first.exchange);
    ahead_.clear();  // the server has led elsewhere
  }
  POLARWAY_TRY(HttpRequest request, request_for(cursor));
  return session_->begin(std::move(request), stop);
}

Result<void> PageRequests::ask_ahead(const std::string& cursor, const PageFacts& earlier,
                                     std::int64_t most_behind, const std::stop_token& stop) {
  while (std::ssize(ahead_) + 1 < max_concurrency_ && std::ssize(ahead_) < most_behind) {
    const auto next = paginator_->predict(ahead_.empty() ? cursor : ahead_.back().cursor, earlier);
    if (!next) return {};
    POLARWAY_TRY(HttpRequest request, request_for(*next));
    Result<HttpExchange> exchange = session_->begin(std::move(request), stop);
    // What there is no room for comes in its turn.
    if (!exchange && exchange.error().kind == ErrorKind::MemoryLimit) return {};
    if (!exchange) return fail(std::move(exchange.error()));
    ahead_.push_back({*next, *std::move(exchange)});
  }
  return {};
}

Result<void> PageRequests::open(const std::string& cursor, const PageFacts* earlier,
                                std::int64_t most_behind, const std::stop_token& stop) {
  POLARWAY_TRY(exchange_, exchange_for(cursor, stop));
  if (earlier != nullptr) POLARWAY_CHECK(ask_ahead(cursor, *earlier, most_behind, stop));
  Result<void> came = session_->await(*exchange_, stop);
  if (!came) exchange_.reset();
  return came;
}

Result<void> PageRequests::reopen(SourceError error, const std::stop_token& stop) {
  Result<void> again = session_->retry(*exchange_, std::move(error), stop);
  if (again) again = session_->await(*exchange_, stop);
  if (!again) exchange_.reset();
  return again;
}

}  // namespace polarway::rest
