#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "polarway/result.h"

namespace polarway::cli {

/// How many people to make, and which.
struct PeopleOptions {
  std::int64_t rows = 0;        ///< This many; 0: as many as `size_bytes` takes.
  std::int64_t size_bytes = 0;  ///< The file ends with the row that reaches this size.
  std::uint64_t seed = 7;       ///< Equal seeds make equal files.
};

/// What was written.
struct PeopleWritten {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

/// Writes a CSV file of invented people: id, name, email, age, country, balance, score, signup,
/// last_seen, active. 3 % of the values are missing in every column but id; some names are quoted,
/// with commas and quotes in them, and many are not ASCII. The first rows do not depend on how many
/// follow. Replaces the file, and removes it again after an error or a stop (Cancelled).
Result<PeopleWritten> write_people(const std::string& path, const PeopleOptions& options,
                                   std::stop_token stop);

}  // namespace polarway::cli
