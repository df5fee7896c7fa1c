#include "formats/detect.h"

#include <array>

namespace polarway {

std::optional<std::string_view> kind_of_mark(std::string_view first_bytes) {
  using namespace std::string_view_literals;
  struct Mark {
    std::string_view bytes;
    std::string_view kind;
  };
  constexpr std::array<Mark, 4> kMarks = {{{"ARROW1\0\0"sv, "ipc"sv},
                                           {"\xFF\xFF\xFF\xFF"sv, "ipc"sv},  // a stream
                                           {"FEA1"sv, "ipc"sv},
                                           {"PAR1"sv, "parquet"sv}}};
  for (const Mark& mark : kMarks) {
    if (first_bytes.starts_with(mark.bytes)) return mark.kind;
  }
  return std::nullopt;
}

std::optional<std::string_view> kind_of_text(std::string_view first_bytes) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (first_bytes.starts_with(kMark)) first_bytes.remove_prefix(kMark.size());
  const std::size_t first = first_bytes.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return std::nullopt;
  first_bytes.remove_prefix(first);
  const std::size_t second = first_bytes.find_first_not_of(" \t\r\n", 1);
  if (second == std::string_view::npos) return std::nullopt;
  // An object begins with a name or ends at once; an array of records has objects or arrays in it,
  // or nothing.
  const char next = first_bytes[second];
  if (first_bytes[0] == '{' && (next == '"' || next == '}')) return "json";
  if (first_bytes[0] == '[' && (next == '{' || next == '[' || next == ']')) return "json";
  return std::nullopt;
}

}  // namespace polarway
