#include <charconv>
#include <utility>

#include "sources/http/paginator.h"

namespace polarway::rest {
namespace {

std::int64_t number_of(const std::string& cursor) {
  std::int64_t number = 0;
  std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
  return number;
}

class PageNumber final : public Paginator {
 public:
  explicit PageNumber(PageNumberOptions options) : options_(std::move(options)) {}

  std::string start() const override { return std::to_string(options_.start_page); }

  std::vector<json::RecordsPath> wanted() const override {
    const json::RecordsPath nowhere;
    return {options_.total_path.value_or(nowhere), options_.total_pages_path.value_or(nowhere),
            options_.has_more_path.value_or(nowhere)};
  }

  Result<void> aim(HttpRequest& request, const std::string& cursor) const override {
    if (options_.size_param && options_.page_size) {
      POLARWAY_CHECK(put_cursor(request, CursorPlace::Query, *options_.size_param,
                                std::to_string(*options_.page_size)));
    }
    return put_cursor(request, CursorPlace::Query, options_.page_param, cursor);
  }

  Result<std::optional<std::string>> next(const std::string& cursor,
                                          const PageFacts& page) const override {
    const std::int64_t number = number_of(cursor);
    if (page.values[2] && page.values[2]->is_false()) return std::nullopt;
    if (const std::optional<std::int64_t> pages = num_pages(page)) {
      if (number + 1 - options_.start_page >= *pages) return std::nullopt;
    } else if (page.num_records == 0 && !page.values[2]) {
      return std::nullopt;
    }
    return std::to_string(number + 1);
  }

  std::optional<std::string> predict(const std::string& cursor,
                                     const PageFacts& earlier) const override {
    const std::optional<std::int64_t> pages = num_pages(earlier);
    const std::int64_t number = number_of(cursor);
    if (!pages || number + 1 - options_.start_page >= *pages) return std::nullopt;
    return std::to_string(number + 1);
  }

 private:
  std::optional<std::int64_t> num_pages(const PageFacts& page) const {
    if (page.values[1]) return page.values[1]->count();
    std::optional<std::int64_t> total = page.values[0] ? page.values[0]->count() : std::nullopt;
    if (!total && options_.total_header) {
      if (const auto text = page.headers.find(*options_.total_header)) {
        total = Fact{.kind = Fact::Kind::Text, .text = std::string(*text)}.count();
      }
    }
    // How many records a page has, only the user knows for sure: the last has fewer.
    if (!total || !options_.page_size) return std::nullopt;
    return (*total + *options_.page_size - 1) / *options_.page_size;
  }

  PageNumberOptions options_;
};

}  // namespace

std::unique_ptr<Paginator> make_page_number(PageNumberOptions options) {
  return std::make_unique<PageNumber>(std::move(options));
}

}  // namespace polarway::rest
