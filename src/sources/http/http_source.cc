#include "sources/http/http_source.h"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "formats/csv/csv_decoder.h"
#include "formats/detect.h"
#include "formats/ipc/ipc_decoder.h"
#include "formats/json/json_decoder.h"
#include "formats/parquet/parquet_decoder.h"
#include "sources/http/page_stream.h"
#include "sources/http/rest_options.h"
#include "transports/compression.h"
#include "transports/http_body.h"
#include "transports/http_file.h"
#include "transports/http_options.h"
#include "transports/open_bytes.h"

namespace polarway::rest {
namespace {

struct HttpSourceOptions {
  HttpOptions http;
  RestOptions rest;
  ByteOptions bytes;
  std::map<std::string, std::string> given;  // for the format, once it is known
};

// Of the options of formats, those that the table of the format knows.
std::map<std::string, std::string> given_for(const std::vector<OptionInfo>& infos,
                                             const std::map<std::string, std::string>& given) {
  std::map<std::string, std::string> kept;
  for (const auto& [key, value] : given) {
    const bool is_known = std::any_of(infos.begin(), infos.end(), [&](const OptionInfo& info) {
      return info.name == key ||
             std::find(info.aliases.begin(), info.aliases.end(), key) != info.aliases.end();
    });
    if (is_known && key != "format") kept.emplace(key, value);
  }
  return kept;
}

// What the name of a file tells; Auto where it tells nothing.
BodyFormat format_of_path(std::string_view path, bool& is_compressed) {
  const std::string_view name = name_without_format(path);
  is_compressed = name.size() != path.size();
  const auto ends = [&](std::string_view extension) { return name.ends_with(extension); };
  if (ends(".csv") || ends(".tsv")) return BodyFormat::Csv;
  if (ends(".parquet") || ends(".pq")) return BodyFormat::Parquet;
  if (ends(".arrow") || ends(".ipc") || ends(".feather") || ends(".arrows")) return BodyFormat::Ipc;
  if (ends(".ndjson") || ends(".jsonl")) return BodyFormat::Ndjson;
  return ends(".json") ? BodyFormat::Json : BodyFormat::Auto;
}

BodyFormat format_of_answer(const HttpTransfer& transfer, std::string_view first) {
  if (const auto mark = kind_of_mark(first)) {
    return *mark == "parquet" ? BodyFormat::Parquet : BodyFormat::Ipc;
  }
  const std::string_view type = transfer.headers().find("Content-Type").value_or("");
  if (type.starts_with("text/csv") || type.starts_with("text/tab-separated-values")) {
    return BodyFormat::Csv;
  }
  return BodyFormat::Auto;
}

// Where pages begin is ours to know; their decoder begins at its own start.
ScanRequest request_without_place(ScanRequest request) {
  request.split.reset();
  request.resume_from.reset();
  return request;
}

class HttpSource final : public SourceReader {
 public:
  HttpSource(HttpUrl url, HttpSourceOptions options, std::optional<Credentials> credentials)
      : url_(std::move(url)), options_(std::move(options)), credentials_(std::move(credentials)) {}

  std::int64_t working_set_bytes(const ScanRequest& request) const override {
    const std::int64_t decoders = std::max({json::make_json_decoder({})->working_set_bytes(request),
                                            csv::make_csv_decoder({})->working_set_bytes(request),
                                            pq::make_parquet_decoder()->working_set_bytes(request),
                                            ipc::make_ipc_decoder()->working_set_bytes(request)});
    return kPrepaidTransfers * HttpClient::kTransferBytes + PageStream::buffer_bytes() + decoders;
  }

  Result<ScanPlan> open(const ScanRequest& request, const Context& context) override;
  Result<std::optional<Batch>> read(const ChunkTarget& target) override;
  Result<std::vector<Split>> splits(int max_splits) override;
  ReaderStats stats() const override {
    return {.bytes_read = decoder_ ? decoder_->bytes_read() : 0,
            .retries = pages_ != nullptr ? pages_->num_retries() : 0};
  }

 private:
  // One answer that is read, and a token or a redirect.
  static constexpr std::int64_t kPrepaidTransfers = 2;

  Result<std::vector<std::string>> first_urls() const;
  Result<HttpRequest> make_request(std::string url) const;
  Result<ScanPlan> open_file(BodyFormat format, const ScanRequest& request);
  Result<ScanPlan> open_pages(std::unique_ptr<HttpSession> session,
                              std::optional<HttpExchange> answer, const ScanRequest& request);
  Result<std::unique_ptr<HttpSession>> make_session() const;
  std::string fingerprint(const HttpRequest& request) const;
  Result<PageStreamOptions> page_options(const json::JsonOptions& json_options) const;
  Result<json::JsonOptions> json_options() const;

  HttpUrl url_;
  HttpSourceOptions options_;
  std::optional<Credentials> credentials_;
  Context context_;
  std::unique_ptr<Decoder> decoder_;
  PageStream* pages_ = nullptr;  // the decoder's; null: a file
};

Result<std::unique_ptr<HttpSession>> HttpSource::make_session() const {
  HttpSessionOptions options = options_.http.session();
  options.client.prepaid_transfers = kPrepaidTransfers;
  return HttpSession::make(std::move(options), url_, credentials_, context_.budget);
}

// Of the first page: one, or one for each value of partition_param.
Result<std::vector<std::string>> HttpSource::first_urls() const {
  HttpUrl url = url_;
  if (options_.rest.params) {
    POLARWAY_TRY(const auto params, parse_pairs("params", *options_.rest.params));
    for (const auto& [name, value] : params) url = url.with_parameter(name, value);
  }
  if (!options_.rest.partition_param) return std::vector{url.text()};
  std::vector<std::string> urls;
  for (const std::string& value : options_.rest.partition_values) {
    urls.push_back(url.with_parameter(*options_.rest.partition_param, value).text());
  }
  return urls;
}

Result<HttpRequest> HttpSource::make_request(std::string url) const {
  HttpRequest request{.method = options_.rest.method, .url = std::move(url), .headers = {}};
  request.headers.set("User-Agent", options_.http.user_agent);
  request.headers.set("Accept", "application/json, application/x-ndjson, */*;q=0.8");
  request.headers.set("Accept-Encoding", kContentEncodings);
  if (options_.rest.body) {
    request.body = *options_.rest.body;
    request.headers.set("Content-Type", "application/json");
  }
  if (options_.http.headers) {
    POLARWAY_TRY(const auto headers, parse_pairs("headers", *options_.http.headers));
    for (const auto& [name, value] : headers) {
      if (!HttpHeaders::is_valid(name, value)) {
        return fail({.kind = ErrorKind::Config,
                     .message = "option headers: " + name + " has characters that none may have"});
      }
      request.headers.set(name, value);
    }
  }
  return request;
}

Result<ScanPlan> HttpSource::open(const ScanRequest& request, const Context& context) {
  context_ = context;
  bool is_compressed = false;
  const BodyFormat by_name = format_of_path(url_.path(), is_compressed);
  BodyFormat format = options_.rest.format;
  const bool is_file_by_name =
      by_name != BodyFormat::Auto && (by_name != BodyFormat::Json || is_compressed);
  if (format == BodyFormat::Auto && options_.rest.pagination == Pagination::Auto &&
      options_.rest.method == "GET" && !options_.rest.partition_param && is_file_by_name) {
    format = by_name;
    if (format == BodyFormat::Json || format == BodyFormat::Ndjson)
      return open_file(format, request);
  }
  if (format == BodyFormat::Csv || format == BodyFormat::Parquet || format == BodyFormat::Ipc) {
    return open_file(format, request);
  }
  POLARWAY_TRY(auto session, make_session());
  if (format != BodyFormat::Auto || request.resume_from || request.split) {
    return open_pages(std::move(session), std::nullopt, request);
  }
  // The first answer tells.
  POLARWAY_TRY(std::vector<std::string> urls, first_urls());
  POLARWAY_TRY(HttpRequest first, make_request(std::move(urls.front())));
  const std::unique_ptr<Paginator> paginator = make_paginator(options_.rest);
  POLARWAY_CHECK(paginator->aim(first, paginator->start()));
  POLARWAY_TRY(HttpExchange answer, session->begin(std::move(first), context.stop));
  POLARWAY_CHECK(session->await(answer, context.stop));
  if (!answer.transfer->headers().find("Content-Encoding")) {
    POLARWAY_TRY(const auto bytes, answer.transfer->peek(kDetectedBytes, context.stop));
    format = format_of_answer(*answer.transfer,
                              {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (format != BodyFormat::Auto) {
      answer.transfer.reset();
      return open_file(format, request);
    }
  }
  return open_pages(std::move(session), std::move(answer), request);
}

Result<ScanPlan> HttpSource::open_file(BodyFormat format, const ScanRequest& request) {
  if (options_.rest.partition_param) {
    return fail({.kind = ErrorKind::Config,
                 .where = {.location = url_.shown()},
                 .message = "partition_param is for pages, and this is a file",
                 .hint = "read the files one after the other"});
  }
  const std::map<std::string, std::string>& given = options_.given;
  std::optional<Charset> charset;
  if (format == BodyFormat::Csv) {
    POLARWAY_TRY(csv::CsvOptions csv_options,
                 csv::parse_csv_options(given_for(csv::csv_option_table().describe(), given)));
    charset = csv_options.charset;
    const bool says_delimiter =
        !given_for({csv::csv_option_table().describe().front()}, given).empty();
    if (!says_delimiter && name_without_format(url_.path()).ends_with(".tsv")) {
      csv_options.delimiter = "\t";
    }
    decoder_ = csv::make_csv_decoder(std::move(csv_options));
  } else if (format == BodyFormat::Json || format == BodyFormat::Ndjson) {
    POLARWAY_TRY(json::JsonOptions json_options,
                 json::parse_json_options(given_for(json::json_option_table().describe(), given)));
    if (format == BodyFormat::Ndjson) json_options.layout = json::Layout::Lines;
    charset = Charset();
    decoder_ = json::make_json_decoder(std::move(json_options));
  } else {
    decoder_ = format == BodyFormat::Parquet ? pq::make_parquet_decoder() : ipc::make_ipc_decoder();
  }
  POLARWAY_TRY(auto session, make_session());
  POLARWAY_TRY(std::vector<std::string> urls, first_urls());
  POLARWAY_TRY(HttpRequest file_request, make_request(std::move(urls.front())));
  file_request.headers.set("Accept", "*/*");
  POLARWAY_TRY(auto bytes,
               open_http_file(std::move(session), std::move(file_request),
                              options_.bytes.max_expansion, context_.budget, context_.stop));
  if (format == BodyFormat::Ipc) {
    POLARWAY_TRY(bytes,
                 open_binary(std::move(bytes), options_.bytes, context_.budget, context_.stop));
  } else if (charset) {
    POLARWAY_TRY(bytes, open_bytes(std::move(bytes), options_.bytes, *charset, context_.budget,
                                   context_.stop));
  }
  return decoder_->open(std::move(bytes), request, context_);
}

std::string HttpSource::fingerprint(const HttpRequest& request) const {
  std::string all = request.method + " " + request.url + "\n" + request.body + "\n";
  for (const OptionInfo& info : rest_option_table().describe()) {
    const auto found = options_.given.find(info.name);
    const bool is_about_speed = info.name == "max_concurrency" || info.name.starts_with("max_");
    if (found != options_.given.end() && !is_about_speed)
      all += found->first + "=" + found->second + "\n";
  }
  return fmt::format("{:016x}", XXH3_64bits(all.data(), all.size()));
}

Result<PageStreamOptions> HttpSource::page_options(const json::JsonOptions& json_options) const {
  PageStreamOptions options;
  options.records_path = json_options.records_path;
  options.shown_url = url_.shown();
  POLARWAY_TRY(options.first_urls, first_urls());
  POLARWAY_TRY(options.request, make_request(options.first_urls.front()));
  options.is_lines = options_.rest.format == BodyFormat::Ndjson;
  options.max_depth = json_options.max_depth;
  options.max_pages = options_.rest.max_pages;
  options.max_records = options_.rest.max_records;
  options.max_concurrency = options_.rest.max_concurrency;
  options.max_expansion = options_.bytes.max_expansion;
  options.begin.request = fingerprint(options.request);
  return options;
}

Result<json::JsonOptions> HttpSource::json_options() const {
  std::map<std::string, std::string> given =
      given_for(json::json_option_table().describe(), options_.given);
  POLARWAY_TRY(json::JsonOptions decoding, json::parse_json_options(given));
  // A page may take its time: who wants a few rows does not wait for a hundred pages.
  constexpr std::int64_t kSampleRecords = 1000;
  if (!given.contains("infer_schema_length") && !given.contains("sample_size")) {
    decoding.infer_schema_length = kSampleRecords;
  }
  return decoding;
}

Result<ScanPlan> HttpSource::open_pages(std::unique_ptr<HttpSession> session,
                                        std::optional<HttpExchange> answer,
                                        const ScanRequest& request) {
  POLARWAY_TRY(json::JsonOptions decoding, json_options());
  POLARWAY_TRY(PageStreamOptions options, page_options(decoding));
  const std::string asked = options.begin.request;
  for (const auto& place :
       {request.split ? std::optional(request.split->piece) : std::nullopt, request.resume_from}) {
    if (!place) continue;
    POLARWAY_TRY(options.begin, PagePosition::parse(*place));
    if (options.begin.request != asked) {
      return fail({.kind = ErrorKind::Changed,
                   .where = {.location = url_.shown()},
                   .message = "the checkpoint or split was made with another request",
                   .hint = "give the options that it was made with, or start again"});
    }
    if (options.begin.partition >= std::ssize(options.first_urls)) {
      return fail({.kind = ErrorKind::Config,
                   .where = {.location = url_.shown()},
                   .message = "the checkpoint or split is of another list of partition_values"});
    }
  }
  auto pages = std::make_unique<PageStream>(std::move(options), std::move(session),
                                            make_paginator(options_.rest), context_.budget);
  if (answer) {
    POLARWAY_CHECK(pages->start(*std::move(answer), context_.stop));
  } else {
    POLARWAY_CHECK(pages->start(context_.stop));
  }
  pages_ = pages.get();
  decoding.records_path.reset();
  decoding.layout = pages->is_array() ? json::Layout::Array : json::Layout::Values;
  decoder_ = json::make_json_decoder(std::move(decoding));
  Result<ScanPlan> plan =
      decoder_->open(std::move(pages), request_without_place(request), context_);
  if (!plan) return fail(pages_->placed(std::move(plan.error())));
  plan->metadata.seekable = true;
  plan->metadata.splittable = options_.rest.partition_param || options_.rest.tells_pages_ahead();
  for (std::string& note : pages_->notes()) plan->metadata.notes.push_back(std::move(note));
  return plan;
}

Result<std::optional<Batch>> HttpSource::read(const ChunkTarget& target) {
  Result<std::optional<Batch>> batch = decoder_->read(target);
  if (pages_ == nullptr) return batch;
  if (!batch) return fail(pages_->placed(std::move(batch.error())));
  if (*batch) (*batch)->position_after = pages_->position(decoder_->next_row()).to_text();
  return batch;
}

Result<std::vector<Split>> HttpSource::splits(int max_splits) {
  if (pages_ == nullptr) return decoder_->splits(max_splits);
  const bool has_partitions = options_.rest.partition_param.has_value();
  if (!has_partitions && !options_.rest.tells_pages_ahead())
    return SourceReader::splits(max_splits);
  POLARWAY_TRY(const json::JsonOptions decoding, json_options());
  POLARWAY_TRY(PageStreamOptions options, page_options(decoding));
  // Where a split may begin: at each value, or at each page.
  std::vector<PagePosition> begins;
  if (has_partitions) {
    begins.resize(options.first_urls.size(), options.begin);
    for (std::size_t i = 0; i < begins.size(); ++i)
      begins[i].partition = static_cast<std::int64_t>(i);
  } else {
    options.max_pages = 1;
    POLARWAY_TRY(auto session, make_session());
    PageStream first(std::move(options), std::move(session), make_paginator(options_.rest),
                     context_.budget);
    POLARWAY_TRY(begins, first.predicted_pages(context_.stop));
  }
  const std::int64_t wanted = std::clamp<std::int64_t>(max_splits, 1, std::ssize(begins));
  std::vector<Split> made;
  for (std::int64_t i = 0; i < wanted; ++i) {
    PagePosition& begin = begins[static_cast<std::size_t>(std::ssize(begins) * i / wanted)];
    const std::int64_t end = std::ssize(begins) * (i + 1) / wanted;
    // The last one goes on as far as there is something by then.
    if (i + 1 < wanted && has_partitions) begin.end_partition = end;
    if (i + 1 < wanted && !has_partitions) begin.end_page = end + 1;
    made.push_back(
        {.piece = begin.to_text(), .size_bytes = 0, .working_set_bytes = working_set_bytes({})});
  }
  return made;
}

}  // namespace

Result<std::unique_ptr<SourceReader>> make_http_source(const SourceConfig& config) {
  if (config.locations().size() != 1) {
    return fail({.kind = ErrorKind::Config,
                 .message = "an HTTP source has one location",
                 .hint = "read several URLs one after the other"});
  }
  POLARWAY_TRY(HttpUrl url, HttpUrl::parse(config.location()));
  HttpSourceOptions options;
  options.given = config.options();
  POLARWAY_TRY(options.http, parse_http_options(options.given));
  POLARWAY_TRY(options.rest, parse_rest_options(options.given));
  POLARWAY_TRY(options.bytes, parse_byte_options(options.given));
  if (!config.parallel()) options.rest.max_concurrency = 1;
  // Fewer, and pages that come at a time would close each other's connections.
  if (!options.given.contains("connection_pool_size")) {
    options.http.connection_pool_size =
        std::max(options.http.connection_pool_size, options.rest.max_concurrency);
  }
  return std::make_unique<HttpSource>(std::move(url), std::move(options), config.credentials());
}

std::vector<OptionInfo> http_source_options() {
  std::vector<OptionInfo> all;
  const auto add = [&](std::vector<OptionInfo> more) {
    for (OptionInfo& option : more) {
      const bool is_there = std::any_of(all.begin(), all.end(), [&](const OptionInfo& other) {
        return other.name == option.name;
      });
      if (!is_there) all.push_back(std::move(option));
    }
  };
  add(rest_option_table().describe());
  add(http_option_table().describe());
  add(json::json_option_table().describe());
  add(csv::csv_option_table().describe());
  add(byte_option_table().describe());
  return all;
}

}  // namespace polarway::rest
