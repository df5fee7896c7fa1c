#include "stream_job.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "checkpoint_file.h"
#include "digest.h"
#include "polarway/sink.h"
#include "process_memory.h"
#include "reject_report.h"
#include "results.h"
#include "selection.h"

namespace polarway::cli {

namespace {

// Every decision as one line of JSON, written at once: a trace is for runs that end badly, too.
Result<void> trace_decisions(StreamingSource& source, const std::string& path) {
  const std::shared_ptr<std::FILE> file(std::fopen(path.c_str(), "we"), [](std::FILE* opened) {
    if (opened != nullptr) std::fclose(opened);
  });
  if (file == nullptr) {
    return fail({.kind = ErrorKind::Io,
                 .where = {.location = path},
                 .message = std::string("cannot write the trace: ") + std::strerror(errno)});
  }
  source.on_decision([file](const Decision& decision) {
    std::fputs((decision.to_json() + '\n').c_str(), file.get());
    std::fflush(file.get());
  });
  return {};
}

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What must be the same for a run to go on where another one ended. Memory and chunks may differ.
std::string words_of(const StreamJob& job) {
  return nlohmann::json{job.source.locations,
                        job.source.kind,
                        job.source.settings,
                        job.where,
                        job.select,
                        job.limit ? *job.limit : -1,
                        job.to,
                        job.to_format,
                        job.to_settings,
                        job.partition_by,
                        job.max_file_size,
                        job.rejects}
      .dump();
}

Result<std::optional<CheckpointFile>> open_checkpoint(const StreamJob& job) {
  if (job.checkpoint.empty()) return std::nullopt;
  const auto refused = [](std::string message, std::string hint) {
    return fail({.kind = ErrorKind::Config,
                 .where = {},
                 .message = std::move(message),
                 .hint = std::move(hint)});
  };
  if (job.to.empty() || job.to == "-") {
    return refused("--checkpoint is for rows that are written to a file", "add --to OUT");
  }
  if (job.digest) {
    return refused("--digest sees the rows of one run, and --checkpoint is for several",
                   "leave out one of them");
  }
  POLARWAY_TRY(CheckpointFile file, CheckpointFile::open(job.checkpoint, words_of(job)));
  return file;
}

Result<SourceConfig> config_of(const StreamJob& job, const Selection& selection,
                               const JobPosition* start) {
  POLARWAY_TRY(SourceConfig config, make_config(job.source));
  config.with_parallel(job.parallel).with_prefetch(job.prefetch);
  if (job.chunk_size) config.with_chunk_size(*job.chunk_size);
  if (job.max_chunk_size) config.with_max_chunk_size(*job.max_chunk_size);
  if (job.limit) config.with_limit(*job.limit);
  // At the start there is nothing to go on after.
  if (start != nullptr && !start->source.position.empty()) config.with_resume(start->source);
  selection.push_down(config);
  return config;
}

Result<SinkConfig> sink_config(const StreamJob& job, Schema schema,
                               std::shared_ptr<MemoryBudget> budget) {
  SinkConfig config{.path = job.to,
                    .format = job.to_format,
                    .schema = std::move(schema),
                    .budget = std::move(budget),
                    .parallel = job.parallel,
                    .partition_by = job.partition_by};
  if (!job.max_file_size.empty()) {
    POLARWAY_TRY(config.max_file_bytes, parse_size(job.max_file_size));
  }
  for (const std::string& setting : job.to_settings) {
    POLARWAY_TRY(auto option, split_setting("--to-option", setting));
    config.options.insert(std::move(option));
  }
  if (!job.checkpoint.empty()) {
    POLARWAY_TRY(const bool resumes, sink_resumes(config));
    config.in_parts = !resumes;
  }
  return config;
}

// What the sink will need is kept for it while the source is opened, so that a limit which is too
// small for both is refused at once, with a floor that holds for both.
Result<MemoryLease> reserve_for_sink(const StreamJob& job, const SourceConfig& config) {
  if (job.to.empty()) return MemoryLease();
  POLARWAY_TRY(const SinkConfig sink, sink_config(job, Schema(), config.budget()));
  POLARWAY_TRY(const std::int64_t bytes, sink_working_set_bytes(sink));
  POLARWAY_TRY(MemoryLease lease, config.budget()->reserve(0, LeaseHolder::Sink));
  lease.settle_at(bytes);
  return lease;
}

// The part between the source being open and the output being complete.
class Run {
 public:
  Run(const StreamJob& job, const Selection& selection, StreamingSource& source,
      const CheckpointFile* checkpoint, Interrupt& interrupt, StreamReport& report)
      : job_(job),
        selection_(selection),
        source_(source),
        checkpoint_(checkpoint),
        interrupt_(interrupt),
        report_(report),
        progress_(job.progress, source.metadata().size_bytes) {}

  ~Run() {
    progress_.clear();
    peak_.sample();
    report_.stats = source_.stats();
    report_.peak_anon_bytes = peak_.bytes();
    if (sink_) report_.bytes_written = sink_->bytes_written();
    if (digest_) report_.digest_json = digest_->to_json();
    if (rejects_) report_.rejects = rejects_->summary();
  }

  Result<void> operator()() {
    POLARWAY_TRY(const Schema schema, selection_.schema(source_.metadata().schema));
    report_.columns = schema.num_fields();
    if (job_.digest) {
      // The process is measured: once the digest is there, it is paid for.
      POLARWAY_TRY(const MemoryLease room,
                   source_.budget()->reserve(Digest::bytes_for(schema), LeaseHolder::Frame));
      digest_.emplace(schema);
      source_.budget()->refresh();
    }
    if (!job_.to.empty()) {
      POLARWAY_TRY(const SinkConfig config, sink_config(job_, schema, source_.budget()));
      if (job_.to != "-") interrupt_.set_must_tidy_up(true);
      POLARWAY_TRY(sink_, make_sink(config));
      if (checkpoint_ != nullptr) POLARWAY_CHECK(prepare_checkpoints(config));
      if (report_.was_done) return {};
    }

    const std::int64_t kept_bytes = start() != nullptr ? start()->reject_bytes : 0;
    POLARWAY_TRY(rejects_, RejectReport::make(job_.rejects, kept_bytes, source_));
    Result<void> streamed = stream();
    if (!streamed && sink_ && checkpoint_ == nullptr) sink_->abort();
    // What was left out before an error helps to find out about it.
    Result<void> rejected = rejects_->collect();
    if (streamed && !rejected) return rejected;
    if (!streamed && job_.to == "-" && interrupt_.signal() == 0 && is_stdout_gone()) {
      report_.is_reader_gone = true;
      return {};
    }
    return streamed;
  }

 private:
  const JobPosition* start() const {
    return checkpoint_ != nullptr && checkpoint_->found() ? &*checkpoint_->found() : nullptr;
  }

  // Goes on with what an earlier run has written.
  Result<void> prepare_checkpoints(const SinkConfig& config) {
    // A position in a folder of parts is the end of a file.
    constexpr double kSeconds = 1;
    constexpr double kSecondsOfParts = 60;
    const bool in_parts =
        config.in_parts || config.max_file_bytes > 0 || !config.partition_by.empty();
    seconds_ = job_.checkpoint_seconds.value_or(in_parts ? kSecondsOfParts : kSeconds);
    if (start() == nullptr) return {};
    report_.rows_before = start()->sink.rows;
    Result<void> resumed = sink_->resume(start()->sink);
    if (!resumed && resumed.error().kind == ErrorKind::Changed && start()->at_end) {
      // Only the checkpoint was left to be removed: the output has its name.
      report_.was_done = true;
      checkpoint_->remove();
      return {};
    }
    return resumed;
  }

  // Everything so far is safe, and the next run goes on here.
  Result<void> save(bool at_end) {
    JobPosition position{.source = {}, .sink = {}, .at_end = at_end};
    POLARWAY_TRY(position.source, source_.checkpoint());
    POLARWAY_TRY(position.sink, sink_->sync());
    POLARWAY_TRY(position.reject_bytes, rejects_->sync());
    last_save_ = Clock::now();
    return checkpoint_->write(position);
  }

  Result<void> save_now_and_then() {
    const bool is_due = checkpoint_ != nullptr && seconds_since(last_save_) >= seconds_;
    return is_due ? save(false) : Result<void>();
  }

  Result<void> cancelled() {
    if (checkpoint_ != nullptr) POLARWAY_CHECK(save(false));
    return fail({.kind = ErrorKind::Cancelled, .message = "stopped by a signal"});
  }

  Result<void> finish() {
    if (!sink_) return {};
    if (checkpoint_ != nullptr) POLARWAY_CHECK(save(true));
    POLARWAY_CHECK(sink_->finish());
    if (checkpoint_ != nullptr) checkpoint_->remove();
    return {};
  }

  Result<void> stream() {
    const std::stop_token stop = interrupt_.token();
    // So that whatever the sink leaves behind from here on is known to the next run.
    if (checkpoint_ != nullptr && start() == nullptr) POLARWAY_CHECK(save(false));
    for (;;) {
      Result<std::optional<DataFrame>> read = source_.read_chunk(stop);
      if (!read && read.error().kind == ErrorKind::Cancelled) return cancelled();
      POLARWAY_TRY(std::optional<DataFrame> chunk, std::move(read));
      POLARWAY_CHECK(rejects_->collect());
      if (!chunk) break;
      peak_.sample();
      POLARWAY_TRY(const DataFrame rows, selection_.apply(*std::move(chunk)));
      peak_.sample();
      if (digest_) digest_->add(rows);
      if (sink_) POLARWAY_CHECK(sink_->write(rows));
      peak_.sample();
      progress_.update(source_);
      if (stop.stop_requested()) return cancelled();
      POLARWAY_CHECK(save_now_and_then());
    }
    return finish();
  }

  const StreamJob& job_;
  const Selection& selection_;
  StreamingSource& source_;
  const CheckpointFile* checkpoint_;  // null: without
  double seconds_ = 0;                // between two positions
  Clock::time_point last_save_ = Clock::now();
  Interrupt& interrupt_;
  StreamReport& report_;
  Progress progress_;
  MemoryPeak peak_;
  std::optional<Digest> digest_;
  std::unique_ptr<Sink> sink_;
  std::optional<RejectReport> rejects_;
};

}  // namespace

Result<void> run(const StreamJob& job, Interrupt& interrupt, StreamReport& report) {
  const Clock::time_point begin = Clock::now();

  POLARWAY_TRY(const Selection selection, Selection::parse(job.where, job.select));
  POLARWAY_TRY(const std::optional<CheckpointFile> checkpoint, open_checkpoint(job));
  const bool goes_on = checkpoint && checkpoint->found();
  POLARWAY_TRY(const SourceConfig config,
               config_of(job, selection, goes_on ? &*checkpoint->found() : nullptr));
  report.limit_bytes = config.budget()->limit_bytes();
  POLARWAY_TRY(MemoryLease for_sink, reserve_for_sink(job, config));
  POLARWAY_TRY(StreamingSource source, open_source(job.source, config));
  for_sink.release();
  report.is_opened = true;
  if (!job.trace.empty()) POLARWAY_CHECK(trace_decisions(source, job.trace));

  Result<void> done =
      Run(job, selection, source, checkpoint ? &*checkpoint : nullptr, interrupt, report)();
  report.seconds = seconds_since(begin);
  return done;
}

}  // namespace polarway::cli
