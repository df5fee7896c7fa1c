#include <charconv>
#include <utility>

#include "sources/http/paginator.h"

namespace polarway::rest {
namespace {

class Offset final : public Paginator {
 public:
  explicit Offset(OffsetOptions options) : options_(std::move(options)) {}

  std::string start() const override { return std::to_string(options_.start_offset); }

  std::vector<json::RecordsPath> wanted() const override {
    const json::RecordsPath nowhere;
    return {options_.total_path.value_or(nowhere), options_.has_more_path.value_or(nowhere)};
  }

  Result<void> aim(HttpRequest& request, const std::string& cursor) const override {
    POLARWAY_CHECK(put_cursor(request, CursorPlace::Query, options_.limit_param,
                              std::to_string(options_.page_size)));
    return put_cursor(request, CursorPlace::Query, options_.offset_param, cursor);
  }

  Result<std::optional<std::string>> next(const std::string& cursor,
                                          const PageFacts& page) const override {
    if (page.values[1] && page.values[1]->is_false()) return std::nullopt;
    // A server may give fewer than were asked for; an offset counts those that were given.
    const std::int64_t behind = number_of(cursor) + page.num_records;
    if (page.num_records == 0) return std::nullopt;
    if (const std::optional<std::int64_t> total = total_of(page); total && behind >= *total) {
      return std::nullopt;
    }
    return std::to_string(behind);
  }

  std::optional<std::string> predict(const std::string& cursor,
                                     const PageFacts& earlier) const override {
    const std::optional<std::int64_t> total = total_of(earlier);
    const std::int64_t behind = number_of(cursor) + options_.page_size;
    if (!total || behind >= *total || earlier.num_records != options_.page_size) {
      return std::nullopt;
    }
    return std::to_string(behind);
  }

 private:
  static std::int64_t number_of(const std::string& cursor) {
    std::int64_t number = 0;
    std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
    return number;
  }

  std::optional<std::int64_t> total_of(const PageFacts& page) const {
    if (page.values[0]) return page.values[0]->count();
    if (!options_.total_header) return std::nullopt;
    const auto text = page.headers.find(*options_.total_header);
    if (!text) return std::nullopt;
    return Fact{.kind = Fact::Kind::Text, .text = std::string(*text)}.count();
  }

  OffsetOptions options_;
};

}  // namespace

std::unique_ptr<Paginator> make_offset(OffsetOptions options) {
  return std::make_unique<Offset>(std::move(options));
}

}  // namespace polarway::rest
