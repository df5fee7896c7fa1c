#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <string_view>

#include "polarway/result.h"

namespace polarway {

// How Arrow's types are written, here and nowhere else.
//
//   int8 .. uint64, float16, float32, float64, bool, string, binary, date, date64, null,
//   large_string, large_binary, string_view, binary_view, fixed_size_binary[N]
//   time[us], duration[us], timestamp[us], timestamp[us, UTC]      (s, ms, us or ns; us when left
//   out) decimal(P, S), decimal256(P, S) list[T], large_list[T], struct[a: T, "b c": T], map[K, V],
//   dictionary[I, T]
//
// A nested T may be followed by `not null`. Aliases of Polars, DuckDB, Python and Arrow are read
// too; where they disagree, the wider type is meant: `int` is int64 and `float` is float64.

// parse_type(spell_type(t)) equals t, for all types above; list items and map entries lose their
// names. Types that are not above are spelled as Arrow spells them, and not read back.
std::string spell_type(const arrow::DataType& type);

// Config error for what is no type, naming the nearest one.
Result<std::shared_ptr<arrow::DataType>> parse_type(std::string_view text);

}  // namespace polarway
