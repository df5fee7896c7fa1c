#pragma once

#include <cstdint>
#include <string_view>

namespace polarway::csv {

/// What a cell looks like to a reader of any country. Wider than the types that columns can have:
/// "31.12.2024" and "1.234,50 €" say that a cell was cut at the right places, whatever it is read
/// as.
enum class CellKind : std::uint8_t {
  Empty,
  Number,       ///< An integer or a float as parse_double() reads them.
  CommaNumber,  ///< Digits with a comma before the last of them: 1,5 and 1.234,50.
  Amount,       ///< Digits with separators, signs of currency, percent.
  Time,         ///< A date, a time of day, or both.
  Boolean,
  Text,
  Odd,  ///< Text with a quote at an end, or with what separates fields elsewhere: cut wrongly.
};

/// `text` is without quotes around it; `was_quoted` says that it had some, which excuses all that
/// would be odd.
CellKind kind_of_cell(std::string_view text, bool was_quoted);

/// Neither text nor empty.
constexpr bool is_value(CellKind kind) {
  return kind != CellKind::Empty && kind != CellKind::Text && kind != CellKind::Odd;
}

}  // namespace polarway::csv
