#pragma once

#include <memory>
#include <string>
#include <vector>

#include "formats/json/json_column.h"
#include "formats/json/json_options.h"
#include "formats/json/type_guess.h"
#include "polarway/result.h"
#include "polarway/schema.h"

namespace polarway::json {

/// The column of records that are no objects.
inline constexpr const char* kValueColumn = "value";

/// A column of the table that records make.
struct TableColumn {
  std::string name;
  std::vector<std::string> path;  ///< The fields that lead to it; empty: the record itself.
  DataType type = DataType::String;
  const TypeGuess* guess = nullptr;  ///< What the type was inferred from; null: it was not.
  bool is_seen = false;              ///< The type is known, or the sample has a value of it.
  double bytes_per_row = 0;          ///< Arrow bytes, on average over the sample.
};

/// The columns that the sample, of `num_records`, and the options make. `known` are columns of
/// which the type is known; where no record has them they are null, since no header says otherwise.
/// Config error when two columns would have one name. `root` must outlive them.
///
/// Elements of an array, some objects and some not, make a table of one column; where records stand
/// one behind the other, what is no object among objects is rather a mistake, and a misfit.
Result<std::vector<TableColumn>> table_columns(const TypeGuess& root, std::int64_t num_records,
                                               Layout layout, const JsonOptions& options,
                                               const Schema& known);

/// A column for a type, which knows what its values looked like, or not. Config error for a type
/// that JSON cannot be read as.
Result<std::unique_ptr<JsonColumn>> make_column(const DataType& type, const TypeGuess* guess,
                                                ColumnContext& context);

}  // namespace polarway::json
