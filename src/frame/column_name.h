#pragma once

#include <span>
#include <string>
#include <string_view>

#include "polarway/error.h"

namespace polarway {

/// The Config error for a column that is not there, with the nearest name, or else those that are:
/// ten, and how many more. `where` is what is known of the place.
SourceError no_such_column(std::string_view name, std::span<const std::string> known,
                           ErrorPlace where = {});

}  // namespace polarway
