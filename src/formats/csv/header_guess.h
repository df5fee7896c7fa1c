#pragma once

#include <cstddef>
#include <string>

#include "formats/csv/sample_rows.h"

namespace polarway::csv {

/// Whether a table's first row seems to name its columns.
struct HeaderGuess {
  bool has_header = true;
  double confidence = 0;
  std::string reason;
};

/// Compares row `first` with those below it: names are texts above values, shorter or longer than
/// all that is below, each once.
HeaderGuess guess_header(const SampleRows& rows, std::size_t first, std::size_t num_columns);

}  // namespace polarway::csv
