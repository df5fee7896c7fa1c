#include "sources/http/page_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "core/quoted_text.h"
#include "transports/http_body.h"

namespace polarway::rest {
namespace {

constexpr std::size_t kSampleBytes = 64 << 10;
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kMark = "\xEF\xBB\xBF";

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_passing(const SourceError& error) {
  return error.kind == ErrorKind::Network || error.kind == ErrorKind::Timeout;
}

}  // namespace

PageStream::PageStream(PageStreamOptions options, std::unique_ptr<HttpSession> session,
                       std::unique_ptr<Paginator> paginator, std::shared_ptr<MemoryBudget> budget)
    : options_(std::move(options)),
      requests_(options_.request, options_.max_concurrency, std::move(session),
                std::move(paginator), budget),
      budget_(budget),
      log_(std::move(budget)) {
  const PagePosition& begin = options_.begin;
  partition_ = begin.partition;
  requests_.change_to(options_.first_urls[static_cast<std::size_t>(partition_)]);
  page_ = begin.page;
  const bool is_first = begin.page == 1 && begin.cursor.empty();
  cursor_ = is_first ? requests_.paginator().start() : begin.cursor;
  skip_records_ = begin.record;
}

SourceError PageStream::page_error(ErrorKind kind, std::string message, std::string hint,
                                   std::optional<std::size_t> at) const {
  SourceError error{.kind = kind,
                    .where = {.location = log_.empty() ? options_.shown_url : log_.last_url()},
                    .message = std::move(message),
                    .hint = std::move(hint)};
  if (at) error.where.byte_offset = buffer_.offset() + static_cast<std::int64_t>(*at);
  if (pass_) error.where.row = pass_->num_records() + 1;
  return error;
}

// ---- Pages

Result<void> PageStream::open_page(const std::stop_token& stop) {
  if (!is_logged_) {
    POLARWAY_TRY(const std::string shown, requests_.begin(*cursor_));
    POLARWAY_CHECK(log_.begin({.partition = partition_,
                               .page = page_,
                               .cursor = *cursor_,
                               .shown_url = fmt::format("{} (page {})", shown, page_),
                               .first_row = rows_before_page_ - skip_records_}));
    is_logged_ = true;
    passed_.clear();
  }
  std::int64_t most_behind = std::numeric_limits<std::int64_t>::max();
  if (options_.max_pages) most_behind = *options_.max_pages - page_;
  if (options_.begin.end_page)
    most_behind = std::min(most_behind, *options_.begin.end_page - 1 - page_);
  POLARWAY_CHECK(requests_.open(*cursor_, earlier_ ? &*earlier_ : nullptr, most_behind, stop));
  return open_answer();
}

Result<void> PageStream::open_answer() {
  buffer_.clear();
  envelope_.reset();
  pass_.reset();
  where_ = Where::Start;
  body_bytes_before_ = bytes_read_;
  POLARWAY_TRY(body_, open_body(requests_.answer(), options_.max_expansion, budget_));
  return {};
}

// What broke off is asked for again, and followed to where it broke.
Result<void> PageStream::recover(SourceError error, const std::stop_token& stop) {
  if (!is_passing(error)) return fail(std::move(error));
  body_.reset();
  passed_.start_over();
  where_ = Where::Between;
  POLARWAY_CHECK(requests_.reopen(std::move(error), stop));
  return open_answer();
}

Result<void> PageStream::refill(const std::stop_token& stop) {
  const std::span<std::uint8_t> room = buffer_.room();
  Result<std::int64_t> got = body_->read(room, stop);
  bytes_read_ = body_bytes_before_ + requests_.answer().body_bytes();
  if (!got) return recover(std::move(got.error()), stop);
  buffer_.grow(static_cast<std::size_t>(*got));
  buffer_.at_end = *got == 0;
  return {};
}

Result<void> PageStream::start(const std::stop_token& stop) {
  POLARWAY_CHECK(open_page(stop));
  while (!shape_) POLARWAY_CHECK(step(stop));
  return {};
}

Result<void> PageStream::start(HttpExchange answer, const std::stop_token& stop) {
  requests_.adopt(*cursor_, std::move(answer));
  return start(stop);
}

// ---- What is in a page

// Where the page's text begins, and that it is what pages are.
Result<void> PageStream::begin_text(const std::stop_token& stop) {
  for (;;) {
    std::string_view text = text_of(buffer_.text());
    if (buffer_.offset() == 0 && text.starts_with(kMark)) {
      buffer_.consume(kMark.size());
      text = text_of(buffer_.text());
    }
    const std::size_t first = std::min(text.find_first_not_of(kBlanks), text.size());
    const bool is_mark_cut = buffer_.offset() == 0 && text.size() < kMark.size() &&
                             kMark.starts_with(text) && !buffer_.at_end;
    if (!is_mark_cut && first == text.size() && first > 0) {
      buffer_.consume(first);  // blanks alone
      continue;
    }
    const bool needs_sample = !shape_ && !options_.records_path && !options_.is_lines &&
                              first < text.size() && text[first] == '{' &&
                              text.size() < kSampleBytes;
    if (!buffer_.at_end && (first == text.size() || is_mark_cut || needs_sample)) {
      const Where before = where_;
      POLARWAY_CHECK(refill(stop));
      if (where_ != before) return {};
      continue;
    }
    Result<void> known = look_at_shape(text);
    if (known || known.error().kind != ErrorKind::Network) return known;
    return recover(cut_off(), stop);
  }
}

// Where only the connection's end says that the body ends, it may have been cut off.
SourceError PageStream::cut_off() const {
  return page_error(requests_.answer().knows_its_end() ? ErrorKind::Parse : ErrorKind::Network,
                    "the page ends within its JSON", "the server's answer is cut off");
}

Result<void> PageStream::look_at_shape(std::string_view text) {
  if (!shape_) {
    const std::string_view type = requests_.answer().headers().find("Content-Type").value_or("");
    const bool says_lines = type.find("ndjson") != std::string_view::npos ||
                            type.find("jsonl") != std::string_view::npos ||
                            type.find("json-seq") != std::string_view::npos;
    Result<PageShape> found = find_shape(text, buffer_.at_end,
                                         {.records_path = options_.records_path,
                                          .is_lines = options_.is_lines || says_lines,
                                          .content_type = std::string(type)});
    if (!found) {
      SourceError error = page_error(found.error().kind, found.error().message, found.error().hint);
      return fail(std::move(error));
    }
    shape_ = *std::move(found);
    if (!shape_->note.empty()) notes_.push_back(shape_->note);
  }
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {  // a page of nothing
    where_ = Where::Tail;
    return {};
  }
  if (shape_->path) {
    if (text[first] != '{') return fail(no_page(text.substr(first), "an object"));
    envelope_.emplace(requests_.paginator().wanted(), shape_->path, options_.max_depth);
    where_ = Where::Envelope;
    return {};
  }
  if (shape_->records == RecordsPass::Shape::Array && text[first] != '[') {
    return fail(no_page(text.substr(first), "an array"));
  }
  buffer_.consume(first);
  pass_.emplace(shape_->records, skip_records_);
  where_ = Where::Records;
  return {};
}

SourceError PageStream::no_page(std::string_view text, std::string_view wanted) const {
  const std::string_view type = requests_.answer().headers().find("Content-Type").value_or("");
  return page_error(ErrorKind::Parse,
                    fmt::format("the page is not {} (content type {}): {}", wanted,
                                type.empty() ? "not said" : shorten_name(type), shorten(text, 200)),
                    "an error of the server, perhaps, that it does not call one", 0);
}

Result<void> PageStream::scan_envelope() {
  const EnvelopeScanner::Cut cut = envelope_->next(buffer_.text());
  using Found = EnvelopeScanner::Found;
  switch (cut.found) {
    case Found::Records:
      return enter_records(cut.begin);
    case Found::More:
      buffer_.consume(cut.begin);
      return {};
    case Found::End:
      if (!envelope_->has_found_records()) {
        return fail(page_error(ErrorKind::Config,
                               "records_path=" + shape_->path->to_text() +
                                   " leads nowhere in the page: " + envelope_->shape(),
                               "name the place of the records, as data.items or /data/items"));
      }
      buffer_.consume(cut.begin);
      where_ = Where::Tail;
      return {};
    case Found::Stray: {
      const char c = static_cast<char>(buffer_.text()[cut.begin]);
      return fail(page_error(ErrorKind::Parse, shorten({&c, 1}) + " stands where it cannot",
                             "the page is no JSON: ask whose server it is", cut.begin));
    }
    case Found::TooDeep:
      return fail(page_error(ErrorKind::Parse,
                             "more objects and arrays are open here than max_depth allows",
                             "raise max_depth", cut.begin));
    case Found::TooLong:
      return fail(page_error(ErrorKind::Parse,
                             fmt::format("a next link or cursor of more than {} KiB",
                                         EnvelopeScanner::kMostFactBytes / 1024),
                             "check next_path, cursor_path and their like", cut.begin));
    case Found::Twice:
      return fail(page_error(ErrorKind::Parse,
                             "the records are in the page twice, from here on again",
                             "records that were read cannot be taken back", cut.begin));
  }
  return {};
}

Result<void> PageStream::enter_records(std::size_t at) {
  const std::uint8_t first = buffer_.text()[at];
  buffer_.consume(at);
  where_ = Where::Records;
  if (first == '[') {
    pass_.emplace(RecordsPass::Shape::Array, skip_records_);
  } else if (first == '{') {
    pass_.emplace(RecordsPass::Shape::One, skip_records_);
  } else if (first == 'n') {  // null: none
    pass_.emplace(RecordsPass::Shape::One, std::numeric_limits<std::int64_t>::max());
    is_null_ = true;
  } else {
    return fail(page_error(ErrorKind::Config,
                           "records_path=" + shape_->path->to_text() +
                               " leads to neither an array nor an object: " + envelope_->shape(),
                           "name the place of the records, as data.items or /data/items", 0));
  }
  return {};
}

// Bytes of the text that are of records.
Result<void> PageStream::hand_on(std::size_t begin, std::size_t end) {
  bool has_changed = false;
  const std::span<const std::uint8_t> fresh =
      passed_.take(buffer_.text().subspan(begin, end - begin), has_changed);
  if (has_changed) return fail(changed());
  if (fresh.empty()) return {};
  PageLog::Entry& entry = log_.last();
  const auto fresh_begin = static_cast<std::size_t>(fresh.data() - buffer_.text().data());
  if (entry.stream_byte < 0) {
    if (has_records_) pending_ = is_array() ? "," : "\n";
    entry.stream_byte = stream_byte_ + std::ssize(pending_);
    entry.page_byte = buffer_.offset() + static_cast<std::int64_t>(fresh_begin);
    has_records_ = true;
  }
  buffer_.set_handed(fresh_begin, end);
  return {};
}

SourceError PageStream::changed() const {
  return page_error(ErrorKind::Changed,
                    "the page broke off, and when it was asked for again its records were others",
                    "start again from the first row, or from a checkpoint");
}

Result<void> PageStream::pass_records() {
  const RecordsPass::Step step = pass_->next(buffer_.text());
  POLARWAY_CHECK(hand_on(step.begin, step.end));
  buffer_.consume(step.consumed);
  if (step.is_over) where_ = shape_->path ? Where::Envelope : Where::Tail;
  return {};
}

Result<void> PageStream::end_page() {
  if (!passed_.has_caught_up()) return fail(changed());
  std::int64_t num_records = pass_ && !is_null_ ? pass_->num_records() : 0;
  if (num_records < skip_records_) {
    return fail(page_error(ErrorKind::Changed,
                           fmt::format("the page has {} records now, fewer than the {} that were "
                                       "read of it",
                                       num_records, skip_records_),
                           "start again from the first row"));
  }
  PageFacts facts{
      .url = requests_.url(),
      .headers = requests_.answer().headers(),
      .values = envelope_ ? envelope_->facts()
                          : std::vector<std::optional<Fact>>(requests_.paginator().wanted().size()),
      .num_records = num_records};
  Result<std::optional<std::string>> next = requests_.paginator().next(*cursor_, facts);
  if (!next) {
    SourceError error = std::move(next.error());
    if (error.where.location.empty()) error.where = page_error(error.kind, "").where;
    return fail(std::move(error));
  }
  body_.reset();
  requests_.close();
  rows_before_page_ = log_.last().first_row + num_records;
  skip_records_ = 0;
  is_logged_ = false;
  is_null_ = false;
  if (page_ == 1 && partition_ == 0) {
    std::string note = requests_.paginator().note(next->value_or(""));
    if (!note.empty()) notes_.push_back(std::move(note));
  }
  const std::int64_t rows_read = options_.begin.rows + rows_before_page_;
  const bool is_enough = options_.max_records && rows_read >= *options_.max_records;
  const bool is_last = is_enough || (options_.max_pages && page_ >= *options_.max_pages) ||
                       (options_.begin.end_page && page_ + 1 >= *options_.begin.end_page);
  ++page_;
  cursor_ = is_last ? std::nullopt : *std::move(next);
  earlier_ = std::move(facts);
  if (!cursor_) requests_.drop_ahead();
  if (!cursor_ && !is_enough) end_partition();
  where_ = cursor_ ? Where::Between : Where::Behind;
  return {};
}

// On to the first page of the next, if there is one.
void PageStream::end_partition() {
  const std::int64_t end = options_.begin.end_partition.value_or(std::ssize(options_.first_urls));
  if (partition_ + 1 >= end) return;
  ++partition_;
  requests_.change_to(options_.first_urls[static_cast<std::size_t>(partition_)]);
  page_ = 1;
  cursor_ = requests_.paginator().start();
  earlier_.reset();
}

// Moves on by a little.
Result<void> PageStream::step(const std::stop_token& stop) {
  if (where_ == Where::Between) return open_page(stop);
  if (where_ == Where::Start) return begin_text(stop);
  if (!buffer_.text().empty()) {
    if (where_ == Where::Envelope) return scan_envelope();
    if (where_ == Where::Records) return pass_records();
    const std::string_view text = text_of(buffer_.text());
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first != std::string_view::npos) {
      return fail(page_error(ErrorKind::Parse, "something follows the page's JSON",
                             "records one behind the other are format=ndjson", first));
    }
    buffer_.consume(text.size());
    return {};
  }
  if (!buffer_.at_end) return refill(stop);
  if (where_ == Where::Records && !shape_->path && shape_->records != RecordsPass::Shape::Array) {
    pass_->end();
    if (!pass_->is_within()) return end_page();
  } else if (where_ == Where::Tail) {
    return end_page();
  }
  return recover(cut_off(), stop);
}

// ---- The text that is handed on

Result<std::int64_t> PageStream::read(std::span<std::uint8_t> into, std::stop_token stop) {
  if (final_error_) return fail(*final_error_);
  if (!has_opened_) {
    has_opened_ = true;
    if (is_array()) pending_ = "[";
  }
  for (;;) {
    const auto give = [&](const void* bytes, std::size_t size) {
      const std::size_t count = std::min(into.size(), size);
      std::memcpy(into.data(), bytes, count);
      stream_byte_ += static_cast<std::int64_t>(count);
      return count;
    };
    if (!pending_.empty()) {
      const std::size_t count = give(pending_.data(), pending_.size());
      pending_.remove_prefix(count);
      return static_cast<std::int64_t>(count);
    }
    if (!buffer_.handed().empty()) {
      const std::size_t count = give(buffer_.handed().data(), buffer_.handed().size());
      buffer_.take_handed(count);
      return static_cast<std::int64_t>(count);
    }
    if (has_ended_) return 0;
    if (where_ == Where::Behind) {
      has_ended_ = true;
      if (is_array()) pending_ = "]";
      continue;
    }
    if (Result<void> moved = step(stop); !moved) {
      last_error_ = moved.error();
      if (!moved.error().retryable()) final_error_ = moved.error();
      return fail(std::move(moved.error()));
    }
  }
}

Result<void> PageStream::seek(std::int64_t) {
  return fail({.kind = ErrorKind::UnsupportedOperation,
               .where = {.location = options_.shown_url},
               .message = "pages are read in order"});
}

bool PageStream::pauses() const {
  constexpr std::int64_t kFirstBytes = 256 << 10;
  const bool is_behind_records = where_ == Where::Between || (pass_ && where_ != Where::Records);
  return stream_byte_ < kFirstBytes && is_behind_records && pending_.empty() &&
         buffer_.handed().empty();
}

std::vector<std::string> PageStream::notes() const { return notes_; }

PagePosition PageStream::position(std::int64_t row) {
  log_.forget_before(row);
  const PageLog::Entry& entry = log_.of_row(row);
  return {.partition = entry.partition,
          .page = entry.page,
          .cursor = entry.cursor,
          .record = row - entry.first_row,
          .rows = options_.begin.rows + row,
          .request = options_.begin.request,
          .end_page = options_.begin.end_page,
          .end_partition = options_.begin.end_partition};
}

Result<std::vector<PagePosition>> PageStream::predicted_pages(const std::stop_token& stop) {
  const std::string first = *cursor_;
  POLARWAY_CHECK(start(stop));
  std::vector<std::uint8_t> unwanted(16 << 10);
  for (std::int64_t got = 1; got > 0;) {
    POLARWAY_TRY(got, read(unwanted, stop));
  }
  std::vector<PagePosition> pages;
  for (std::optional<std::string> at = first; at;
       at = requests_.paginator().predict(*at, *earlier_)) {
    pages.push_back({.partition = 0,
                     .page = std::ssize(pages) + 1,
                     .cursor = *at,
                     .record = 0,
                     .rows = 0,
                     .request = options_.begin.request,
                     .end_page = {},
                     .end_partition = {}});
  }
  return pages;
}

SourceError PageStream::placed(SourceError error) const {
  // Decoders say where in the text they were when it broke.
  if (last_error_ && last_error_->message == error.message) return *last_error_;
  if (error.where.row && !log_.empty()) {
    const PageLog::Entry& entry = log_.of_row(*error.where.row - 1);
    error.where.location = entry.shown_url;
    *error.where.row -= entry.first_row;
  }
  if (error.where.byte_offset) {
    const PageLog::Entry* entry = log_.of_byte(*error.where.byte_offset);
    if (entry == nullptr) {
      error.where.byte_offset.reset();
    } else {
      *error.where.byte_offset += entry->page_byte - entry->stream_byte;
    }
  }
  return error;
}

}  // namespace polarway::rest
