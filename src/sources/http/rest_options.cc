#include "sources/http/rest_options.h"

#include <utility>

namespace polarway::rest {

const OptionTable<RestOptions>& rest_option_table() {
  static const OptionTable<RestOptions> table = [] {
    using Options = RestOptions;
    OptionTable<Options> made;
    made.add("method", &Options::method, "GET, or POST for what is asked in a body.")
        .add("body", &Options::body, "Of each request.")
        .add("params", &Options::params, "Query parameters: a JSON object, or name: value lines.",
             {"query"})
        .add("partition_param", &Options::partition_param,
             "A query parameter that is asked for with each of partition_values: all pages of the "
             "first, then of the second.")
        .add("partition_values", &Options::partition_values, "The values of partition_param.")
        .add_choice("format", &Options::format,
                    "What is behind the URL. auto: by its name, its content type and its first "
                    "bytes.",
                    {{"auto", BodyFormat::Auto},
                     {"json", BodyFormat::Json},
                     {"ndjson", BodyFormat::Ndjson},
                     {"lines", BodyFormat::Ndjson},
                     {"csv", BodyFormat::Csv},
                     {"parquet", BodyFormat::Parquet},
                     {"ipc", BodyFormat::Ipc}})
        .add_choice("pagination", &Options::pagination,
                    "How a page leads to the next: auto (a Link header, or a next link or cursor "
                    "under one of its usual names in the JSON), single_page, page_number, offset, "
                    "header_link, json_link, json_cursor, header_cursor.",
                    {{"auto", Pagination::Auto},
                     {"single_page", Pagination::SinglePage},
                     {"none", Pagination::SinglePage},
                     {"page_number", Pagination::PageNumber},
                     {"offset", Pagination::Offset},
                     {"header_link", Pagination::HeaderLink},
                     {"json_link", Pagination::JsonLink},
                     {"json_cursor", Pagination::JsonCursor},
                     {"header_cursor", Pagination::HeaderCursor}},
                    {"paginator"})
        .add("page_param", &Options::page_param, "Of page_number: the parameter.")
        .add("start_page", &Options::start_page, "Of page_number: the first page.", {"base_page"})
        .add("page_size", &Options::page_size,
             "Records of a page: asked for by offset, and by page_number if page_size_param is "
             "given.")
        .add("page_size_param", &Options::page_size_param,
             "Of page_number: the parameter that page_size goes into.")
        .add("offset_param", &Options::offset_param, "Of offset: the parameter.")
        .add("limit_param", &Options::limit_param,
             "Of offset: the parameter that page_size goes into.")
        .add("start_offset", &Options::start_offset, "Of offset: the first record.")
        .add("next_path", &Options::next_path,
             "Of json_link: where the URL of the next page is, such as links.next.",
             {"next_url_path"})
        .add("cursor_path", &Options::cursor_path,
             "Of json_cursor: where the token for the next page is.")
        .add("cursor_param", &Options::cursor_param,
             "Of cursors: the parameter, header or field of the body that it goes into.")
        .add_choice("cursor_in", &Options::cursor_in, "Where that is.",
                    {{"query", CursorPlace::Query},
                     {"body", CursorPlace::Body},
                     {"header", CursorPlace::Header}})
        .add("cursor_header", &Options::cursor_header,
             "Of header_cursor: the header that has the token.")
        .add("total_path", &Options::total_path,
             "Where the number of all records is; pages are asked for ahead then.")
        .add("total_pages_path", &Options::total_pages_path,
             "Of page_number: where the number of pages is.")
        .add("total_header", &Options::total_header, "The header with the number of all records.")
        .add("has_more_path", &Options::has_more_path,
             "Where it says whether more pages follow: false is the end.")
        .add("max_pages", &Options::max_pages,
             "Pages to read, of each of partition_values; none: all.")
        .add("max_records", &Options::max_records,
             "Records after which no further page is asked for; none: all.")
        .add("max_concurrency", &Options::max_concurrency,
             "Pages that are under way at a time, where the next ones are known before a page is "
             "read.");
    return made;
  }();
  return table;
}

Result<RestOptions> parse_rest_options(const std::map<std::string, std::string>& given) {
  POLARWAY_TRY(RestOptions options, rest_option_table().parse(given));
  const auto refuse = [](std::string message, std::string hint = "") {
    return fail(
        {.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)});
  };
  if (!HttpHeaders::is_valid(options.method, "")) return refuse("the method is none", "GET, POST");
  if (options.body && options.method == "GET") {
    return refuse("a GET has no body", "set method=POST");
  }
  if (options.partition_param.has_value() == options.partition_values.empty()) {
    return refuse("partition_param and partition_values go together",
                  "such as partition_param=country, partition_values=de,fr");
  }
  if (options.page_size.value_or(1) < 1) return refuse("page_size is not above 0");
  if (options.max_pages.value_or(1) < 1) return refuse("max_pages is not above 0");
  if (options.max_records.value_or(1) < 1) return refuse("max_records is not above 0");
  if (options.max_concurrency < 1 || options.max_concurrency > 64) {
    return refuse("max_concurrency is out of range", "give 1 to 64");
  }
  if (options.start_page < 0 || options.start_offset < 0) {
    return refuse("start_page or start_offset is negative");
  }
  if (options.pagination == Pagination::JsonLink && !options.next_path) {
    return refuse("json_link needs next_path", "such as next_path=links.next");
  }
  if (options.pagination == Pagination::JsonCursor && !options.cursor_path) {
    return refuse("json_cursor needs cursor_path", "such as cursor_path=meta.next_cursor");
  }
  if (options.pagination == Pagination::HeaderCursor && !options.cursor_header) {
    return refuse("header_cursor needs cursor_header", "such as cursor_header=X-Next-Cursor");
  }
  return options;
}

std::unique_ptr<Paginator> make_paginator(const RestOptions& options) {
  switch (options.pagination) {
    case Pagination::SinglePage:
      return make_single_page();
    case Pagination::PageNumber:
      return make_page_number({.page_param = options.page_param,
                               .start_page = options.start_page,
                               .size_param = options.page_size_param,
                               .page_size = options.page_size,
                               .total_path = options.total_path,
                               .total_pages_path = options.total_pages_path,
                               .total_header = options.total_header,
                               .has_more_path = options.has_more_path});
    case Pagination::Offset:
      return make_offset({.offset_param = options.offset_param,
                          .limit_param = options.limit_param,
                          .page_size = options.page_size.value_or(100),
                          .start_offset = options.start_offset,
                          .total_path = options.total_path,
                          .total_header = options.total_header,
                          .has_more_path = options.has_more_path});
    case Pagination::HeaderLink:
      return make_header_link();
    case Pagination::JsonLink:
      return make_json_link(*options.next_path);
    case Pagination::JsonCursor:
      return make_json_cursor({.cursor_path = *options.cursor_path,
                               .cursor_param = options.cursor_param,
                               .place = options.cursor_in,
                               .has_more_path = options.has_more_path});
    case Pagination::HeaderCursor:
      return make_header_cursor(*options.cursor_header, options.cursor_param, options.cursor_in);
    case Pagination::Auto:
      break;
  }
  return make_auto_pagination();
}

}  // namespace polarway::rest
