#include "sources/first_bytes.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace polarway {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::string_view bytes;
  std::string_view kind;
};

constexpr std::array<Magic, 4> kMagics = {{{"ARROW1\0\0"sv, "ipc"sv},
                                           {"\xFF\xFF\xFF\xFF"sv, "ipc"sv},  // a stream
                                           {"FEA1"sv, "ipc"sv},
                                           {"PAR1"sv, "parquet"sv}}};

}  // namespace

std::optional<std::string> kind_of_first_bytes(const std::string& location) {
  const std::string path = location.starts_with("file://") ? location.substr(7) : location;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::array<char, 8> first{};
  file.read(first.data(), first.size());
  const std::string_view bytes(first.data(), static_cast<std::size_t>(file.gcount()));
  for (const Magic& magic : kMagics) {
    if (bytes.starts_with(magic.bytes)) return std::string(magic.kind);
  }
  return std::nullopt;
}

}  // namespace polarway
