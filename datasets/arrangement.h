#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "datasets/table_maker.h"

namespace polarway::datasets {

/// The same rows, written another way.
struct Arrangement {
  bool shuffle_columns = false;  ///< In an order that the seed decides.
  int num_columns = 0;        ///< So many: the last ones are left out, or all repeated under names
                              ///< of their own (age_2). 0: as many as there are.
  double quoted_percent = 0;  ///< So many of the cells that need no quotes, and have a text, have
                              ///< quotes.
};

/// Whether `arrangement` asks for anything.
bool changes_anything(const Arrangement& arrangement);

/// The rows of `table`, as `arrangement` says. `table`'s own numbers do not depend on it.
std::unique_ptr<TableMaker> arrange(std::unique_ptr<TableMaker> table,
                                    const Arrangement& arrangement, std::uint64_t seed);

}  // namespace polarway::datasets
