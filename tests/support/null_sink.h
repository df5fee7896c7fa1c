#pragma once

#include <string>

#include "polarway/sink.h"

namespace polarway::testing {

/// Where rows go to be counted. Its output is `Output`, which outlives it as a file would.
class NullSink final : public Sink {
 public:
  struct Output {
    std::int64_t rows = 0;  ///< Written, synced or not.
    bool finished = false;
    bool aborted = false;
  };

  explicit NullSink(Output& output) : output_(output) {}
  ~NullSink() override { abort(); }

  Result<void> write(const DataFrame& frame) override {
    output_.rows += frame.height();
    return {};
  }
  Result<SinkPosition> sync() override {
    synced_ = true;
    return SinkPosition{std::to_string(output_.rows), output_.rows};
  }
  Result<void> resume(const SinkPosition& position) override {
    output_.rows = std::stoll(position.position);
    return {};
  }
  Result<void> finish() override {
    output_.finished = true;
    return {};
  }
  void abort() override {
    if (!output_.finished && !synced_) output_.aborted = true;
  }
  std::int64_t bytes_written() const override { return 0; }

 private:
  Output& output_;
  bool synced_ = false;
};

}  // namespace polarway::testing
