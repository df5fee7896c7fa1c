#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace polarway {

/// Remembers, in a hash, what of a text has been handed on, so that the same text, asked for once
/// more, can be followed to that place, and nothing is handed on twice or out of another text.
class PassedBytes {
 public:
  PassedBytes();
  ~PassedBytes();

  /// A text begins.
  void clear();
  /// The text is read again from its start, and was to be read as far before.
  void start_over();
  /// What of these bytes, the next ones, is new; nothing of them may be handed on before.
  /// `has_changed` is set when what was there before was other bytes.
  std::span<const std::uint8_t> take(std::span<const std::uint8_t> bytes, bool& has_changed);
  /// Whether the place has been reached.
  bool has_caught_up() const { return num_bytes_ >= wanted_bytes_; }

 private:
  struct Hash;
  std::unique_ptr<Hash> hash_;
  std::int64_t num_bytes_ = 0;
  std::int64_t wanted_bytes_ = 0;
  std::uint64_t wanted_hash_ = 0;
};

}  // namespace polarway
