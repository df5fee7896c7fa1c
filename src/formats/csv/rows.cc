#include "formats/csv/rows.h"

namespace polarway::csv {
namespace {

bool ends_row(const std::uint8_t* text, std::uint32_t position, const Marks& marks) {
  return text[position] == marks.eol;
}

bool is_comment(const std::uint8_t* text, std::uint32_t begin, std::uint32_t end,
                const Marks& marks) {
  const std::string_view line(reinterpret_cast<const char*>(text) + begin, end - begin);
  return !marks.comment.empty() && line.starts_with(marks.comment.view());
}

bool is_blank(const std::uint8_t* text, std::uint32_t begin, std::uint32_t end,
              const Marks& marks) {
  return begin == end || (marks.trims_cr && end == begin + 1 && text[begin] == '\r');
}

// Every num_columns-th entry is a line end, and no other is: the common case, told by two counts
// and one look at each row's end.
bool is_regular(const std::uint8_t* text, const std::uint32_t* ends, const Scan& scan,
                const Marks& marks, std::int64_t num_columns) {
  if (scan.has_comments) return false;
  const std::int64_t num_rows = scan.num_eols;
  if (num_rows * num_columns > scan.num_ends) return false;
  unsigned odd = 0;
  for (std::int64_t row = 1; row <= num_rows; ++row) {
    odd |= static_cast<unsigned>(text[ends[row * num_columns - 1]]) ^ marks.eol;
  }
  return odd == 0;
}

}  // namespace

Rows index_rows(const std::uint8_t* text, std::uint32_t* ends, std::uint32_t* begins,
                const Scan& scan, const Marks& marks, std::int64_t num_columns, RaggedRow* ragged,
                bool* is_ragged) {
  *is_ragged = false;
  Rows rows{.text = text,
            .ends = ends,
            .begins = nullptr,
            .num_rows = 0,
            .num_columns = num_columns,
            .delimiter_lead = marks.delimiter_lead(),
            .trims_cr = marks.trims_cr};
  if (is_regular(text, ends, scan, marks, num_columns)) {
    rows.num_rows = scan.num_eols;
    return rows;
  }
  rows.begins = begins;
  std::uint32_t row_begin = 0;
  std::int64_t first = 0;    // the row's first entry
  std::int64_t written = 0;  // entries kept so far
  for (std::int64_t i = 0; i < scan.num_ends; ++i) {
    if (!ends_row(text, ends[i], marks)) continue;
    const std::int64_t num_fields = i - first + 1;
    const std::uint32_t row_end = ends[i];
    const bool skipped =
        is_comment(text, row_begin, row_end, marks) ||
        (num_columns > 1 && num_fields == 1 && is_blank(text, row_begin, row_end, marks));
    if (!skipped) {
      if (num_fields != num_columns) {
        *ragged = {rows.num_rows, num_fields, row_begin, row_end};
        *is_ragged = true;
        return rows;
      }
      for (std::int64_t field = first; field <= i; ++field) ends[written++] = ends[field];
      begins[rows.num_rows++] = row_begin;
    }
    first = i + 1;
    row_begin = row_end + 1;
  }
  return rows;
}

std::int64_t first_row_fields(const std::uint8_t* text, const std::uint32_t* ends, const Scan& scan,
                              const Marks& marks, bool blank_counts, std::uint32_t* row_begin,
                              std::int64_t* index) {
  std::uint32_t begin = 0;
  std::int64_t first = 0;
  for (std::int64_t i = 0; i < scan.num_ends; ++i) {
    if (!ends_row(text, ends[i], marks)) continue;
    if (!is_comment(text, begin, ends[i], marks) &&
        (blank_counts || i != first || !is_blank(text, begin, ends[i], marks))) {
      *row_begin = begin;
      *index = first;
      return i - first + 1;
    }
    begin = ends[i] + 1;
    first = i + 1;
  }
  return 0;
}

}  // namespace polarway::csv
