#pragma once

#include <cstdint>

namespace polarway::testing {

/// What the operator new of this program does: it counts what is alive, and fails where it is told.
///
/// Only allocations made by our own code fail: those whose innermost frame, past the C++ library
/// and other helpers, is of this program. Allocations by libarrow, libparquet and libarrow_compute
/// do not: those libraries end the process then. Built on malloc(), so that sanitizers see all of
/// it.
namespace failing_new {

/// Arms it for all threads: the n-th of our allocations from now on fails, counted from 1, or all
/// from the n-th on.
void arm(std::int64_t nth, bool for_ever);
/// Nothing fails any more. Returns how many of our allocations were counted.
std::int64_t disarm();
/// Allocations alive, of whatever library.
std::int64_t live();

/// While it lives, what this thread allocates is the test's own, which does not count.
class Exempt {
 public:
  Exempt();
  ~Exempt();
  Exempt(const Exempt&) = delete;
  Exempt& operator=(const Exempt&) = delete;

 private:
  bool before_;
};

}  // namespace failing_new
}  // namespace polarway::testing
