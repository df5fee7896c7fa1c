#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "exact_sum.h"
#include "polarway/dataframe.h"
#include "polarway/schema.h"

namespace polarway::cli {

/// What a column adds up to, whatever the order of its rows.
struct ColumnDigest {
  std::uint64_t hash = 0;              ///< Wrapping sum of the rows' hashes.
  std::int64_t nulls = 0;              ///< Each adds the same constant to the hash.
  ExactSum float_sum;                  ///< Of floats.
  __extension__ __int128 int_sum = 0;  ///< Integers, days, ticks, trues, or bytes of texts.
};

/// Tells whether two streams had the same rows, without keeping any: per column a 64-bit digest,
/// the number of nulls and a sum that other tools can check. It depends neither on where chunks
/// begin nor on the order of rows. Equal values of integer columns of different widths have equal
/// digests; so do floats, and texts with and without views.
class Digest {
 public:
  /// Upper bound of what a digest takes, its JSON included.
  static std::int64_t bytes_for(const Schema& schema);

  explicit Digest(const Schema& schema);

  /// Adds all rows; the schema must be the one given.
  void add(const DataFrame& frame);

  /// {"rows":3,"columns":[{"name":"age","type":"int64","digest":"89ab...","nulls":1,"sum":61}]}
  /// The sum is null for types that have none; a sum that is not finite is text.
  std::string to_json() const;

 private:
  Schema schema_;
  std::int64_t rows_ = 0;
  std::vector<ColumnDigest> columns_;
};

}  // namespace polarway::cli
