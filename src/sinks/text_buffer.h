#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "polarway/memory.h"
#include "polarway/result.h"
#include "sinks/output.h"

namespace polarway {

/// One fixed buffer in front of an Output, for text that is made cell by cell. What is longer than
/// the buffer goes through it in pieces; nothing is allocated after make().
///
/// The law: bytes put are flushed or buffered, in order, until the first error; then they are
/// dropped and flush() returns that error, so that callers need not ask after each cell.
class TextBuffer {
 public:
  static constexpr std::size_t kBytes = 256 << 10;
  /// The most that room() can be asked for.
  static constexpr std::size_t kMaxRoom = 4 << 10;

  /// MemoryLimit when the budget has no room. `output` outlives the buffer.
  static Result<std::unique_ptr<TextBuffer>> make(const std::shared_ptr<MemoryBudget>& budget,
                                                  Output& output);

  /// Where at least `bytes` may be written; advance_to() says how far they were.
  char* room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) empty();
    return at_;
  }
  void advance_to(char* at) { at_ = at; }

  void put(char c) {
    if (at_ == end_) empty();
    *at_++ = c;
  }
  void put(std::string_view text) {
    if (static_cast<std::size_t>(end_ - at_) < text.size()) return put_in_pieces(text);
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }

  /// Gives Output what is buffered.
  Result<void> flush();
  /// Forgets what is buffered.
  void clear() { at_ = begin_; }
  /// Bytes buffered.
  std::int64_t size() const { return at_ - begin_; }
  /// Whether something went wrong; flush() says what.
  bool failed() const { return !state_.has_value(); }

 private:
  TextBuffer(MemoryLease lease, std::unique_ptr<arrow::Buffer> bytes, Output& output);
  void empty();
  void put_in_pieces(std::string_view text);

  MemoryLease lease_;
  std::unique_ptr<arrow::Buffer> bytes_;
  Output& output_;
  char* begin_;
  char* end_;
  char* at_;
  Result<void> state_;
};

}  // namespace polarway
