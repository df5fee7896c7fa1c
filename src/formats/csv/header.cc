#include "formats/csv/header.h"

#include <arrow/type.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/nearest_name.h"
#include "core/quoted_text.h"

namespace polarway::csv {
namespace {

SourceError start_error(ErrorKind kind, std::string message, std::string hint,
                        std::string column = {}) {
  return {.kind = kind,
          .where = {.column = std::move(column)},
          .message = std::move(message),
          .hint = std::move(hint)};
}

void drop_byte_order_mark(Block& block, const CsvOptions& options) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  const std::string_view text(reinterpret_cast<const char*>(block.text().data()),
                              block.text().size());
  if (options.encoding != Encoding::Latin1 && text.starts_with(kMark)) block.consume(kMark.size());
}

// Pays for what columns are besides their values: names, guesses, fields, builders, the stream's
// copies of them, and the arrays and buffers of three chunks. Measured with 10^5 and 10^6 columns:
// 550 bytes when the file is open, 2,000 while chunks are read; each name is kept up to six times.
Result<MemoryLease> pay_for_columns(const std::shared_ptr<MemoryBudget>& budget,
                                    std::int64_t num_columns, std::int64_t header_bytes) {
  constexpr std::int64_t kBytesPerColumn = 2'600;
  constexpr std::int64_t kCopiesOfNames = 6;
  constexpr std::int64_t kFree = 64;  // as many are part of the working set, with usual names
  constexpr std::int64_t kUsualNameBytes = 64;
  const std::int64_t columns = std::max<std::int64_t>(0, num_columns - kFree);
  const std::int64_t name_bytes = std::max<std::int64_t>(0, header_bytes - kFree * kUsualNameBytes);
  if (columns == 0 && name_bytes == 0) return MemoryLease();
  Result<MemoryLease> lease =
      budget->reserve(columns * kBytesPerColumn + kCopiesOfNames * name_bytes, LeaseHolder::Reader);
  if (!lease) {
    lease.error().message = "there is no room for a header of " + std::to_string(header_bytes) +
                            " bytes and " + std::to_string(num_columns) +
                            " columns, whatever is below it";
    lease.error().hint = "raise the memory limit, or check delimiter and how lines end";
  }
  return lease;
}

bool infers_types(const CsvOptions& options) {
  return options.infer_schema && options.infer_schema_length.rows > 0;
}

// Where no types are inferred, the sample still says how long rows are.
std::int64_t rows_to_sample(const CsvOptions& options) {
  const std::int64_t rows =
      infers_types(options) ? options.infer_schema_length.rows : SampleLength{}.rows;
  return std::min(rows, options.n_rows.value_or(rows));
}

// Looks at the first rows. A row that cannot be read ends the sample: it is the reader's to report.
Result<std::vector<TypeGuess>> sample(RowScanner& scanner, const CsvOptions& options,
                                      const FileRules& rules, const std::vector<std::string>& names,
                                      bool samples_types, bool seekable, std::stop_token stop) {
  std::vector<TypeGuess> guesses;
  guesses.reserve(names.size());
  for (const std::string& name : names) guesses.emplace_back(rules.of(name));
  const auto num_columns = static_cast<std::int64_t>(names.size());
  std::int64_t wanted = samples_types ? rows_to_sample(options) : 0;
  while (wanted > 0) {
    Result<Rows> rows = scanner.next(stop);
    if (!rows &&
        (rows.error().kind == ErrorKind::Parse || rows.error().kind == ErrorKind::MemoryLimit)) {
      break;
    }
    if (!rows) return fail(std::move(rows.error()));
    const std::int64_t num_rows = std::min(wanted, rows->num_rows);
    FieldBatch batch;
    for (std::int64_t column = 0; column < num_columns; ++column) {
      for (std::int64_t row = 0; row < num_rows; row += batch.size) {
        gather(*rows, column, row, num_rows, batch);
        guesses[static_cast<std::size_t>(column)].see(batch, scanner.marks());
      }
    }
    wanted -= num_rows;
    // What a pipe has given it does not give again: its sample is the first window.
    if (!seekable || rows->num_rows == 0 || scanner.ragged() != nullptr) break;
    scanner.consume(*rows, rows->num_rows);
  }
  return guesses;
}

bool knows_all(const Schema& known, const std::vector<std::string>& names) {
  return known.num_fields() > 0 && std::all_of(names.begin(), names.end(), [&](const auto& name) {
           return known.index_of(name) >= 0;
         });
}

void set_known_types(std::vector<FileColumn>& columns, const Schema& known) {
  if (known.num_fields() == 0) return;
  for (FileColumn& column : columns) {
    const int at = known.index_of(column.name);
    if (at < 0) continue;
    column.type = known.field(at).type;
    column.is_seen = true;
  }
}

SourceError unknown_column(const std::string& option, const std::string& name,
                           const std::vector<std::string>& names) {
  return start_error(ErrorKind::Schema,
                     option + " names column " + shorten(name) + ", which the file does not have",
                     did_you_mean(name, names), name);
}

// Sets the types of columns by name. `option` is where they come from.
Result<void> pin_types(std::vector<FileColumn>& columns, const Schema& schema,
                       const std::string& option, bool may_name_others) {
  std::vector<std::string> names;
  for (const FileColumn& column : columns) names.push_back(column.name);
  std::unordered_map<std::string_view, std::size_t> places;
  for (const std::string& name : names) places.emplace(name, places.size());
  for (int i = 0; i < schema.num_fields(); ++i) {
    const Field field = schema.field(i);
    const auto found = places.find(field.name);
    if (found == places.end() && may_name_others) continue;
    if (found == places.end()) return fail(unknown_column(option, field.name, names));
    columns[found->second].type = field.type;
    columns[found->second].inferred = false;
    columns[found->second].is_seen = true;
  }
  return {};
}

// Without a header the schema names the columns, all of them in order.
Result<void> name_by_schema(std::vector<std::string>& names, const Schema& schema) {
  if (schema.num_fields() != static_cast<int>(names.size())) {
    return fail(start_error(ErrorKind::Schema,
                            "the schema has " + std::to_string(schema.num_fields()) +
                                " columns, the file " + std::to_string(names.size()),
                            "without a header, the schema must name every column in order"));
  }
  names = schema.names();
  return {};
}

Result<void> check_names(const std::vector<std::string>& names, const CsvOptions& options,
                         const FileRules& rules) {
  if (options.new_columns.size() > names.size()) {
    return fail(start_error(ErrorKind::Schema,
                            "new_columns has " + std::to_string(options.new_columns.size()) +
                                " names, the file " + std::to_string(names.size()) + " columns",
                            "name the first columns, or all of them"));
  }
  if (options.schema_may_name_others) return {};
  const std::unordered_set<std::string_view> known(names.begin(), names.end());
  for (const auto& [name, option] : rules.named_by()) {
    if (!known.contains(name)) return fail(unknown_column(option, name, names));
  }
  return {};
}

}  // namespace

std::vector<std::string> name_columns(
    std::int64_t num_columns, const CsvOptions& options,
    const std::function<std::string(std::int64_t column)>& header_text) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(num_columns));  // or the views would dangle
  std::unordered_set<std::string_view> taken;
  taken.reserve(static_cast<std::size_t>(num_columns));
  std::unordered_map<std::string, int> next_copy;  // where the search for a free name goes on
  for (std::int64_t i = 0; i < num_columns; ++i) {
    std::string name = "column_" + std::to_string(i + 1);
    if (options.has_header) {
      std::string text = header_text(i);
      if (!text.empty()) name = std::move(text);
    }
    if (static_cast<std::size_t>(i) < options.new_columns.size()) {
      name = options.new_columns[static_cast<std::size_t>(i)];
    }
    if (taken.contains(name)) {
      int& copy = next_copy[name];
      std::string unique;
      do {
        unique = name + "_duplicated_" + std::to_string(copy++);
      } while (taken.contains(unique));
      name = std::move(unique);
    }
    taken.insert(names.emplace_back(std::move(name)));
  }
  return names;
}

Schema FileStart::schema() const {
  arrow::FieldVector fields;
  fields.reserve(columns.size());
  for (const FileColumn& column : columns) {
    fields.push_back(
        arrow::field(column.name, column.is_seen ? column.type.arrow() : arrow::null()));
  }
  return Schema(arrow::schema(std::move(fields)));
}

Result<FileStart> read_start(Block& block, RowScanner& scanner, const CsvOptions& options,
                             const FileRules& rules, const Schema& known, bool seekable,
                             const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop) {
  POLARWAY_CHECK(scanner.start(!options.eol_char, stop));
  const SourceError empty = start_error(ErrorKind::EmptySource, "there is nothing in it",
                                        "an empty table still has a header line");
  if (block.text().empty()) return fail(empty);
  drop_byte_order_mark(block, options);
  for (std::int64_t i = 0; i < options.skip_lines; ++i) {
    POLARWAY_TRY(const bool is_there, scanner.skip_line(stop));
    if (!is_there) return fail(empty);
  }
  Rows row;
  for (std::int64_t i = 0; i < options.skip_rows; ++i) {
    // Blank lines before the first row are no rows, those behind it are: as Polars counts.
    POLARWAY_TRY(const std::int64_t num_fields, scanner.peek_row(&row, i > 0, stop));
    if (num_fields == 0) return fail(empty);
    scanner.consume(row, 1);
  }
  POLARWAY_TRY(const std::int64_t num_columns, scanner.peek_row(&row, false, stop));
  if (num_columns == 0) return fail(empty);
  FileStart start;
  POLARWAY_TRY(start.columns_lease,
               pay_for_columns(budget, num_columns, row.row_end(0) - row.row_begin(0)));
  const Marks& marks = scanner.marks();
  std::vector<std::string> names = name_columns(row.num_columns, options, [&](std::int64_t column) {
    return decoded(unescaped(unquote(row.field(0, column), marks), marks), options.encoding);
  });
  if (!options.has_header && options.schema) {
    POLARWAY_CHECK(name_by_schema(names, *options.schema));
  }
  POLARWAY_CHECK(check_names(names, options, rules));
  if (options.has_header) {
    scanner.consume(row, 1);
  } else {
    block.consume(row.row_begin(0));  // lines left out before the first row: no row of the table
  }
  for (std::int64_t i = 0; i < options.skip_rows_after_header; ++i) {
    POLARWAY_TRY(const std::int64_t num_fields, scanner.peek_row(&row, false, stop));
    if (num_fields == 0) break;
    scanner.consume(row, 1);
  }
  POLARWAY_CHECK(scanner.set_num_columns(num_columns));

  start.data_offset = block.offset();
  if (!seekable && infers_types(options) && !knows_all(known, names) &&
      options.infer_schema_length.is_all()) {
    return fail(start_error(ErrorKind::Config,
                            "infer_schema_length=full needs to read everything twice, and a pipe "
                            "can be read once",
                            "give a number of rows, or pin the types with schema"));
  }
  POLARWAY_TRY(const std::vector<TypeGuess> guesses,
               sample(scanner, options, rules, names, !knows_all(known, names), seekable, stop));
  start.columns.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    start.columns.push_back({.name = std::move(names[i]),
                             .type = infers_types(options) ? guesses[i].type() : DataType::String,
                             .is_seen = !infers_types(options) || guesses[i].has_seen_value()});
  }
  set_known_types(start.columns, known);
  const bool may_name_others = options.schema_may_name_others;
  if (options.schema)
    POLARWAY_CHECK(pin_types(start.columns, *options.schema, "schema", may_name_others));
  if (options.schema_overrides) {
    POLARWAY_CHECK(
        pin_types(start.columns, *options.schema_overrides, "schema_overrides", may_name_others));
  }
  for (std::size_t i = 0; i < start.columns.size(); ++i) {
    constexpr double kOffset = 4;
    constexpr double kValidity = 0.125;
    const std::int32_t bits = start.columns[i].type.arrow()->bit_width();  // -1: not fixed
    start.columns[i].bytes_per_row =
        kValidity + (bits < 0 ? guesses[i].bytes_per_field() + kOffset : bits / 8.0);
  }
  if (seekable && block.offset() != start.data_offset) {
    POLARWAY_CHECK(block.seek(start.data_offset));
  }
  return start;
}

}  // namespace polarway::csv
