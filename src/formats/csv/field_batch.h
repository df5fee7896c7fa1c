#pragma once

#include <cstdint>
#include <string_view>

#include "formats/csv/rows.h"
#include "formats/quick_value.h"

namespace polarway::csv {

/// Where the fields of one column begin and end, a few hundred rows of it: what depends on the
/// layout of a table is settled once for all of them, and no more in the loops that convert.
struct FieldBatch {
  static constexpr std::int64_t kMostFields = 256;

  const char* text = nullptr;
  std::int64_t size = 0;              ///< Fields.
  std::uint32_t begins[kMostFields];  ///< Relative to `text`.
  std::uint32_t ends[kMostFields];

  /// The field's bytes as they stand, as Rows::field().
  FieldText field(std::int64_t i) const { return {text + begins[i], text + ends[i]}; }
};

/// Fills a batch with the fields of a column in the rows from `from` on, up to `to` or for as many
/// as it holds.
void gather(const Rows& rows, std::int64_t column, std::int64_t from, std::int64_t to,
            FieldBatch& batch);

}  // namespace polarway::csv
