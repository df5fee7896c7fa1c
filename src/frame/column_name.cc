#include "frame/column_name.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/nearest_name.h"
#include "core/quoted_text.h"

namespace polarway {

SourceError no_such_column(std::string_view name, std::span<const std::string> known,
                           ErrorPlace where) {
  constexpr std::size_t kMostListed = 10;
  SourceError error{.kind = ErrorKind::Config,
                    .where = std::move(where),
                    .message = "there is no column " + shorten(name),
                    .hint = did_you_mean(name, known)};
  if (!error.hint.empty()) return error;
  if (known.empty()) error.hint = "there are no columns";
  for (std::size_t i = 0; i < std::min(known.size(), kMostListed); ++i) {
    error.hint += (i == 0 ? "there are " : ", ") + shorten(known[i], 32);
  }
  if (known.size() > kMostListed) {
    error.hint += " and " + std::to_string(known.size() - kMostListed) + " more";
  }
  return error;
}

}  // namespace polarway
