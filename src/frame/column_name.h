#pragma once

#include <span>
#include <string>
#include <string_view>

#include "polarway/error.h"

namespace polarway {

/// The Config error for a column that is not there: the nearest name, or else the names there are.
SourceError no_such_column(std::string_view name, std::span<const std::string> known,
                           ErrorPlace where = {});

}  // namespace polarway
