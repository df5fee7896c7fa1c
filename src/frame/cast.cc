#include "frame/cast.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/compute/cast.h>
#include <arrow/compute/exec.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "core/arrow_status.h"
#include "core/quoted_text.h"
#include "core/type_spelling.h"
#include "frame/evaluation_bytes.h"
#include "frame/exact_number.h"
#include "frame/typed_expr.h"

namespace polarway {
namespace {

namespace cp = arrow::compute;
using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

// Digits of the longest value that becomes text, by type: of a decimal256, 76 digits, sign, point
// and exponent; of a timestamp, years beyond 9999 and a zone.
constexpr std::int64_t kLongestText = 96;

// Integers, floats and booleans: what is a number of the machine.
bool is_machine_number(const arrow::DataType& type) {
  return type.id() == arrow::Type::BOOL || type.id() == arrow::Type::FLOAT ||
         type.id() == arrow::Type::DOUBLE || arrow::is_integer(type.id());
}

bool is_wide_decimal(const arrow::DataType& type) {
  return type.id() == arrow::Type::DECIMAL128 || type.id() == arrow::Type::DECIMAL256;
}

bool has_zone(const arrow::DataType& type) {
  return type.id() == arrow::Type::TIMESTAMP &&
         !static_cast<const arrow::TimestampType&>(type).timezone().empty();
}

SourceError cannot_be(const arrow::Array& values, std::int64_t row, const arrow::DataType& to) {
  const auto value = values.GetScalar(row);
  const std::string text = value.ok() ? (*value)->ToString() : std::string();
  const std::string shown =
      family_of(*values.type()) == TypeFamily::Text ? shorten(text, 40) : text;
  return {.kind = ErrorKind::Schema,
          .where = {.row = row + 1},
          .message = shown + " has no equal among the values of " + spell_type(to)};
}

Result<std::shared_ptr<arrow::Buffer>> validity_of(const arrow::Array& values,
                                                   arrow::MemoryPool* pool) {
  if (values.null_count() == 0) return nullptr;
  return from_arrow(arrow::internal::CopyBitmap(pool, values.null_bitmap_data(), values.offset(),
                                                values.length()));
}

// Values of a machine number's type, written one by one.
template <class To>
class Numbers {
 public:
  using Value = typename To::c_type;

  Result<void> allocate(std::int64_t rows, arrow::MemoryPool* pool) {
    if constexpr (std::is_same_v<To, arrow::BooleanType>) {
      POLARWAY_TRY(buffer_, from_arrow(arrow::AllocateEmptyBitmap(rows, pool)));
    } else {
      POLARWAY_TRY(buffer_, from_arrow(arrow::AllocateBuffer(
                                rows * static_cast<std::int64_t>(sizeof(Value)), pool)));
    }
    return {};
  }

  void set(std::int64_t row, Value value) {
    if constexpr (std::is_same_v<To, arrow::BooleanType>) {
      arrow::bit_util::SetBitTo(buffer_->mutable_data(), row, value);
    } else {
      reinterpret_cast<Value*>(buffer_->mutable_data())[row] = value;
    }
  }

  ArrayPtr finish(std::int64_t rows, std::shared_ptr<arrow::Buffer> validity,
                  std::int64_t null_count) {
    return arrow::MakeArray(arrow::ArrayData::Make(arrow::TypeTraits<To>::type_singleton(), rows,
                                                   {std::move(validity), std::move(buffer_)},
                                                   null_count));
  }

 private:
  std::shared_ptr<arrow::Buffer> buffer_;
};

// Each value by `convert`, which answers whether there is one: the first row without one, or -1.
// All that is compiled for every pair of types.
template <class To, class From, class Convert>
std::int64_t convert_rows(const arrow::Array& array, const Convert& convert, Numbers<To>& numbers) {
  const auto& values = static_cast<const typename arrow::TypeTraits<From>::ArrayType&>(array);
  for (std::int64_t row = 0; row < values.length(); ++row) {
    typename To::c_type number{};
    if (values.IsValid(row) && !convert(values.GetView(row), number)) return row;
    numbers.set(row, number);
  }
  return -1;
}

// The numbers that `convert` makes of all rows, unless it answers with a row that has none.
template <class To, class Convert>
Result<ArrayPtr> make_numbers(const arrow::Array& values, arrow::MemoryPool* pool,
                              const Convert& convert) {
  Numbers<To> numbers;
  POLARWAY_CHECK(numbers.allocate(values.length(), pool));
  if (const std::int64_t row = convert(numbers); row >= 0) {
    return fail(cannot_be(values, row, *arrow::TypeTraits<To>::type_singleton()));
  }
  POLARWAY_TRY(auto validity, validity_of(values, pool));
  return numbers.finish(values.length(), std::move(validity), values.null_count());
}

// Calls `use` with a value of the Arrow type that a machine number's id stands for.
template <class Use>
auto with_number_type(arrow::Type::type id, const Use& use) {
  switch (id) {
    case arrow::Type::BOOL:
      return use(arrow::BooleanType{});
    case arrow::Type::INT8:
      return use(arrow::Int8Type{});
    case arrow::Type::INT16:
      return use(arrow::Int16Type{});
    case arrow::Type::INT32:
      return use(arrow::Int32Type{});
    case arrow::Type::INT64:
      return use(arrow::Int64Type{});
    case arrow::Type::UINT8:
      return use(arrow::UInt8Type{});
    case arrow::Type::UINT16:
      return use(arrow::UInt16Type{});
    case arrow::Type::UINT32:
      return use(arrow::UInt32Type{});
    case arrow::Type::UINT64:
      return use(arrow::UInt64Type{});
    case arrow::Type::FLOAT:
      return use(arrow::FloatType{});
    default:
      return use(arrow::DoubleType{});
  }
}

Result<ArrayPtr> number_to_number(const arrow::Array& values, const TypePtr& to,
                                  arrow::MemoryPool* pool) {
  return with_number_type(to->id(), [&](auto to_type) {
    using To = decltype(to_type);
    return make_numbers<To>(values, pool, [&](Numbers<To>& numbers) {
      return with_number_type(values.type_id(), [&](auto from_type) {
        const auto exact = [](auto value, typename To::c_type& number) {
          return exact_number(value, number);
        };
        return convert_rows<To, decltype(from_type)>(values, exact, numbers);
      });
    });
  });
}

// The nearest float; but an integer only where the float is that integer.
template <class Float>
bool parse_float(std::string_view text, Float& number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return false;
  std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return true;
  }
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  char exact[400];
  const auto end =
      std::to_chars(exact, exact + sizeof exact, std::fabs(number), std::chars_format::fixed);
  const std::string_view written(exact, static_cast<std::size_t>(end.ptr - exact));
  return end.ec == std::errc{} && (digits == written || (digits.empty() && written == "0"));
}

template <class To>
Result<ArrayPtr> text_to_float(const arrow::Array& values, arrow::MemoryPool* pool) {
  const auto parse = [](std::string_view text, typename To::c_type& number) {
    return parse_float(text, number);
  };
  return make_numbers<To>(values, pool, [&](Numbers<To>& numbers) {
    return values.type_id() == arrow::Type::STRING
               ? convert_rows<To, arrow::StringType>(values, parse, numbers)
               : convert_rows<To, arrow::LargeStringType>(values, parse, numbers);
  });
}

arrow::Result<ArrayPtr> arrow_cast(const arrow::Array& values, const TypePtr& to,
                                   arrow::MemoryPool* pool) {
  cp::CastOptions options = cp::CastOptions::Safe();
  // A timestamp is within its day: that is what is asked for.
  options.allow_time_truncate =
      values.type_id() == arrow::Type::TIMESTAMP && to->id() == arrow::Type::DATE32;
  cp::ExecContext context(pool);
  context.set_use_threads(false);
  return cp::Cast(values, to, options, &context);
}

// The first row that Arrow does not cast, among rows of which it does not cast all.
std::int64_t first_refused(const arrow::Array& values, const TypePtr& to, arrow::MemoryPool* pool) {
  std::int64_t good = 0;  // so many rows at the start are cast
  std::int64_t bad = values.length();
  while (bad - good > 1) {
    const std::int64_t middle = good + (bad - good) / 2;
    (arrow_cast(*values.Slice(good, middle - good), to, pool).ok() ? good : bad) = middle;
  }
  return good;
}

Result<ArrayPtr> checked_cast(const arrow::Array& values, const TypePtr& to,
                              arrow::MemoryPool* pool) {
  arrow::Result<ArrayPtr> cast = arrow_cast(values, to, pool);
  if (cast.ok()) return *std::move(cast);
  if (cast.status().IsOutOfMemory() || values.length() == 0) {
    return fail(to_source_error(cast.status()));
  }
  return fail(cannot_be(values, first_refused(values, to, pool), *to));
}

// Calls `use` with the text of each decimal that there is, until it answers false; the row where it
// did, or -1.
template <class Use>
std::int64_t for_each_decimal(const arrow::Array& decimals, const Use& use) {
  const auto text_of = [&](std::int64_t row) {
    return decimals.type_id() == arrow::Type::DECIMAL128
               ? static_cast<const arrow::Decimal128Array&>(decimals).FormatValue(row)
               : static_cast<const arrow::Decimal256Array&>(decimals).FormatValue(row);
  };
  for (std::int64_t row = 0; row < decimals.length(); ++row) {
    if (decimals.IsValid(row) && !use(row, text_of(row))) return row;
  }
  return -1;
}

// By its digits, since of its parts Arrow makes a float that may be off by the last bit.
template <class To>
Result<ArrayPtr> decimal_to_float(const arrow::Array& values, arrow::MemoryPool* pool) {
  Numbers<To> numbers;
  POLARWAY_CHECK(numbers.allocate(values.length(), pool));
  const std::int64_t refused =
      for_each_decimal(values, [&](std::int64_t row, std::string_view text) {
        typename To::c_type number{};
        if (!parse_float(text, number)) return false;
        numbers.set(row, number);
        return true;
      });
  if (refused >= 0)
    return fail(cannot_be(values, refused, *arrow::TypeTraits<To>::type_singleton()));
  POLARWAY_TRY(auto validity, validity_of(values, pool));
  return numbers.finish(values.length(), std::move(validity), values.null_count());
}

// Arrow rounds to the digits that a decimal has, so that only the way back tells.
template <class From>
Result<ArrayPtr> float_to_decimal(const arrow::Array& values, const TypePtr& to,
                                  arrow::MemoryPool* pool) {
  const auto& floats = static_cast<const typename arrow::TypeTraits<From>::ArrayType&>(values);
  POLARWAY_TRY(ArrayPtr result, checked_cast(values, to, pool));
  const std::int64_t refused =
      for_each_decimal(*result, [&](std::int64_t row, std::string_view text) {
        typename From::c_type back{};
        return parse_float(text, back) && back == floats.Value(row);
      });
  if (refused >= 0) return fail(cannot_be(values, refused, *to));
  return result;
}

}  // namespace

bool can_cast(const arrow::DataType& from, const arrow::DataType& to) {
  const TypeFamily family = family_of(from);
  if (family == TypeFamily::Null) return true;
  const bool number = is_machine_number(from) || is_wide_decimal(from);
  switch (to.id()) {
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
      return number || family == TypeFamily::Text || family == TypeFamily::Date ||
             family == TypeFamily::Timestamp || family == TypeFamily::Time;
    case arrow::Type::DATE32:
      return family == TypeFamily::Text || family == TypeFamily::Date ||
             family == TypeFamily::Timestamp;
    case arrow::Type::TIMESTAMP:
      return family == TypeFamily::Text || (family == TypeFamily::Date && !has_zone(to)) ||
             (family == TypeFamily::Timestamp && has_zone(from) == has_zone(to));
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256:
      return (number && from.id() != arrow::Type::BOOL) || family == TypeFamily::Text;
    case arrow::Type::BOOL:
      return is_machine_number(from) || family == TypeFamily::Text;
    default:
      return is_machine_number(to) && (number || family == TypeFamily::Text);
  }
}

Result<ArrayPtr> cast_values(const arrow::Array& values, const TypePtr& to,
                             arrow::MemoryPool* pool) {
  const arrow::DataType& from = *values.type();
  if (is_machine_number(from) && is_machine_number(*to)) return number_to_number(values, to, pool);
  if (family_of(from) == TypeFamily::Text && to->id() == arrow::Type::DOUBLE) {
    return text_to_float<arrow::DoubleType>(values, pool);
  }
  if (family_of(from) == TypeFamily::Text && to->id() == arrow::Type::FLOAT) {
    return text_to_float<arrow::FloatType>(values, pool);
  }
  if (is_wide_decimal(from) && to->id() == arrow::Type::DOUBLE) {
    return decimal_to_float<arrow::DoubleType>(values, pool);
  }
  if (is_wide_decimal(from) && to->id() == arrow::Type::FLOAT) {
    return decimal_to_float<arrow::FloatType>(values, pool);
  }
  if (is_wide_decimal(*to) && from.id() == arrow::Type::DOUBLE) {
    return float_to_decimal<arrow::DoubleType>(values, to, pool);
  }
  if (is_wide_decimal(*to) && from.id() == arrow::Type::FLOAT) {
    return float_to_decimal<arrow::FloatType>(values, to, pool);
  }
  if (is_wide_decimal(*to) && arrow::is_integer(from.id())) {
    // Arrow asks for room for the largest integer behind the point; the decimal of all integers
    // knows what is there.
    POLARWAY_TRY(const ArrayPtr whole, checked_cast(values, arrow::decimal128(20, 0), pool));
    return checked_cast(*whole, to, pool);
  }
  return checked_cast(values, to, pool);
}

std::int64_t cast_bytes(const arrow::DataType& from, const arrow::DataType& to, std::int64_t rows) {
  if (arrow::is_fixed_width(to.id())) {
    const bool twice = is_wide_decimal(to) && arrow::is_integer(from.id());
    return fixed_width_bytes(rows, to.bit_width()) + (twice ? fixed_width_bytes(rows, 128) : 0);
  }
  // A builder doubles its buffers, and holds the old ones while it copies.
  const std::int64_t offsets = buffer_bytes(3 * 8 * (rows + 1)) + buffer_bytes(3 * rows / 8);
  if (family_of(from) == TypeFamily::Text) return offsets;
  return offsets + buffer_bytes(3 * rows * kLongestText);
}

}  // namespace polarway
