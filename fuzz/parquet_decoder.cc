// A Parquet decoder has the same rows in chunks of any size, for any columns, and goes on exactly
// from each position; a filter leaves the rows that it is true for; what is damaged is an error,
// whatever the sizes that it claims.

#include "formats/parquet/parquet_decoder.h"

#include <string>

#include "choices.h"
#include "decoder_law.h"
#include "frame/filter_batch.h"
#include "law.h"

namespace polarway::pq {
namespace {

using fuzz::Choices;
using fuzz::Cuts;
using fuzz::Outcome;
using fuzz::read_all;

// Statistics of a damaged file may say that rows cannot be there which are: fewer are no fault.
void check_filter(const std::string& bytes, const fuzz::MakeDecoder& make, const Cuts& cuts,
                  const Expr& filter, const Outcome& whole) {
  ScanRequest request;
  request.filter = filter;
  Outcome filtered = read_all(bytes, make, cuts, request);
  if (!filtered.error.empty()) return;  // rows that are left out may be damaged, and statistics
  Outcome expected;
  expected.schema = whole.schema;
  std::int64_t kept = 0;
  for (const auto& batch : whole.batches) {
    const auto predicate = bind_predicate(filter, *whole.schema);
    const auto rows = filter_batch(batch, *predicate, arrow::default_memory_pool());
    if ((*rows)->num_rows() > 0) expected.batches.push_back(*rows);
    kept += (*rows)->num_rows();
  }
  fuzz::require(filtered.num_rows() <= kept, "a filter leaves no row that it is not true for");
  if (filtered.num_rows() == kept) {
    fuzz::require_equal(filtered, expected, "a filter leaves the rows that it is true for");
  }
}

void check(const Choices& choices, const std::string& bytes) {
  const fuzz::MakeDecoder make = [](std::int64_t) { return make_parquet_decoder(); };
  const Outcome opened = read_all(bytes, make, Cuts(), {});
  if (!opened.schema) return;
  const ScanRequest request = choices.request(*opened.schema);
  const Outcome whole = read_all(bytes, make, Cuts(), request);
  const Outcome pieces = read_all(bytes, make, choices.cuts(), request);
  // Which damage is found first depends on what is read first; that there is some does not.
  fuzz::require(whole.error.empty() == pieces.error.empty(), "damage does not depend on chunks",
                whole.error + "\npieces: " + pieces.error);
  if (!whole.error.empty()) return;
  fuzz::require_equal(pieces, whole, "rows do not depend on chunks");
  if (choices.resumes()) fuzz::check_resume(bytes, make, choices.cuts(), request, pieces);
  const auto filter = choices.filter(*opened.schema);
  if (filter && opened.error.empty()) {
    check_filter(bytes, make, choices.cuts(), *filter, opened);
  }
}

}  // namespace
}  // namespace polarway::pq

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return polarway::fuzz::run_with_choices(data, size, polarway::pq::check);
}
