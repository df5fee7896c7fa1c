#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sinks/output.h"

namespace polarway::testing {

/// An Output in memory that may fail at its n-th append, counted from 0, and from then on.
class MemoryOutput final : public Output {
 public:
  /// Outlives the output, so that it can be looked at when the sink is gone.
  struct State {
    std::string bytes;
    int fail_append = -1;
    int num_appends = 0;
    bool committed = false;
    bool aborted = false;
  };

  explicit MemoryOutput(std::shared_ptr<State> state) : state_(std::move(state)) {}

  Result<void> append(std::string_view bytes) override {
    const int n = state_->num_appends++;
    if (state_->fail_append >= 0 && n >= state_->fail_append) {
      return fail(
          {.kind = ErrorKind::Io, .where = {}, .message = "injected", .hint = {}, .memory = {}});
    }
    state_->bytes += bytes;
    return {};
  }
  Result<std::string> sync() override { return std::string("1-ab"); }
  Result<void> resume(std::string_view, std::int64_t bytes) override {
    state_->bytes.resize(static_cast<std::size_t>(bytes));
    return {};
  }
  Result<void> commit() override {
    state_->committed = true;
    return {};
  }
  void abort() override { state_->aborted = true; }
  std::int64_t bytes() const override { return static_cast<std::int64_t>(state_->bytes.size()); }
  const std::string& location() const override { return location_; }
  std::string scratch_folder() const override { return "/tmp"; }

 private:
  std::shared_ptr<State> state_;
  std::string location_ = "memory";
};

}  // namespace polarway::testing
