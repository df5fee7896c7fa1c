#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/byte_stream.h"
#include "formats/json/records_path.h"
#include "polarway/source.h"
#include "sources/http/envelope_scanner.h"
#include "sources/http/page_buffer.h"
#include "sources/http/page_log.h"
#include "sources/http/page_requests.h"
#include "sources/http/page_shape.h"
#include "sources/http/paginator.h"
#include "sources/http/records_pass.h"
#include "transports/http_session.h"
#include "transports/passed_bytes.h"

namespace polarway::rest {

/// What a PageStream reads, and how far.
struct PageStreamOptions {
  HttpRequest request;  ///< As the user gave it.
  /// Its URL, or those of its partitions: all pages of one after the other.
  std::vector<std::string> first_urls;
  std::optional<json::RecordsPath> records_path = {};
  bool is_lines = false;
  std::int64_t max_depth = 128;
  std::optional<std::int64_t> max_pages = {};  ///< Of each partition.
  std::optional<std::int64_t> max_records = {};
  std::int64_t max_concurrency = 1;
  std::optional<std::int64_t> max_expansion = {};
  PagePosition begin;  ///< With an empty cursor and page 1: the first page.
  std::string shown_url;
};

/// The records of all pages of an endpoint, one behind the other, as one text: an array, whatever
/// stood around the records of each page; or, where pages are values, values. A page is no unit of
/// memory: its body is read as it comes. What broke off is asked for again, up to the byte where it
/// broke, and is Changed when its records were others then.
///
/// Threads: one at a time.
class PageStream final : public ByteStream {
 public:
  /// What its buffer takes; paid for by whoever makes it.
  static std::int64_t buffer_bytes() { return PageBuffer::kBytes; }

  PageStream(PageStreamOptions options, std::unique_ptr<HttpSession> session,
             std::unique_ptr<Paginator> paginator, std::shared_ptr<MemoryBudget> budget);

  /// Asks for the first page, and looks at what it is.
  Result<void> start(const std::stop_token& stop);
  /// Takes over the answer to the first page that was asked for by somebody else.
  Result<void> start(HttpExchange answer, const std::stop_token& stop);

  Result<std::int64_t> read(std::span<std::uint8_t> into, std::stop_token stop) override;
  Result<void> seek(std::int64_t offset) override;
  bool seekable() const override { return false; }
  /// Between the first pages, so that who wants few rows does not wait for many pages.
  bool pauses() const override;
  std::optional<std::int64_t> size_bytes() const override { return std::nullopt; }
  std::string identity() const override { return ""; }
  const std::string& location() const override { return options_.shown_url; }
  std::int64_t bytes_read() const override { return bytes_read_; }

  /// Whether the text is an array; else values. Valid after start().
  bool is_array() const { return shape_->path || shape_->records == RecordsPass::Shape::Array; }
  /// What was found out on the way.
  std::vector<std::string> notes() const;
  std::int64_t num_retries() const { return requests_.num_retries(); }

  /// The position before a row, counted from the stream's first; rows before that are forgotten.
  PagePosition position(std::int64_t row);
  /// Where each page is, of those that can be known after the first. For a stream that is read for
  /// nothing else, with max_pages 1.
  Result<std::vector<PagePosition>> predicted_pages(const std::stop_token& stop);
  /// Says of a decoder's error which page it is about, which record and byte of it.
  SourceError placed(SourceError error) const;

 private:
  enum class Where : std::uint8_t { Between, Start, Envelope, Records, Tail, Behind };

  Result<void> step(const std::stop_token& stop);
  Result<void> open_page(const std::stop_token& stop);
  Result<void> open_answer();
  Result<void> refill(const std::stop_token& stop);
  Result<void> recover(SourceError error, const std::stop_token& stop);
  Result<void> begin_text(const std::stop_token& stop);
  Result<void> look_at_shape(std::string_view text);
  Result<void> scan_envelope();
  Result<void> enter_records(std::size_t at);
  Result<void> pass_records();
  Result<void> end_page();
  void end_partition();
  Result<void> hand_on(std::size_t begin, std::size_t end);
  SourceError changed() const;
  SourceError cut_off() const;
  SourceError no_page(std::string_view text, std::string_view wanted) const;
  SourceError page_error(ErrorKind kind, std::string message, std::string hint = "",
                         std::optional<std::size_t> at = std::nullopt) const;

  PageStreamOptions options_;
  PageRequests requests_;
  std::shared_ptr<MemoryBudget> budget_;
  PageBuffer buffer_;
  PageLog log_;
  std::optional<PageShape> shape_;
  std::vector<std::string> notes_;

  // The page at hand.
  std::optional<std::string> cursor_;  // of the next page, between pages; nothing: there is none
  std::int64_t partition_ = 0;         // which of the first URLs has led to it
  std::int64_t page_ = 0;              // its number
  std::int64_t rows_before_page_ = 0;  // in the stream
  std::int64_t skip_records_ = 0;
  bool is_logged_ = false;
  bool is_null_ = false;  // its records
  Where where_ = Where::Between;
  std::unique_ptr<ByteStream> body_;
  std::int64_t body_bytes_before_ = 0;
  std::optional<EnvelopeScanner> envelope_;
  std::optional<RecordsPass> pass_;
  PassedBytes passed_;
  std::optional<PageFacts> earlier_;  // of the last page that was read

  // The text that is handed on.
  std::string_view pending_;  // of ours
  std::int64_t stream_byte_ = 0;
  bool has_opened_ = false;  // its bracket
  bool has_records_ = false;
  bool has_ended_ = false;
  std::optional<SourceError> last_error_;
  std::optional<SourceError> final_error_;
  std::atomic<std::int64_t> bytes_read_ = 0;
};

}  // namespace polarway::rest
