#include "stream_job.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "digest.h"
#include "polarway/sink.h"
#include "process_memory.h"
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

Result<SourceConfig> config_of(const StreamJob& job, const Selection& selection) {
  POLARWAY_TRY(SourceConfig config, make_config(job.source));
  config.with_parallel(job.parallel).with_prefetch(job.prefetch);
  if (job.chunk_size) config.with_chunk_size(*job.chunk_size);
  if (job.max_chunk_size) config.with_max_chunk_size(*job.max_chunk_size);
  if (job.limit) config.with_limit(*job.limit);
  selection.push_down(config);
  return config;
}

Result<SinkConfig> sink_config(const StreamJob& job, Schema schema,
                               std::shared_ptr<MemoryBudget> budget) {
  SinkConfig config{.path = job.to,
                    .format = job.to_format,
                    .schema = std::move(schema),
                    .budget = std::move(budget),
                    .parallel = job.parallel};
  for (const std::string& setting : job.to_settings) {
    POLARWAY_TRY(auto option, split_setting("--to-option", setting));
    config.options.insert(std::move(option));
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
      Interrupt& interrupt, StreamReport& report)
      : job_(job),
        selection_(selection),
        source_(source),
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
    }

    Result<void> streamed = stream();
    if (!streamed && sink_) sink_->abort();
    if (!streamed && job_.to == "-" && interrupt_.signal() == 0 && is_stdout_gone()) {
      report_.is_reader_gone = true;
      return {};
    }
    return streamed;
  }

 private:
  Result<void> stream() {
    const std::stop_token stop = interrupt_.token();
    for (;;) {
      POLARWAY_TRY(std::optional<DataFrame> chunk, source_.read_chunk(stop));
      if (!chunk) break;
      peak_.sample();
      POLARWAY_TRY(const DataFrame rows, selection_.apply(*std::move(chunk)));
      peak_.sample();
      if (digest_) digest_->add(rows);
      if (sink_) POLARWAY_CHECK(sink_->write(rows));
      peak_.sample();
      progress_.update(source_);
      if (stop.stop_requested()) {
        return fail({.kind = ErrorKind::Cancelled, .message = "stopped by a signal"});
      }
    }
    if (sink_) POLARWAY_CHECK(sink_->finish());
    return {};
  }

  const StreamJob& job_;
  const Selection& selection_;
  StreamingSource& source_;
  Interrupt& interrupt_;
  StreamReport& report_;
  Progress progress_;
  MemoryPeak peak_;
  std::optional<Digest> digest_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace

Result<void> run(const StreamJob& job, Interrupt& interrupt, StreamReport& report) {
  const auto start = std::chrono::steady_clock::now();

  POLARWAY_TRY(const Selection selection, Selection::parse(job.where, job.select));
  POLARWAY_TRY(const SourceConfig config, config_of(job, selection));
  report.limit_bytes = config.budget()->limit_bytes();
  POLARWAY_TRY(MemoryLease for_sink, reserve_for_sink(job, config));
  POLARWAY_TRY(StreamingSource source, open_source(job.source, config));
  for_sink.release();
  report.is_opened = true;
  if (!job.trace.empty()) POLARWAY_CHECK(trace_decisions(source, job.trace));

  Result<void> done = Run(job, selection, source, interrupt, report)();
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return done;
}

}  // namespace polarway::cli
