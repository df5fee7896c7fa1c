#include "adaptive/chunk_reader.h"

#include <arrow/array/array_binary.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <new>

#include "core/budget_state.h"
#include "core/floor_error.h"
#include "core/format_bytes.h"
#include "core/leased_batch.h"
#include "core/memory_governor.h"
#include "core/out_of_memory.h"
#include "frame/column_name.h"
#include "frame/filter_batch.h"

namespace polarway {
namespace {

using Clock = std::chrono::steady_clock;

// A chunk is being read, one waits, one is in the caller's hands, and filters and queries make
// copies of them.
constexpr std::int64_t kChunksAtOnce = 6;
// What is reserved for each byte that rows are expected to weigh: rows vary, and builders grow in
// steps.
constexpr double kRoom = 3.0;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Of a column, what its values take.
std::int64_t value_bytes(const arrow::Array& column) {
  const std::int64_t rows = column.length();
  const arrow::DataType& type = *column.type();
  const std::int64_t validity = column.data()->MayHaveNulls() ? rows / 8 : 0;
  if (arrow::is_primitive(type.id())) return validity + rows * type.bit_width() / 8;
  if (type.id() == arrow::Type::STRING) {
    const auto& texts = static_cast<const arrow::StringArray&>(column);
    return validity + (rows + 1) * std::int64_t{sizeof(std::int32_t)} + texts.total_values_length();
  }
  // The same for any type, which takes far longer.
  return arrow::util::ReferencedBufferSize(column).ValueOr(arrow::util::TotalBufferSize(column));
}

// What the values take. Builders leave room besides that, and keep it from chunk to chunk.
std::int64_t value_bytes(const arrow::RecordBatch& batch) {
  std::int64_t bytes = 0;
  for (int i = 0; i < batch.num_columns(); ++i) bytes += value_bytes(*batch.column(i));
  return bytes;
}

}  // namespace

ChunkReader::ChunkReader(std::unique_ptr<SourceReader> reader, const StreamOptions& options,
                         const Context& context)
    : options_(options),
      context_(context),
      seat_(context.budget),
      reader_(std::move(reader)),
      opened_(Clock::now()) {}

Result<std::unique_ptr<ChunkReader>> ChunkReader::open(std::unique_ptr<SourceReader> reader,
                                                       const ScanRequest& request,
                                                       const SourceConfig& config,
                                                       const StreamOptions& options,
                                                       const Context& context) {
  std::unique_ptr<ChunkReader> made(new ChunkReader(std::move(reader), options, context));
  MemoryBudget& budget = *context.budget;
  const std::int64_t working_set = made->reader_->working_set_bytes(request);
  const std::int64_t chunk = options.min_chunk_bytes.value;
  const std::int64_t needed = working_set + 2 * chunk;
  Result<MemoryLease> floor = budget.reserve(needed + warm_up_bytes(budget), LeaseHolder::Reader);
  if (!floor) {
    return fail(
        floor_error(budget, needed, "this source", config.location(), std::move(floor.error())));
  }
  made->working_set_ = floor->split(working_set);
  made->standing_ = floor->split(chunk);
  made->standing_.hand_to(LeaseHolder::Queue);
  floor->release();
  POLARWAY_TRY(made->plan_, made->reader_->open(request, context));

  if (made->plan_.residual) {
    const arrow::Schema& schema = *made->plan_.metadata.schema.arrow();
    POLARWAY_TRY(made->residual_, bind_predicate(*made->plan_.residual, schema));
  }
  if (!made->plan_.limit_applied) made->rows_left_ = request.limit;
  made->start_sizer(config);
  if (request.columns) POLARWAY_CHECK(made->pick_columns(*request.columns));
  return made;
}

// Where the wanted columns are among the reader's.
Result<void> ChunkReader::pick_columns(const std::vector<std::string>& names) {
  const arrow::Schema& schema = *plan_.metadata.schema.arrow();
  if (schema.field_names() == names) return {};
  std::vector<int> picked;
  arrow::FieldVector fields;
  for (const std::string& name : names) {
    const int i = schema.GetFieldIndex(name);
    if (i < 0) return fail(no_such_column(name, schema.field_names()));
    picked.push_back(i);
    fields.push_back(schema.field(i));
  }
  picked_ = std::move(picked);
  plan_.metadata.schema = Schema(arrow::schema(std::move(fields)));
  return {};
}

void ChunkReader::start_sizer(const SourceConfig& config) {
  bytes_per_row_ = plan_.metadata.bytes_per_row.value_or(0);
  const std::int64_t max_rows = *config.max_chunk_size();
  std::int64_t rows = max_rows;
  Decision decision;
  decision.rule = "start";
  if (config.chunk_size()) {
    rows = *config.chunk_size();
    decision.sentence = "the first chunk has the size that was asked for";
  } else if (bytes_per_row_ > 0) {
    const double bytes = std::min(ChunkSizer::first_chunk_bytes(options_.policy),
                                  static_cast<double>(share_bytes()));
    rows = std::max<std::int64_t>(1, static_cast<std::int64_t>(bytes / bytes_per_row_));
    decision.sentence =
        "a row of the sample weighs " + format_bytes(static_cast<std::int64_t>(bytes_per_row_));
  } else {
    rows = std::min<std::int64_t>(rows, 100'000);
    decision.sentence = "nothing is known of the rows yet";
  }
  sizer_ = ChunkSizer::make(options_, rows, max_rows);
  decision.rows_after = sizer_->rows();
  decision.usage = context_.budget->usage();
  decision.limit_bytes = context_.budget->limit_bytes();
  decisions_.push_back(std::move(decision));
  shown_rows_.store(sizer_->rows());
}

std::int64_t ChunkReader::floor_bytes() const {
  return context_.budget->unaccounted_bytes() + working_set_.bytes() +
         2 * options_.min_chunk_bytes.value;
}

// What one chunk may take of the memory that the stream's chunks can have.
std::int64_t ChunkReader::share_bytes() const {
  return std::clamp(seat_.share_bytes() / kChunksAtOnce, options_.min_chunk_bytes.value,
                    std::max(options_.min_chunk_bytes.value, options_.max_chunk_bytes.value));
}

// What the next chunk asks for; says what the stream wants of a shared budget.
std::int64_t ChunkReader::wanted_bytes() {
  const double row = sizer_->row_bytes().value_or(bytes_per_row_);
  const double expected = static_cast<double>(sizer_->rows()) * row * kRoom;
  const auto wanted = static_cast<std::int64_t>(
      std::min(expected, static_cast<double>(options_.max_chunk_bytes.value)));
  seat_.want(std::max(options_.min_chunk_bytes.value, wanted) * kChunksAtOnce);
  return std::max(options_.min_chunk_bytes.value, std::min(wanted, share_bytes()));
}

std::int64_t ChunkReader::worthwhile_rows() const {
  if (bytes_per_row_ <= 0) return 1;
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(static_cast<double>(options_.min_chunk_bytes.value) /
                                   bytes_per_row_));
}

// What the rows of a chunk may weigh, so that what is reserved for them is within the share, and
// leaves as much again.
std::int64_t ChunkReader::room_bytes() const {
  const std::int64_t most = std::min(share_bytes(), context_.budget->available_bytes() / 2);
  return static_cast<std::int64_t>(static_cast<double>(most) / kRoom);
}

Result<MemoryLease> ChunkReader::reserve(std::int64_t& bytes, Patience patience,
                                         const std::stop_token& stop) {
  MemoryBudget& budget = *context_.budget;
  const std::int64_t copies = residual_ ? 2 : 1;  // a filter makes another chunk of this one
  const auto try_for = [&](std::int64_t wanted) {
    return budget.reserve(wanted * copies, LeaseHolder::Queue);
  };
  // Reading ahead is not worth a purge.
  if (patience == Patience::Ahead && bytes * copies > budget.available_bytes()) {
    return fail({.kind = ErrorKind::MemoryLimit, .message = "no room to read ahead"});
  }
  Result<MemoryLease> lease = try_for(bytes);
  if (lease || patience == Patience::Ahead) return lease;

  for (; !lease && bytes >= options_.min_chunk_bytes.value; bytes /= 2) {
    lease = try_for(bytes);
    if (lease) return lease;
  }
  if (standing_.bytes() > 0) {
    bytes = standing_.bytes() / copies;
    return standing_.split(standing_.bytes());
  }
  bytes = options_.min_chunk_bytes.value;
  const Clock::time_point start = Clock::now();
  lease = budget.reserve(bytes * copies, LeaseHolder::Queue,
                         std::chrono::milliseconds(options_.held_timeout_ms), stop);
  memory_wait_ms_.store(memory_wait_ms_.load() + ms_since(start));
  return lease;
}

// One read, and a second one with more room when a single row asks for it.
Result<std::optional<Batch>> ChunkReader::read(MemoryLease& lease, std::int64_t bytes,
                                               Patience patience, const std::stop_token& stop) {
  std::int64_t max_rows = sizer_->rows();
  if (rows_left_ && !residual_) max_rows = std::min(max_rows, *rows_left_);
  ChunkTarget target{.max_rows = max_rows, .max_bytes = bytes, .stop = stop};
  Result<std::optional<Batch>> batch = reader_->read(target);
  const bool row_too_large = !batch && batch.error().kind == ErrorKind::MemoryLimit &&
                             batch.error().memory &&
                             batch.error().memory->needed_bytes > target.max_bytes;
  if (!row_too_large || patience == Patience::Ahead) return batch;
  const std::int64_t needed = batch.error().memory->needed_bytes;
  const std::int64_t copies = residual_ ? 2 : 1;
  if (Result<void> grown = lease.grow((needed - bytes) * copies); !grown) {
    // The reader's error knows the row, the budget's who holds the memory.
    batch.error().memory = std::move(grown.error().memory);
    return batch;
  }
  target.max_bytes = needed;
  return reader_->read(target);
}

// Columns that only the filter reads are gone before rows are copied.
Result<void> ChunkReader::apply_filter(Batch& batch) const {
  arrow::MemoryPool* pool = context_.budget->arrow_pool();
  std::optional<KeptRows> kept;
  if (residual_) {
    POLARWAY_TRY(kept, kept_rows(*batch.rows, *residual_, pool));
  }
  if (picked_) {
    arrow::ArrayVector columns;
    for (const int i : *picked_) columns.push_back(batch.rows->column(i));
    batch.rows = arrow::RecordBatch::Make(plan_.metadata.schema.arrow(), batch.rows->num_rows(),
                                          std::move(columns));
  }
  if (kept) {
    POLARWAY_TRY(batch.rows, keep(batch.rows, *kept, pool));
  }
  return {};
}

Result<std::optional<Chunk>> ChunkReader::next(Patience patience, std::stop_token stop) {
  try {
    if (final_error_) return fail(*final_error_);
    return next_chunk(patience, stop);
  } catch (const std::bad_alloc&) {
    // Rows may have been taken that nobody will get, so there is no going on.
    if (!final_error_) final_error_ = out_of_memory();
    return fail(out_of_memory());
  }
}

Result<std::optional<Chunk>> ChunkReader::next_chunk(Patience patience,
                                                     const std::stop_token& stop) {
  for (;;) {
    if (rows_left_ && *rows_left_ <= 0) return std::nullopt;
    if (const std::int64_t wanted = wanted_rows_.exchange(0); wanted != 0) sizer_->set_rows(wanted);
    context_.budget->state().governor->sample_if_due();
    std::int64_t bytes = wanted_bytes();
    POLARWAY_TRY(MemoryLease lease, reserve(bytes, patience, stop));
    const Clock::time_point start = Clock::now();
    POLARWAY_TRY(std::optional<Batch> batch, read(lease, bytes, patience, stop));
    if (!batch) {
      seat_.want(0);
      return std::nullopt;
    }
    const std::int64_t rows_read = batch->rows->num_rows();
    const std::int64_t bytes_read = value_bytes(*batch->rows);
    const double weight =
        static_cast<double>(batch_bytes(*batch->rows)) / static_cast<double>(rows_read);
    bytes_per_row_ = std::max(weight, bytes_per_row_ - (bytes_per_row_ - weight) / 8);
    if (Result<void> filtered = apply_filter(*batch); !filtered) {
      final_error_ = std::move(filtered.error());  // the rows are taken, so there is no second try
      return fail(*final_error_);
    }
    lease.settle_at(batch_bytes(*batch->rows));
    if (standing_.bytes() == 0) {
      if (auto again =
              context_.budget->reserve(options_.min_chunk_bytes.value, LeaseHolder::Queue)) {
        standing_ = *std::move(again);
      }
    }
    const double read_ms = ms_since(start);
    decisions_.push_back(sizer_->observe({.chunk = chunks_read_++,
                                          .rows = rows_read,
                                          .bytes = bytes_read,
                                          .read_ms = read_ms,
                                          .usage = context_.budget->usage(),
                                          .limit_bytes = context_.budget->limit_bytes(),
                                          .least_rows = worthwhile_rows(),
                                          .room_bytes = room_bytes()}));
    decisions_.back().t_ms = ms_since(opened_);
    shown_rows_.store(sizer_->rows());
    if (batch->rows->num_rows() == 0) continue;  // the filter left nothing
    if (rows_left_) {
      if (batch->rows->num_rows() > *rows_left_) batch->rows = batch->rows->Slice(0, *rows_left_);
      *rows_left_ -= batch->rows->num_rows();
    }
    return Chunk{.lease = std::move(lease),
                 .rows = std::move(batch->rows),
                 .position_after = std::move(batch->position_after),
                 .rejects_before = context_.rejects->count(),
                 .read_ms = read_ms,
                 .decisions = std::exchange(decisions_, {})};
  }
}

}  // namespace polarway
