#pragma once

#include "adaptive/recent.h"

namespace polarway {

/// What a chunk costs: ms = fixed + per byte * bytes, fitted to the last chunks.
///
/// The fit is a line through two points, a small chunk and a large one. For the small one stands
/// the cheapest of the small ones seen, since a chunk can be slow by accident, never fast; for the
/// large one their median. Where all chunks were about as large nothing can be told apart, and the
/// last answer stays.
class CostFit {
 public:
  void add(double bytes, double ms);
  /// Chunks from now on are of another make. The last answer stays until there is a new one.
  void forget() { seen_.clear(); }

  /// Whether anything could be told yet.
  bool is_known() const { return is_known_; }
  /// What a chunk costs by itself; 0 until that could be told.
  double fixed_ms() const { return fixed_ms_; }
  /// The smallest chunk whose fixed cost is at most kSmallShare of its time; 0 until that could be
  /// told, infinite if bytes cost nothing.
  double flat_bytes() const { return flat_bytes_; }

  static constexpr double kSmallShare = 0.02;

 private:
  struct Chunk {
    double bytes;
    double ms_per_byte;
  };

  Recent<Chunk> seen_{16};
  bool is_known_ = false;
  double fixed_ms_ = 0;
  double flat_bytes_ = 0;
};

}  // namespace polarway
