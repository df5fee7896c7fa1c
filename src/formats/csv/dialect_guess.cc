#include "formats/csv/dialect_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "formats/csv/cell_kind.h"
#include "formats/csv/sample_rows.h"

namespace polarway::csv {
namespace {

constexpr std::array<std::uint8_t, 6> kDelimiters = {',', '\t', ';', '|', ':', ' '};
constexpr std::array<std::optional<std::uint8_t>, 3> kQuotes = {'"', '\'', std::nullopt};

// Cells of so many rows are looked into; numbers of fields are counted in all.
constexpr std::size_t kRowsLookedInto = 256;

// Below it, rows are taken for lines of text and not for a table.
constexpr double kLeastAlike = 0.6;

// What a table of one column is worth: less than any that has more columns and makes sense.
constexpr double kOneColumn = 0.05;

struct Candidate {
  std::uint8_t delimiter = ',';
  std::optional<std::uint8_t> quote;
  std::size_t num_rows = 0;     // of the table
  std::size_t looked_into = 0;  // of them
  std::size_t num_columns = 1;
  std::size_t first_row = 0;
  double alike = 0;           // part of the rows that have so many columns
  double sense = 0;           // part of the cells that make sense by themselves
  double values = 0;          // part of the cells that are no text
  std::size_t quoted = 0;     // cells
  std::size_t malformed = 0;  // cells
  bool has_value_column = false;
  bool is_unclosed = false;
  double score = 0;
};

std::size_t usual_num_fields(const SampleRows& rows) {
  std::map<std::size_t, std::size_t> counts;
  for (std::size_t row = 0; row < rows.size(); ++row) ++counts[rows.num_fields(row)];
  std::size_t usual = 1;
  std::size_t most = 0;
  for (const auto& [fields, count] : counts) {  // of equal numbers, the larger
    if (count >= most) {
      usual = fields;
      most = count;
    }
  }
  return usual;
}

// Titles and remarks before a table: rows of at most half its fields.
std::size_t rows_before_table(const SampleRows& rows, std::size_t num_columns) {
  std::size_t row = 0;
  while (row < rows.size() && rows.num_fields(row) <= num_columns / 2) ++row;
  return row < rows.size() && num_columns > 1 ? row : 0;
}

void look_into_cells(const SampleRows& rows, Candidate& candidate) {
  const std::size_t end = std::min(rows.size(), candidate.first_row + kRowsLookedInto);
  candidate.looked_into = end - candidate.first_row;
  const std::size_t shown = std::min<std::size_t>(candidate.num_columns, 1024);
  std::vector<std::size_t> values_of(shown);
  std::vector<std::size_t> texts_of(shown);
  double num_cells = 0;
  for (std::size_t row = candidate.first_row; row < end; ++row) {
    for (std::size_t i = 0; i < std::min(shown, rows.num_fields(row)); ++i) {
      const Unquoted cell = rows.field(row, i);
      const CellKind kind = kind_of_cell(cell.text, cell.quoted && !cell.malformed);
      candidate.quoted += cell.quoted && !cell.malformed ? 1 : 0;
      candidate.malformed += cell.malformed ? 1 : 0;
      num_cells += 1;
      candidate.values += is_value(kind) ? 1 : 0;
      // What is above the first row may be a header, which says nothing about its column.
      if (row > candidate.first_row) {
        values_of[i] += is_value(kind) ? 1 : 0;
        texts_of[i] += kind == CellKind::Text || kind == CellKind::Odd ? 1 : 0;
      }
      const bool is_odd = kind == CellKind::Odd || cell.malformed;
      candidate.sense += is_odd ? 0.2 : kind == CellKind::Text ? 0.9 : 1;
    }
  }
  if (num_cells > 0) {
    candidate.sense /= num_cells;
    candidate.values /= num_cells;
  }
  for (std::size_t i = 0; i < shown; ++i) {
    if (values_of[i] > 0 && texts_of[i] == 0) candidate.has_value_column = true;
  }
}

Candidate look(std::string_view text, std::uint8_t eol, bool is_whole, std::uint8_t delimiter,
               std::optional<std::uint8_t> quote, const KnownDialect& known) {
  const Marks marks{.delimiter = delimiter,
                    .eol = eol,
                    .quote = quote.value_or('"'),
                    .has_quote = quote.has_value(),
                    .comment = known.comment};
  const SampleRows rows(text, marks, is_whole);
  Candidate candidate{.delimiter = delimiter, .quote = quote};
  candidate.is_unclosed = rows.is_unclosed();
  candidate.num_columns = usual_num_fields(rows);
  candidate.first_row = known.skip_rows
                            ? std::min(rows.size(), static_cast<std::size_t>(*known.skip_rows))
                            : rows_before_table(rows, candidate.num_columns);
  candidate.num_rows = rows.size() - candidate.first_row;
  for (std::size_t row = candidate.first_row; row < rows.size(); ++row) {
    candidate.alike += rows.num_fields(row) == candidate.num_columns ? 1 : 0;
  }
  // Rows before a table cast some doubt on it.
  candidate.alike /= std::max(1.0, static_cast<double>(candidate.num_rows) +
                                       0.25 * static_cast<double>(candidate.first_row));
  look_into_cells(rows, candidate);
  const auto columns = static_cast<double>(candidate.num_columns);
  const double size = candidate.num_columns > 1 ? (columns - 1) / columns : kOneColumn;
  candidate.score = candidate.alike * candidate.alike * candidate.sense * size;
  if (candidate.is_unclosed) candidate.score *= 0.1;
  // They are in times and between words more often than between fields.
  if (delimiter == ':' || delimiter == ' ') candidate.score *= 0.5;
  return candidate;
}

// Whether the lines make no sense as fields of this delimiter, though their numbers agree.
bool is_far_fetched(const Candidate& candidate, const Candidate& uncut) {
  if (candidate.num_columns < 2 || candidate.alike < kLeastAlike) return true;
  const auto rows = static_cast<double>(uncut.looked_into);
  const bool lines_are_values = uncut.values * rows >= rows - 1 && uncut.values > 0;
  if (candidate.delimiter == ':' || candidate.delimiter == ' ') {
    // Times have colons, and names blanks, without being tables.
    return lines_are_values || !candidate.has_value_column;
  }
  // A header without comma above numbers with one.
  return candidate.delimiter == ',' && candidate.num_columns == 2 && candidate.first_row == 1 &&
         lines_are_values;
}

// One column wants a delimiter that cuts none of its lines.
std::uint8_t delimiter_of_one_column(std::string_view text, std::uint8_t eol, bool is_whole,
                                     const Candidate& best, const KnownDialect& known) {
  for (const std::uint8_t delimiter : std::to_array<std::uint8_t>({',', ';', '\t', '|', ':'})) {
    const Candidate cut = look(text, eol, is_whole, delimiter, best.quote, known);
    if (cut.num_columns == 1 && cut.alike == best.alike) return delimiter;
  }
  return ',';
}

std::string delimiter_reason(const Candidate& best, bool occurs) {
  if (best.num_columns == 1) {
    return occurs ? "no character cuts the lines into alike numbers of fields: one column"
                  : "no line has a character that could be one: one column";
  }
  std::string reason = fmt::format("{} fields in {:.0f} of {} rows", best.num_columns,
                                   best.alike * (static_cast<double>(best.num_rows) +
                                                 0.25 * static_cast<double>(best.first_row)),
                                   best.num_rows);
  if (best.sense < 0.85) reason += ", but many of them look cut wrongly";
  return reason;
}

void explain_quote(const Candidate& best, bool occurs, DialectGuess& guess) {
  guess.quote = best.quote;
  if (!best.quote) {
    guess.quote_confidence = 0.7;
    guess.quote_reason = "quotes are never closed, or stand in the midst of fields";
  } else if (best.quoted > 0) {
    guess.quote_confidence = best.malformed == 0 ? 0.99 : 0.7;
    guess.quote_reason = fmt::format("{} fields are in them", best.quoted);
    if (best.malformed > 0) {
      guess.quote_reason += fmt::format(", {} have text behind the closing one", best.malformed);
    }
  } else {
    guess.quote_confidence = 0.5;
    guess.quote_reason = occurs ? "no field begins with one: the usual one is assumed"
                                : "none is there: the usual one is assumed";
  }
}

}  // namespace

std::string spelled_character(std::uint8_t character) {
  if (character == '\t') return "tab";
  if (character == ' ') return "blank";
  return std::string(1, static_cast<char>(character));
}

DialectGuess guess_dialect(std::string_view text, std::uint8_t eol, bool is_whole,
                           const KnownDialect& known) {
  const auto occurs = [text](std::uint8_t c) {
    return text.find(static_cast<char>(c)) != std::string_view::npos;
  };
  std::vector<std::optional<std::uint8_t>> quotes;
  for (const auto& quote : kQuotes) {
    // Without any in the text, one is as good as another.
    if (quote && known.delimiter == quote) continue;
    const bool tells = quote ? *quote == '"' || occurs(*quote) : occurs('"') || occurs('\'');
    if (!known.quote && tells) quotes.push_back(quote);
  }
  if (known.quote) quotes = {*known.quote};

  // A delimiter that is nowhere leaves lines whole.
  Candidate uncut = look(text, eol, is_whole, 0, quotes.front(), known);
  for (const auto& quote : quotes) {
    Candidate other = look(text, eol, is_whole, 0, quote, known);
    if (other.score > uncut.score * 1.0001) uncut = std::move(other);
  }
  Candidate best = uncut;
  double second = 0;  // of another delimiter
  bool any_occurs = false;
  const auto consider = [&](const Candidate& candidate) {
    const bool better = candidate.score > best.score * 1.0001;
    const Candidate& worse = better ? best : candidate;
    if (worse.delimiter != (better ? candidate : best).delimiter) {
      second = std::max(second, worse.score);
    }
    if (better) best = candidate;
  };
  for (const std::uint8_t delimiter : kDelimiters) {
    if (known.delimiter || !occurs(delimiter)) continue;
    any_occurs = true;
    for (const auto& quote : quotes) {
      const Candidate candidate = look(text, eol, is_whole, delimiter, quote, known);
      if (!is_far_fetched(candidate, uncut)) consider(candidate);
    }
  }
  if (known.delimiter) {
    best.score = -1;
    for (const auto& quote : quotes) {
      consider(look(text, eol, is_whole, *known.delimiter, quote, known));
    }
    second = 0;
  }
  if (best.num_columns == 1 && !known.delimiter) {
    best.delimiter = delimiter_of_one_column(text, eol, is_whole, best, known);
  }

  DialectGuess guess;
  guess.delimiter = best.delimiter;
  guess.num_columns = best.num_columns;
  guess.first_row = best.first_row;
  guess.delimiter_reason = delimiter_reason(best, any_occurs);
  const double rows = static_cast<double>(best.num_rows);
  if (best.num_columns == 1) {
    guess.delimiter_confidence = any_occurs ? 0.5 : 0.8;
  } else {
    guess.delimiter_confidence = std::clamp(best.alike, 0.0, 1.0) *
                                 (1 - 0.5 * second / std::max(best.score, 1e-9)) * rows /
                                 (rows + 0.5);
  }
  explain_quote(best, occurs('"') || occurs('\''), guess);
  return guess;
}

}  // namespace polarway::csv
