#include "sources/http/page_shape.h"

#include <fmt/format.h>

#include <span>
#include <string>
#include <vector>

#include "core/quoted_text.h"
#include "sources/http/envelope_scanner.h"

namespace polarway::rest {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool begins_json(char c) {
  return c == '{' || c == '[' || c == '"' || c == '-' || (c >= '0' && c <= '9') || c == 't' ||
         c == 'f' || c == 'n';
}

SourceError no_json(std::string_view sample, const ShapeHints& hints) {
  const bool is_html = sample.starts_with('<');
  return {.kind = ErrorKind::Parse,
          .message = fmt::format("this is {}, not JSON{}: {}", is_html ? "HTML or XML" : "text",
                                 hints.content_type.empty()
                                     ? std::string()
                                     : " (content type " + shorten_name(hints.content_type) + ")",
                                 shorten(sample, 200)),
          .hint = is_html ? "a page for people, perhaps a login: check URL and credentials"
                          : "if it is a file, name its kind in format"};
}

// Where the first value of the text ends; npos where it does not.
std::size_t end_of_first(std::string_view sample) {
  // scan_container() may read on behind its text.
  std::string padded(sample);
  padded.append(json::kScanPadding, '\0');
  json::ContainerState state;
  const std::size_t end = json::scan_container(
      {reinterpret_cast<const std::uint8_t*>(padded.data()), sample.size()}, 0, 1 << 20, state);
  return state.depth == 0 ? end : std::string_view::npos;
}

std::string shape_of(std::string_view sample) {
  std::string padded(sample);
  padded.append(json::kScanPadding, '\0');
  EnvelopeScanner scanner({}, json::RecordsPath{{"\xFF", "\xFF"}}, 1 << 20);
  static_cast<void>(
      scanner.next({reinterpret_cast<const std::uint8_t*>(padded.data()), sample.size()}));
  return scanner.shape();
}

}  // namespace

Result<PageShape> find_shape(std::string_view sample, bool is_whole, const ShapeHints& hints) {
  const std::size_t first = sample.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return PageShape{.path = hints.records_path, .records = RecordsPass::Shape::Array, .note = {}};
  }
  sample.remove_prefix(first);
  if (!begins_json(sample.front())) return fail(no_json(sample, hints));
  if (hints.records_path && !hints.records_path->names.empty()) {
    return PageShape{.path = hints.records_path, .records = {}, .note = {}};
  }
  if (sample.front() == '[') return PageShape{};
  const PageShape values{.path = {}, .records = RecordsPass::Shape::Values, .note = {}};
  if (sample.front() != '{' || hints.is_lines || hints.records_path) return values;
  // An object with another value behind it is a record of many.
  const std::size_t end = end_of_first(sample);
  const bool is_closed = end != std::string_view::npos;
  if (is_whole && !is_closed) {
    return fail({.kind = ErrorKind::Network,
                 .message = "the page ends within its JSON",
                 .hint = "the server's answer is cut off"});
  }
  if (is_closed && sample.find_first_not_of(kBlanks, end) != std::string_view::npos) return values;
  const std::vector<json::RecordsPath> found = json::find_record_arrays(sample);
  if (found.size() == 1) {
    return PageShape{.path = found.front(),
                     .records = {},
                     .note = "records_path: " + found.front().to_text() +
                             ", the one array of objects in the page"};
  }
  if (found.size() > 1) {
    std::string names;
    for (const json::RecordsPath& path : found)
      names += (names.empty() ? "" : ", ") + path.to_text();
    return fail({.kind = ErrorKind::Config,
                 .message = "several arrays of the page could be the records: " + names,
                 .hint = "name one: records_path=" + found.front().to_text()});
  }
  if (is_closed && is_whole) {
    PageShape one = values;
    one.note = "records: the page is one object without an array of objects, which is the record";
    return one;
  }
  return fail(
      {.kind = ErrorKind::Config,
       .message = fmt::format("in the first {} bytes of the page is no array of objects; {}",
                              sample.size(), shape_of(sample)),
       .hint = "name the place of the records in records_path, or set format=ndjson"});
}

}  // namespace polarway::rest
