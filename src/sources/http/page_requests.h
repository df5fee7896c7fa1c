#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_set>

#include "polarway/memory.h"
#include "polarway/result.h"
#include "sources/http/paginator.h"
#include "transports/http_session.h"

namespace polarway::rest {

/// Asks for pages, one after the other, and for those behind it where it is known which they are.
///
/// Threads: one at a time.
class PageRequests {
 public:
  PageRequests(HttpRequest request, std::int64_t max_concurrency,
               std::unique_ptr<HttpSession> session, std::unique_ptr<Paginator> paginator,
               std::shared_ptr<MemoryBudget> budget)
      : request_(std::move(request)),
        max_concurrency_(max_concurrency),
        session_(std::move(session)),
        paginator_(std::move(paginator)),
        budget_(std::move(budget)) {}

  const Paginator& paginator() const { return *paginator_; }
  std::int64_t num_retries() const { return session_->num_retries(); }

  /// The pages that follow are those behind another URL.
  void change_to(std::string first_url) { request_.url = std::move(first_url); }
  /// A page that follows: its URL, as errors may show it. Config error where it is on a host that
  /// must not have the credentials; Parse error where it was asked for before.
  Result<std::string> begin(const std::string& cursor);
  /// Takes over the answer to a request that somebody else has made for that page.
  void adopt(std::string cursor, HttpExchange answer);
  /// Waits for the answer of the page at `cursor`. `earlier`, if not null, tells which pages
  /// follow, of which at most `most_behind` are asked for.
  Result<void> open(const std::string& cursor, const PageFacts* earlier, std::int64_t most_behind,
                    const std::stop_token& stop);
  /// The answer broke off with `error`: waits, and asks for the same page again. When that fails,
  /// there is no answer.
  Result<void> reopen(SourceError error, const std::stop_token& stop);
  /// The answer was read.
  void close() { exchange_.reset(); }
  /// No page follows.
  void drop_ahead() { ahead_.clear(); }

  const HttpUrl& url() const { return *exchange_->url; }
  HttpTransfer& answer() { return *exchange_->transfer; }
  const HttpTransfer& answer() const { return *exchange_->transfer; }

 private:
  struct Ahead {
    std::string cursor;
    HttpExchange exchange;
  };

  Result<HttpRequest> request_for(const std::string& cursor) const;
  Result<HttpExchange> exchange_for(const std::string& cursor, const std::stop_token& stop);
  Result<void> ask_ahead(const std::string& cursor, const PageFacts& earlier,
                         std::int64_t most_behind, const std::stop_token& stop);

  HttpRequest request_;
  std::int64_t max_concurrency_;
  std::unique_ptr<HttpSession> session_;
  std::unique_ptr<Paginator> paginator_;
  std::shared_ptr<MemoryBudget> budget_;
  std::optional<HttpExchange> exchange_;
  std::deque<Ahead> ahead_;
  MemoryLease seen_lease_;
  std::unordered_set<std::uint64_t> seen_;  // hashes of requests
};

}  // namespace polarway::rest
