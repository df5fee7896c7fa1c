#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace polarway {

/// One value of a column as a table shows it: "36", "Ada", "2024-02-29", "[1, 2, … 9]", "null".
std::string cell_text(const arrow::Array& values, std::int64_t row);

/// A type by Polars' short name: "i64", "str", "datetime[μs]".
std::string short_type_name(const arrow::DataType& type);

/// Text on one line and at most 32 characters wide: control characters escaped, "…" where it was
/// cut.
std::string one_line(std::string_view text);

/// Characters of UTF-8 text.
std::size_t display_width(std::string_view text);

}  // namespace polarway
