#pragma once

#include <cstdint>
#include <span>

#include "formats/csv/byte_text.h"

namespace polarway::csv {

/// The bytes that structure a CSV.
struct Marks {
  std::uint8_t delimiter = ',';  ///< Its last byte, if it has several.
  std::uint8_t eol = '\n';       ///< '\r' for files that end lines so; CRLF counts as '\n'.
  std::uint8_t quote = '"';
  bool has_quote = true;    ///< false: no byte quotes.
  bool has_escape = false;  ///< Whether `escape` takes its meaning from the byte behind it.
  std::uint8_t escape = 0;
  bool trims_cr = true;          ///< A '\r' before the line end belongs to that.
  ByteText comment = {};         ///< A line that begins with it is no row. Empty: there are none.
  ByteText long_delimiter = {};  ///< All of it, if it has several bytes.

  /// Bytes of a delimiter before its last one.
  std::uint32_t delimiter_lead() const {
    return long_delimiter.empty() ? 0 : static_cast<std::uint32_t>(long_delimiter.size()) - 1;
  }
};

/// What a scan found. Positions are relative to the start of the scanned text.
struct Scan {
  std::int64_t num_ends = 0;  ///< Entries written: the position of each delimiter's last byte and
                              ///< of each line end outside quotes, in order.
  std::int64_t num_eols = 0;  ///< How many of them are line ends.
  std::int64_t scanned = 0;   ///< Bytes looked at: all, unless the room for entries ran out.
  bool in_quotes = false;     ///< The text looked at ends inside quotes.
  bool has_comments = false;  ///< Some line is a comment: one entry, at its end.
  bool stray_quotes = false;  ///< A quote stands where RFC 4180 has none: the entries are not
                              ///< to be trusted, exact_scan() must look again.
};

/// Entries that `ends` must have room for beyond those wanted: the scan goes 64 bytes at a time.
inline constexpr std::int64_t kScanSlack = 64;

/// Finds all delimiters and line ends outside quotes. `text` begins at the start of a row; 64 bytes
/// behind its end must be readable. SIMD, dispatched at run time; what is not used (comments,
/// escapes, delimiters of several bytes) costs nothing.
Scan structural_scan(std::span<const std::uint8_t> text, const Marks& marks,
                     std::span<std::uint32_t> ends);

/// The same by a state machine, for what the SIMD scan refuses: quotes are literal in fields that
/// do not begin with one (as Python's csv and Polars have it). Never sets stray_quotes.
Scan exact_scan(std::span<const std::uint8_t> text, const Marks& marks,
                std::span<std::uint32_t> ends);

}  // namespace polarway::csv
