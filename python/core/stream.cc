#include "stream.h"

#include "arrow_stream.h"
#include "polarway/registry.h"

namespace nb = nanobind;

namespace polarway::python {

namespace {

constexpr std::size_t kDecisionsKept = 10'000;

}  // namespace

Stream::Stream(StreamingSource source) : state_(std::make_shared<State>(std::move(source))) {
  State* state = state_.get();
  state->source.on_decision([state](const Decision& decision) {
    const std::lock_guard lock(state->guard);
    if (state->decisions.size() == kDecisionsKept) state->decisions.pop_front();
    state->decisions.push_back(decision);
  });
}

Stream::~Stream() {
  if (process_ != ::getpid()) {
    new std::shared_ptr<State>(std::move(state_));  // its threads are not here to be waited for
    return;
  }
  const nb::gil_scoped_release no_gil;
  stop_reading();
  state_.reset();
}

Stream::State& Stream::here() const {
  if (process_ == ::getpid()) return *state_;
  throw Failure({.kind = ErrorKind::UnsupportedOperation,
                 .message = "the source was opened before this process was forked",
                 .hint = "open it in the process that reads it"});
}

template <class Use>
auto Stream::with_source(Use use) {
  State& state = here();
  const nb::gil_scoped_release no_gil;
  const std::lock_guard turn(state.turn);
  return use(state.source);
}

std::optional<Chunk> Stream::read() {
  State& state = here();
  const bool hears_signals = is_main_thread();
  bool raised = false;
  Result<std::optional<DataFrame>> next;
  {
    const nb::gil_scoped_release no_gil;
    const std::lock_guard turn(state.turn);
    if (state.undelivered) {
      next = *std::move(state.undelivered);
      state.undelivered.reset();
    } else {
      std::stop_source stop;
      {
        const std::lock_guard lock(state.guard);
        state.stop = stop;
      }
      const auto work = [&] { next = state.source.read_chunk(stop.get_token()); };
      const auto look = [&] { return raised = signal_raised(); };
      if (hears_signals) {
        state.proxy.run(work, look, [&] { stop.request_stop(); });
      } else {
        work();
      }
      const bool is_cancelled = !next && next.error().kind == ErrorKind::Cancelled;
      if (raised && !is_cancelled) state.undelivered = std::move(next);
    }
  }
  if (raised) throw nb::python_error();
  std::optional<DataFrame> frame = value_of(std::move(next));
  if (!frame) return std::nullopt;
  return Chunk(*std::move(frame));
}

void Stream::stop_reading() {
  const std::lock_guard lock(state_->guard);
  state_->stop.request_stop();
}

void Stream::close() {
  if (process_ != ::getpid()) return;
  stop_reading();
  with_source([](StreamingSource& source) { source.close(); });
}

std::string Stream::stats_json() const { return here().source.stats().to_json(); }

std::vector<std::string> Stream::decisions_json() const {
  const State& state = here();
  const std::lock_guard lock(state.guard);
  std::vector<std::string> lines;
  for (const Decision& decision : state.decisions) lines.push_back(decision.to_json());
  return lines;
}

nb::dict Stream::metadata() const {
  const SourceMetadata& known = here().source.metadata();
  nb::dict facts;
  facts["size_bytes"] = known.size_bytes ? nb::cast(*known.size_bytes) : nb::none();
  facts["num_records"] = known.num_records ? nb::cast(*known.num_records) : nb::none();
  facts["bytes_per_row"] = known.bytes_per_row ? nb::cast(*known.bytes_per_row) : nb::none();
  facts["seekable"] = known.seekable;
  facts["parallelizable"] = known.parallelizable;
  facts["splittable"] = known.splittable;
  facts["ordered"] = known.ordered;
  facts["bounded"] = known.bounded;
  nb::list notes;
  for (const std::string& note : known.notes) notes.append(nb::str(note.data(), note.size()));
  facts["notes"] = nb::tuple(notes);
  return facts;
}

ChunkSchema Stream::schema() const { return ChunkSchema(here().source.metadata().schema); }

bool Stream::has_more() {
  State& state = here();
  return with_source(
      [&](StreamingSource& source) { return state.undelivered.has_value() || source.has_more(); });
}

void Stream::reset() {
  State& state = here();
  with_source([&](StreamingSource& source) {
    value_of(source.reset());
    state.undelivered.reset();
  });
}

void Stream::seek(const Checkpoint& checkpoint) {
  State& state = here();
  with_source([&](StreamingSource& source) {
    value_of(source.seek(checkpoint));
    state.undelivered.reset();
  });
}

std::string Stream::checkpoint_json() {
  State& state = here();
  return with_source([&](StreamingSource& source) {
    if (state.undelivered) {
      throw Failure({.kind = ErrorKind::UnsupportedOperation,
                     .message = "the last read was interrupted with a chunk in its hands",
                     .hint = "read once more before the checkpoint"});
    }
    return value_of(source.checkpoint()).to_json();
  });
}

void Stream::commit() {
  with_source([](StreamingSource& source) { value_of(source.commit()); });
}

std::vector<Split> Stream::splits(int max_splits) {
  return with_source([&](StreamingSource& source) { return value_of(source.splits(max_splits)); });
}

Chunk Stream::collect() {
  return with_source([](StreamingSource& source) { return Chunk(value_of(source.collect())); });
}

void Stream::set_chunk_size(std::int64_t rows) {
  with_source([&](StreamingSource& source) { source.set_chunk_size(rows); });
}

void Stream::set_memory_limit(std::int64_t bytes) {
  with_source([&](StreamingSource& source) { value_of(source.set_memory_limit(bytes)); });
}

std::vector<Reject> Stream::take_rejects() {
  return with_source([](StreamingSource& source) { return source.take_rejects(); });
}

std::shared_ptr<MemoryBudget> Stream::budget() const { return here().source.budget(); }

nb::capsule Stream::arrow_c_stream() {
  Schema schema = here().source.metadata().schema;
  return arrow_stream_capsule(std::move(schema), [state = state_] {
    const std::lock_guard turn(state->turn);
    return state->source.read_chunk();
  });
}

std::unique_ptr<Stream> open_stream(std::string kind, SourceConfig config) {
  // Shared with the thread, which goes on by itself when it is given up: opening a pipe can take
  // for ever, and nothing ends it.
  struct Opening {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<Result<StreamingSource>> opened;
  };
  const auto open = [](const std::string& of_kind, const SourceConfig& with) {
    const SourceRegistry registry;
    return of_kind.empty() ? registry.create_for(with) : registry.create(of_kind, with);
  };
  std::optional<Result<StreamingSource>> opened;
  bool raised = false;
  const bool hears_signals = is_main_thread();
  {
    const nb::gil_scoped_release no_gil;
    if (hears_signals) {
      const auto opening = std::make_shared<Opening>();
      std::thread([=, kind = std::move(kind), config = std::move(config)] {
        Result<StreamingSource> source = open(kind, config);
        const std::lock_guard lock(opening->mutex);
        opening->opened.emplace(std::move(source));
        opening->done.notify_all();
      }).detach();
      std::unique_lock lock(opening->mutex);
      while (!raised && !opening->done.wait_for(lock, std::chrono::milliseconds(50),
                                                [&] { return opening->opened.has_value(); })) {
        lock.unlock();
        raised = signal_raised();
        lock.lock();
      }
      opened = std::move(opening->opened);
    } else {
      opened.emplace(open(kind, config));
    }
  }
  if (raised) throw nb::python_error();
  return std::make_unique<Stream>(value_of(*std::move(opened)));
}

}  // namespace polarway::python
