#include <utility>

#include "sources/http/paginator.h"

namespace polarway::rest {
namespace {

class JsonCursor final : public Paginator {
 public:
  explicit JsonCursor(CursorOptions options) : options_(std::move(options)) {}

  std::vector<json::RecordsPath> wanted() const override {
    return {options_.cursor_path, options_.has_more_path.value_or(json::RecordsPath())};
  }

  Result<void> aim(HttpRequest& request, const std::string& cursor) const override {
    if (cursor.empty()) return {};
    return put_cursor(request, options_.place, options_.cursor_param, cursor);
  }

  Result<std::optional<std::string>> next(const std::string&,
                                          const PageFacts& page) const override {
    if (page.values[1] && page.values[1]->is_false()) return std::nullopt;
    const std::optional<Fact>& fact = page.values[0];
    if (fact && fact->kind == Fact::Kind::Container) {
      return fail({.kind = ErrorKind::Parse,
                   .message = "the cursor at " + options_.cursor_path.to_text() +
                              " is neither text nor number"});
    }
    if (fact && fact->is_token()) return fact->text;
    return std::nullopt;
  }

 private:
  CursorOptions options_;
};

class HeaderCursor final : public Paginator {
 public:
  HeaderCursor(std::string header, std::string param, CursorPlace place)
      : header_(std::move(header)), param_(std::move(param)), place_(place) {}

  Result<void> aim(HttpRequest& request, const std::string& cursor) const override {
    return cursor.empty() ? Result<void>() : put_cursor(request, place_, param_, cursor);
  }

  Result<std::optional<std::string>> next(const std::string&,
                                          const PageFacts& page) const override {
    const auto token = page.headers.find(header_);
    if (!token || token->empty()) return std::nullopt;
    return std::string(*token);
  }

 private:
  std::string header_;
  std::string param_;
  CursorPlace place_;
};

}  // namespace

std::unique_ptr<Paginator> make_json_cursor(CursorOptions options) {
  return std::make_unique<JsonCursor>(std::move(options));
}

std::unique_ptr<Paginator> make_header_cursor(std::string header, std::string param,
                                              CursorPlace place) {
  return std::make_unique<HeaderCursor>(std::move(header), std::move(param), place);
}

}  // namespace polarway::rest
