// An Arrow IPC decoder has the same rows in chunks of any size, for any columns, and goes on
// exactly from each position; what is damaged is an error, whatever the sizes that it claims.

#include "formats/ipc/ipc_decoder.h"

#include <arrow/type.h>

#include <string>

#include "decoder_law.h"
#include "law.h"

namespace polarway::ipc {
namespace {

using fuzz::Cuts;
using fuzz::Outcome;
using fuzz::read_all;

// The first bytes of the input say how to read the others.
class Choices {
 public:
  static constexpr std::size_t kCount = 4;

  explicit Choices(const std::uint8_t* bytes) : bytes_(bytes) {}

  // Chunks share dictionaries, and the bodies of batches.
  static Cuts at_once() { return {.chunks_hold_leases = true}; }
  // Rows without values take no bytes, so that there may be very many.
  static constexpr std::int64_t kMostRows = 10'000;

  Cuts cuts() const {
    Cuts cuts = at_once();
    cuts.max_rows = bytes_[0] % 4 == 0 ? fuzz::kManyRows : 1 + bytes_[0] / 8;
    cuts.read_bytes = bytes_[1] < 64 ? 1u + bytes_[1] : std::string::npos;
    cuts.num_threads = bytes_[1] % 2 == 0 ? 1 : 3;
    return cuts;
  }

  ScanRequest request(const arrow::Schema& schema) const {
    ScanRequest request;
    if (bytes_[2] % 4 == 2 && schema.num_fields() > 0) {
      request.columns = std::vector{schema.field((bytes_[2] / 4) % schema.num_fields())->name()};
    }
    return request;
  }

  bool resumes() const { return bytes_[3] % 2 == 1; }

 private:
  const std::uint8_t* bytes_;
};

void check(const Choices& choices, const std::string& bytes) {
  const fuzz::MakeDecoder make = [](std::int64_t) { return make_ipc_decoder(); };
  Cuts few = Choices::at_once();
  few.max_chunks = 100;
  const Outcome opened = read_all(bytes, make, few, {});
  if (!opened.schema || opened.num_rows() > Choices::kMostRows) return;
  const ScanRequest request = choices.request(*opened.schema);
  Outcome whole = read_all(bytes, make, Choices::at_once(), request);
  Outcome pieces = read_all(bytes, make, choices.cuts(), request);
  // Which damage is found first depends on what is read first; that there is some does not.
  fuzz::require(whole.error.empty() == pieces.error.empty(), "damage does not depend on chunks",
                whole.error + "\npieces: " + pieces.error);
  if (!whole.error.empty()) return;
  fuzz::require_equal(pieces, whole, "rows do not depend on chunks");
  if (choices.resumes()) fuzz::check_resume(bytes, make, choices.cuts(), request, pieces);
  fuzz::require_released(std::move(whole));
  fuzz::require_released(std::move(pieces));
}

}  // namespace
}  // namespace polarway::ipc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using polarway::ipc::Choices;
  if (size < Choices::kCount) return -1;
  polarway::ipc::check(Choices(data),
                       std::string(polarway::fuzz::text_of(data, size, Choices::kCount)));
  return 0;
}
