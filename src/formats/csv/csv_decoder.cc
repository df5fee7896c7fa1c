#include "formats/csv/csv_decoder.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <new>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "core/measured_lease.h"
#include "core/nearest_name.h"
#include "core/quoted_text.h"
#include "formats/csv/column_builder.h"
#include "formats/csv/header.h"
#include "formats/csv/position.h"

namespace polarway::csv {
namespace {

// A pipe's sample cannot be read twice, so the first block must hold it.
constexpr std::int64_t kPipeBlockBytes = 1 << 20;

class CsvDecoder final : public Decoder {
 public:
  CsvDecoder(CsvOptions options, std::int64_t block_bytes)
      : options_(std::move(options)), nulls_(options_.null_values), block_bytes_(block_bytes) {}

  std::int64_t working_set_bytes(const ScanRequest&) const override {
    return kPipeBlockBytes + 2 * Block::kPadding + RowScanner::working_set_bytes();
  }

  Result<ScanPlan> open(std::unique_ptr<ByteStream> bytes, const ScanRequest& request,
                        const Context& context) override {
    bytes_ = std::move(bytes);
    context_ = context;
    Result<ScanPlan> plan = open_start(request);
    if (!plan && plan.error().where.location.empty()) {
      plan.error().where.location = bytes_->location();
    }
    return plan;
  }

  Result<std::optional<Batch>> read(const ChunkTarget& target) override {
    if (final_error_) return fail(*final_error_);
    try {
      Result<std::optional<Batch>> batch = read_chunk(target);
      if (!batch && !batch.error().retryable()) final_error_ = batch.error();
      return batch;
    } catch (const std::bad_alloc&) {
      // Rows may have been taken that nobody will get, so there is no going on.
      final_error_ = at_row({.kind = ErrorKind::MemoryLimit,
                             .message = "the system refused memory in the middle of a chunk",
                             .hint = "lower the memory limit to what there is"},
                            next_row_);
      return fail(*final_error_);
    }
  }

  Result<std::vector<Split>> splits(int max_splits) override;

  std::int64_t bytes_read() const override {
    return bytes_ ? bytes_->bytes_read() - sample_bytes_ : 0;
  }

 private:
  struct Column {
    std::int64_t index = 0;  // in the file
    std::unique_ptr<ColumnBuilder> builder;
  };

  Result<ScanPlan> open_start(const ScanRequest& request);
  Result<void> choose_columns(const ScanRequest& request);
  Result<std::optional<Batch>> read_chunk(const ChunkTarget& target);
  Result<bool> next_window(std::stop_token stop);
  Result<std::int64_t> append(std::int64_t from, std::int64_t to);
  std::int64_t bound_bytes(std::int64_t from, std::int64_t to) const;
  std::int64_t rows_within(std::int64_t max_rows, std::int64_t max_bytes) const;
  Result<Batch> finish_batch(std::int64_t num_rows);
  void check_encoding();
  Position here() const;

  SourceError at_row(SourceError error, std::int64_t row_in_window) const;
  SourceError ragged_error(const RaggedRow& ragged) const;
  SourceError misfit_error(std::int64_t row) const;
  SourceError encoding_error(std::int64_t row) const;

  CsvOptions options_;
  NullValues nulls_;
  std::int64_t block_bytes_;
  std::unique_ptr<ByteStream> bytes_;
  Context context_;
  std::unique_ptr<Block> block_;
  std::unique_ptr<RowScanner> scanner_;
  FileStart start_;
  std::int64_t sample_bytes_ = 0;  // read for the sample, and read again
  std::vector<Column> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<std::int64_t> end_byte_;  // of a split

  std::int64_t fixed_row_bytes_ = 0;  // Arrow bytes of a row, text aside
  std::int64_t widest_byte_ = 0;      // UTF-8 bytes that one byte of text may become

  Rows window_;
  std::int64_t next_row_ = 0;     // of the window, not yet delivered
  std::int64_t rows_before_ = 0;  // data rows before the window
  bool at_end_ = false;
  std::ptrdiff_t misfit_column_ = 0;          // whose field made append() stop early
  std::optional<SourceError> pending_error_;  // of the row behind the window's rows
  std::optional<SourceError> final_error_;
};

Result<ScanPlan> CsvDecoder::open_start(const ScanRequest& request) {
  const bool seekable = bytes_->seekable();
  POLARWAY_TRY(block_,
               Block::make(*bytes_, seekable ? block_bytes_ : kPipeBlockBytes, context_.budget));
  const Marks marks{.delimiter = static_cast<std::uint8_t>(options_.delimiter),
                    .eol = '\n',
                    .quote = static_cast<std::uint8_t>(options_.quote_char.value_or('"')),
                    .has_quote = options_.quote_char.has_value(),
                    .comment = static_cast<std::uint8_t>(options_.comment_char.value_or(0)),
                    .has_comment = options_.comment_char.has_value()};
  scanner_ = std::make_unique<RowScanner>(*block_, marks, context_.budget);
  POLARWAY_TRY(start_, read_start(*block_, *scanner_, options_, nulls_, seekable, context_.budget,
                                  context_.stop));
  POLARWAY_CHECK(choose_columns(request));
  settle_measured(start_.columns_lease);
  // What is read again after the sample counts once.
  sample_bytes_ =
      bytes_->bytes_read() - block_->offset() - static_cast<std::int64_t>(block_->text().size());

  for (const auto& place :
       {request.split ? std::optional(request.split->piece) : std::nullopt, request.resume_from}) {
    if (!place) continue;
    POLARWAY_TRY(const Position position, Position::parse(*place, *bytes_));
    POLARWAY_CHECK(block_->seek(position.byte));
    rows_before_ = position.row;
    if (position.end_byte) end_byte_ = position.end_byte;
  }

  SourceMetadata metadata{.schema = Schema(schema_),
                          .size_bytes = bytes_->size_bytes(),
                          .num_records = {},
                          .bytes_per_row = 0.0,
                          .seekable = seekable,
                          .parallelizable = true,
                          .splittable = seekable,
                          .ordered = true,
                          .bounded = true};
  for (const Column& column : columns_) {
    *metadata.bytes_per_row += start_.columns[static_cast<std::size_t>(column.index)].bytes_per_row;
  }
  return ScanPlan{
      .metadata = std::move(metadata), .residual = request.filter, .limit_applied = false};
}

Result<void> CsvDecoder::choose_columns(const ScanRequest& request) {
  std::vector<std::string> names;
  for (const FileColumn& column : start_.columns) names.push_back(column.name);
  std::vector<std::string> wanted = request.columns.value_or(names);
  if (request.filter) {
    const std::unordered_set<std::string> chosen(wanted.begin(), wanted.end());
    for (const std::string& name : request.filter->columns()) {
      if (!chosen.contains(name)) wanted.push_back(name);
    }
  }
  const ColumnContext column_context{.marks = scanner_->marks(),
                                     .encoding = options_.encoding,
                                     .nulls = &nulls_,
                                     .pool = context_.budget->arrow_pool()};
  std::unordered_map<std::string_view, std::int64_t> places;
  for (const std::string& name : names) {
    places.emplace(name, static_cast<std::int64_t>(places.size()));
  }
  arrow::FieldVector fields;
  for (const std::string& name : wanted) {
    const auto found = places.find(name);
    if (found == places.end()) {
      return fail({.kind = ErrorKind::Config,
                   .where = {.location = bytes_->location(), .column = name},
                   .message = "there is no column " + shorten(name),
                   .hint = did_you_mean(name, names)});
    }
    const std::int64_t index = found->second;
    const FileColumn& column = start_.columns[static_cast<std::size_t>(index)];
    auto builder = make_column_builder(column.type.arrow(), column.inferred, column_context);
    if (!builder) {
      builder.error().where.column = name;
      return fail(std::move(builder.error()));
    }
    fixed_row_bytes_ += (*builder)->fixed_row_bytes();
    if ((*builder)->is_text()) widest_byte_ = options_.encoding == Encoding::Utf8 ? 1 : 3;
    columns_.push_back({index, *std::move(builder)});
    fields.push_back(arrow::field(name, column.type.arrow()));
  }
  schema_ = arrow::schema(std::move(fields));
  return {};
}

Result<bool> CsvDecoder::next_window(std::stop_token stop) {
  if (window_.num_rows > 0) {
    scanner_->consume(window_, window_.num_rows);
    rows_before_ += window_.num_rows;
    window_.num_rows = 0;
    next_row_ = 0;
  }
  if (pending_error_) return fail(*pending_error_);
  if (end_byte_ && block_->offset() >= *end_byte_) return false;
  Result<Rows> rows = scanner_->next(stop);
  if (!rows) return fail(at_row(std::move(rows.error()), 0));
  window_ = *rows;
  next_row_ = 0;
  if (const RaggedRow* ragged = scanner_->ragged()) pending_error_ = ragged_error(*ragged);
  if (end_byte_) {
    const std::int64_t end = *end_byte_ - block_->offset();
    std::int64_t inside = window_.num_rows;
    while (inside > 0 && std::int64_t{window_.row_begin(inside - 1)} >= end) --inside;
    if (inside < window_.num_rows) pending_error_.reset();  // beyond the split
    window_.num_rows = inside;
  }
  check_encoding();
  if (window_.num_rows == 0 && pending_error_) return fail(*pending_error_);
  return window_.num_rows > 0;
}

// Text must be valid UTF-8. All rows are looked at, whatever columns are wanted, so that the rows
// there are do not depend on the projection; a count looks at structure only.
void CsvDecoder::check_encoding() {
  if (options_.encoding != Encoding::Utf8 || columns_.empty() || window_.num_rows == 0) return;
  const auto* text = reinterpret_cast<const char*>(window_.text);
  if (is_valid_utf8({text, window_.row_end(window_.num_rows - 1)})) return;
  for (std::int64_t row = 0; row < window_.num_rows; ++row) {
    const std::size_t begin = window_.row_begin(row);
    if (is_valid_utf8({text + begin, window_.row_end(row) - begin})) continue;
    pending_error_ = encoding_error(row);
    window_.num_rows = row;
    return;
  }
}

// Upper bound of the Arrow bytes of rows [from, to) of the window.
std::int64_t CsvDecoder::bound_bytes(std::int64_t from, std::int64_t to) const {
  return (to - from) * fixed_row_bytes_ +
         widest_byte_ * (std::int64_t{window_.row_end(to - 1)} - window_.row_begin(from));
}

// How many of the window's next rows fit.
std::int64_t CsvDecoder::rows_within(std::int64_t max_rows, std::int64_t max_bytes) const {
  std::int64_t fits = 0;
  std::int64_t too_many = std::min(max_rows, window_.num_rows - next_row_) + 1;
  while (fits + 1 < too_many) {
    const std::int64_t middle = fits + (too_many - fits) / 2;
    (bound_bytes(next_row_, next_row_ + middle) <= max_bytes ? fits : too_many) = middle;
  }
  return fits;
}

// Appends rows [from, to) of the window to all columns; returns the first row that does not fit
// its column's type, in the order of rows, or `to`.
Result<std::int64_t> CsvDecoder::append(std::int64_t from, std::int64_t to) {
  for (Column& column : columns_) {
    POLARWAY_TRY(const std::int64_t bad, column.builder->append(window_, column.index, from, to));
    if (bad < 0) continue;
    to = bad;  // the columns after it stop there, so the last to complain has the first bad row
    misfit_column_ = &column - columns_.data();
  }
  return to;
}

Result<std::optional<Batch>> CsvDecoder::read_chunk(const ChunkTarget& target) {
  // Buffers grow by a quarter and sit in size classes an eighth apart.
  const std::int64_t max_bytes = target.max_bytes / 10 * 7;
  std::int64_t have = 0;
  std::int64_t used_bytes = 0;
  bool started = false;
  while (have < target.max_rows && !at_end_) {
    if (target.stop.stop_requested() && have == 0) {
      return fail({.kind = ErrorKind::Cancelled,
                   .where = {.location = bytes_->location()},
                   .message = "stopped"});
    }
    if (target.stop.stop_requested()) break;
    if (next_row_ == window_.num_rows) {
      Result<bool> more = next_window(target.stop);
      if (!more && have > 0) break;  // the rows before an error are good; it comes next time
      if (!more) return fail(std::move(more.error()));
      at_end_ = !*more;
      continue;
    }
    if (!started) {
      for (Column& column : columns_) {
        POLARWAY_CHECK(column.builder->start(std::min(target.max_rows, window_.num_rows)));
      }
      started = true;
    }
    const std::int64_t fit = rows_within(target.max_rows - have, max_bytes - used_bytes);
    if (fit == 0 && have == 0) {
      const std::int64_t row_bytes =
          std::int64_t{window_.row_end(next_row_)} - window_.row_begin(next_row_);
      SourceError error = at_row({.kind = ErrorKind::MemoryLimit,
                                  .message = "a row of " + std::to_string(row_bytes) +
                                             " bytes is larger than a chunk may be",
                                  .hint = "raise the memory limit"},
                                 next_row_);
      error.memory =
          MemoryShortage{.limit_bytes = context_.budget->limit_bytes(),
                         .used_bytes = context_.budget->used_bytes(),
                         .needed_bytes = bound_bytes(next_row_, next_row_ + 1) / 7 * 10 + 64,
                         .holdings = {}};
      return fail(std::move(error));
    }
    if (fit == 0) break;
    const Result<std::int64_t> appended = append(next_row_, next_row_ + fit);
    if (!appended && have == 0) return fail(appended.error());
    if (!appended) {  // the rows so far are good; the others are tried again
      for (Column& column : columns_) column.builder->truncate(have);
      break;
    }
    const std::int64_t end = *appended;
    if (end < next_row_ + fit) {
      pending_error_ = misfit_error(end);
      window_.num_rows = end;
      for (Column& column : columns_) column.builder->truncate(have + end - next_row_);
    }
    have += end - next_row_;
    if (end > next_row_) used_bytes += bound_bytes(next_row_, end);
    next_row_ = end;
  }
  if (have == 0) return std::nullopt;
  POLARWAY_TRY(Batch batch, finish_batch(have));
  return batch;
}

Result<Batch> CsvDecoder::finish_batch(std::int64_t num_rows) {
  arrow::ArrayVector arrays;
  for (Column& column : columns_) {
    POLARWAY_TRY(auto array, column.builder->finish());
    arrays.push_back(std::move(array));
  }
  return Batch{.rows = arrow::RecordBatch::Make(schema_, num_rows, std::move(arrays)),
               .position_after = bytes_->seekable() ? here().to_text() : std::string()};
}

Position CsvDecoder::here() const {
  std::int64_t byte = block_->offset();
  if (next_row_ < window_.num_rows) {
    byte += window_.row_begin(next_row_);
  } else if (window_.num_rows > 0) {
    byte += std::min<std::int64_t>(std::int64_t{window_.row_end(window_.num_rows - 1)} + 1,
                                   static_cast<std::int64_t>(block_->text().size()));
  }
  return {.byte = byte,
          .row = rows_before_ + next_row_,
          .end_byte = end_byte_,
          .identity = bytes_->identity()};
}

Result<std::vector<Split>> CsvDecoder::splits(int max_splits) {
  if (!bytes_->seekable()) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .where = {.location = bytes_->location()},
                 .message = "a pipe cannot be split",
                 .hint = "write it to a file first"});
  }
  const std::int64_t size = bytes_->size_bytes().value_or(0);
  const std::int64_t first = start_.data_offset;
  std::vector<Position> begins;
  // One structural pass: where a row begins is only known from all the quotes before it.
  while (static_cast<int>(begins.size()) < max_splits) {
    const auto wanted = [&] {
      return first + (size - first) / max_splits * static_cast<std::int64_t>(begins.size());
    };
    POLARWAY_TRY(const bool more, next_window(context_.stop));
    if (!more) break;
    for (std::int64_t row = 0;
         row < window_.num_rows && static_cast<int>(begins.size()) < max_splits; ++row) {
      const std::int64_t byte = block_->offset() + window_.row_begin(row);
      if (byte < wanted()) continue;
      begins.push_back({.byte = byte,
                        .row = rows_before_ + row,
                        .end_byte = {},
                        .identity = bytes_->identity()});
    }
  }
  std::vector<Split> splits;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    begins[i].end_byte = i + 1 < begins.size() ? begins[i + 1].byte : size;
    splits.push_back({.piece = begins[i].to_text(),
                      .size_bytes = *begins[i].end_byte - begins[i].byte,
                      .working_set_bytes = working_set_bytes({})});
  }
  return splits;
}

SourceError CsvDecoder::at_row(SourceError error, std::int64_t row_in_window) const {
  error.where.location = bytes_->location();
  const bool in_window = row_in_window < window_.num_rows;
  error.where.row = rows_before_ + row_in_window + 1;
  error.where.byte_offset =
      block_->offset() + (in_window ? std::int64_t{window_.row_begin(row_in_window)} : 0);
  return error;
}

SourceError CsvDecoder::ragged_error(const RaggedRow& ragged) const {
  SourceError error = at_row({.kind = ErrorKind::Parse}, 0);
  error.where.row = rows_before_ + ragged.row + 1;
  error.where.byte_offset = block_->offset() + ragged.begin;
  const std::string_view text(reinterpret_cast<const char*>(window_.text) + ragged.begin,
                              ragged.end - ragged.begin);
  error.message = "the row has " + std::to_string(ragged.num_fields) + " fields, the table " +
                  std::to_string(window_.num_columns) + " columns: " + shorten(text);
  error.hint = "check delimiter and quote_char, or mend the row";
  return error;
}

SourceError CsvDecoder::misfit_error(std::int64_t row) const {
  SourceError error = at_row({.kind = ErrorKind::Schema}, row);
  const Column& column = columns_[static_cast<std::size_t>(misfit_column_)];
  const FileColumn& file_column = start_.columns[static_cast<std::size_t>(column.index)];
  const std::string_view field = window_.field(row, column.index);
  error.where.column = file_column.name;
  error.where.byte_offset =
      block_->offset() + (field.data() - reinterpret_cast<const char*>(window_.text));
  error.message = shorten(field) + " is no " + file_column.type.to_string();
  error.hint = file_column.inferred
                   ? "the type was inferred from the first rows: raise infer_schema_length, pin "
                     "it with schema, or name the text in null_values"
                   : "change the column's type in schema, or name the text in null_values";
  if (unquote(field, scanner_->marks()).malformed) {
    error.kind = ErrorKind::Parse;
    error.message = "text stands after the closing quote: " + shorten(field);
    error.hint = "check quote_char and how quotes are escaped";
  }
  return error;
}

SourceError CsvDecoder::encoding_error(std::int64_t row) const {
  SourceError error = at_row({.kind = ErrorKind::Parse}, row);
  for (std::int64_t column = 0; column < window_.num_columns; ++column) {
    const std::string_view field = window_.field(row, column);
    const std::size_t valid = valid_utf8_length(field);
    if (valid == field.size()) continue;
    error.where.column = start_.columns[static_cast<std::size_t>(column)].name;
    error.where.byte_offset = block_->offset() +
                              (field.data() - reinterpret_cast<const char*>(window_.text)) +
                              static_cast<std::int64_t>(valid);
    error.message = shorten(field) + " is not valid UTF-8";
    break;
  }
  if (error.message.empty()) error.message = "the row is not valid UTF-8";
  error.hint = "set encoding=latin1, or encoding=utf-8-lossy to replace such bytes";
  return error;
}

}  // namespace

std::unique_ptr<Decoder> make_csv_decoder(CsvOptions options, std::int64_t block_bytes) {
  return std::make_unique<CsvDecoder>(std::move(options), block_bytes);
}

}  // namespace polarway::csv
