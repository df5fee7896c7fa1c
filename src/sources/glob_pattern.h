#pragma once

#include <string_view>

namespace polarway {

/// Whether the text has one of the characters that make a glob of a path: * ? [
bool is_glob(std::string_view path);

/// Whether a name, one part of a path, is one that the pattern means: `*` is any text, `?` any
/// character, `[abc]`, `[a-z]` and `[!a]` one of a set; everything else is itself, a `[` that
/// nothing closes included. A name that begins with a dot is meant only by a pattern that does.
/// Characters are those of UTF-8; where the name is none, its bytes are.
bool matches_glob(std::string_view pattern, std::string_view name);

}  // namespace polarway
