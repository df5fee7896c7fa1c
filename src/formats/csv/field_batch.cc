#include "formats/csv/field_batch.h"

#include <algorithm>

namespace polarway::csv {

void gather(const Rows& rows, std::int64_t column, std::int64_t from, std::int64_t to,
            FieldBatch& batch) {
  const std::int64_t size = std::min(to - from, FieldBatch::kMostFields);
  const std::int64_t num_columns = rows.num_columns;
  batch.text = reinterpret_cast<const char*>(rows.text);
  batch.size = size;
  const std::uint32_t* end = rows.ends + from * num_columns + column;
  if (column > 0) {
    for (std::int64_t i = 0; i < size; ++i, end += num_columns) {
      batch.begins[i] = end[-1] + 1;
      batch.ends[i] = *end;
    }
  } else {
    for (std::int64_t i = 0; i < size; ++i, end += num_columns) {
      batch.begins[i] = rows.row_begin(from + i);
      batch.ends[i] = *end;
    }
  }
  if (column + 1 < num_columns) {
    if (rows.delimiter_lead > 0) {
      for (std::int64_t i = 0; i < size; ++i) batch.ends[i] -= rows.delimiter_lead;
    }
  } else if (rows.trims_cr) {  // behind it a CRLF may end the row
    for (std::int64_t i = 0; i < size; ++i) {
      batch.ends[i] -= batch.ends[i] > batch.begins[i] && batch.text[batch.ends[i] - 1] == '\r';
    }
  }
  if (rows.line_ends == nullptr) return;
  for (std::int64_t i = 0; i < size; ++i) {  // fields that are missing lie behind the line
    if (batch.begins[i] <= rows.line_ends[from + i]) continue;
    batch.begins[i] = batch.ends[i] = rows.line_ends[from + i];
  }
}

}  // namespace polarway::csv
