#include "sinks/csv_sink.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <cctype>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "core/quoted_text.h"
#include "sinks/checked_sink.h"
#include "sinks/csv_column.h"
#include "sinks/csv_text.h"
#include "sinks/text_buffer.h"

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

// Tells the headers of two runs apart: rows of other columns must not follow in the same file.
std::uint64_t fingerprint(const arrow::Schema& schema, char delimiter) {
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  const auto mix = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211u;
    hash = (hash ^ 0xFF) * 1099511628211u;  // no byte of UTF-8: ends the text
  };
  mix({&delimiter, 1});
  for (const auto& field : schema.fields()) mix(field->name());
  return hash;
}

class CsvSink final : public CheckedSink {
 public:
  CsvSink(std::shared_ptr<arrow::Schema> schema, std::unique_ptr<Output> output,
          std::unique_ptr<TextBuffer> buffer, MemoryLease lease, std::vector<CsvColumn> columns,
          const CsvSinkOptions& options)
      : CheckedSink(std::move(schema), std::move(output)),
        buffer_(std::move(buffer)),
        lease_(std::move(lease)),
        columns_(std::move(columns)),
        delimiter_(options.delimiter) {
    write_header(options.escape_formulas);
  }

  std::int64_t bytes_written() const override {
    return output().bytes() + (buffer_ ? buffer_->size() : 0);
  }

 private:
  void write_header(bool escape_formulas) {
    const auto write = escape_formulas ? write_inert_csv_text : write_csv_text;
    for (int i = 0; i < schema()->num_fields(); ++i) {
      if (i > 0) buffer_->put(delimiter_);
      write(schema()->field(i)->name(), delimiter_, *buffer_);
    }
    buffer_->put('\n');
  }

  Result<void> write_rows(const arrow::RecordBatch& batch) override {
    for (int i = 0; i < batch.num_columns(); ++i) {
      columns_[static_cast<std::size_t>(i)].bind(*batch.column(i));
    }
    const std::size_t num_columns = columns_.size();
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      for (std::size_t i = 0; i < num_columns; ++i) {
        if (i > 0) buffer_->put(delimiter_);
        if (!columns_[i].write(row, *buffer_)) return no_text(batch, static_cast<int>(i), row);
      }
      buffer_->put('\n');
      if (buffer_->failed()) return buffer_->flush();
    }
    return {};
  }

  Result<void> no_text(const arrow::RecordBatch& batch, int column, std::int64_t row) const {
    const auto& type = *batch.schema()->field(column)->type();
    return fail(
        {.kind = ErrorKind::Schema,
         .where = {.location = output().location(),
                   .row = rows() + row + 1,
                   .byte_offset = {},
                   .column = schema()->field(column)->name()},
         .message = fmt::format("the {} lies outside of the years 0000 to 9999, or of the day",
                                type.ToString()),
         .hint = "filter such rows out, or write parquet",
         .memory = {}});
  }

  Result<std::string> sync_rows() override {
    POLARWAY_CHECK(buffer_->flush());
    POLARWAY_TRY(const std::string token, output().sync());
    return fmt::format("csv 1 {} {} {:016x}", token, output().bytes(), own_fingerprint());
  }

  Result<void> resume_rows(const std::string& position) override {
    char token[64];
    long long bytes = 0;
    unsigned long long columns = 0;
    int length = 0;
    if (std::sscanf(position.c_str(), "csv 1 %63s %lld %llx%n", token, &bytes, &columns, &length) !=
            3 ||
        static_cast<std::size_t>(length) != position.size() || bytes < 0) {
      return bad_position("this is no position of a csv sink");
    }
    if (columns != own_fingerprint()) {
      return bad_position("the unfinished file has other columns or another delimiter");
    }
    POLARWAY_CHECK(output().resume(token, bytes));
    buffer_->clear();  // the header is in the file
    return {};
  }

  Result<void> bad_position(std::string message) const {
    return fail(
        {.kind = ErrorKind::Changed,
         .where = {.location = output().location(), .row = {}, .byte_offset = {}, .column = {}},
         .message = std::move(message),
         .hint = "start again without the checkpoint",
         .memory = {}});
  }

  Result<void> finish_rows() override { return buffer_->flush(); }
  void drop_rows() override {
    buffer_.reset();
    columns_ = std::vector<CsvColumn>();
    lease_.release();
  }

  std::uint64_t own_fingerprint() const { return fingerprint(*schema(), delimiter_); }

  std::unique_ptr<TextBuffer> buffer_;
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
