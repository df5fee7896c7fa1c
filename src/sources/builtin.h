#pragma once

#include <vector>

#include "polarway/registry.h"

namespace polarway {

/// The kinds that every SourceRegistry knows: the explicit list.
std::vector<SourceKind> builtin_sources();

}  // namespace polarway
