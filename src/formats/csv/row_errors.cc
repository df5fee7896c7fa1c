#include "formats/csv/row_errors.h"

#include <string_view>
#include <utility>

#include "core/quoted_text.h"
#include "formats/csv/field.h"

namespace polarway::csv {
namespace {

std::int64_t offset_of(const Window& window, std::string_view field) {
  return window.offset + (field.data() - reinterpret_cast<const char*>(window.rows.text));
}

RaggedRow ragged_row(const Rows& rows, std::int64_t row) {
  return {.row = row,
          .num_fields = rows.ragged[row],
          .begin = rows.row_begin(row),
          .end = rows.row_end(row),
          .too_long = rows.ragged[row] == Rows::kTooLong};
}

}  // namespace

SourceError RowErrors::at(SourceError error, const Window& window, std::int64_t row) const {
  error.where.location = location_;
  error.where.row = window.rows_before + row + 1;
  error.where.byte_offset = window.begin_of(row);
  return error;
}

SourceError RowErrors::ragged(const Window& window, const RaggedRow& ragged) const {
  SourceError error{.kind = ErrorKind::Parse};
  error.where.location = location_;
  error.where.row = window.rows_before + ragged.row + 1;
  error.where.byte_offset = window.offset + std::int64_t{ragged.begin};
  const std::string_view text(reinterpret_cast<const char*>(window.rows.text) + ragged.begin,
                              ragged.end - ragged.begin);
  if (ragged.too_long) {
    error.message = "the row has " + std::to_string(ragged.end - ragged.begin) +
                    " bytes, more than max_line_size: " + shorten(text);
    error.hint = "raise max_line_size, or check quote_char";
    return error;
  }
  error.message = "the row has " + std::to_string(ragged.num_fields) + " fields, the table " +
                  std::to_string(window.rows.num_columns) + " columns: " + shorten(text);
  error.hint = "check delimiter and quote_char, or mend the row";
  return error;
}

SourceError RowErrors::misfit(const Window& window, std::int64_t row, std::int64_t column) const {
  SourceError error = at({.kind = ErrorKind::Schema}, window, row);
  const FileColumn& file_column = columns_[static_cast<std::size_t>(column)];
  const std::string_view field = window.rows.field(row, column);
  error.where.column = file_column.name;
  error.where.byte_offset = offset_of(window, field);
  error.message = shorten(field) + " is no " + file_column.type.to_string();
  error.hint = file_column.inferred
                   ? "the type was inferred from the first rows: raise infer_schema_length, pin "
                     "it with schema, or name the text in null_values"
                   : "change the column's type in schema, or name the text in null_values";
  if (unquote(field, marks_).malformed) {
    error.kind = ErrorKind::Parse;
    error.message = "text stands after the closing quote: " + shorten(field);
    error.hint = "check quote_char and how quotes are escaped";
  }
  return error;
}

SourceError RowErrors::encoding(const Window& window, std::int64_t row) const {
  SourceError error = at({.kind = ErrorKind::Parse}, window, row);
  error.message = "the row is not valid UTF-8";
  error.hint = "set encoding=latin1, or encoding=utf-8-lossy to replace such bytes";
  for (std::int64_t column = 0; column < window.rows.num_columns; ++column) {
    const std::string_view field = window.rows.field(row, column);
    const std::size_t valid = valid_utf8_length(field);
    if (valid == field.size()) continue;
    error.where.column = columns_[static_cast<std::size_t>(column)].name;
    error.where.byte_offset = offset_of(window, field) + static_cast<std::int64_t>(valid);
    error.message = shorten(field) + " is not valid UTF-8";
    break;
  }
  return error;
}

Reject RowErrors::rejected(const Window& window, std::int64_t row, std::int64_t column) const {
  const Rows& rows = window.rows;
  SourceError error;
  std::string fault;
  if (column != kNoColumn) {
    error = misfit(window, row, column);
    fault = error.kind == ErrorKind::Schema ? "type" : "quotes";
  } else if (rows.is_ragged(row)) {
    const RaggedRow ragged = ragged_row(rows, row);
    error = this->ragged(window, ragged);
    fault = ragged.too_long                        ? "too long"
            : ragged.num_fields < rows.num_columns ? "too few fields"
                                                   : "too many fields";
  } else {
    error = encoding(window, row);
    fault = "encoding";
  }
  const std::string_view text(reinterpret_cast<const char*>(rows.text) + rows.row_begin(row),
                              rows.row_end(row) - rows.row_begin(row));
  return {.where = std::move(error.where),
          .message = std::move(error.message),
          .raw = std::string(text.substr(0, RejectChannel::kLongestRaw)),
          .fault = std::move(fault),
          .row_byte_offset = window.begin_of(row)};
}

}  // namespace polarway::csv
