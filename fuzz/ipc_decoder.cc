// An Arrow IPC decoder has the same rows in chunks of any size, for any columns, and goes on
// exactly from each position; what is damaged is an error, whatever the sizes that it claims.

#include "formats/ipc/ipc_decoder.h"

#include <string>

#include "choices.h"
#include "decoder_law.h"
#include "law.h"

namespace polarway::ipc {
namespace {

using fuzz::Choices;
using fuzz::Cuts;
using fuzz::Outcome;
using fuzz::read_all;

// Chunks share dictionaries, and the bodies of batches.
constexpr Cuts at_once() { return {.chunks_hold_leases = true}; }
// Rows without values take no bytes, so that there may be very many.
constexpr std::int64_t kMostRows = 10'000;

void check(const Choices& choices, const std::string& bytes) {
  const fuzz::MakeDecoder make = [](std::int64_t) { return make_ipc_decoder(); };
  Cuts few = at_once();
  few.max_chunks = 100;
  const Outcome opened = read_all(bytes, make, few, {});
  if (!opened.schema || opened.num_rows() > kMostRows) return;
  const ScanRequest request = choices.request(*opened.schema);
  Outcome whole = read_all(bytes, make, at_once(), request);
  Outcome pieces = read_all(bytes, make, choices.cuts(at_once()), request);
  // Which damage is found first depends on what is read first; that there is some does not.
  fuzz::require(whole.error.empty() == pieces.error.empty(), "damage does not depend on chunks",
                whole.error + "\npieces: " + pieces.error);
  if (!whole.error.empty()) return;
  fuzz::require_equal(pieces, whole, "rows do not depend on chunks");
  if (choices.resumes()) fuzz::check_resume(bytes, make, choices.cuts(at_once()), request, pieces);
  fuzz::require_released(std::move(whole));
  fuzz::require_released(std::move(pieces));
}

}  // namespace
}  // namespace polarway::ipc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return polarway::fuzz::run_with_choices(data, size, polarway::ipc::check);
}
