#include <utility>

#include "sources/http/paginator.h"

namespace polarway::rest {
namespace {

// The cursor is the URL of the page; empty: the user's. Whether we may go there is for others to
// check.
class Links : public Paginator {
 public:
  Result<void> aim(HttpRequest& request, const std::string& cursor) const override {
    if (!cursor.empty()) request.url = cursor;
    return {};
  }

 protected:
  static Result<std::optional<std::string>> resolved(const PageFacts& page,
                                                     const std::string& reference) {
    POLARWAY_TRY(const HttpUrl url, page.url.resolve(reference));
    return url.text();
  }
};

class HeaderLink final : public Links {
 public:
  Result<std::optional<std::string>> next(const std::string&,
                                          const PageFacts& page) const override {
    const auto target = find_link(page.headers.joined("Link"), "next");
    if (!target) return std::nullopt;
    return resolved(page, *target);
  }
};

class JsonLink final : public Links {
 public:
  explicit JsonLink(json::RecordsPath next_path) : next_path_(std::move(next_path)) {}

  std::vector<json::RecordsPath> wanted() const override { return {next_path_}; }

  Result<std::optional<std::string>> next(const std::string&,
                                          const PageFacts& page) const override {
    const std::optional<Fact>& fact = page.values[0];
    if (!fact || fact->kind == Fact::Kind::Null || fact->is_false()) return std::nullopt;
    if (fact->kind != Fact::Kind::Text) {
      return fail({.kind = ErrorKind::Parse,
                   .message = "the next link at " + next_path_.to_text() + " is no text",
                   .hint = "a token, perhaps: pagination=json_cursor"});
    }
    if (fact->text.empty()) return std::nullopt;
    return resolved(page, fact->text);
  }

 private:
  json::RecordsPath next_path_;
};

}  // namespace

std::unique_ptr<Paginator> make_header_link() { return std::make_unique<HeaderLink>(); }

std::unique_ptr<Paginator> make_json_link(json::RecordsPath next_path) {
  return std::make_unique<JsonLink>(std::move(next_path));
}

}  // namespace polarway::rest
