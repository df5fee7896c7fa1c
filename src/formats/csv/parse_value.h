#pragma once

#include <cstdint>
#include <string_view>

namespace polarway::csv {

/// Readers of one field's text, without surrounding blanks. Each takes the whole text or returns
/// false and leaves `out` unspecified; none rounds in silence, overflows, or allocates.
/// @{

/// Optional sign and decimal digits that fit 64 bits. Leading zeros are allowed.
bool parse_int64(std::string_view text, std::int64_t& out);

/// Decimal or scientific notation, "inf", "infinity" and "nan" in any case. Rounds to the nearest
/// double as IEEE 754 has it; but refuses integers that a double cannot hold exactly (2^53 + 1,
/// 20-digit identifiers), and finite text that would become infinite.
bool parse_double(std::string_view text, double& out);

/// true, True, TRUE, false, False, FALSE.
bool parse_bool(std::string_view text, bool& out);

/// YYYY-MM-DD, a day that exists, as days since 1970-01-01.
bool parse_date(std::string_view text, std::int32_t& out);

/// YYYY-MM-DD, 'T' or blank, HH:MM[:SS[.fraction]], then nothing, 'Z' or an offset (+HH:MM,
/// +HHMM, +HH), as microseconds since 1970-01-01 (in UTC when there is a zone). Fractions finer
/// than a microsecond are refused unless they are zeros; so are leap seconds.
bool parse_timestamp(std::string_view text, std::int64_t& out, bool& has_zone);

/// @}

/// Without the blanks and tabs around it.
std::string_view trimmed(std::string_view text);

/// Whether a number begins with a zero that a numeric type would lose: "007", "-01", not "0.5".
bool has_leading_zero(std::string_view text);

}  // namespace polarway::csv
