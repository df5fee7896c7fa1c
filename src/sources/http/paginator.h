#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/json/records_path.h"
#include "polarway/result.h"
#include "sources/http/page_facts.h"
#include "transports/http_client.h"

namespace polarway::rest {

/// How one page leads to the next: a state machine whose state is the text of a cursor. No I/O and
/// nothing that changes, so that any page can be asked for again.
class Paginator {
 public:
  virtual ~Paginator() = default;

  /// Where the first page is.
  virtual std::string start() const { return ""; }
  /// Where in a page the values are that next() looks at.
  virtual std::vector<json::RecordsPath> wanted() const { return {}; }
  /// Makes `request`, which is as the user gave it, that of the page at `cursor`.
  virtual Result<void> aim(HttpRequest& request, const std::string& cursor) const = 0;
  /// The cursor behind a page; nothing where it was the last. Parse error when the page says
  /// nothing that can be understood.
  virtual Result<std::optional<std::string>> next(const std::string& cursor,
                                                  const PageFacts& page) const = 0;
  /// The cursor behind that one without a look at the page, where an earlier one told how many
  /// there are. Nothing where only the page can tell, and behind the last.
  virtual std::optional<std::string> predict(const std::string& /*cursor*/,
                                             const PageFacts& /*earlier*/) const {
    return std::nullopt;
  }
  /// What was found out about the server, for its user; empty where nothing had to be.
  virtual std::string note(const std::string& /*cursor*/) const { return ""; }
};

/// Where a cursor goes in a request.
enum class CursorPlace : std::uint8_t { Query, Body, Header };

/// Puts a value into the query, a header, or a field of the JSON body.
Result<void> put_cursor(HttpRequest& request, CursorPlace place, const std::string& name,
                        const std::string& value);

struct PageNumberOptions {
  std::string page_param = "page";
  std::int64_t start_page = 1;
  std::optional<std::string> size_param = {};
  std::optional<std::int64_t> page_size = {};
  std::optional<json::RecordsPath> total_path = {};        // records
  std::optional<json::RecordsPath> total_pages_path = {};  // pages
  std::optional<std::string> total_header = {};            // records
  std::optional<json::RecordsPath> has_more_path = {};
};
struct OffsetOptions {
  std::string offset_param = "offset";
  std::string limit_param = "limit";
  std::int64_t page_size = 100;
  std::int64_t start_offset = 0;
  std::optional<json::RecordsPath> total_path = {};
  std::optional<std::string> total_header = {};
  std::optional<json::RecordsPath> has_more_path = {};
};
struct CursorOptions {
  json::RecordsPath cursor_path;
  std::string cursor_param = "cursor";
  CursorPlace place = CursorPlace::Query;
  std::optional<json::RecordsPath> has_more_path = {};
};

/// One page is all.
std::unique_ptr<Paginator> make_single_page();
/// Pages with numbers: up to the total, where one is known, else up to an empty page.
std::unique_ptr<Paginator> make_page_number(PageNumberOptions options);
/// Records with numbers: up to the total, where one is known, else up to an empty page.
std::unique_ptr<Paginator> make_offset(OffsetOptions options);
/// The target of the Link header with rel=next (RFC 8288).
std::unique_ptr<Paginator> make_header_link();
/// The URL of the next page in the body.
std::unique_ptr<Paginator> make_json_link(json::RecordsPath next_path);
/// A token in the body, which asks for the next page.
std::unique_ptr<Paginator> make_json_cursor(CursorOptions options);
/// A token in a header.
std::unique_ptr<Paginator> make_header_cursor(std::string header, std::string param,
                                              CursorPlace place);
/// Whatever the first page has: a Link header, a next URL or a token under one of their usual
/// names; else it is the only one.
std::unique_ptr<Paginator> make_auto_pagination();

}  // namespace polarway::rest
