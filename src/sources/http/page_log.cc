#include "sources/http/page_log.h"

#include <fmt/format.h>

#include <utility>

#include "core/json_text.h"
#include "core/quoted_json.h"
#include "core/quoted_text.h"

namespace polarway::rest {
namespace {

std::int64_t bytes_of(const PageLog::Entry& entry) {
  return static_cast<std::int64_t>(sizeof(PageLog::Entry) + entry.cursor.capacity() +
                                   entry.shown_url.capacity());
}

}  // namespace

std::string PagePosition::to_text() const {
  std::string rest;
  if (partition > 0) rest += fmt::format(",\"partition\":{}", partition);
  if (end_page) rest += fmt::format(",\"end\":{}", *end_page);
  if (end_partition) rest += fmt::format(",\"end_partition\":{}", *end_partition);
  return fmt::format("{{\"page\":{},\"cursor\":{},\"record\":{},\"rows\":{},\"request\":{}{}}}",
                     page, quoted_json(cursor), record, rows, quoted_json(request), rest);
}

Result<PagePosition> PagePosition::parse(const std::string& text) {
  const Result<Json> json = parse_json_object(text);
  const auto number = [&](const char* key) {
    return json->contains(key) && (*json)[key].is_number_integer() &&
           (*json)[key].get<std::int64_t>() >= 0;
  };
  const auto is_text = [&](const char* key) {
    return json->contains(key) && (*json)[key].is_string();
  };
  if (!json || !number("page") || !number("record") || !number("rows") || !is_text("cursor") ||
      !is_text("request")) {
    return fail({.kind = ErrorKind::Config,
                 .message = "this is no position in pages: " + shorten(text),
                 .hint = "pass on a checkpoint or split as it was given"});
  }
  PagePosition position{.partition = 0,
                        .page = (*json)["page"].get<std::int64_t>(),
                        .cursor = (*json)["cursor"].get<std::string>(),
                        .record = (*json)["record"].get<std::int64_t>(),
                        .rows = (*json)["rows"].get<std::int64_t>(),
                        .request = (*json)["request"].get<std::string>(),
                        .end_page = {},
                        .end_partition = {}};
  if (number("partition")) position.partition = (*json)["partition"].get<std::int64_t>();
  if (number("end")) position.end_page = (*json)["end"].get<std::int64_t>();
  if (number("end_partition"))
    position.end_partition = (*json)["end_partition"].get<std::int64_t>();
  return position;
}

Result<void> PageLog::begin(Entry entry) {
  constexpr std::int64_t kStep = 64 << 10;
  const std::int64_t more = bytes_of(entry);
  // A few pages cost nobody anything; thousands of tiny ones within one block do.
  if (bytes_ + more > lease_.bytes() + kStep) {
    if (!lease_) {
      POLARWAY_TRY(lease_, budget_->reserve(kStep, LeaseHolder::Reader));
    } else {
      POLARWAY_CHECK(lease_.grow(kStep));
    }
  }
  bytes_ += more;
  entries_.push_back(std::move(entry));
  return {};
}

const PageLog::Entry& PageLog::of_row(std::int64_t row) const {
  std::size_t at = entries_.size() - 1;
  while (at > 0 && entries_[at].first_row > row) --at;
  return entries_[at];
}

const PageLog::Entry* PageLog::of_byte(std::int64_t byte) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->stream_byte >= 0 && entry->stream_byte <= byte) return &*entry;
  }
  return nullptr;
}

void PageLog::forget_before(std::int64_t row) {
  while (entries_.size() > 1 && entries_[1].first_row <= row) {
    bytes_ -= bytes_of(entries_.front());
    entries_.pop_front();
  }
}

}  // namespace polarway::rest
