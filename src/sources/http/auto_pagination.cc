#include <array>
#include <string_view>
#include <utility>

#include "core/quoted_text.h"
#include "sources/http/paginator.h"

namespace polarway::rest {
namespace {

// Where servers say how to go on, and what they call the token when it comes back; no parameter:
// a URL.
struct Habit {
  std::string_view path;
  std::string_view param;
};
constexpr std::array kHabits = {
    Habit{"next", ""},
    Habit{"next_url", ""},
    Habit{"nextUrl", ""},
    Habit{"next_page_url", ""},
    Habit{"links.next", ""},
    Habit{"links.next.href", ""},
    Habit{"_links.next.href", ""},
    Habit{"_links.next", ""},
    Habit{"meta.next", ""},
    Habit{"paging.next", ""},
    Habit{"paging.next.link", ""},
    Habit{"pagination.next", ""},
    Habit{"pagination.next_url", ""},
    Habit{"/@odata.nextLink", ""},
    Habit{"nextLink", ""},
    Habit{"nextRecordsUrl", ""},
    Habit{"next_page_token", "page_token"},
    Habit{"nextPageToken", "pageToken"},
    Habit{"next_cursor", "cursor"},
    Habit{"nextCursor", "cursor"},
    Habit{"meta.next_cursor", "cursor"},
    Habit{"meta.nextCursor", "cursor"},
    Habit{"pagination.next_cursor", "cursor"},
    Habit{"response_metadata.next_cursor", "cursor"},
    Habit{"paging.cursors.after", "after"},
    Habit{"paging.next.after", "after"},
    Habit{"next_token", "next_token"},
    Habit{"nextToken", "nextToken"},
    Habit{"meta.next_token", "next_token"},
    Habit{"continuation_token", "continuation_token"},
    Habit{"continuationToken", "continuationToken"},
};
constexpr std::array<std::string_view, 4> kHasMore = {"has_more", "hasMore", "meta.has_more",
                                                      "pagination.has_more"};

json::RecordsPath path_of(std::string_view text) { return json::RecordsPath::parse(text).value(); }

// "next": "abc" may be a token as well; a "next_url" is a URL whatever it looks like.
bool is_url(std::string_view path, std::string_view text) {
  const bool says_so =
      path.find("url") != std::string_view::npos || path.find("Url") != std::string_view::npos ||
      path.find("ink") != std::string_view::npos || path.find("href") != std::string_view::npos;
  return (says_so && !path.starts_with("links")) || text.find('/') != std::string_view::npos ||
         text.starts_with('?');
}

// A cursor says how it was found, so that whoever resumes goes on in the same way: "Link", or a
// path; a space; the URL or token.
class AutoPagination final : public Paginator {
 public:
  std::vector<json::RecordsPath> wanted() const override {
    std::vector<json::RecordsPath> paths;
    for (const Habit& habit : kHabits) paths.push_back(path_of(habit.path));
    for (const std::string_view path : kHasMore) paths.push_back(path_of(path));
    return paths;
  }

  Result<void> aim(HttpRequest& request, const std::string& cursor) const override {
    if (cursor.empty()) return {};
    const auto [how, token] = parts(cursor);
    const std::string_view param = param_of(how);
    if (!param.empty()) {
      return put_cursor(request, CursorPlace::Query, std::string(param), std::string(token));
    }
    request.url = std::string(token);
    return {};
  }

  Result<std::optional<std::string>> next(const std::string& cursor,
                                          const PageFacts& page) const override {
    std::string_view says_more;
    for (std::size_t i = 0; i < kHasMore.size(); ++i) {
      const std::optional<Fact>& fact = page.values[kHabits.size() + i];
      if (fact && fact->is_false()) return std::nullopt;
      if (fact && fact->is_true()) says_more = kHasMore[i];
    }
    const std::string_view how = parts(cursor).first;
    if (cursor.empty() || how == "Link") {
      if (const auto target = find_link(page.headers.joined("Link"), "next")) {
        return with("Link", page.url.resolve(*target));
      }
      if (how == "Link") return std::nullopt;
    }
    std::optional<SourceError> unclear;
    for (std::size_t i = 0; i < kHabits.size(); ++i) {
      const Habit& habit = kHabits[i];
      const std::optional<Fact>& fact = page.values[i];
      if ((!cursor.empty() && how != habit.path) || !fact || !fact->is_token()) continue;
      if (!habit.param.empty()) return std::string(habit.path) + " " + fact->text;
      if (is_url(habit.path, fact->text)) return with(habit.path, page.url.resolve(fact->text));
      if (!unclear) unclear = unclear_next(habit.path, fact->text);
    }
    if (unclear) return fail(*std::move(unclear));
    if (cursor.empty() && !says_more.empty()) {
      return fail({.kind = ErrorKind::Config,
                   .message = std::string(says_more) +
                              " of the page is true, and nothing says where the next page is",
                   .hint = "set pagination=page_number, offset or json_cursor; single_page reads "
                           "this page alone"});
    }
    return std::nullopt;
  }

  std::string note(const std::string& cursor) const override {
    if (cursor.empty()) return "pagination: the first page names no other, so it is the only one";
    const std::string_view how = parts(cursor).first;
    if (how == "Link") return "pagination: header_link, as the first page has a Link with rel=next";
    const std::string path(how);
    if (const std::string_view param = param_of(how); !param.empty()) {
      return "pagination: json_cursor, from " + path + " into the parameter " + std::string(param);
    }
    return "pagination: json_link, from " + path;
  }

 private:
  static std::pair<std::string_view, std::string_view> parts(std::string_view cursor) {
    const std::size_t space = cursor.find(' ');
    if (space == std::string_view::npos) return {"", ""};
    return {cursor.substr(0, space), cursor.substr(space + 1)};
  }

  static std::string_view param_of(std::string_view how) {
    for (const Habit& habit : kHabits) {
      if (habit.path == how) return habit.param;
    }
    return "";
  }

  // "next": 2 is the number of a page that we do not know how to ask for; to end here would lose
  // it.
  static SourceError unclear_next(std::string_view path, std::string_view value) {
    const std::string name(path);
    return {.kind = ErrorKind::Config,
            .message = name + " of the page is " + shorten(value) +
                       ", which may be a URL, a token or a number",
            .hint = "set pagination=json_link and next_path=" + name +
                    ", or json_cursor and cursor_path=" + name +
                    ", or page_number; single_page reads this page alone"};
  }

  static Result<std::optional<std::string>> with(std::string_view how, Result<HttpUrl> url) {
    if (!url) return fail(std::move(url.error()));
    return std::string(how) + " " + url->text();
  }
};

}  // namespace

std::unique_ptr<Paginator> make_auto_pagination() { return std::make_unique<AutoPagination>(); }

}  // namespace polarway::rest
