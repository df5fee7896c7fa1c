#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>

namespace polarway {

/// Whether a Parquet column should have a dictionary, judged by its first values: a dictionary that
/// is begun and given up costs several times as much as writing the values.
///
/// Of up to 4,096 values, those that occur again tell how many distinct ones there are in all. The
/// dictionary pays when it stays within `max_bytes` and when it and the indices of `num_rows` rows
/// come to less than three quarters of the values.
///
/// True for samples too small to tell, and for nested types, which are not looked at: Arrow's own
/// default. False for booleans, which have no dictionary.
bool dictionary_pays(const arrow::Array& sample, std::int64_t num_rows, std::int64_t max_bytes);

}  // namespace polarway
