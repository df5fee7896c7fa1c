#pragma once

#include <span>
#include <string>
#include <string_view>

namespace polarway {

// The known name that somebody who wrote `given` most likely meant, as a question to end an error
// with: `did you mean "delimiter"?`, or "" when none is near. Near is a Damerau-Levenshtein
// distance (case aside) of at most a third of the given length, and 3. Of equally near names, the
// first.
std::string did_you_mean(std::string_view given, std::span<const std::string> known);

}  // namespace polarway
