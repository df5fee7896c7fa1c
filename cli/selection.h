#pragma once

#include <string>
#include <vector>

#include "polarway/config.h"
#include "polarway/dataframe.h"
#include "polarway/expr.h"
#include "polarway/result.h"
#include "polarway/schema.h"

namespace polarway::cli {

/// --where and --select, divided between the source, which reads less because of them, and the
/// chunks, for which the columns that no source has are computed.
class Selection {
 public:
  /// Parses both texts; an empty text asks for everything.
  static Result<Selection> parse(const std::string& where, const std::string& select);

  /// Tells the source which columns and rows to read.
  void push_down(SourceConfig& config) const;

  /// The schema of what apply() makes from chunks of `source`: also checks the expressions, so that
  /// mistakes are found before the first row.
  Result<Schema> schema(const Schema& source) const;

  /// The selected columns of a chunk that the source read as push_down() told it.
  Result<DataFrame> apply(DataFrame chunk) const;

 private:
  std::vector<Expr> where_;     // none or one
  std::vector<Expr> selected_;  // none: all columns
  bool is_computed_ = false;    // at least one is more than a column as it is
};

}  // namespace polarway::cli
