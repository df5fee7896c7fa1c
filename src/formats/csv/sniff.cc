#include "formats/csv/sniff.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "formats/csv/cell_kind.h"
#include "formats/csv/csv_options.h"
#include "formats/csv/dialect_guess.h"
#include "formats/csv/header.h"
#include "formats/csv/header_guess.h"
#include "formats/csv/infer.h"
#include "formats/csv/sample_rows.h"
#include "formats/csv/sample_text.h"
#include "formats/csv/value_rules.h"

namespace polarway::csv {
namespace {

// The text as UTF-8, twice or three times, and the places and types of fields.
constexpr std::int64_t kScratchBytes = 12 << 20;

// Calls `use` with each line's begin and length, line ends aside.
template <class Use>
void for_each_line(std::string_view text, char eol, const Use& use) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(eol, begin), text.size());
    use(begin, end - begin);
    begin = end + 1;
  }
}

struct Comments {
  char mark = '#';
  std::size_t num_lines = 0;
  bool only_first = false;  // one comment, which is the first line: it may be the header
};

// Lines that begin with the mark, unless most do: then it is part of the values, unless it was
// said.
Comments find_comments(std::string_view text, char eol, char mark, bool is_said) {
  Comments found{.mark = mark};
  std::size_t num_lines = 0;
  for_each_line(text, eol, [&](std::size_t begin, std::size_t size) {
    if (size > 0 && text[begin] == mark) {
      ++found.num_lines;
      if (num_lines == 0) found.only_first = true;
    }
    num_lines += size > 0 ? 1 : 0;
  });
  found.only_first = found.only_first && found.num_lines == 1;
  if (!is_said && found.num_lines * 2 > num_lines) return {};
  return found;
}

// Quotes behind a backslash within a field. At its end, the backslash is the field's last
// character.
std::size_t count_escaped_quotes(std::string_view text) {
  constexpr std::string_view kEnds = ",;\t|\r\n";
  std::size_t count = 0;
  for (std::size_t at = text.find("\\\""); at != text.npos; at = text.find("\\\"", at + 2)) {
    count += at + 2 < text.size() && kEnds.find(text[at + 2]) == kEnds.npos ? 1 : 0;
  }
  return count;
}

std::string yes_or_no(bool value) { return value ? "true" : "false"; }

Marks marks_of_guess(const DialectGuess& guess, char eol) {
  return {.delimiter = guess.delimiter,
          .eol = static_cast<std::uint8_t>(eol),
          .quote = guess.quote.value_or('"'),
          .has_quote = guess.quote.has_value()};
}

class Sniffer {
 public:
  explicit Sniffer(const std::map<std::string, std::string>& given) : given_(given) {}

  Result<CsvDialect> run(std::span<const std::uint8_t> bytes, bool is_whole) {
    POLARWAY_TRY(options_, parse_csv_options(given_));
    SampleText sample = read_sample(bytes, is_whole);
    POLARWAY_CHECK(add("encoding", sample.encoding, sample.confidence, sample.reason));
    std::string text = std::move(sample.utf8);
    const bool has_lf = text.find('\n') != text.npos;
    const char eol = !has_lf && text.find('\r') != text.npos ? '\r' : '\n';

    POLARWAY_TRY(KnownDialect known, known_dialect());
    const std::string as_it_is = text;
    POLARWAY_CHECK(take_escapes_out(text));
    const bool comments_given = is_given("comment_char");
    const std::optional<std::uint8_t> mark =
        comments_given ? given_byte("comment_char") : std::optional<std::uint8_t>('#');
    Comments comments;
    if (mark && known.delimiter != mark && known.quote != mark) {
      comments = find_comments(text, eol, static_cast<char>(*mark), comments_given);
    }
    KnownDialect with_comments = known;
    if (comments.num_lines > 0) with_comments.comment = std::string_view(&comments.mark, 1);
    DialectGuess guess =
        guess_dialect(text, static_cast<std::uint8_t>(eol), is_whole, with_comments);
    if (comments.num_lines > 0 && comments.only_first && !comments_given) {
      // A first line of as many fields is a header that begins with "#".
      DialectGuess with_first =
          guess_dialect(text, static_cast<std::uint8_t>(eol), is_whole, known);
      if (with_first.num_columns > 1 && with_first.first_row == 0 &&
          with_first.num_columns == guess.num_columns &&
          SampleRows(text, marks_of_guess(with_first, eol), is_whole).num_fields(0) ==
              guess.num_columns) {
        comments = {};
        guess = std::move(with_first);
      }
    }
    // The dialect is found without escapes; columns are what a reader makes of them.
    Marks marks = marks_of_guess(guess, eol);
    std::optional<std::uint8_t> escape = given_byte("escape_char");
    if (text != as_it_is && !is_given("escape_char")) escape = '\\';
    marks.has_escape = escape.has_value();
    marks.escape = escape.value_or(0);
    if (comments.num_lines > 0) marks.comment = std::string_view(&comments.mark, 1);
    const SampleRows rows(as_it_is, marks, is_whole);
    if (guess.first_row >= rows.size()) {
      return fail({.kind = ErrorKind::EmptySource, .message = "there is no row in it"});
    }
    POLARWAY_CHECK(add_dialect(guess));
    if (comments.num_lines > 0) {
      POLARWAY_CHECK(add("comment_char", std::string(1, comments.mark),
                         comments.only_first ? 0.6 : 0.9,
                         fmt::format("{} lines begin with it, and not most", comments.num_lines)));
    }
    POLARWAY_CHECK(add_preamble(guess));
    POLARWAY_CHECK(add_columns(rows, guess));
    return std::move(dialect_);
  }

 private:
  const OptionInfo* option(std::string_view key) const {
    const auto found = std::find_if(known_.begin(), known_.end(),
                                    [key](const OptionInfo& info) { return info.name == key; });
    return found == known_.end() ? nullptr : &*found;
  }

  bool is_option(std::string_view key) const { return option(key) != nullptr; }

  bool is_given(std::string_view key) const {
    const OptionInfo* info = option(key);
    if (info == nullptr) return false;
    const Result<const std::string*> text = find_option(*info, given_);
    return text && *text != nullptr;
  }

  // The byte that was given; nothing for none, and for several.
  std::optional<std::uint8_t> given_byte(std::string_view key) const {
    const OptionInfo* info = option(key);
    if (info == nullptr || !is_given(key)) return std::nullopt;
    const auto byte = OptionValue<std::optional<char>>::parse(**find_option(*info, given_));
    if (!byte || !*byte) return std::nullopt;
    return static_cast<std::uint8_t>(**byte);
  }

  // What was found, unless the user said it, or the reader has no such option.
  Result<void> add(std::string key, std::string value, double confidence, std::string reason) {
    const OptionInfo* info = option(key);
    if (info == nullptr) return {};
    POLARWAY_TRY(const std::string* said, find_option(*info, given_));
    const bool is_default = said == nullptr && value == info->default_value;
    if (said != nullptr) {
      value = *said;
      confidence = 1;
      reason = "as given";
    }
    dialect_.options.push_back({.key = std::move(key),
                                .value = std::move(value),
                                .confidence = confidence,
                                .reason = std::move(reason),
                                .is_default = is_default});
    return {};
  }

  Result<KnownDialect> known_dialect() const {
    KnownDialect known;
    known.delimiter = given_byte("delimiter");
    if (is_given("quote_char")) known.quote = given_byte("quote_char");
    if (is_given("skip_rows")) known.skip_rows = options_.skip_rows;
    return known;
  }

  // Quotes behind a backslash stand for themselves, and so do any other two characters.
  Result<void> take_escapes_out(std::string& text) {
    const std::size_t escaped = count_escaped_quotes(text);
    const bool doubled = text.find("\"\"\"") != text.npos || [&text] {  // not an empty field
      const std::size_t at = text.find("\"\"");
      return at != text.npos && at > 0 && text[at - 1] != ',' && text[at - 1] != ';' &&
             text[at - 1] != '\n' && text[at - 1] != '\t' && text[at - 1] != '|';
    }();
    if (escaped == 0 || doubled) return {};
    for (std::size_t at = text.find("\\\""); at != text.npos; at = text.find("\\\"", at)) {
      text.replace(at, 2, "__");
    }
    return add("escape_char", "\\", 0.8,
               fmt::format("{} quotes have one before them, and none is doubled", escaped));
  }

  Result<void> add_dialect(const DialectGuess& guess) {
    POLARWAY_CHECK(
        add("delimiter",
            guess.delimiter == '\t' ? "tab" : std::string(1, static_cast<char>(guess.delimiter)),
            guess.delimiter_confidence, guess.delimiter_reason));
    return add("quote_char", guess.quote ? std::string(1, static_cast<char>(*guess.quote)) : "none",
               guess.quote_confidence, guess.quote_reason);
  }

  Result<void> add_preamble(const DialectGuess& guess) {
    if (guess.first_row == 0) {
      return add("skip_rows", "0", 0.9, "the table begins with the first row");
    }
    return add("skip_rows", std::to_string(guess.first_row), 0.8,
               fmt::format("the first {} rows have at most half of the table's {} fields",
                           guess.first_row, guess.num_columns));
  }

  Result<void> add_columns(const SampleRows& rows, const DialectGuess& guess) {
    HeaderGuess header = guess_header(rows, guess.first_row, guess.num_columns);
    POLARWAY_CHECK(
        add("has_header", yes_or_no(header.has_header), header.confidence, header.reason));
    CsvOptions found = options_;
    if (!is_given("has_header")) found.has_header = header.has_header;
    const std::size_t begin = guess.first_row + (found.has_header ? 1 : 0);
    const std::size_t columns = std::min<std::size_t>(rows.num_fields(guess.first_row), 4096);
    POLARWAY_CHECK(add_number_marks(rows, begin, columns, guess, found));
    std::vector<std::string> names =
        name_columns(static_cast<std::int64_t>(columns), found, [&](std::int64_t column) {
          const Unquoted cell = rows.field(guess.first_row, static_cast<std::size_t>(column));
          return decoded(unescaped(cell, rows.marks()), Encoding::Utf8);  // as the sample is
        });
    const FileRules rules(found);
    std::vector<Field> fields;
    for (std::size_t i = 0; i < columns; ++i) {
      TypeGuess type(rules.of(names[i]));
      for (std::size_t row = begin; row < rows.size(); ++row) {
        if (i < rows.num_fields(row)) type.see(rows.raw(row, i), rows.marks());
      }
      fields.emplace_back(std::move(names[i]), type.type());
    }
    dialect_.schema = Schema(fields);
    return {};
  }

  // Whether numbers have a comma before their decimals, and points between thousands. A comma
  // between fields is none within numbers.
  Result<void> add_number_marks(const SampleRows& rows, std::size_t begin, std::size_t columns,
                                const DialectGuess& guess, CsvOptions& found) {
    if (guess.delimiter == ',') return {};
    std::size_t comma_columns = 0;
    std::size_t point_columns = 0;
    for (std::size_t i = 0; i < columns; ++i) {
      std::size_t commas = 0;
      std::size_t points = 0;
      bool has_others = false;
      for (std::size_t row = begin; row < rows.size() && !has_others; ++row) {
        if (i >= rows.num_fields(row)) continue;
        const Unquoted cell = rows.field(row, i);
        const CellKind kind = kind_of_cell(cell.text, cell.quoted);
        const bool has_comma = kind == CellKind::CommaNumber;
        commas += has_comma ? 1 : 0;
        points += has_comma && cell.text.find('.') != cell.text.npos ? 1 : 0;
        has_others = !has_comma && kind != CellKind::Number && kind != CellKind::Empty;
      }
      comma_columns += commas > 0 && !has_others ? 1 : 0;
      point_columns += points > 0 && !has_others ? 1 : 0;
    }
    if (comma_columns == 0) return {};
    if (!is_given("decimal_comma")) found.decimal_point = ',';
    POLARWAY_CHECK(add("decimal_comma", "true", 0.8,
                       fmt::format("{} columns have numbers with a comma", comma_columns)));
    if (point_columns == 0 || found.decimal_point != ',') return {};
    if (!is_given("thousands")) found.thousands = '.';
    return add("thousands", ".", 0.8,
               fmt::format("{} columns have points in numbers with a comma", point_columns));
  }

  const std::map<std::string, std::string>& given_;
  const std::vector<OptionInfo> known_ = csv_option_table().describe();
  CsvOptions options_;
  CsvDialect dialect_;
};

}  // namespace

Result<CsvDialect> sniff(Block& block, const std::map<std::string, std::string>& given,
                         const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop) {
  while (!block.at_end() && std::ssize(block.text()) < kSniffedBytes) {
    POLARWAY_CHECK(block.fill(stop));
  }
  if (block.text().empty()) {
    return fail({.kind = ErrorKind::EmptySource,
                 .message = "there is nothing in it",
                 .hint = "an empty table still has a header line"});
  }
  POLARWAY_TRY(const MemoryLease scratch, budget->reserve(kScratchBytes, LeaseHolder::Reader));
  const bool is_whole = std::ssize(block.text()) < kSniffedBytes;
  return sniff(block.text().first(
                   static_cast<std::size_t>(std::min(std::ssize(block.text()), kSniffedBytes))),
               is_whole, given);
}

Result<CsvOptions> found_options(const CsvOptions& options, Block& block,
                                 const std::shared_ptr<MemoryBudget>& budget,
                                 std::stop_token stop) {
  POLARWAY_TRY(const CsvDialect dialect, sniff(block, options.given, budget, std::move(stop)));
  std::map<std::string, std::string> all = options.given;
  for (const auto& [key, value] : dialect.to_map()) {
    if (key != "dialect") all[key] = value;
  }
  all["dialect"] = "default";
  POLARWAY_TRY(CsvOptions found, parse_csv_options(all));
  found.schema_may_name_others = options.schema_may_name_others;
  if (found.charset.name != options.charset.name && found.encoding == Encoding::Utf8) {
    return fail({.kind = ErrorKind::Config,
                 .message = "the text seems to be " + found.charset.name,
                 .hint = "say so with encoding=" + found.charset.name +
                         ", or what else it is: it is made UTF-8 before the dialect is found"});
  }
  return found;
}

Result<CsvDialect> sniff(std::span<const std::uint8_t> sample, bool is_whole,
                         const std::map<std::string, std::string>& given) {
  return Sniffer(given).run(sample, is_whole);
}

}  // namespace polarway::csv
