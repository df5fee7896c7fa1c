#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/csv/byte_text.h"

namespace polarway::csv {

/// What is known of a dialect already.
struct KnownDialect {
  std::optional<std::uint8_t> delimiter;
  std::optional<std::optional<std::uint8_t>> quote;  ///< The inner nothing: no quoting.
  std::optional<std::int64_t> skip_rows;
  ByteText comment = {};  ///< A line that begins with it is no row. Empty: there are none.
};

/// How a text seems to be cut into rows and fields.
struct DialectGuess {
  std::uint8_t delimiter = ',';
  double delimiter_confidence = 0;
  std::string delimiter_reason;

  std::optional<std::uint8_t> quote = '"';
  double quote_confidence = 0;
  std::string quote_reason;

  std::size_t num_columns = 0;
  std::size_t first_row = 0;  ///< Rows before it, blank lines left out, are of another kind.
};

/// Finds the dialect under which the rows have most alike numbers of fields, the fields make most
/// sense by themselves, and there are most of them. `eol` ends lines.
DialectGuess guess_dialect(std::string_view text, std::uint8_t eol, bool is_whole,
                           const KnownDialect& known);

/// The name of a character for messages: "tab", "blank", or the character in quotes.
std::string spelled_character(std::uint8_t character);

}  // namespace polarway::csv
