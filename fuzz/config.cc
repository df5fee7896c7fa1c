// The JSON of a config reads back as that config; any other text is Config.

#include "polarway/config.h"

#include <string>

#include "law.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using polarway::SourceConfig;
  using polarway::fuzz::require;
  const auto config = SourceConfig::from_json(polarway::fuzz::text_of(data, size));
  if (!config) {
    require(config.error().kind == polarway::ErrorKind::Config, "a bad config is Config",
            config.error().to_string());
    return 0;
  }
  const std::string json = config->to_json();
  const auto again = SourceConfig::from_json(json);
  require(again.has_value(), "what is printed reads back", json);
  require(again->to_json() == json, "what is printed reads back the same", json);
  return 0;
}
