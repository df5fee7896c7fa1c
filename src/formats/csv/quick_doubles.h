#pragma once

#include <cstdint>

#include "formats/csv/field_batch.h"

namespace polarway::csv {

/// As quick_double(), of the fields from `from` on, several at a time where the processor can, up
/// to the first that it knows nothing of. `out` has room for the rest of the batch. Returns how
/// many were read. SIMD, dispatched at run time.
std::int64_t quick_doubles(const FieldBatch& batch, std::int64_t from, double* out);

}  // namespace polarway::csv
