#pragma once

#include <cstdint>
#include <span>

namespace polarway::csv {

/// The bytes that structure a CSV.
struct Marks {
  std::uint8_t delimiter = ',';
  std::uint8_t eol = '\n';  ///< '\r' for files that end lines so; CRLF counts as '\n'.
  std::uint8_t quote = '"';
  bool has_quote = true;     ///< false: no byte quotes.
  std::uint8_t comment = 0;  ///< A line that begins with it is no row.
  bool has_comment = false;
};

/// What a scan found. Positions are relative to the start of the scanned text.
struct Scan {
  std::int64_t num_ends = 0;  ///< Entries written: the position of each delimiter and line end
                              ///< outside quotes, in order.
  std::int64_t num_eols = 0;  ///< How many of them are line ends.
  std::int64_t scanned = 0;   ///< Bytes looked at: all, unless the room for entries ran out.
  bool in_quotes = false;     ///< The text looked at ends inside quotes.
  bool stray_quotes = false;  ///< A quote stands where RFC 4180 has none: the entries are not
                              ///< to be trusted, exact_scan() must look again.
};

/// Entries that `ends` must have room for beyond those wanted: the scan goes 64 bytes at a time.
inline constexpr std::int64_t kScanSlack = 64;

/// Finds all delimiters and line ends outside quotes. `text` begins at the start of a row; 64 bytes
/// behind its end must be readable. Comments are not known to it. SIMD, dispatched at run time.
Scan structural_scan(std::span<const std::uint8_t> text, const Marks& marks,
                     std::span<std::uint32_t> ends);

/// The same by a state machine, for what the SIMD scan refuses: quotes are literal in fields that
/// do not begin with one (as Python's csv and Polars have it), and lines that begin with the
/// comment mark have one entry, at their end. Never sets stray_quotes.
Scan exact_scan(std::span<const std::uint8_t> text, const Marks& marks,
                std::span<std::uint32_t> ends);

}  // namespace polarway::csv
