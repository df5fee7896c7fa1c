#include "polarway/stream.h"

#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <malloc.h>

#include <algorithm>
#include <mutex>

#include "adaptive/prefetcher.h"
#include "core/arrow_status.h"
#include "core/budget_state.h"
#include "core/leased_batch.h"
#include "core/out_of_memory.h"
#include "core/stream_options.h"
#include "polarway/preset.h"

namespace polarway {
namespace {

using Clock = std::chrono::steady_clock;

double ms_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

SourceError unsupported(const std::string& location, std::string message, std::string hint) {
  return {.kind = ErrorKind::UnsupportedOperation,
          .where = {.location = location},
          .message = std::move(message),
          .hint = std::move(hint)};
}

}  // namespace

struct StreamingSource::State {
  std::string kind;
  SourceConfig config;
  StreamOptions options;
  AdaptiveStreamBuilder::ReaderFactory make_reader;
  Context context;
  std::unique_ptr<Prefetcher> prefetcher;  // replaced only under stats_mutex, which stats() takes
  std::optional<SourceError> failed;       // a chunk could not be handed over, or a seek failed
  SourceMetadata metadata;
  std::function<void(const Decision&)> on_decision;
  std::string position;                // after the last chunk delivered
  std::int64_t rejects_delivered = 0;  // up to there
  Clock::time_point first_read{};

  mutable std::mutex stats_mutex;
  StreamingStats stats;  // what the caller's side counts

  State(std::string of_kind, SourceConfig with_config)
      : kind(std::move(of_kind)), config(std::move(with_config)) {}

  // The request for a reader that starts after `resume`, or at the beginning.
  Result<ScanRequest> request(const std::optional<Checkpoint>& resume) const {
    ScanRequest request{.columns = config.columns(),
                        .filter = config.filter(),
                        .limit = config.limit(),
                        .split = config.split(),
                        .resume_from = {}};
    if (!resume) return request;
    if (resume->kind != kind || resume->location != config.location()) {
      return fail({.kind = ErrorKind::Config,
                   .where = {.location = config.location()},
                   .message = "the checkpoint is of " + resume->kind + " " + resume->location,
                   .hint = "resume it with the source it was made from"});
    }
    if (!resume->position.empty()) request.resume_from = resume->position;
    if (request.limit) *request.limit = std::max<std::int64_t>(0, *request.limit - resume->rows);
    return request;
  }

  // (Re)opens the source, in place of what was read before. Where that fails, reading says so, too:
  // it must not look like the end.
  Result<void> open(const std::optional<Checkpoint>& resume) {
    (void)take_prefetcher();
    failed = out_of_memory();
    Result<void> opened = open_reader(resume);
    if (!opened) failed = opened.error();
    return opened;
  }

  Result<void> open_reader(const std::optional<Checkpoint>& resume) {
    POLARWAY_TRY(const ScanRequest scan, request(resume));
    POLARWAY_TRY(std::unique_ptr<SourceReader> reader, make_reader());
    POLARWAY_TRY(auto chunks, ChunkReader::open(std::move(reader), scan, config, options, context));
    metadata = chunks->metadata();
    position = resume ? resume->position : std::string();
    auto opened = std::make_unique<Prefetcher>(std::move(chunks), options,
                                               config.prefetch() ? options.prefetch_depth : 0,
                                               context.executor, context.budget);
    std::lock_guard lock(stats_mutex);
    stats = {};
    rows_before = resume ? resume->rows : 0;
    last_rows = 0;
    prefetcher = std::move(opened);
    failed.reset();
    return {};
  }

  // Takes it away from stats(), so that it can be destroyed.
  std::unique_ptr<Prefetcher> take_prefetcher() {
    std::lock_guard lock(stats_mutex);
    return std::move(prefetcher);
  }

  // Counts a chunk and hands it to the caller, who holds its lease from now on.
  DataFrame deliver(Chunk chunk, Clock::time_point asked) {
    // First what may fail: position and counters speak of chunks that were handed over.
    DataFrame frame(attach_lease(chunk.rows, std::move(chunk.lease)), context.budget);
    if (on_decision) {
      for (const Decision& decision : chunk.decisions) on_decision(decision);
    }
    position = std::move(chunk.position_after);
    rejects_delivered = chunk.rejects_before;
    const std::int64_t rows = chunk.rows->num_rows();
    {
      std::lock_guard lock(stats_mutex);
      stats.records_processed += rows;
      stats.avg_chunk_time_ms +=
          (chunk.read_ms - stats.avg_chunk_time_ms) / static_cast<double>(++stats.chunks_read);
      // The last chunk is short as a rule: it joins the minimum only when another one follows.
      if (last_rows > 0) {
        stats.min_chunk_size =
            stats.min_chunk_size == 0 ? last_rows : std::min(stats.min_chunk_size, last_rows);
      }
      last_rows = rows;
      stats.max_chunk_size = std::max(stats.max_chunk_size, rows);
      stats.wait.source_ms += ms_between(asked, Clock::now());
      const double elapsed = ms_between(first_read, Clock::now());
      stats.throughput =
          elapsed > 0 ? static_cast<double>(stats.records_processed) / elapsed * 1000 : 0;
    }
    return frame;
  }

  std::int64_t last_rows = 0;
  std::int64_t rows_before = 0;  // delivered by the streams that this one goes on after
};

StreamingSource::StreamingSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
StreamingSource::StreamingSource(StreamingSource&&) noexcept = default;
StreamingSource& StreamingSource::operator=(StreamingSource&& other) noexcept {
  if (this != &other) {
    close();
    state_ = std::move(other.state_);
  }
  return *this;
}
StreamingSource::~StreamingSource() { close(); }

const SourceMetadata& StreamingSource::metadata() const { return state_->metadata; }

Result<std::optional<DataFrame>> StreamingSource::read_chunk(std::stop_token stop) {
  if (!state_) return std::nullopt;
  State& state = *state_;
  return guard([&]() -> Result<std::optional<DataFrame>> {
    if (state.failed) return fail(*state.failed);
    if (!state.prefetcher) return std::nullopt;
    const Clock::time_point asked = Clock::now();
    if (state.first_read == Clock::time_point{}) state.first_read = asked;
    POLARWAY_TRY(std::optional<Chunk> chunk, state.prefetcher->take(stop));
    if (!chunk) return std::nullopt;
    state.failed = out_of_memory();  // its rows do not come again, so until they are handed over
    DataFrame frame = state.deliver(*std::move(chunk), asked);
    state.failed.reset();
    return frame;
  });
}

StreamingStats StreamingSource::stats() const {
  if (!state_) return {};
  std::lock_guard lock(state_->stats_mutex);
  StreamingStats stats = state_->stats;
  MemoryBudget& budget = *state_->context.budget;
  {
    const MemoryBudget::State& account = budget.state();
    const std::lock_guard account_lock(account.mutex);
    stats.process_bytes = account.sample.process_bytes;
    stats.process_file_bytes = account.sample.process_file_bytes;
  }
  stats.memory_bytes = budget.used_bytes();
  stats.peak_memory_bytes = budget.peak_used_bytes();
  stats.memory_limit_bytes = budget.limit_bytes();
  stats.rows_rejected = state_->context.rejects->count();
  if (stats.min_chunk_size == 0) stats.min_chunk_size = stats.max_chunk_size;
  if (const Prefetcher* prefetcher = state_->prefetcher.get()) {
    const ReaderStats reader = prefetcher->reader().reader_stats();
    stats.bytes_read = reader.bytes_read;
    stats.retries = reader.retries;
    stats.chunk_size = prefetcher->reader().chunk_size();
    stats.paused_ms = prefetcher->paused_ms();
    stats.wait.memory_ms = prefetcher->reader().memory_wait_ms();
    stats.wait.consumer_ms = prefetcher->queued_ms();
  }
  return stats;
}

bool StreamingSource::has_more() const {
  return state_ && state_->prefetcher && !state_->failed && state_->prefetcher->has_more();
}

Result<void> StreamingSource::reset() {
  return guard([&] { return seek({state_->kind, state_->config.location(), {}, 0}); });
}

Result<void> StreamingSource::seek(const Checkpoint& checkpoint) {
  return guard([&]() -> Result<void> {
    if (!state_->metadata.seekable) {
      return fail(unsupported(state_->config.location(), "this source cannot go back",
                              "open it again, or write it to a file first"));
    }
    return state_->open(checkpoint);
  });
}

Result<Checkpoint> StreamingSource::checkpoint() const {
  return guard([&]() -> Result<Checkpoint> {
    if (!state_->metadata.seekable) {
      return fail(unsupported(state_->config.location(), "this source has no checkpoints",
                              "write it to a file first"));
    }
    std::lock_guard lock(state_->stats_mutex);
    return Checkpoint{state_->kind, state_->config.location(), state_->position,
                      state_->rows_before + state_->stats.records_processed};
  });
}

Result<void> StreamingSource::commit() {
  if (!state_->prefetcher) return {};
  return guard([&] {
    return state_->prefetcher->with_reader(
        [&](ChunkReader& reader) { return reader.commit(state_->position); });
  });
}

Result<std::vector<Split>> StreamingSource::splits(int max_splits) {
  return guard([&]() -> Result<std::vector<Split>> {
    if (max_splits < 1) {
      return fail({.kind = ErrorKind::Config, .message = "at least one split must be asked for"});
    }
    // A reader of its own: this one may be in the middle of the source.
    POLARWAY_TRY(const ScanRequest scan, state_->request({}));
    // The lease outlives the reader.
    MemoryLease working_set;
    POLARWAY_TRY(const std::unique_ptr<SourceReader> reader, state_->make_reader());
    POLARWAY_TRY(working_set, state_->context.budget->reserve(reader->working_set_bytes(scan),
                                                              LeaseHolder::Reader));
    POLARWAY_CHECK(reader->open(scan, state_->context));
    return reader->splits(max_splits);
  });
}

Result<DataFrame> StreamingSource::collect() {
  return guard([&]() -> Result<DataFrame> {
    const std::shared_ptr<MemoryBudget>& budget = state_->context.budget;
    std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
    std::int64_t bytes = 0;
    for (Result<DataFrame>& chunk : *this) {
      if (!chunk) {
        SourceError error = std::move(chunk.error());
        if (error.kind == ErrorKind::MemoryLimit) {
          error.message = "the rows do not fit in memory all at once: " + error.message;
          error.hint = "read them in chunks, with read_chunk()";
        }
        return fail(std::move(error));
      }
      batches.push_back(chunk->arrow());
      bytes += chunk->num_bytes();
    }
    if (batches.empty()) {
      POLARWAY_TRY(auto none,
                   from_arrow(arrow::RecordBatch::MakeEmpty(state_->metadata.schema.arrow())));
      return DataFrame(std::move(none), budget);
    }
    if (batches.size() == 1) return DataFrame(batches[0], budget);
    POLARWAY_TRY(MemoryLease lease, budget->reserve(bytes, LeaseHolder::Frame));
    POLARWAY_TRY(auto whole,
                 from_arrow(arrow::ConcatenateRecordBatches(batches, budget->arrow_pool())));
    return DataFrame(attach_lease(whole, std::move(lease)), budget);
  });
}

void StreamingSource::set_chunk_size(std::int64_t rows) {
  if (state_->prefetcher) {
    state_->prefetcher->reader().set_chunk_size(std::max<std::int64_t>(1, rows));
  }
}

Result<void> StreamingSource::set_memory_limit(std::int64_t bytes) {
  return guard([&]() -> Result<void> {
    const std::int64_t floor = state_->prefetcher ? state_->prefetcher->reader().floor_bytes() : 1;
    if (bytes < floor) {
      return fail({.kind = ErrorKind::MemoryLimit,
                   .where = {.location = state_->config.location()},
                   .message = "a memory limit of " + std::to_string(bytes) +
                              " bytes is below what the stream needs",
                   .hint = "set it to at least " + std::to_string(floor)});
    }
    state_->context.budget->set_limit(bytes);
    return {};
  });
}

void StreamingSource::on_decision(std::function<void(const Decision&)> listener) {
  state_->on_decision = std::move(listener);
}

std::vector<Reject> StreamingSource::take_rejects() {
  // Those of what was read ahead come with its chunks.
  return has_more() ? state_->context.rejects->take(state_->rejects_delivered)
                    : state_->context.rejects->take();
}

const std::shared_ptr<MemoryBudget>& StreamingSource::budget() const {
  return state_->context.budget;
}

void StreamingSource::close() {
  if (!state_) return;
  state_->failed.reset();
  if (!state_->prefetcher) return;
  const StreamingStats last = stats();
  (void)state_->take_prefetcher();
  {
    std::lock_guard lock(state_->stats_mutex);
    state_->stats = last;
  }
  state_->context.budget->arrow_pool()->ReleaseUnused();
  ::malloc_trim(0);
}

AdaptiveStreamBuilder::AdaptiveStreamBuilder(std::string kind, ReaderFactory make_reader)
    : kind_(std::move(kind)), make_reader_(std::move(make_reader)) {}

Result<StreamingSource> AdaptiveStreamBuilder::open(const SourceConfig& config) const {
  return guard([&]() -> Result<StreamingSource> {
    auto state = std::make_unique<StreamingSource::State>(kind_, config);
    POLARWAY_TRY(state->options, stream_option_table().parse(config.options()));
    POLARWAY_CHECK(state->options.validate());
    POLARWAY_TRY(const std::optional<std::int64_t> limit, config.memory_limit());
    state->make_reader = make_reader_;
    POLARWAY_TRY(const Preset preset, find_preset(state->options.preset));
    if (!config.max_chunk_size()) {
      state->config.with_max_chunk_size(
          std::max(preset.max_chunk_rows, config.chunk_size().value_or(0)));
    }
    state->context.budget = config.budget();
    if (!state->context.budget) {
      state->context.budget = MemoryBudget::make(limit.value_or(preset.memory_limit_bytes));
    }
    state->context.executor = Executor::global();
    state->context.parallel = config.parallel();
    state->context.rejects = std::make_shared<RejectChannel>(state->context.budget);
    POLARWAY_CHECK(state->open(config.resume()));
    return StreamingSource(std::move(state));
  });
}

}  // namespace polarway
