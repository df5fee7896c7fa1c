#include "formats/csv/csv_decoder.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <new>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "core/measured_lease.h"
#include "formats/csv/chunk_assembler.h"
#include "formats/csv/chunk_bound.h"
#include "formats/csv/column_lanes.h"
#include "formats/csv/header.h"
#include "formats/csv/misfits.h"
#include "formats/csv/piece_counter.h"
#include "formats/csv/piece_decoder.h"
#include "formats/csv/rescued_column.h"
#include "formats/csv/row_counter.h"
#include "formats/csv/row_errors.h"
#include "formats/csv/row_picker.h"
#include "formats/csv/run_crew.h"
#include "formats/csv/sniff.h"
#include "formats/csv/window_reader.h"
#include "formats/position.h"
#include "formats/row_rejects.h"
#include "frame/column_name.h"

namespace polarway::csv {
namespace {

// A pipe's sample cannot be read twice, so the first block must hold it.
constexpr std::int64_t kPipeBlockBytes = kSniffedBytes;

// One thread finds rows about as fast as six can convert them.
constexpr int kMostThreads = 8;

class CsvDecoder final : public Decoder {
 public:
  CsvDecoder(CsvOptions options, std::int64_t block_bytes)
      : options_(std::move(options)), rules_(options_), block_bytes_(block_bytes) {}

  std::int64_t working_set_bytes(const ScanRequest& request) const override {
    const std::int64_t positions = RowScanner::working_set_bytes(rules_of(options_));
    std::int64_t bytes = kPipeBlockBytes + 2 * Block::kPadding + positions;
    if (request.filter) bytes += RowPicker::kWorkingSetBytes + positions;
    return bytes;
  }

  Result<Schema> start(std::unique_ptr<ByteStream> bytes, const Schema& known,
                       const Context& context) override {
    bytes_ = std::move(bytes);
    context_ = context;
    return placed(find_columns(known));
  }

  Result<ScanPlan> open(const ScanRequest& request) override { return placed(plan(request)); }

  Result<std::optional<Batch>> read(const ChunkTarget& target) override {
    if (final_error_) return fail(*final_error_);
    try {
      Result<std::optional<Batch>> batch = counter_ ? count_chunk(target) : read_chunk(target);
      if (!batch && !batch.error().retryable()) final_error_ = batch.error();
      return batch;
    } catch (const std::bad_alloc&) {
      // Rows may have been taken that nobody will get, so there is no going on.
      if (chunks_) chunks_->abandon();
      final_error_ =
          row_errors().at({.kind = ErrorKind::MemoryLimit,
                           .message = "the system refused memory in the middle of a chunk",
                           .hint = "lower the memory limit to what there is"},
                          empty_window(delivered_.byte, delivered_.row), 0);
      return fail(*final_error_);
    }
  }

  Result<std::vector<Split>> splits(int max_splits) override;

  std::int64_t next_row() const override { return delivered_.row; }

  std::int64_t bytes_read() const override {
    if (!bytes_) return 0;
    return bytes_->bytes_read() - sample_bytes_ - (counter_ ? counter_->bytes_read_again() : 0) -
           (chunks_ ? chunks_->bytes_read_again() : 0);
  }

 private:
  template <class T>
  Result<T> placed(Result<T> result) const {
    if (!result && result.error().where.location.empty())
      result.error().where.location = bytes_->location();
    return result;
  }
  Result<Schema> find_columns(const Schema& known);
  Result<ScanPlan> plan(ScanRequest request);
  std::optional<Expr> take_residual(ScanRequest& request) const;
  Result<WantedColumn> make_column(const std::string& name);
  std::shared_ptr<arrow::Field> field_of(const WantedColumn& column) const;
  Result<void> choose_columns(const ScanRequest& request);
  Result<std::unique_ptr<RowPicker>> make_picker(const Expr& filter);
  Result<void> start_reading(const ScanRequest& request, std::int64_t rows_before);
  RowErrors row_errors() const;
  std::unique_ptr<WindowReader> read_windows(std::int64_t rows_before, int num_threads);
  int num_threads() const;
  bool can_use_pieces() const;
  std::unique_ptr<PieceCounter> count_in_pieces();
  ChunkBound chunk_bound() const;
  std::unique_ptr<PieceDecoder> decode_in_pieces(const ScanRequest& request);
  Result<std::optional<Batch>> read_chunk(const ChunkTarget& target);
  Result<std::optional<Batch>> count_chunk(const ChunkTarget& target);
  Result<Batch> finish_batch(std::int64_t num_rows, const Place& end);

  CsvOptions options_;
  FileRules rules_;
  std::int64_t block_bytes_;
  std::unique_ptr<ByteStream> bytes_;
  Context context_;
  std::unique_ptr<Block> block_;
  std::unique_ptr<RowScanner> scanner_;
  FileStart start_;
  std::unordered_map<std::string_view, std::int64_t> places_;  // of the names in start_
  std::int64_t sample_bytes_ = 0;  // read for the sample, and read again
  std::vector<WantedColumn> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<std::size_t> rescued_;  // where the rescued column is among the schema's; then all
                                        // columns are made, those that are wanted come first
  std::unique_ptr<RowRejects> rejects_;
  std::unique_ptr<Misfits> misfits_;      // where not all faults end the stream
  std::unique_ptr<RowPicker> picker_;     // where there is a filter
  std::optional<std::int64_t> end_byte_;  // of a split
  Place delivered_;                       // the end of the last chunk
  std::optional<SourceError> final_error_;
  std::unique_ptr<WindowReader> windows_;   // what a count does not understand
  std::optional<RowCounter> counter_;       // where no column is wanted, and no filter reads any
  std::unique_ptr<ChunkAssembler> chunks_;  // the last member: it uses the others
};

Result<Schema> CsvDecoder::find_columns(const Schema& known) {
  const bool seekable = bytes_->seekable();
  const bool finds_dialect = options_.dialect == Dialect::Auto;
  POLARWAY_TRY(block_,
               Block::make(*bytes_, seekable && !finds_dialect ? block_bytes_ : kPipeBlockBytes,
                           context_.budget));
  if (finds_dialect) {
    POLARWAY_TRY(options_, found_options(options_, *block_, context_.budget, context_.stop));
    rules_ = FileRules(options_);
  }
  scanner_ = std::make_unique<RowScanner>(*block_, marks_of(options_), context_.budget,
                                          rules_of(options_));
  POLARWAY_TRY(start_, read_start(*block_, *scanner_, options_, rules_, known, seekable,
                                  context_.budget, context_.stop));
  Schema columns = start_.schema();
  if (schema_change_of(options_) != SchemaChange::Rescue) return columns;
  if (columns.arrow()->GetFieldIndex(kRescuedColumn) >= 0) {
    return fail(rescued_column_is_there());
  }
  arrow::FieldVector fields = columns.arrow()->fields();
  fields.push_back(arrow::field(kRescuedColumn, arrow::utf8()));
  return Schema(arrow::schema(std::move(fields)));
}

Result<ScanPlan> CsvDecoder::plan(ScanRequest request) {
  const std::optional<Expr> residual = take_residual(request);
  POLARWAY_CHECK(choose_columns(request));
  settle_measured(start_.columns_lease);
  // What is read again after the sample counts once.
  if (bytes_->random_access()) {
    sample_bytes_ =
        bytes_->bytes_read() - block_->offset() - static_cast<std::int64_t>(block_->text().size());
  }

  std::int64_t rows_before = 0;
  for (const auto& place :
       {request.split ? std::optional(request.split->piece) : std::nullopt, request.resume_from}) {
    if (!place) continue;
    POLARWAY_TRY(const Position position, Position::parse(*place, *bytes_));
    POLARWAY_CHECK(block_->seek(position.byte));
    rows_before = position.row;
    if (position.end_byte) end_byte_ = position.end_byte;
  }

  POLARWAY_CHECK(start_reading(request, rows_before));

  SourceMetadata metadata{.schema = Schema(schema_),
                          .size_bytes = bytes_->size_bytes(),
                          .num_records = {},
                          .bytes_per_row = 0.0,
                          .seekable = bytes_->seekable(),
                          .parallelizable = true,
                          .splittable = bytes_->random_access(),
                          .ordered = true,
                          .bounded = true};
  for (const WantedColumn& column : columns_) {
    *metadata.bytes_per_row += start_.columns[static_cast<std::size_t>(column.index)].bytes_per_row;
  }
  return ScanPlan{.metadata = std::move(metadata), .residual = residual, .limit_applied = false};
}

Result<WantedColumn> CsvDecoder::make_column(const std::string& name) {
  const auto found = places_.find(name);
  if (found == places_.end()) {
    std::vector<std::string> names;
    for (const FileColumn& column : start_.columns) names.push_back(column.name);
    return fail(no_such_column(name, names, {.location = bytes_->location(), .column = name}));
  }
  const FileColumn& column = start_.columns[static_cast<std::size_t>(found->second)];
  auto builder = make_column_builder(column.type.arrow(), column.inferred,
                                     {.marks = scanner_->marks(),
                                      .encoding = options_.encoding,
                                      .rules = &rules_.of(name),
                                      .pool = context_.budget->arrow_pool()});
  if (!builder) {
    builder.error().where.column = name;
    return fail(std::move(builder.error()));
  }
  return WantedColumn{found->second, *std::move(builder)};
}

std::shared_ptr<arrow::Field> CsvDecoder::field_of(const WantedColumn& column) const {
  const FileColumn& in_file = start_.columns[static_cast<std::size_t>(column.index)];
  return arrow::field(in_file.name, in_file.type.arrow());
}

Result<void> CsvDecoder::choose_columns(const ScanRequest& request) {
  for (const FileColumn& column : start_.columns) {
    places_.emplace(column.name, static_cast<std::int64_t>(places_.size()));
  }
  std::vector<std::string> wanted;
  if (request.columns) {
    wanted = *request.columns;
  } else {
    for (const FileColumn& column : start_.columns) wanted.push_back(column.name);
  }
  if (schema_change_of(options_) == SchemaChange::Rescue) {
    if (!request.columns) wanted.emplace_back(kRescuedColumn);
    const auto rescued = std::find(wanted.begin(), wanted.end(), kRescuedColumn);
    if (rescued != wanted.end()) rescued_ = static_cast<std::size_t>(rescued - wanted.begin());
  }
  arrow::FieldVector fields;
  for (const std::string& name : wanted) {
    if (rescued_ == fields.size()) {
      fields.push_back(arrow::field(kRescuedColumn, arrow::utf8()));
      continue;
    }
    POLARWAY_TRY(WantedColumn column, make_column(name));
    fields.push_back(field_of(column));
    columns_.push_back(std::move(column));
  }
  schema_ = arrow::schema(std::move(fields));
  // What is rescued does not depend on which other columns are wanted.
  for (std::size_t i = 0; rescued_ && i < start_.columns.size(); ++i) {
    const std::string& name = start_.columns[i].name;
    if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) continue;
    POLARWAY_TRY(WantedColumn column, make_column(name));
    columns_.push_back(std::move(column));
  }
  return {};
}

// A filter of what is rescued, which is known only when all columns are made. Takes it out of the
// request.
std::optional<Expr> CsvDecoder::take_residual(ScanRequest& request) const {
  if (!request.filter || schema_change_of(options_) != SchemaChange::Rescue) return std::nullopt;
  const std::vector<std::string> names = request.filter->columns();
  if (std::find(names.begin(), names.end(), kRescuedColumn) == names.end()) return std::nullopt;
  for (const std::string& name : names) {
    if (!request.columns) break;
    auto& wanted = *request.columns;
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) wanted.push_back(name);
  }
  return std::exchange(request.filter, std::nullopt);
}

// The filter's columns are read apart from the wanted ones, which are made of fewer rows.
Result<std::unique_ptr<RowPicker>> CsvDecoder::make_picker(const Expr& filter) {
  std::vector<WantedColumn> columns;
  arrow::FieldVector fields;
  for (const std::string& name : filter.columns()) {
    POLARWAY_TRY(WantedColumn column, make_column(name));
    fields.push_back(field_of(column));
    columns.push_back(std::move(column));
  }
  const auto schema = arrow::schema(std::move(fields));
  POLARWAY_TRY(BoundExpr predicate, bind_predicate(filter, *schema));
  return std::make_unique<RowPicker>(std::move(predicate), std::move(columns), schema,
                                     options_.encoding, context_.budget, misfits_.get());
}

RowErrors CsvDecoder::row_errors() const {
  return RowErrors(bytes_->location(), start_.columns, scanner_->marks());
}

std::unique_ptr<WindowReader> CsvDecoder::read_windows(std::int64_t rows_before, int num_threads) {
  constexpr std::int64_t kWindowsPerThread = 2;
  const std::int64_t num_spares = num_threads > 1 ? kWindowsPerThread * num_threads - 1 : 0;
  return std::make_unique<WindowReader>(*block_, *scanner_, row_errors(), rows_before, end_byte_,
                                        options_.n_rows, num_spares, block_bytes_, context_.budget);
}

int CsvDecoder::num_threads() const {
  const bool parallel = context_.parallel && context_.executor;
  return parallel ? std::min(context_.executor->num_threads(), kMostThreads) : 1;
}

bool CsvDecoder::can_use_pieces() const {
  return num_threads() > 1 && bytes_->reads_anywhere() && RowCounter::is_simple(*scanner_);
}

// Null where one thread counts.
std::unique_ptr<PieceCounter> CsvDecoder::count_in_pieces() {
  if (!can_use_pieces()) return nullptr;
  auto crew = std::make_unique<PieceCrew>(*bytes_, scanner_->marks(), scanner_->rules().num_columns,
                                          block_bytes_, context_.executor, num_threads() - 1);
  return std::make_unique<PieceCounter>(std::move(crew), scanner_->marks(),
                                        scanner_->rules().num_columns, context_.budget);
}

ChunkBound CsvDecoder::chunk_bound() const {
  ChunkBound bound;
  for (const WantedColumn& column : columns_) {
    bound.fixed_row_bytes += column.builder->fixed_row_bytes();
    if (column.builder->is_text()) bound.widest_byte = widest_byte(options_.encoding);
  }
  return bound;
}

// Null where one thread finds the rows.
std::unique_ptr<PieceDecoder> CsvDecoder::decode_in_pieces(const ScanRequest& request) {
  const RowRules& rules = scanner_->rules();
  if (!can_use_pieces() || misfits_ || rules.fit_rows() || options_.n_rows || columns_.empty()) {
    return nullptr;
  }
  PieceRules piece_rules{.marks = scanner_->marks(),
                         .rows = rules,
                         .piece_bytes = block_bytes_,
                         .checks_encoding = options_.encoding == Encoding::Utf8,
                         .widest_byte = widest_byte(options_.encoding)};
  for (const WantedColumn& column : columns_) {
    if (column.builder->is_text()) piece_rules.text_columns.push_back(column.index);
  }
  const std::int64_t picker_bytes = request.filter ? RowPicker::kWorkingSetBytes : 0;
  auto make_kit = [this, filter = request.filter]() -> Result<PieceDecoder::Kit> {
    PieceDecoder::Kit kit;
    for (const WantedColumn& column : columns_) {
      const std::string& name = start_.columns[static_cast<std::size_t>(column.index)].name;
      POLARWAY_TRY(WantedColumn part, make_column(name));
      kit.parts.push_back(std::move(part.builder));
    }
    if (!filter) return kit;
    POLARWAY_TRY(kit.picker, make_picker(*filter));
    return kit;
  };
  return std::make_unique<PieceDecoder>(*bytes_, std::move(piece_rules), columns_, chunk_bound(),
                                        PieceDecoder::Kits{std::move(make_kit), picker_bytes},
                                        context_.executor, num_threads() - 1, context_.budget);
}

Result<void> CsvDecoder::start_reading(const ScanRequest& request, std::int64_t rows_before) {
  delivered_ = {block_->offset(), rows_before};
  rejects_ =
      std::make_unique<RowRejects>(context_.rejects, !options_.ignore_errors, options_.max_rejects);
  if (columns_.empty() && !request.filter && !options_.n_rows) {
    windows_ = read_windows(rows_before, 1);
    const std::int64_t end = end_byte_.value_or(bytes_->size_bytes().value_or(0));
    counter_.emplace(*block_, *scanner_, *windows_, end_byte_, count_in_pieces(), end, row_errors(),
                     *rejects_);
    return {};
  }
  const SchemaChange change = schema_change_of(options_);
  if (change != SchemaChange::Error || scanner_->rules().rejects) {
    // One row too many is an error that says what is wrong with it.
    const bool keeps = !options_.ignore_errors || options_.max_rejects;
    misfits_ =
        std::make_unique<Misfits>(row_errors(), change, options_.encoding, keeps, context_.budget);
  }
  RunCrew::Sieve sieve;
  if (request.filter) {
    POLARWAY_TRY(picker_, make_picker(*request.filter));
    sieve = [picker = picker_.get()](Run& run) { return picker->pick(run); };
  }
  const int most_threads = num_threads();
  // What a sieve has left it has checked.
  std::vector<RunCrew::Lane> lanes;
  if (!columns_.empty() || misfits_) {
    const bool checks_encoding = !columns_.empty() && !sieve && options_.encoding == Encoding::Utf8;
    lanes = make_lanes(columns_, checks_encoding, most_threads, misfits_.get());
  }
  const int num_workers = static_cast<int>(lanes.size()) + (sieve ? 1 : 0);
  const int num_threads = std::clamp(num_workers, 1, most_threads);
  const std::int64_t pick_bytes = sieve ? scanner_->spare_bytes() : 0;
  chunks_ = std::make_unique<ChunkAssembler>(
      columns_, chunk_bound(), read_windows(rows_before, num_threads),
      std::make_unique<RunCrew>(std::move(lanes), context_.executor, num_threads - 1,
                                std::move(sieve)),
      pick_bytes, row_errors(), delivered_, context_, misfits_.get(), rejects_.get());
  if (std::unique_ptr<PieceDecoder> pieces = decode_in_pieces(request)) {
    chunks_->use_pieces(std::move(pieces), end_byte_.value_or(bytes_->size_bytes().value_or(0)));
  }
  return {};
}

Result<std::optional<Batch>> CsvDecoder::read_chunk(const ChunkTarget& target) {
  POLARWAY_TRY(const bool more, chunks_->next(target));
  if (!more) return std::nullopt;
  POLARWAY_TRY(Batch batch, finish_batch(chunks_->num_rows(), chunks_->end()));
  return batch;
}

Result<std::optional<Batch>> CsvDecoder::count_chunk(const ChunkTarget& target) {
  POLARWAY_TRY(const RowCounter::Counted counted, counter_->next(target.max_rows, target.stop));
  if (counted.rows == 0) return std::nullopt;
  POLARWAY_TRY(Batch batch,
               finish_batch(counted.rows, {counted.end_byte, counted.rows_before_end}));
  return batch;
}

Result<Batch> CsvDecoder::finish_batch(std::int64_t num_rows, const Place& end) {
  arrow::ArrayVector arrays;
  for (const WantedColumn& column : columns_) {
    POLARWAY_TRY(auto array, column.builder->finish());
    arrays.push_back(std::move(array));
  }
  if (rescued_) {
    arrays.resize(static_cast<std::size_t>(schema_->num_fields()) - 1);
    POLARWAY_TRY(auto array,
                 make_rescued_column(chunks_->rescued(), num_rows, context_.budget->arrow_pool()));
    arrays.insert(arrays.begin() + static_cast<std::ptrdiff_t>(*rescued_), std::move(array));
  }
  Batch batch{.rows = arrow::RecordBatch::Make(schema_, num_rows, std::move(arrays)),
              .position_after = {}};
  delivered_ = end;
  if (bytes_->seekable()) {
    const Position position{
        .byte = end.byte, .row = end.row, .end_byte = end_byte_, .identity = bytes_->identity()};
    batch.position_after = position.to_text();
  }
  return batch;
}

Result<std::vector<Split>> CsvDecoder::splits(int max_splits) {
  if (!bytes_->seekable()) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .where = {.location = bytes_->location()},
                 .message = "a pipe cannot be split",
                 .hint = "write it to a file first"});
  }
  if (!bytes_->random_access()) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .where = {.location = bytes_->location()},
                 .message = "a file that is compressed, or not UTF-8, cannot be split",
                 .hint = "decompress or convert it first"});
  }
  const std::unique_ptr<WindowReader> windows = read_windows(delivered_.row, 1);
  const std::int64_t size = bytes_->size_bytes().value_or(0);
  const std::int64_t first = start_.data_offset;
  std::vector<Position> begins;
  // One structural pass: where a row begins is only known from all the quotes before it.
  while (static_cast<int>(begins.size()) < max_splits) {
    const auto wanted = [&] {
      return first + (size - first) / max_splits * static_cast<std::int64_t>(begins.size());
    };
    POLARWAY_TRY(const std::optional<Window> window, windows->next(context_.stop));
    if (!window) break;
    const std::int64_t num_rows = window->rows.num_rows;
    for (std::int64_t row = 0; row < num_rows && static_cast<int>(begins.size()) < max_splits;
         ++row) {
      const std::int64_t byte = window->offset + window->rows.row_begin(row);
      if (byte < wanted()) continue;
      begins.push_back({.byte = byte,
                        .row = window->rows_before + row,
                        .end_byte = {},
                        .identity = bytes_->identity()});
    }
  }
  return splits_at(std::move(begins), size, working_set_bytes({}));
}

}  // namespace

std::unique_ptr<Decoder> make_csv_decoder(CsvOptions options, std::int64_t block_bytes) {
  return std::make_unique<CsvDecoder>(std::move(options), block_bytes);
}

}  // namespace polarway::csv
