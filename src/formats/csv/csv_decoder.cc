#include "formats/csv/csv_decoder.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <new>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "core/measured_lease.h"
#include "core/nearest_name.h"
#include "core/quoted_text.h"
#include "formats/csv/column_lanes.h"
#include "formats/csv/header.h"
#include "formats/csv/position.h"
#include "formats/csv/row_errors.h"
#include "formats/csv/run_crew.h"
#include "formats/csv/sniff.h"
#include "formats/csv/window_reader.h"

namespace polarway::csv {
namespace {

// A pipe's sample cannot be read twice, so the first block must hold it.
constexpr std::int64_t kPipeBlockBytes = kSniffedBytes;

// One thread finds rows about as fast as six can convert them.
constexpr int kMostThreads = 8;

using Clock = std::chrono::steady_clock;

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
      crew_->abandon();
      final_error_ = errors_.at({.kind = ErrorKind::MemoryLimit,
                                 .message = "the system refused memory in the middle of a chunk",
                                 .hint = "lower the memory limit to what there is"},
                                empty_window(delivered_.byte, delivered_.row), 0);
      return fail(*final_error_);
    }
  }

  Result<std::vector<Split>> splits(int max_splits) override;

  std::int64_t bytes_read() const override {
    return bytes_ ? bytes_->bytes_read() - sample_bytes_ : 0;
  }

 private:
  // A window, and when it is done with.
  struct Queued {
    Window window;
    std::size_t runs_through = 0;  // the crew's runs up to its last one
  };
  // A place between two rows of the file.
  struct Place {
    std::int64_t byte = 0;
    std::int64_t row = 0;
  };
  // Rows of a window that the crew was given.
  struct Handed {
    Queued* queued = nullptr;
    std::int64_t from = 0;
    std::int64_t rows_before = 0;  // of the chunk
    Place begin;                   // behind those
  };
  // The chunk being built.
  struct Building {
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    Place end;  // behind its last row
  };

  Result<ScanPlan> open_start(const ScanRequest& request);
  Result<void> choose_columns(const ScanRequest& request);
  void start_reading(std::int64_t rows_before);

  Result<std::optional<Batch>> read_chunk(const ChunkTarget& target);
  bool is_waited_for(Clock::time_point now) const;
  Result<void> hand_out(const ChunkTarget& target, Building& chunk);
  Result<void> hand_out_rows(const ChunkTarget& target, Building& chunk, bool& is_full);
  Result<bool> scan_more(std::stop_token stop);
  std::size_t retire();
  Result<void> settle(Building& chunk);
  Result<Batch> finish_batch(const Building& chunk);

  std::int64_t rows_within(const Rows& rows, std::int64_t max_rows, std::int64_t max_bytes) const;
  std::int64_t bound_bytes(const Rows& rows, std::int64_t from, std::int64_t to) const;

  CsvOptions options_;
  NullValues nulls_;
  std::int64_t block_bytes_;
  std::unique_ptr<ByteStream> bytes_;
  Context context_;
  std::unique_ptr<Block> block_;
  std::unique_ptr<RowScanner> scanner_;
  FileStart start_;
  std::int64_t sample_bytes_ = 0;  // read for the sample, and read again
  std::vector<WantedColumn> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<std::int64_t> end_byte_;  // of a split

  std::int64_t fixed_row_bytes_ = 0;  // Arrow bytes of a row, text aside
  std::int64_t widest_byte_ = 0;      // UTF-8 bytes that one byte of text may become

  RowErrors errors_;
  std::unique_ptr<WindowReader> reader_;
  std::deque<Queued> windows_;       // found, and not yet delivered whole
  std::size_t num_handed_ = 0;       // of them: the crew has all their rows
  std::int64_t next_row_ = 0;        // of the window behind those: the first that the crew has not
  std::vector<Handed> handed_;       // the crew's runs
  Clock::time_point last_end_;       // of read_chunk(),
  Clock::duration last_duration_{};  // and what it took
  Place delivered_;                  // the end of the last chunk
  bool at_end_ = false;
  std::optional<SourceError> final_error_;
  std::unique_ptr<RunCrew> crew_;  // the last member: it uses the others
};

Result<ScanPlan> CsvDecoder::open_start(const ScanRequest& request) {
  const bool seekable = bytes_->seekable();
  const bool finds_dialect = options_.dialect == Dialect::Auto;
  POLARWAY_TRY(block_,
               Block::make(*bytes_, seekable && !finds_dialect ? block_bytes_ : kPipeBlockBytes,
                           context_.budget));
  if (finds_dialect) {
    POLARWAY_TRY(options_, found_options(options_, *block_, context_.budget, context_.stop));
  }
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

  std::int64_t rows_before = 0;
  for (const auto& place :
       {request.split ? std::optional(request.split->piece) : std::nullopt, request.resume_from}) {
    if (!place) continue;
    POLARWAY_TRY(const Position position, Position::parse(*place, *bytes_));
    POLARWAY_CHECK(block_->seek(position.byte));
    rows_before = position.row;
    if (position.end_byte) end_byte_ = position.end_byte;
  }

  start_reading(rows_before);

  SourceMetadata metadata{.schema = Schema(schema_),
                          .size_bytes = bytes_->size_bytes(),
                          .num_records = {},
                          .bytes_per_row = 0.0,
                          .seekable = seekable,
                          .parallelizable = true,
                          .splittable = seekable,
                          .ordered = true,
                          .bounded = true};
  for (const WantedColumn& column : columns_) {
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

void CsvDecoder::start_reading(std::int64_t rows_before) {
  constexpr std::int64_t kWindowsPerThread = 2;
  delivered_ = {block_->offset(), rows_before};
  errors_ = RowErrors(bytes_->location(), start_.columns, scanner_->marks());
  const bool parallel = context_.parallel && context_.executor;
  const int most_threads = parallel ? std::min(context_.executor->num_threads(), kMostThreads) : 1;
  // A count looks at structure only, and needs no lane.
  std::vector<RunCrew::Lane> lanes;
  if (!columns_.empty()) {
    lanes = make_lanes(columns_, options_.encoding == Encoding::Utf8, most_threads);
  }
  const int num_threads = std::clamp(static_cast<int>(lanes.size()), 1, most_threads);
  const std::int64_t num_spares = num_threads > 1 ? kWindowsPerThread * num_threads - 1 : 0;
  reader_ = std::make_unique<WindowReader>(*block_, *scanner_, errors_, rows_before, end_byte_,
                                           num_spares, block_bytes_, context_.budget);
  crew_ = std::make_unique<RunCrew>(std::move(lanes), context_.executor, num_threads - 1);
}

// Upper bound of the Arrow bytes of rows [from, to).
std::int64_t CsvDecoder::bound_bytes(const Rows& rows, std::int64_t from, std::int64_t to) const {
  return (to - from) * fixed_row_bytes_ +
         widest_byte_ * (std::int64_t{rows.row_end(to - 1)} - rows.row_begin(from));
}

// How many of the next rows fit.
std::int64_t CsvDecoder::rows_within(const Rows& rows, std::int64_t max_rows,
                                     std::int64_t max_bytes) const {
  std::int64_t fits = 0;
  std::int64_t too_many = std::min(max_rows, rows.num_rows - next_row_) + 1;
  while (fits + 1 < too_many) {
    const std::int64_t middle = fits + (too_many - fits) / 2;
    (bound_bytes(rows, next_row_, next_row_ + middle) <= max_bytes ? fits : too_many) = middle;
  }
  return fits;
}

// Lets go of windows that all columns have. Says how many runs are done.
std::size_t CsvDecoder::retire() {
  const std::size_t num_done = crew_->num_done();
  for (; num_handed_ > 0 && windows_.front().runs_through <= num_done; --num_handed_) {
    windows_.pop_front();
  }
  return num_done;
}

// Finds another window, or works on those there are until there is memory for it. False at the end.
Result<bool> CsvDecoder::scan_more(std::stop_token stop) {
  const std::size_t num_done = retire();
  if (!reader_->can_read()) {
    if (!crew_->help()) crew_->wait(num_done);
    return true;
  }
  Result<std::optional<Window>> window = reader_->next(stop);
  if (!window && window.error().kind == ErrorKind::MemoryLimit && reader_->has_spares()) {
    // What one thread has room for, several must have, too.
    crew_->finish();
    retire();
    if (windows_.empty()) reader_->drop_spares();
    return true;
  }
  if (!window) return fail(std::move(window.error()));
  if (!*window) return false;
  windows_.push_back({.window = **std::move(window)});
  next_row_ = 0;
  return true;
}

// Hands the crew the next rows of the window at hand, as many as the chunk takes.
Result<void> CsvDecoder::hand_out_rows(const ChunkTarget& target, Building& chunk, bool& is_full) {
  // Buffers grow by a quarter and sit in size classes an eighth apart.
  const std::int64_t max_bytes = target.max_bytes / 10 * 7;
  Queued& queued = windows_[num_handed_];
  const Window& window = queued.window;
  const Rows& rows = window.rows;
  const std::int64_t fit = rows_within(rows, target.max_rows - chunk.rows, max_bytes - chunk.bytes);
  if (fit == 0 && chunk.rows == 0) {
    const std::int64_t row_bytes =
        std::int64_t{rows.row_end(next_row_)} - rows.row_begin(next_row_);
    SourceError error = errors_.at({.kind = ErrorKind::MemoryLimit,
                                    .message = "a row of " + std::to_string(row_bytes) +
                                               " bytes is larger than a chunk may be",
                                    .hint = "raise the memory limit"},
                                   window, next_row_);
    error.memory =
        MemoryShortage{.limit_bytes = context_.budget->limit_bytes(),
                       .used_bytes = context_.budget->used_bytes(),
                       .needed_bytes = bound_bytes(rows, next_row_, next_row_ + 1) / 7 * 10 + 64,
                       .holdings = {}};
    if (windows_.size() == 1) reader_->drop_spares();  // the row may need what they take
    return fail(std::move(error));
  }
  is_full = fit == 0;
  if (is_full) return {};
  if (chunk.rows == 0) {
    for (const WantedColumn& column : columns_) {
      POLARWAY_CHECK(column.builder->start(std::min(target.max_rows, rows.num_rows)));
    }
  }
  const std::int64_t to = next_row_ + fit;
  handed_.push_back(
      {.queued = &queued, .from = next_row_, .rows_before = chunk.rows, .begin = chunk.end});
  crew_->push({rows, next_row_, to});
  chunk.rows += fit;
  chunk.bytes += bound_bytes(rows, next_row_, to);
  chunk.end = {window.end_after(to), window.rows_before + to};
  next_row_ = to;
  if (to == rows.num_rows) {
    queued.runs_through = handed_.size();
    ++num_handed_;
    next_row_ = 0;
  }
  return {};
}

// Gives the crew the rows of a chunk. An error says why it is not full.
Result<void> CsvDecoder::hand_out(const ChunkTarget& target, Building& chunk) {
  bool is_full = false;
  while (chunk.rows < target.max_rows && !is_full && !crew_->has_stopped()) {
    if (target.stop.stop_requested()) {
      return fail({.kind = ErrorKind::Cancelled,
                   .where = {.location = bytes_->location()},
                   .message = "stopped"});
    }
    if (num_handed_ < windows_.size()) {
      POLARWAY_CHECK(hand_out_rows(target, chunk, is_full));
    } else {
      if (at_end_) break;
      POLARWAY_TRY(const bool more, scan_more(target.stop));
      at_end_ = !more;
    }
  }
  return {};
}

// Goes back to where the crew stopped, if it did.
Result<void> CsvDecoder::settle(Building& chunk) {
  crew_->finish();
  retire();
  std::optional<RunCrew::Stop> stop = crew_->stop();
  if (!stop) return {};
  if (stop->no_memory) throw std::bad_alloc();
  const Handed& handed = handed_[stop->run];
  const Window& window = handed.queued->window;
  const auto [row, column] = stop->misfit;
  const std::int64_t taken = stop->error ? 0 : row - handed.from;
  chunk.rows = handed.rows_before + taken;
  chunk.end = taken > 0 ? Place{window.end_after(row), window.rows_before + row} : handed.begin;
  for (const WantedColumn& builder : columns_) builder.builder->truncate(chunk.rows);
  if (stop->error) {  // the rows from there on are tried again
    while (&windows_.front() != handed.queued) windows_.pop_front();
    num_handed_ = 0;
    next_row_ = handed.from;
    if (chunk.rows == 0) return fail(*std::move(stop->error));
    return {};
  }
  final_error_ =
      column == kNoColumn ? errors_.encoding(window, row) : errors_.misfit(window, row, column);
  if (chunk.rows == 0) return fail(*final_error_);
  return {};
}

// Whoever lets more time pass between two chunks than one takes to read is busy with them: read
// ahead of it, chunks come in time without helpers, which would only take its core away.
bool CsvDecoder::is_waited_for(Clock::time_point now) const {
  return last_duration_ == Clock::duration::zero() || now - last_end_ < last_duration_;
}

Result<std::optional<Batch>> CsvDecoder::read_chunk(const ChunkTarget& target) {
  const Clock::time_point start = Clock::now();
  if (windows_.size() < 2) reader_->fit_spares();
  crew_->start(is_waited_for(start));
  handed_.clear();
  Building chunk;
  Result<void> handed = hand_out(target, chunk);
  POLARWAY_CHECK(settle(chunk));
  last_end_ = Clock::now();
  last_duration_ = last_end_ - start;
  if (chunk.rows > 0) {  // the rows before an error are good; it comes next time
    POLARWAY_TRY(Batch batch, finish_batch(chunk));
    return batch;
  }
  if (!handed) return fail(std::move(handed.error()));
  return std::nullopt;
}

Result<Batch> CsvDecoder::finish_batch(const Building& chunk) {
  arrow::ArrayVector arrays;
  for (const WantedColumn& column : columns_) {
    POLARWAY_TRY(auto array, column.builder->finish());
    arrays.push_back(std::move(array));
  }
  Batch batch{.rows = arrow::RecordBatch::Make(schema_, chunk.rows, std::move(arrays)),
              .position_after = {}};
  if (bytes_->seekable()) {
    const Position position{.byte = chunk.end.byte,
                            .row = chunk.end.row,
                            .end_byte = end_byte_,
                            .identity = bytes_->identity()};
    batch.position_after = position.to_text();
  }
  delivered_ = chunk.end;
  return batch;
}

Result<std::vector<Split>> CsvDecoder::splits(int max_splits) {
  if (!bytes_->seekable()) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .where = {.location = bytes_->location()},
                 .message = "a pipe cannot be split",
                 .hint = "write it to a file first"});
  }
  windows_.clear();
  num_handed_ = 0;
  const std::int64_t size = bytes_->size_bytes().value_or(0);
  const std::int64_t first = start_.data_offset;
  std::vector<Position> begins;
  // One structural pass: where a row begins is only known from all the quotes before it.
  while (static_cast<int>(begins.size()) < max_splits) {
    const auto wanted = [&] {
      return first + (size - first) / max_splits * static_cast<std::int64_t>(begins.size());
    };
    POLARWAY_TRY(const std::optional<Window> window, reader_->next(context_.stop));
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
  std::vector<Split> splits;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    begins[i].end_byte = i + 1 < begins.size() ? begins[i + 1].byte : size;
    splits.push_back({.piece = begins[i].to_text(),
                      .size_bytes = *begins[i].end_byte - begins[i].byte,
                      .working_set_bytes = working_set_bytes({})});
  }
  return splits;
}

}  // namespace

std::unique_ptr<Decoder> make_csv_decoder(CsvOptions options, std::int64_t block_bytes) {
  return std::make_unique<CsvDecoder>(std::move(options), block_bytes);
}

}  // namespace polarway::csv
