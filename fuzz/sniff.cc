// Whatever a file begins with, the sniffer says the same of it each time, in options that are
// options, and a decoder that is given them finds the columns that it told.

#include "formats/csv/sniff.h"

#include <memory>
#include <string>

#include "core/memory_governor.h"
#include "formats/csv/csv_decoder.h"
#include "law.h"
#include "support/memory_stream.h"

namespace polarway::csv {
namespace {

using fuzz::require;

std::map<std::string, std::string> given_by(unsigned choice) {
  switch (choice % 8) {
    case 1:
      return {{"delimiter", ";"}};
    case 2:
      return {{"has_header", "false"}};
    case 3:
      return {{"quote_char", "none"}, {"comment_char", "#"}};
    default:
      return {};
  }
}

Result<ScanPlan> open(Decoder& decoder, const std::string& bytes) {
  static MemoryGovernor idle(MemoryProbe("/nonexistent"));
  Context context;
  context.budget = MemoryBudget::make(256 << 20, MemoryScope::Accounted, idle);
  context.executor = Executor::global();
  context.rejects = std::make_shared<RejectChannel>(context.budget);
  context.parallel = false;
  return decoder.open(std::make_unique<testing::MemoryStream>(bytes), ScanRequest(), context);
}

bool reads_to_its_end(Decoder& decoder) {
  for (;;) {
    const auto batch = decoder.read({.max_rows = 1'000'000, .max_bytes = 64 << 20, .stop = {}});
    if (!batch || !*batch) return batch.has_value();
  }
}

void check(unsigned choice, std::string_view text) {
  const std::span sample(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const bool is_whole = choice < 128;
  const auto given = given_by(choice);
  const Result<CsvDialect> dialect = sniff(sample, is_whole, given);
  const Result<CsvDialect> again = sniff(sample, is_whole, given);
  require(dialect.has_value() == again.has_value(), "sniffing is deterministic");
  if (!dialect) {
    require(!dialect.error().message.empty(), "an error says something");
    return;
  }
  require(dialect->to_json() == again->to_json(), "sniffing is deterministic", dialect->to_json());
  auto options = given;
  for (const auto& [key, value] : dialect->to_map()) options[key] = value;
  const Result<CsvOptions> parsed = parse_csv_options(options);
  require(parsed.has_value(), "what is found are options", dialect->to_json());
  // Bytes become text before a decoder sees them.
  if (!is_whole || options.contains("encoding")) return;
  auto decoder = make_csv_decoder(*parsed);
  const Result<ScanPlan> plan = open(*decoder, std::string(text));
  if (!plan || !reads_to_its_end(*decoder)) return;  // a file can be bad in every dialect
  require(plan->metadata.schema == dialect->schema, "the columns are those that a decoder finds",
          dialect->schema.to_string() + "\nfound: " + plan->metadata.schema.to_string() + "\n" +
              dialect->to_json());
}

}  // namespace
}  // namespace polarway::csv

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return -1;
  polarway::csv::check(data[0], polarway::fuzz::text_of(data, size, 1));
  return 0;
}
