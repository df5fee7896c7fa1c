#include "formats/csv/header_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "formats/csv/cell_kind.h"

namespace polarway::csv {
namespace {

constexpr std::size_t kRowsLookedInto = 256;
constexpr std::size_t kColumnsLookedInto = 1024;

CellKind kind_of(const SampleRows& rows, std::size_t row, std::size_t column) {
  const Unquoted cell = rows.field(row, column);
  return kind_of_cell(cell.text, cell.quoted);
}

// What one column says about the row above it.
struct Votes {
  int names = 0;       // columns of values with a text on top
  int values = 0;      // columns of values with a value on top
  int repeated = 0;    // columns of text whose top is below, too
  int other_size = 0;  // columns of texts of one length, with another on top
  int same_size = 0;   // the same, with one of that length
};

void hear_column(const SampleRows& rows, std::size_t first, std::size_t end, std::size_t column,
                 Votes& votes) {
  const CellKind top = kind_of(rows, first, column);
  const std::string_view top_text = rows.field(first, column).text;
  std::size_t values = 0;
  std::size_t texts = 0;
  bool is_repeated = false;
  bool one_length = true;
  std::size_t length = 0;
  for (std::size_t row = first + 1; row < end; ++row) {
    if (column >= rows.num_fields(row)) continue;
    const CellKind kind = kind_of(rows, row, column);
    const std::string_view text = rows.field(row, column).text;
    if (kind == CellKind::Empty) continue;
    (is_value(kind) ? values : texts) += 1;
    is_repeated = is_repeated || text == top_text;
    one_length = one_length && (length == 0 || text.size() == length);
    length = text.size();
  }
  if (values > 0 && texts * 10 <= values) {  // a few "n/a" are no text column
    // The index that pandas writes has no name.
    if (top == CellKind::Text || top == CellKind::Odd || (top == CellKind::Empty && column == 0)) {
      ++votes.names;
    } else if (is_value(top)) {
      ++votes.values;
    }
  } else if (texts > 0 && is_value(top)) {
    ++votes.values;
  } else if (texts > 0 && top != CellKind::Empty) {
    if (is_repeated) ++votes.repeated;
    if (one_length && texts > 2) ++(top_text.size() == length ? votes.same_size : votes.other_size);
  }
}

// Years above their values: 2019, 2020, 2021.
bool are_years_in_order(const SampleRows& rows, std::size_t first, std::size_t columns) {
  int before = 0;
  int count = 0;
  for (std::size_t i = 0; i < columns; ++i) {
    const std::string_view text = rows.field(first, i).text;
    if (!is_value(kind_of(rows, first, i))) continue;
    const bool four_digits = text.size() == 4 && text.find_first_not_of("0123456789") == text.npos;
    if (!four_digits) return false;
    const int year =
        (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
    if (year < 1900 || year > 2100 || (count > 0 && year != before + 1)) return false;
    before = year;
    ++count;
  }
  return count > 1;
}

}  // namespace

HeaderGuess guess_header(const SampleRows& rows, std::size_t first, std::size_t num_columns) {
  if (first >= rows.size()) return {.confidence = 0, .reason = "there is no row"};
  const std::size_t columns = std::min({num_columns, rows.num_fields(first), kColumnsLookedInto});
  std::unordered_set<std::string_view> names;
  std::size_t empty = 0;
  std::size_t values_on_top = 0;
  for (std::size_t i = 0; i < columns; ++i) {
    const std::string_view text = rows.field(first, i).text;
    empty += text.empty() ? 1 : 0;
    if (!text.empty()) names.insert(text);
    values_on_top += is_value(kind_of(rows, first, i)) ? 1 : 0;
  }
  const std::size_t end = std::min(rows.size(), first + 1 + kRowsLookedInto);
  if (end == first + 1) {
    if (values_on_top > 0 || names.empty()) {
      return {.has_header = false,
              .confidence = 0.6,
              .reason = fmt::format("the only row has {} values that are no names", values_on_top)};
    }
    return {.confidence = 0.5, .reason = "the only row has nothing but texts"};
  }
  if (are_years_in_order(rows, first, columns)) {
    return {.confidence = 0.7, .reason = "years in order stand in the first row"};
  }
  Votes votes;
  for (std::size_t i = 0; i < columns; ++i) hear_column(rows, first, end, i, votes);
  const bool all_different = names.size() + empty == columns;
  if (votes.names + votes.values > 0) {
    const double share =
        static_cast<double>(votes.names) / static_cast<double>(votes.names + votes.values);
    const bool has_header = share > 0.5;
    const double certainty = has_header ? share : 1 - share;
    return {.has_header = has_header,
            .confidence = std::min(0.99, (0.6 + 0.4 * certainty) * (certainty > 0.5 ? 1 : 0.8)),
            .reason = has_header ? fmt::format("{} columns have a text above values", votes.names)
                                 : fmt::format("{} columns have a value on top", votes.values)};
  }
  // Nothing but text.
  if (!all_different || votes.repeated * 2 > static_cast<int>(columns)) {
    return {.has_header = false,
            .confidence = 0.6,
            .reason = "all is text, and the first row's is found again below, or twice"};
  }
  if (votes.other_size > votes.same_size) {
    return {.confidence = 0.7,
            .reason = "all is text, of one length in some column but for the first row"};
  }
  if (votes.same_size > 0) {
    return {.has_header = false,
            .confidence = 0.6,
            .reason = "all is text, and the first row's is as long as the others'"};
  }
  return {.confidence = 0.4, .reason = "all is text, so nothing tells: a header is usual"};
}

}  // namespace polarway::csv
