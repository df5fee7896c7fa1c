#include "frame/table_text.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "frame/cell_text.h"

namespace polarway {
namespace {

constexpr std::int64_t kMaxColumns = 8;
constexpr std::int64_t kGap = -1;  // where rows or columns were left out

// What is shown of `count` rows or columns: all of them, or the first and the last around a gap.
std::vector<std::int64_t> shown(std::int64_t count, std::int64_t at_most) {
  std::vector<std::int64_t> indices;
  if (count <= at_most) {
    for (std::int64_t i = 0; i < count; ++i) indices.push_back(i);
    return indices;
  }
  const std::int64_t last = at_most / 2;
  for (std::int64_t i = 0; i < at_most - last; ++i) indices.push_back(i);
  indices.push_back(kGap);
  for (std::int64_t i = count - last; i < count; ++i) indices.push_back(i);
  return indices;
}

// Name, "---", type, and the values.
using Column = std::vector<std::string>;
constexpr std::size_t kHeaderLines = 3;

Column column_of(const arrow::RecordBatch& batch, std::int64_t index,
                 const std::vector<std::int64_t>& rows) {
  Column cells{"…", "", ""};
  if (index != kGap) {
    const arrow::Field& field = *batch.schema()->field(static_cast<int>(index));
    cells = {one_line(field.name()), "---", one_line(short_type_name(*field.type()))};
  }
  for (const std::int64_t row : rows) {
    const bool gap = index == kGap || row == kGap;
    cells.push_back(gap ? "…" : cell_text(*batch.column(static_cast<int>(index)), row));
  }
  return cells;
}

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {
    for (const Column& column : columns_) {
      std::size_t width = 0;
      for (const std::string& cell : column) width = std::max(width, display_width(cell));
      widths_.push_back(width);
    }
  }

  void rule(std::string_view left, std::string_view line, std::string_view cross,
            std::string_view right) {
    text_ += '\n';
    text_ += left;
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      if (i > 0) text_ += cross;
      for (std::size_t n = 0; n < widths_[i] + 2; ++n) text_ += line;
    }
    text_ += right;
  }

  void row(std::size_t index) {
    text_ += "\n│";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = columns_[i][index];
      if (i > 0) text_ += "┆";
      text_ += ' ' + cell + std::string(widths_[i] - display_width(cell) + 1, ' ');
    }
    text_ += "│";
  }

  std::string take() { return std::move(text_); }

 private:
  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::string text_;
};

}  // namespace

std::string table_text(const arrow::RecordBatch& batch, std::int64_t max_rows) {
  const std::vector<std::int64_t> rows =
      shown(batch.num_rows(), std::max<std::int64_t>(max_rows, 0));
  std::vector<Column> columns;
  for (const std::int64_t index : shown(batch.num_columns(), kMaxColumns)) {
    columns.push_back(column_of(batch, index, rows));
  }
  const bool empty = columns.empty();
  Table table(std::move(columns));
  table.rule("┌", "─", "┬", "┐");
  for (std::size_t i = 0; i < kHeaderLines && !empty; ++i) table.row(i);
  table.rule("╞", "═", "╪", "╡");
  for (std::size_t i = 0; i < rows.size() && !empty; ++i) table.row(kHeaderLines + i);
  table.rule("└", "─", "┴", "┘");
  return "shape: (" + std::to_string(batch.num_rows()) + ", " +
         std::to_string(batch.num_columns()) + ")" + table.take();
}

}  // namespace polarway
