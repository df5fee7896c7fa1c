#include "sources/http/paginator.h"

#include "core/json_text.h"
#include "core/quoted_text.h"

namespace polarway::rest {

Result<void> put_cursor(HttpRequest& request, CursorPlace place, const std::string& name,
                        const std::string& value) {
  if (place == CursorPlace::Header) {
    request.headers.set(name, value);
    return {};
  }
  if (place == CursorPlace::Query) {
    POLARWAY_TRY(const HttpUrl url, HttpUrl::parse(request.url));
    request.url = url.with_parameter(name, value).text();
    return {};
  }
  POLARWAY_TRY(Json body, parse_json_object(request.body.empty() ? "{}" : request.body));
  POLARWAY_TRY(const json::RecordsPath path, json::RecordsPath::parse(name));
  Json* at = &body;
  for (const std::string& key : path.names) {
    if (!at->is_object() && !at->is_null()) {
      return fail({.kind = ErrorKind::Config,
                   .message = "there is no room for the cursor at " + shorten(name) +
                              " of the body, as something else is there"});
    }
    at = &(*at)[key];
  }
  *at = value;
  request.body = to_line(body);
  return {};
}

namespace {

class SinglePage final : public Paginator {
 public:
  Result<void> aim(HttpRequest&, const std::string&) const override { return {}; }
  Result<std::optional<std::string>> next(const std::string&, const PageFacts&) const override {
    return std::nullopt;
  }
};

}  // namespace

std::unique_ptr<Paginator> make_single_page() { return std::make_unique<SinglePage>(); }

}  // namespace polarway::rest
