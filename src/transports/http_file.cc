#include "transports/http_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <string>
#include <utility>

#include "transports/http_body.h"
#include "transports/passed_bytes.h"

namespace polarway {
namespace {

// A jump this far ahead costs less than another request.
constexpr std::int64_t kNearBytes = 64 << 10;
constexpr std::int64_t kMostWindowBytes = 64 << 20;

class HttpFile final : public ByteStream {
 public:
  HttpFile(std::unique_ptr<HttpSession> session, std::optional<std::int64_t> max_expansion,
           std::shared_ptr<MemoryBudget> budget)
      : session_(std::move(session)), max_expansion_(max_expansion), budget_(std::move(budget)) {}

  Result<void> start(HttpRequest request, const std::stop_token& stop);

  Result<std::int64_t> read(std::span<std::uint8_t> into, std::stop_token stop) override;
  Result<void> seek(std::int64_t offset) override {
    position_ = offset;
    return {};
  }
  bool seekable() const override { return has_ranges_; }
  std::optional<std::int64_t> size_bytes() const override { return size_; }
  std::string identity() const override {
    return validator_.empty() && !size_ ? "" : fmt::format("{} {}", size_.value_or(-1), validator_);
  }
  const std::string& location() const override { return location_; }
  std::int64_t bytes_read() const override { return bytes_read_; }

 private:
  Result<void> open(std::int64_t wanted, const std::stop_token& stop);
  Result<void> recover(SourceError error, const std::stop_token& stop);
  Result<std::int64_t> read_body(std::span<std::uint8_t> into, const std::stop_token& stop);
  SourceError changed(std::string how) const {
    return {.kind = ErrorKind::Changed,
            .where = {.location = location_, .byte_offset = position_},
            .message = "the file is another than before: " + std::move(how),
            .hint = "start again from its first row"};
  }
  void close_body() {
    body_.reset();
    if (exchange_) exchange_->transfer.reset();
  }

  std::unique_ptr<HttpSession> session_;
  std::optional<std::int64_t> max_expansion_;
  std::shared_ptr<MemoryBudget> budget_;
  std::string location_;
  bool has_ranges_ = false;
  std::optional<std::int64_t> size_;
  std::string validator_;  // ETag, or Last-Modified
  bool is_strong_ = false;
  std::optional<HttpExchange> exchange_;
  std::unique_ptr<ByteStream> body_;
  std::int64_t position_ = 0;             // of the next read()
  std::int64_t body_position_ = 0;        // of the body at hand
  std::optional<std::int64_t> body_end_;  // nothing: the file's
  std::int64_t window_ = 0;
  PassedBytes passed_;  // where there are no ranges
  std::int64_t bytes_before_ = 0;
  std::atomic<std::int64_t> bytes_read_ = 0;
};

Result<void> HttpFile::start(HttpRequest request, const std::stop_token& stop) {
  location_ = HttpUrl::shown_url(request.url);
  request.headers.set("Accept-Encoding", "identity");
  request.headers.set("Range", "bytes=0-");
  POLARWAY_TRY(exchange_, session_->begin(std::move(request), stop));
  exchange_->takes_parts = true;
  POLARWAY_CHECK(session_->await(*exchange_, stop));
  const HttpTransfer& transfer = *exchange_->transfer;
  const HttpHeaders& headers = transfer.headers();
  const bool is_plain =
      equals_ignoring_case(headers.find("Content-Encoding").value_or("identity"), "identity");
  if (transfer.status() == 416) {  // a file of nothing has no first byte
    size_ = 0;
    has_ranges_ = true;
    close_body();
    return {};
  }
  if (transfer.status() == 206) {
    size_ = total_of_content_range(headers.find("Content-Range").value_or(""));
    has_ranges_ = size_.has_value() && is_plain;
  } else if (is_plain) {
    if (const auto length = headers.find("Content-Length")) {
      size_ = total_of_content_range("*/" + std::string(*length));
    }
  }
  const std::string_view etag = headers.find("ETag").value_or("");
  is_strong_ = !etag.empty() && !etag.starts_with("W/");
  validator_ = std::string(is_strong_ ? etag : headers.find("Last-Modified").value_or(etag));
  POLARWAY_TRY(body_, open_body(*exchange_->transfer, max_expansion_, budget_));
  return {};
}

// Asks for `wanted` bytes from the position on, or for all of it.
Result<void> HttpFile::open(std::int64_t wanted, const std::stop_token& stop) {
  bytes_before_ = bytes_read_;
  close_body();
  HttpHeaders& headers = exchange_->request.headers;
  if (has_ranges_) {
    const bool goes_on = body_end_ && *body_end_ == position_;
    window_ = position_ == 0 ? kMostWindowBytes
              : goes_on      ? std::min(window_ * 4, kMostWindowBytes)
                             : wanted;
    window_ = std::max(window_, wanted);
    body_end_ = std::min(position_ + window_, *size_);
    headers.set("Range", fmt::format("bytes={}-{}", position_, *body_end_ - 1));
    if (is_strong_) headers.set("If-Match", validator_);
    body_position_ = position_;
  } else {
    passed_.start_over();
    body_position_ = 0;
  }
  POLARWAY_CHECK(session_->await(*exchange_, stop));
  const HttpTransfer& transfer = *exchange_->transfer;
  if (transfer.status() == 412) return fail(changed("its ETag is not " + validator_));
  if (has_ranges_ && transfer.status() != 206) {
    return fail(changed(
        fmt::format("a part of it was asked for, and the status is {}", transfer.status())));
  }
  const HttpHeaders& answer = transfer.headers();
  const std::string_view now = answer.find(is_strong_ ? "ETag" : "Last-Modified").value_or("");
  if (!validator_.empty() && !now.empty() && now != validator_) {
    return fail(changed("it was " + validator_ + ", and is " + std::string(now)));
  }
  if (has_ranges_ && total_of_content_range(answer.find("Content-Range").value_or("")) != size_) {
    return fail(changed("its size is not that which it had"));
  }
  POLARWAY_TRY(body_, open_body(*exchange_->transfer, max_expansion_, budget_));
  return {};
}

Result<std::int64_t> HttpFile::read_body(std::span<std::uint8_t> into,
                                         const std::stop_token& stop) {
  Result<std::int64_t> got = body_->read(into, stop);
  bytes_read_ = bytes_before_ + exchange_->transfer->body_bytes();
  if (got) body_position_ += *got;
  return got;
}

Result<void> HttpFile::recover(SourceError error, const std::stop_token& stop) {
  body_.reset();
  Result<void> again = session_->retry(*exchange_, std::move(error), stop);
  if (!again && exchange_) exchange_->transfer.reset();
  return again;
}

Result<std::int64_t> HttpFile::read(std::span<std::uint8_t> into, std::stop_token stop) {
  for (;;) {
    if (size_ && position_ >= *size_) return 0;
    const std::int64_t ahead = position_ - body_position_;
    const bool is_usable = body_ != nullptr && ahead >= 0 && ahead <= kNearBytes &&
                           (!body_end_ || position_ < *body_end_);
    if (!is_usable && (has_ranges_ || body_ == nullptr)) {
      POLARWAY_CHECK(open(std::ssize(into), stop));
      continue;
    }
    const bool skips = has_ranges_ && ahead > 0;
    const std::span<std::uint8_t> room =
        skips
            ? into.first(static_cast<std::size_t>(std::min<std::int64_t>(ahead, std::ssize(into))))
            : into;
    Result<std::int64_t> got = read_body(room, stop);
    if (!got) {
      if (got.error().kind != ErrorKind::Network && got.error().kind != ErrorKind::Timeout) {
        return got;
      }
      POLARWAY_CHECK(recover(std::move(got.error()), stop));
      continue;
    }
    if (skips && *got > 0) continue;
    if (has_ranges_) {
      if (*got == 0) {
        // The range ends, or was shorter than asked for.
        if (body_position_ == body_end_ || (size_ && body_position_ >= *size_)) {
          body_.reset();
          continue;
        }
        POLARWAY_CHECK(recover({.kind = ErrorKind::Network,
                                .where = {.location = location_, .byte_offset = position_},
                                .message = "the server gave less of the file than it said"},
                               stop));
        continue;
      }
      position_ += *got;
      exchange_->retries.restart();
      return got;
    }
    bool has_changed = false;
    const std::span<const std::uint8_t> fresh =
        passed_.take(room.first(static_cast<std::size_t>(*got)), has_changed);
    if (has_changed || (*got == 0 && !passed_.has_caught_up())) {
      return fail(
          changed("it broke off, and its beginning was another when it was asked for again"));
    }
    if (*got > 0 && fresh.empty()) continue;
    std::copy(fresh.begin(), fresh.end(), into.begin());
    position_ += std::ssize(fresh);
    return std::ssize(fresh);
  }
}

}  // namespace

std::optional<std::int64_t> total_of_content_range(std::string_view field) {
  const std::size_t slash = field.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view text = field.substr(slash + 1);
  std::int64_t total = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), total);
  if (error != std::errc() || end != text.data() + text.size() || total < 0) return std::nullopt;
  return total;
}

Result<std::unique_ptr<ByteStream>> open_http_file(std::unique_ptr<HttpSession> session,
                                                   HttpRequest request,
                                                   std::optional<std::int64_t> max_expansion,
                                                   std::shared_ptr<MemoryBudget> budget,
                                                   const std::stop_token& stop) {
  auto file = std::make_unique<HttpFile>(std::move(session), max_expansion, std::move(budget));
  POLARWAY_CHECK(file->start(std::move(request), stop));
  return file;
}

}  // namespace polarway
