// Reads many tables in one process, for tests that compare them with what others read. Each line of
// the input is a job, each line of the output its answer, in order:
//
//   {"kind": "csv", "config": {SourceConfig}, "text": true, "block_bytes": 17, "out": "rows.arrow"}
//   {"error": null | {"kind", "row", "byte", "column", "message"}, "deviates": null | "how"}
//
// "text" reads every column as text. The rows up to the error lie in "out", as an Arrow stream.
// Each table is read at once, and again in chunks of a row, of seven rows and of 64 KiB, with one
// thread and with several; with "block_bytes", also in blocks of so many bytes. What differs from
// the first reading in rows, schema or error deviates.

#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/table.h>
#include <fmt/format.h>

#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "formats/csv/csv_decoder.h"
#include "polarway/registry.h"
#include "transports/local_file.h"

namespace polarway {
namespace {

using Json = nlohmann::json;

struct Reading {
  std::shared_ptr<MemoryBudget> budget;  // whose pool the chunks of a decoder lie in
  std::shared_ptr<arrow::Schema> schema = arrow::schema({});
  arrow::RecordBatchVector chunks;
  std::optional<SourceError> error;

  std::shared_ptr<arrow::Table> table() const {
    return arrow::Table::FromRecordBatches(schema, chunks).ValueOrDie();
  }
};

Reading read(const std::string& kind, const SourceConfig& config) {
  Reading reading;
  Result<StreamingSource> source = SourceRegistry().create(kind, config);
  if (!source) {
    reading.error = source.error();
    return reading;
  }
  reading.schema = source->metadata().schema.arrow();
  for (const Result<DataFrame>& chunk : *source) {
    if (chunk) {
      reading.chunks.push_back(chunk->arrow());
    } else {
      reading.error = chunk.error();
    }
  }
  return reading;
}

Reading read_in_blocks(const SourceConfig& config, std::int64_t block_bytes, bool parallel) {
  Reading reading;
  const auto options = csv::parse_csv_options(config.options());
  auto bytes = open_local_file(config.location());
  if (!options || !bytes) {
    reading.error = options ? bytes.error() : options.error();
    return reading;
  }
  Context context;
  context.budget = reading.budget = MemoryBudget::make(64 << 20);
  context.executor = Executor::global();
  context.rejects = std::make_shared<RejectChannel>(context.budget);
  context.parallel = parallel;
  const auto decoder = csv::make_csv_decoder(*options, block_bytes);
  const auto plan = decoder->open(*std::move(bytes), ScanRequest(), context);
  if (!plan) {
    reading.error = plan.error();
    return reading;
  }
  reading.schema = plan->metadata.schema.arrow();
  for (;;) {
    auto batch = decoder->read({.max_rows = 1'000'000, .max_bytes = 32 << 20, .stop = {}});
    if (!batch) reading.error = batch.error();
    if (!batch || !*batch) return reading;
    reading.chunks.push_back((*batch)->rows);
  }
}

Json describe(const SourceError& error) {
  const auto number = [](const std::optional<std::int64_t>& value) {
    return value ? Json(*value) : Json();
  };
  return {{"kind", to_string(error.kind)},
          {"row", number(error.where.row)},
          {"byte", number(error.where.byte_offset)},
          {"column", error.where.column},
          {"message", error.to_string()}};
}

Json place_of(const std::optional<SourceError>& error) {
  if (!error) return Json();
  Json place = describe(*error);
  place.erase("message");  // how full the memory was differs
  return place;
}

// How a reading differs from another; nothing where it does not.
std::optional<std::string> difference(const Reading& ours, const Reading& whole) {
  const Json error = place_of(ours.error);
  if (error != place_of(whole.error)) {
    return fmt::format("the error is {}, not {}", error.dump(), place_of(whole.error).dump());
  }
  if (!ours.schema->Equals(*whole.schema)) return "schema: " + ours.schema->ToString();
  if (!ours.table()->Equals(*whole.table(), arrow::EqualOptions().nans_equal(true))) {
    return "rows: " + ours.table()->ToString();
  }
  return std::nullopt;
}

std::optional<std::string> deviation(const std::string& kind, const SourceConfig& config,
                                     const Reading& whole, std::int64_t block_bytes) {
  using Cut = std::function<void(SourceConfig&)>;
  static const std::vector<std::pair<std::string, Cut>> kCuts = {
      {"chunks of 1 row", [](SourceConfig& cut) { cut.with_chunk_size(1).with_max_chunk_size(1); }},
      {"chunks of 7 rows",
       [](SourceConfig& cut) { cut.with_chunk_size(7).with_max_chunk_size(7); }},
      {"chunks of 64 KiB",
       [](SourceConfig& cut) {
         cut.with_option("max_chunk_bytes", "64KiB").with_option("min_chunk_bytes", "1KiB");
       }},
      {"one chunk", [](SourceConfig&) {}}};
  for (const bool parallel : {false, true}) {
    const std::string threads = parallel ? "several threads" : "one thread";
    for (const auto& [name, cut] : kCuts) {
      SourceConfig cut_config = config;
      cut_config.with_parallel(parallel).with_prefetch(parallel);
      cut(cut_config);
      if (auto found = difference(read(kind, cut_config), whole)) {
        return fmt::format("{}, {}: {}", name, threads, *found);
      }
    }
    if (block_bytes == 0) continue;
    if (auto found = difference(read_in_blocks(config, block_bytes, parallel), whole)) {
      return fmt::format("blocks of {}, {}: {}", block_bytes, threads, *found);
    }
  }
  return std::nullopt;
}

void write_rows(const Reading& reading, const std::string& path) {
  const auto file = arrow::io::FileOutputStream::Open(path).ValueOrDie();
  const auto writer = arrow::ipc::MakeStreamWriter(file, reading.schema).ValueOrDie();
  for (const auto& chunk : reading.chunks) {
    if (!writer->WriteRecordBatch(*chunk).ok()) std::exit(1);
  }
  if (!writer->Close().ok() || !file->Close().ok()) std::exit(1);
}

Json answer(const Json& job) {
  Result<SourceConfig> config = SourceConfig::from_json(job.at("config").dump());
  if (!config) return {{"error", describe(config.error())}, {"deviates", nullptr}};
  config->with_memory_limit(std::int64_t{64} << 20);
  if (job.value("text", false)) config->with_option("infer_schema", "false");
  const std::string kind = job.value("kind", "csv");
  const Reading whole = read(kind, *config);
  write_rows(whole, job.at("out").get<std::string>());
  const auto deviates = deviation(kind, *config, whole, job.value("block_bytes", std::int64_t{0}));
  return {{"error", whole.error ? describe(*whole.error) : Json()},
          {"deviates", deviates ? Json(*deviates) : Json()}};
}

}  // namespace
}  // namespace polarway

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << polarway::answer(nlohmann::json::parse(line))
                     .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)
              << '\n';
  }
}
