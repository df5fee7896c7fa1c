#include "formats/parquet/column_kind.h"

#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "formats/parquet/bool_column.h"
#include "formats/parquet/fixed_column.h"
#include "formats/parquet/text_column.h"

namespace polarway::pq {
namespace {

using arrow::Type;
using Physical = ::parquet::Type;

// Small integers are stored as 32 bits, of which some may be too many.
template <class T>
std::int64_t narrow(const std::uint8_t* stored, std::int64_t /*stored_width*/, std::int64_t count,
                    std::uint8_t* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    std::int32_t value;
    std::memcpy(&value, stored + i * 4, sizeof(value));
    if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) return i;
    const auto narrowed = static_cast<T>(value);
    std::memcpy(out + i * static_cast<std::int64_t>(sizeof(T)), &narrowed, sizeof(T));
  }
  return count;
}

// An integer of a decimal's unscaled value, in the machine's order, to one of kWidth bytes.
template <class Stored, std::int64_t kWidth>
std::int64_t widen(const std::uint8_t* stored, std::int64_t /*stored_width*/, std::int64_t count,
                   std::uint8_t* out) {
  for (std::int64_t i = 0; i < count; ++i, out += kWidth) {
    Stored value;
    std::memcpy(&value, stored + i * static_cast<std::int64_t>(sizeof(Stored)), sizeof(value));
    std::memset(out, value < 0 ? 0xFF : 0, kWidth);
    std::memcpy(out, &value, sizeof(value));
  }
  return count;
}

// The same for one in the network's order, of any width. What it has more than kWidth bytes must be
// the sign.
template <std::int64_t kWidth>
std::int64_t from_big_endian(const std::uint8_t* stored, std::int64_t stored_width,
                             std::int64_t count, std::uint8_t* out) {
  for (std::int64_t i = 0; i < count; ++i, stored += stored_width, out += kWidth) {
    const std::uint8_t sign = (stored[0] & 0x80) != 0 ? 0xFF : 0;
    const std::int64_t taken = std::min(stored_width, kWidth);
    for (std::int64_t byte = 0; byte < stored_width - taken; ++byte) {
      if (stored[byte] != sign) return i;
    }
    for (std::int64_t byte = 0; byte < taken; ++byte) out[byte] = stored[stored_width - 1 - byte];
    std::memset(out + taken, sign, static_cast<std::size_t>(kWidth - taken));
    if ((out[kWidth - 1] & 0x80) != (sign & 0x80)) return i;
  }
  return count;
}

// Nanoseconds of a day, and the day by Julian's count, to nanoseconds since 1970.
std::int64_t from_int96(const std::uint8_t* stored, std::int64_t /*stored_width*/,
                        std::int64_t count, std::uint8_t* out) {
  constexpr std::int64_t kJulianDayOf1970 = 2'440'588;
  constexpr std::int64_t kNanosOfDay = 86'400'000'000'000;
  for (std::int64_t i = 0; i < count; ++i, stored += 12, out += 8) {
    std::int64_t nanos;
    std::uint32_t day;
    std::memcpy(&nanos, stored, sizeof(nanos));
    std::memcpy(&day, stored + 8, sizeof(day));
    std::int64_t since = 0;
    if (__builtin_mul_overflow(std::int64_t{day} - kJulianDayOf1970, kNanosOfDay, &since) ||
        __builtin_add_overflow(since, nanos, &since)) {
      return i;
    }
    std::memcpy(out, &since, sizeof(since));
  }
  return count;
}

// Where stored values are Arrow's.
Conversion as_stored(std::int64_t width, bool are_integers) {
  return {.stored_width = width, .width = width, .are_integers = are_integers};
}

std::optional<Conversion> of_int32(Type::type type) {
  Conversion conversion{.stored_width = 4, .width = 4, .are_integers = true};
  switch (type) {
    case Type::INT32:
    case Type::UINT32:
    case Type::DATE32:
    case Type::TIME32:
      return conversion;
    case Type::INT8:
      conversion.width = 1;
      conversion.convert = narrow<std::int8_t>;
      return conversion;
    case Type::UINT8:
      conversion.width = 1;
      conversion.convert = narrow<std::uint8_t>;
      return conversion;
    case Type::INT16:
      conversion.width = 2;
      conversion.convert = narrow<std::int16_t>;
      return conversion;
    case Type::UINT16:
      conversion.width = 2;
      conversion.convert = narrow<std::uint16_t>;
      return conversion;
    case Type::DECIMAL128:
      conversion.width = 16;
      conversion.convert = widen<std::int32_t, 16>;
      return conversion;
    case Type::DECIMAL256:
      conversion.width = 32;
      conversion.convert = widen<std::int32_t, 32>;
      return conversion;
    default:
      return std::nullopt;
  }
}

std::optional<Conversion> of_int64(Type::type type) {
  Conversion conversion{.stored_width = 8, .width = 8, .are_integers = true};
  switch (type) {
    case Type::INT64:
    case Type::UINT64:
    case Type::TIME64:
    case Type::TIMESTAMP:
    case Type::DURATION:
      return conversion;
    case Type::DECIMAL128:
      conversion.width = 16;
      conversion.convert = widen<std::int64_t, 16>;
      return conversion;
    case Type::DECIMAL256:
      conversion.width = 32;
      conversion.convert = widen<std::int64_t, 32>;
      return conversion;
    default:
      return std::nullopt;
  }
}

std::optional<Conversion> of_fixed_bytes(std::int64_t stored_width, const arrow::DataType& type) {
  if (stored_width <= 0) return std::nullopt;
  Conversion conversion = as_stored(stored_width, false);
  switch (type.id()) {
    case Type::HALF_FLOAT:
    case Type::FIXED_SIZE_BINARY: {
      const auto width = static_cast<const arrow::FixedWidthType&>(type).bit_width() / 8;
      return width == stored_width ? std::optional(conversion) : std::nullopt;
    }
    case Type::DECIMAL128:
      conversion.width = 16;
      conversion.convert = from_big_endian<16>;
      return conversion;
    case Type::DECIMAL256:
      conversion.width = 32;
      conversion.convert = from_big_endian<32>;
      return conversion;
    default:
      return std::nullopt;
  }
}

std::optional<Conversion> conversion_of(const ::parquet::ColumnDescriptor& leaf,
                                        const arrow::DataType& type) {
  switch (leaf.physical_type()) {
    case Physical::INT32:
      return of_int32(type.id());
    case Physical::INT64:
      return of_int64(type.id());
    case Physical::FLOAT:
      return type.id() == Type::FLOAT ? std::optional(as_stored(4, false)) : std::nullopt;
    case Physical::DOUBLE:
      return type.id() == Type::DOUBLE ? std::optional(as_stored(8, false)) : std::nullopt;
    case Physical::INT96:
      if (type.id() != Type::TIMESTAMP) return std::nullopt;
      return Conversion{.stored_width = 12, .width = 8, .convert = from_int96};
    case Physical::FIXED_LEN_BYTE_ARRAY:
      return of_fixed_bytes(leaf.type_length(), type);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::shared_ptr<arrow::DataType> plain_type(const std::shared_ptr<arrow::DataType>& type) {
  switch (type->id()) {
    case Type::DICTIONARY:
      return plain_type(static_cast<const arrow::DictionaryType&>(*type).value_type());
    case Type::LARGE_STRING:
    case Type::STRING_VIEW:
      return arrow::utf8();
    case Type::LARGE_BINARY:
    case Type::BINARY_VIEW:
      return arrow::binary();
    default:
      return type;
  }
}

bool is_flat(const ::parquet::ColumnDescriptor& leaf) {
  return leaf.max_repetition_level() == 0 && leaf.max_definition_level() <= 1 &&
         leaf.path()->ToDotVector().size() == 1;
}

std::unique_ptr<ValueColumn> make_value_column(const ::parquet::ColumnDescriptor& leaf,
                                               const std::shared_ptr<arrow::DataType>& type,
                                               arrow::MemoryPool* pool) {
  if (leaf.physical_type() == Physical::BOOLEAN) {
    return type->id() == Type::BOOL ? make_bool_column(pool) : nullptr;
  }
  if (leaf.physical_type() == Physical::BYTE_ARRAY) {
    const bool is_text = type->id() == Type::STRING || type->id() == Type::BINARY;
    return is_text ? make_text_column(type, pool) : nullptr;
  }
  const std::optional<Conversion> conversion = conversion_of(leaf, *type);
  return conversion ? make_fixed_column(type, *conversion, pool) : nullptr;
}

}  // namespace polarway::pq
