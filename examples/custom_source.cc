// A source of one's own: the kind "squares" makes the rows (n, n * n) for n = 1 to its location.
// It says how to make rows. Chunk sizes, the memory limit, prefetch and checkpoints come with it.
#include <arrow/api.h>
#include <polarway/polarway.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

using namespace polarway;

class SquaresReader : public SourceReader {
 public:
  explicit SquaresReader(std::int64_t last) : last_(last) {}

  std::int64_t working_set_bytes(const ScanRequest&) const override { return 4'096; }

  Result<ScanPlan> open(const ScanRequest& request, const Context& context) override {
    pool_ = context.budget->arrow_pool();
    if (request.resume_from) next_ = std::stoll(*request.resume_from);
    ScanPlan plan;
    plan.residual = request.filter;
    plan.metadata.schema = schema_;
    plan.metadata.bytes_per_row = 16.0;
    plan.metadata.seekable = true;
    return plan;
  }

  Result<std::optional<Batch>> read(const ChunkTarget& target) override {
    if (next_ > last_) return std::nullopt;
    const std::int64_t rows = std::min({target.max_rows, target.max_bytes / 32, last_ - next_ + 1});
    arrow::Int64Builder numbers(pool_), squares(pool_);
    for (std::int64_t end = next_ + rows; next_ < end; ++next_) {
      if (!numbers.Append(next_).ok() || !squares.Append(next_ * next_).ok())
        return fail({.kind = ErrorKind::Other, .message = "no memory for a builder"});
    }
    return Batch{
        arrow::RecordBatch::Make(schema_.arrow(), rows,
                                 {numbers.Finish().ValueOrDie(), squares.Finish().ValueOrDie()}),
        std::to_string(next_)};
  }

  ReaderStats stats() const override { return {}; }

 private:
  std::int64_t last_;
  std::int64_t next_ = 1;
  Schema schema_{{"n", DataType::Int64}, {"square", DataType::Int64}};
  arrow::MemoryPool* pool_ = nullptr;
};

Result<void> run() {
  SourceRegistry registry;
  SourceKind squares;
  squares.name = "squares";
  squares.description = "The numbers from 1 to the location, and their squares.";
  squares.make_reader = [](const SourceConfig& config) -> Result<std::unique_ptr<SourceReader>> {
    return std::make_unique<SquaresReader>(std::strtoll(config.location().c_str(), nullptr, 10));
  };
  POLARWAY_CHECK(registry.register_kind(squares));

  SourceConfig config = SourceConfig("1000000").with_memory_limit("4MB").with_filter(col("n") > 10);
  POLARWAY_TRY(StreamingSource source, registry.create("squares", config));
  std::int64_t rows = 0;
  while (rows < 500'000) {
    POLARWAY_TRY(std::optional<DataFrame> chunk, source.read_chunk());
    rows += chunk->height();
  }
  POLARWAY_TRY(Checkpoint middle, source.checkpoint());

  POLARWAY_TRY(StreamingSource rest, registry.create("squares", config.with_resume(middle)));
  for (Result<DataFrame>& chunk : rest) {
    if (!chunk) return fail(chunk.error());
    if (rows == middle.rows) std::cout << "goes on with\n" << chunk->to_string(4) << '\n';
    rows += chunk->height();
  }
  std::cout << rows << " rows, " << middle.rows << " of them before the checkpoint; at most "
            << rest.stats().peak_memory_bytes << " of 4000000 bytes\n";
  return {};
}

int main() {
  Result<void> done = run();
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\n';
  return done ? 0 : 1;
}
