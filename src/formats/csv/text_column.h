#pragma once

#include <memory>

#include "formats/csv/column_builder.h"

namespace polarway::csv {

/// A column of text; `type` is utf8.
std::unique_ptr<ColumnBuilder> make_text_column(std::shared_ptr<arrow::DataType> type,
                                                const ColumnContext& context);

}  // namespace polarway::csv
