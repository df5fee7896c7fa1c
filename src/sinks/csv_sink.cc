#include "sinks/csv_sink.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <cctype>
#include <cstring>
#include <utility>
#include <vector>

#include "core/quoted_text.h"
#include "sinks/csv_column.h"
#include "sinks/csv_text.h"
#include "sinks/text_buffer.h"
#include "sinks/text_sink.h"

namespace polarway {
namespace {

Result<void> check_delimiter(char delimiter) {
  // Numbers and dates are written without looking for delimiters in them.
  const bool is_of_values = std::isalnum(static_cast<unsigned char>(delimiter)) != 0 ||
                            std::strchr("+-.:\"\r\n", delimiter) != nullptr;  // NUL as well
  if (!is_of_values && static_cast<unsigned char>(delimiter) < 0x80) return {};
  return fail(about_option("delimiter", {.kind = ErrorKind::Config,
                                         .where = {},
                                         .message = shorten({&delimiter, 1}) +
                                                    " may be part of a value or of a line end",
                                         .hint = "use a comma, a semicolon, a tab or |",
                                         .memory = {}}));
}

class CsvSink final : public TextSink {
 public:
  CsvSink(std::shared_ptr<arrow::Schema> schema, std::unique_ptr<Output> output,
          std::unique_ptr<TextBuffer> buffer, MemoryLease lease, std::vector<CsvColumn> columns,
          const CsvSinkOptions& options)
      : TextSink("csv", std::move(schema), std::move(output), std::move(buffer)),
        lease_(std::move(lease)),
        columns_(std::move(columns)),
        delimiter_(options.delimiter) {
    write_header(options.escape_formulas);
  }

 private:
  void write_header(bool escape_formulas) {
    const auto write = escape_formulas ? write_inert_csv_text : write_csv_text;
    for (int i = 0; i < schema()->num_fields(); ++i) {
      if (i > 0) buffer().put(delimiter_);
      write(schema()->field(i)->name(), delimiter_, buffer());
    }
    buffer().put('\n');
  }

  Result<void> write_rows(const arrow::RecordBatch& batch) override {
    for (int i = 0; i < batch.num_columns(); ++i) {
      columns_[static_cast<std::size_t>(i)].bind(*batch.column(i));
    }
    const std::size_t num_columns = columns_.size();
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      for (std::size_t i = 0; i < num_columns; ++i) {
        if (i > 0) buffer().put(delimiter_);
        if (!columns_[i].write(row, buffer())) {
          return fail(no_text_for(batch, static_cast<int>(i), row));
        }
      }
      buffer().put('\n');
      if (buffer().failed()) return buffer().flush();
    }
    return {};
  }

  SourceError no_text_for(const arrow::RecordBatch& batch, int column, std::int64_t row) const {
    const auto& type = *batch.schema()->field(column)->type();
    return no_text(batch, column, row,
                   fmt::format("the {} lies outside of the years 0000 to 9999, or of the day",
                               type.ToString()),
                   "filter such rows out, or write parquet");
  }

  // Tells the headers of two runs apart: rows of other columns must not follow in the same file.
  std::uint64_t fingerprint() const override { return hash_of(*schema(), {&delimiter_, 1}); }

  void drop_columns() override {
    columns_ = std::vector<CsvColumn>();
    lease_.release();
  }

  MemoryLease lease_;  // of the columns
  std::vector<CsvColumn> columns_;
  char delimiter_;
};

}  // namespace

const OptionTable<CsvSinkOptions>& csv_sink_options() {
  static const OptionTable<CsvSinkOptions> table = [] {
    OptionTable<CsvSinkOptions> made;
    made.add("delimiter", &CsvSinkOptions::delimiter, "The character between fields.",
             {"separator", "sep", "delim"});
    made.add("escape_formulas", &CsvSinkOptions::escape_formulas,
             "Put ' before texts that a spreadsheet would take for formulas.");
    return made;
  }();
  return table;
}

Result<std::unique_ptr<Sink>> make_csv_sink(const SinkConfig& config, const OpenOutput& open) {
  POLARWAY_TRY(const CsvSinkOptions options, csv_sink_options().parse(config.options));
  POLARWAY_CHECK(check_delimiter(options.delimiter));
  // Besides the buffer; a dictionary has a column of its own.
  POLARWAY_TRY(MemoryLease lease,
               config.budget->reserve(
                   2 * config.schema.num_fields() * static_cast<std::int64_t>(sizeof(CsvColumn)),
                   LeaseHolder::Sink));
  std::vector<CsvColumn> columns;
  columns.reserve(static_cast<std::size_t>(config.schema.num_fields()));
  for (const auto& field : config.schema.arrow()->fields()) {
    POLARWAY_TRY(CsvColumn column,
                 CsvColumn::make(*field, options.delimiter, options.escape_formulas));
    columns.push_back(std::move(column));
  }
  POLARWAY_TRY(std::unique_ptr<Output> output, open());
  POLARWAY_TRY(std::unique_ptr<TextBuffer> buffer, TextBuffer::make(config.budget, *output));
  return std::unique_ptr<Sink>(new CsvSink(config.schema.arrow(), std::move(output),
                                           std::move(buffer), std::move(lease), std::move(columns),
                                           options));
}

Result<std::int64_t> csv_sink_working_set_bytes(const SinkConfig&) { return TextBuffer::kBytes; }

}  // namespace polarway
