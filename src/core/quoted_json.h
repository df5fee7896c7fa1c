#pragma once

#include <string>
#include <string_view>

namespace polarway {

/// Text as a JSON string: quotes, backslashes and control characters are escaped, all else stays as
/// it is. For what is written for every chunk: a json object of nlohmann's needs memory even to go
/// away, and without any it ends the process.
std::string quoted_json(std::string_view text);

}  // namespace polarway
