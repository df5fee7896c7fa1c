#include "formats/csv/rows.h"

#include <algorithm>

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

bool has_long_row(const std::uint32_t* ends, std::int64_t num_rows, const RowRules& rules) {
  if (rules.max_line_bytes == RowRules::kNoLimit) return false;
  std::int64_t begin = 0;
  for (std::int64_t row = 1; row <= num_rows; ++row) {
    const std::int64_t end = ends[row * rules.num_columns - 1];
    if (end - begin > rules.max_line_bytes) return true;
    begin = end + 1;
  }
  return false;
}

// Takes one line after the other.
class Indexer {
 public:
  Indexer(const std::uint8_t* text, const RowPositions& positions, const Marks& marks,
          const RowRules& rules)
      : text_(text), positions_(positions), marks_(marks), rules_(rules) {
    indexed_.rows = {.text = text,
                     .ends = grows() ? positions.fitted_ends : positions.ends,
                     .begins = positions.begins,
                     .line_ends = rules.fit_rows() ? positions.line_ends : nullptr,
                     .ragged = rules.rejects ? positions.ragged : nullptr,
                     .num_rows = 0,
                     .num_columns = rules.num_columns,
                     .delimiter_lead = marks.delimiter_lead(),
                     .trims_cr = marks.trims_cr};
  }

  IndexedRows operator()(const Scan& scan) {
    std::int64_t first = 0;  // the line's first entry
    for (std::int64_t i = 0; i < scan.num_ends; ++i) {
      if (!ends_row(text_, positions_.ends[i], marks_)) continue;
      if (!take(first, i)) break;
      first = i + 1;
      begin_ = positions_.ends[i] + 1;
    }
    return indexed_;
  }

 private:
  // Whether rows may get more entries than they had, so that they cannot be rewritten in place.
  bool grows() const { return rules_.fills_missing || rules_.rejects; }

  // A line with entries [first, last]. False: it is not seen.
  bool take(std::int64_t first, std::int64_t last) {
    std::int64_t num_fields = last - first + 1;
    const std::uint32_t begin = begin_;
    const std::uint32_t end = positions_.ends[last];
    if (is_comment(text_, begin, end, marks_) ||
        (rules_.num_columns > 1 && num_fields == 1 && is_blank(text_, begin, end, marks_))) {
      return true;
    }
    if (grows() && written_ + rules_.num_columns > positions_.room) return false;
    const std::int64_t row = indexed_.rows.num_rows;
    const bool too_long = std::int64_t{end} - begin > rules_.max_line_bytes;
    const bool is_ragged = too_long || !fits(num_fields);
    if (is_ragged && !rules_.rejects) {
      indexed_.ragged = {row, num_fields, begin, end, too_long};
      return false;
    }
    if (rules_.rejects) {
      positions_.ragged[row] = too_long    ? Rows::kTooLong
                               : is_ragged ? static_cast<std::uint32_t>(num_fields)
                                           : 0;
      if (is_ragged) num_fields = 0;
    }
    write(first, num_fields, end);
    positions_.begins[row] = begin;
    if (rules_.fit_rows()) positions_.line_ends[row] = end;
    ++indexed_.rows.num_rows;
    return true;
  }

  bool fits(std::int64_t num_fields) const {
    return num_fields == rules_.num_columns ||
           (num_fields < rules_.num_columns ? rules_.fills_missing : rules_.drops_extra);
  }

  // The entries of a row of which the first `num_fields` are there.
  void write(std::int64_t first, std::int64_t num_fields, std::uint32_t line_end) {
    std::uint32_t* out = (grows() ? positions_.fitted_ends : positions_.ends) + written_;
    written_ += rules_.num_columns;
    const std::int64_t num_taken = std::min(num_fields, rules_.num_columns);
    std::copy_n(positions_.ends + first, num_taken, out);
    if (num_fields == rules_.num_columns) return;
    const std::uint32_t lead = marks_.delimiter_lead();
    if (num_fields > rules_.num_columns) {
      out[num_taken - 1] -= lead;  // a delimiter ends the last column here
      return;
    }
    // The last field there is ends with the line, but is not of the last column. Those missing lie
    // behind it, one byte apart, so that each is empty.
    std::uint32_t end = begin_ - 1;  // of the field before, as if a delimiter ended it
    if (num_taken > 0) {
      const std::uint32_t begin = num_taken > 1 ? out[num_taken - 2] + 1 : begin_;
      const bool has_cr = marks_.trims_cr && line_end > begin && text_[line_end - 1] == '\r';
      end = out[num_taken - 1] = line_end - (has_cr ? 1 : 0) + lead;
    }
    for (std::int64_t i = num_taken; i < rules_.num_columns; ++i) {
      end += 1 + (i + 1 < rules_.num_columns ? lead : 0);
      out[i] = end;
    }
  }

  const std::uint8_t* text_;
  const RowPositions& positions_;
  const Marks& marks_;
  const RowRules& rules_;
  IndexedRows indexed_;
  std::uint32_t begin_ = 0;   // of the next line
  std::int64_t written_ = 0;  // entries of rows
};

}  // namespace

IndexedRows index_rows(const std::uint8_t* text, const RowPositions& positions, const Scan& scan,
                       const Marks& marks, const RowRules& rules) {
  if (!is_regular(text, positions.ends, scan, marks, rules.num_columns) ||
      has_long_row(positions.ends, scan.num_eols, rules)) {
    return Indexer(text, positions, marks, rules)(scan);
  }
  IndexedRows indexed;
  indexed.rows = {.text = text,
                  .ends = positions.ends,
                  .num_rows = scan.num_eols,
                  .num_columns = rules.num_columns,
                  .delimiter_lead = marks.delimiter_lead(),
                  .trims_cr = marks.trims_cr};
  return indexed;
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
