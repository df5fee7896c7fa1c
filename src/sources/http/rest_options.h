#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/option_table.h"
#include "formats/json/records_path.h"
#include "sources/http/paginator.h"

namespace polarway::rest {

enum class Pagination : std::uint8_t {
  Auto,
  SinglePage,
  PageNumber,
  Offset,
  HeaderLink,
  JsonLink,
  JsonCursor,
  HeaderCursor,
};

/// What the bytes behind a URL are.
enum class BodyFormat : std::uint8_t { Auto, Json, Ndjson, Csv, Parquet, Ipc };

/// What users may say about an endpoint.
struct RestOptions {
  std::string method = "GET";
  std::optional<std::string> body = {};
  std::optional<std::string> params = {};
  std::optional<std::string> partition_param = {};
  std::vector<std::string> partition_values = {};
  BodyFormat format = BodyFormat::Auto;
  Pagination pagination = Pagination::Auto;
  std::string page_param = "page";
  std::int64_t start_page = 1;
  std::optional<std::int64_t> page_size = {};
  std::optional<std::string> page_size_param = {};
  std::string offset_param = "offset";
  std::string limit_param = "limit";
  std::int64_t start_offset = 0;
  std::optional<json::RecordsPath> next_path = {};
  std::optional<json::RecordsPath> cursor_path = {};
  std::string cursor_param = "cursor";
  CursorPlace cursor_in = CursorPlace::Query;
  std::optional<std::string> cursor_header = {};
  std::optional<json::RecordsPath> total_path = {};
  std::optional<json::RecordsPath> total_pages_path = {};
  std::optional<std::string> total_header = {};
  std::optional<json::RecordsPath> has_more_path = {};
  std::optional<std::int64_t> max_pages = {};
  std::optional<std::int64_t> max_records = {};
  std::int64_t max_concurrency = 4;

  /// Whether the first page tells where all others are.
  bool tells_pages_ahead() const {
    return (pagination == Pagination::PageNumber || pagination == Pagination::Offset) &&
           (total_path || total_pages_path || total_header);
  }
};

const OptionTable<RestOptions>& rest_option_table();

/// Reads the options and refuses what makes no sense.
Result<RestOptions> parse_rest_options(const std::map<std::string, std::string>& given);

/// The state machine that the options name.
std::unique_ptr<Paginator> make_paginator(const RestOptions& options);

}  // namespace polarway::rest
