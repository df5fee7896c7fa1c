#include "transports/first_bytes.h"

#include <sys/stat.h>

#include "polarway/memory.h"
#include "transports/local_file.h"
#include "transports/open_bytes.h"

namespace polarway {

std::string first_bytes_of(const std::string& location, std::size_t count) {
  struct stat status{};
  if (::stat(path_of(location).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const auto budget = MemoryBudget::make(MemoryBudget::default_limit_bytes());
  auto bytes = open_bytes(location, ByteOptions(), Charset(), budget, {});
  if (!bytes) return {};
  std::string first(count, '\0');
  std::size_t size = 0;
  while (size < count) {
    const auto got =
        (*bytes)->read({reinterpret_cast<std::uint8_t*>(first.data()) + size, count - size}, {});
    if (!got || *got == 0) break;
    size += static_cast<std::size_t>(*got);
  }
  first.resize(size);
  return first;
}

}  // namespace polarway
