#pragma once

#include <memory>

#include "polarway/config.h"
#include "polarway/registry.h"
#include "polarway/result.h"
#include "polarway/source.h"

namespace polarway::rest {

/// A reader of what is behind a URL: an endpoint, whose pages are JSON, or a file. Config error for
/// options that make no sense.
Result<std::unique_ptr<SourceReader>> make_http_source(const SourceConfig& config);

/// What it may be told.
std::vector<OptionInfo> http_source_options();

}  // namespace polarway::rest
