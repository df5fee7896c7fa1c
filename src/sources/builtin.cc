#include "sources/builtin.h"

#include "formats/csv/csv_decoder.h"
#include "sources/file_source.h"
#include "transports/byte_options.h"
#include "transports/compression.h"

namespace polarway {
namespace {

std::vector<OptionInfo> csv_options() {
  std::vector<OptionInfo> options = csv::csv_option_table().describe();
  for (OptionInfo& option : byte_option_table().describe()) options.push_back(std::move(option));
  return options;
}

SourceKind csv_kind() {
  return {
      .name = "csv",
      .aliases = {},
      .description = "Comma-separated values and their kin, from a local file or standard input.",
      .extensions = {"csv", "tsv", "txt"},
      .options = csv_options(),
      .make_reader = [](const SourceConfig& config) -> Result<std::unique_ptr<SourceReader>> {
        std::map<std::string, std::string> given = config.options();
        // A tab-separated file says so by its name; whoever says otherwise is believed.
        if (name_without_format(config.location()).ends_with(".tsv")) {
          const OptionInfo delimiter = csv::csv_option_table().describe().front();
          POLARWAY_TRY(const std::string* said, find_option(delimiter, given));
          if (said == nullptr) given[delimiter.name] = "tab";
        }
        POLARWAY_TRY(csv::CsvOptions options, csv::parse_csv_options(given));
        POLARWAY_TRY(const ByteOptions byte_options, parse_byte_options(given));
        const Charset charset = options.charset;
        return make_file_reader(config.location(), byte_options, charset,
                                csv::make_csv_decoder(std::move(options)));
      }};
}

}  // namespace

std::vector<SourceKind> builtin_sources() { return {csv_kind()}; }

}  // namespace polarway
