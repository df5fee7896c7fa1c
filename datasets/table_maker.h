#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "polarway/result.h"

namespace polarway::datasets {

/// An invented table, row after row, from nothing but a seed. The first rows do not depend on how
/// many follow.
class TableMaker {
 public:
  virtual ~TableMaker() = default;

  /// The names of the columns.
  virtual std::span<const std::string> columns() const = 0;

  /// No row takes more than this.
  virtual std::size_t max_row_bytes() const = 0;

  /// Writes the next row's cells at `out` as CSV, commas between them and no line end, and returns
  /// their end. `ends`, one for each column, get the ends of the cells.
  virtual char* put_row(char* out, std::span<char*> ends) = 0;
};

/// The makers:
///
/// people  id, name, email, age, country, balance, score, signup, last_seen, active. 3 % of the
///         values are missing in every column but id; some names are quoted, with commas and quotes
///         in them, and many are not ASCII.
/// taxi    19 columns, as the trips of New York's yellow taxis: identifiers, timestamps, amounts.
/// quoted  lines of a log: two columns in quotes, with commas, quotes and line ends in them.
/// wide    200 floats, written in four ways.
/// narrow  4 integers.
/// @{
std::unique_ptr<TableMaker> make_people(std::uint64_t seed);
std::unique_ptr<TableMaker> make_taxi(std::uint64_t seed);
std::unique_ptr<TableMaker> make_quoted(std::uint64_t seed);
std::unique_ptr<TableMaker> make_wide(std::uint64_t seed);
std::unique_ptr<TableMaker> make_narrow(std::uint64_t seed);
/// @}

/// The maker of that name. One that does not exist is a Config error that names those that do.
Result<std::unique_ptr<TableMaker>> make_table(std::string_view name, std::uint64_t seed);

}  // namespace polarway::datasets
