#pragma once

#include <memory>
#include <string>

#include "polarway/source.h"

namespace polarway {

/// The same reader, whose metadata have one note more.
std::unique_ptr<SourceReader> with_note(std::unique_ptr<SourceReader> reader, std::string note);

}  // namespace polarway
