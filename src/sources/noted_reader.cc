#include "sources/noted_reader.h"

#include <utility>

namespace polarway {
namespace {

class NotedReader final : public SourceReader {
 public:
  NotedReader(std::unique_ptr<SourceReader> reader, std::string note)
      : reader_(std::move(reader)), note_(std::move(note)) {}

  std::int64_t working_set_bytes(const ScanRequest& request) const override {
    return reader_->working_set_bytes(request);
  }
  Result<ScanPlan> open(const ScanRequest& request, const Context& context) override {
    POLARWAY_TRY(ScanPlan plan, reader_->open(request, context));
    plan.metadata.notes.insert(plan.metadata.notes.begin(), note_);
    return plan;
  }
  Result<std::optional<Batch>> read(const ChunkTarget& target) override {
    return reader_->read(target);
  }
  Result<std::vector<Split>> splits(int max_splits) override { return reader_->splits(max_splits); }
  Result<void> commit(const std::string& position) override { return reader_->commit(position); }
  ReaderStats stats() const override { return reader_->stats(); }

 private:
  std::unique_ptr<SourceReader> reader_;
  std::string note_;
};

}  // namespace

std::unique_ptr<SourceReader> with_note(std::unique_ptr<SourceReader> reader, std::string note) {
  return std::make_unique<NotedReader>(std::move(reader), std::move(note));
}

}  // namespace polarway
