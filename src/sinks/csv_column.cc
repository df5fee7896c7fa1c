#include "sinks/csv_column.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/float16.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "sinks/csv_cell.h"
#include "sinks/csv_marks.h"
#include "sinks/csv_text.h"

namespace polarway {
namespace {

constexpr int kMaxDecimalScale = 38;
constexpr std::size_t kLookAhead = 4 << 10;  // what was looked at is in the cache when it is copied

template <class Array>
auto value_at(const CsvColumn& column, std::int64_t row) {
  return static_cast<const Array&>(column.values()).Value(row);
}

// What `write` makes of a buffer's free room, as a cell.
template <class Write>
bool put_cell(TextBuffer& out, Write write) {
  char* const end = write(out.room(kMaxCsvCell));
  if (end == nullptr) return false;
  out.advance_to(end);
  return true;
}

bool write_nothing(const CsvColumn&, std::int64_t, TextBuffer&) { return true; }

bool write_bool(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  out.put(value_at<arrow::BooleanArray>(column, row) ? std::string_view("true") : "false");
  return true;
}

template <class Array>
bool write_signed(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  return put_cell(out, [&](char* at) { return write_int(at, value_at<Array>(column, row)); });
}

template <class Array>
bool write_unsigned(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  return put_cell(out, [&](char* at) { return write_uint(at, value_at<Array>(column, row)); });
}

template <class Array>
bool write_floating(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  return put_cell(out, [&](char* at) { return write_float(at, value_at<Array>(column, row)); });
}

bool write_half(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  const std::uint16_t bits = value_at<arrow::HalfFloatArray>(column, row);
  return put_cell(out, [&](char* at) {
    return write_float(at, arrow::util::Float16::FromBits(bits).ToFloat());
  });
}

bool write_date32(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  return put_cell(
      out, [&](char* at) { return write_date(at, value_at<arrow::Date32Array>(column, row)); });
}

// Milliseconds, and by Arrow's rules whole days; what is none must not lose its time in silence.
bool write_date64(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  constexpr std::int64_t kPerDay = 86'400'000;
  const std::int64_t value = value_at<arrow::Date64Array>(column, row);
  return put_cell(out, [&](char* at) {
    return value % kPerDay == 0 ? write_date(at, value / kPerDay)
                                : write_timestamp(at, value, arrow::TimeUnit::MILLI, false);
  });
}

bool write_moment(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  return put_cell(out, [&](char* at) {
    return write_timestamp(at, value_at<arrow::TimestampArray>(column, row), column.unit(),
                           column.utc());
  });
}

template <class Array>
bool write_time_of_day(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  return put_cell(
      out, [&](char* at) { return write_time(at, value_at<Array>(column, row), column.unit()); });
}

bool write_decimal128(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  const auto& values = static_cast<const arrow::Decimal128Array&>(column.values());
  return put_cell(
      out, [&](char* at) { return write_decimal(at, values.GetValue(row), column.scale()); });
}

template <class Array>
bool write_narrow_decimal(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  const auto& values = static_cast<const Array&>(column.values());
  const std::size_t width = Array::TypeClass::kByteWidth;
  const std::uint8_t* bytes = values.GetValue(row);
  std::uint8_t widened[16];
  std::memset(widened, (bytes[width - 1] & 0x80) != 0 ? 0xFF : 0, sizeof widened);
  std::memcpy(widened, bytes, width);
  return put_cell(out, [&](char* at) { return write_decimal(at, widened, column.scale()); });
}

template <class Array>
bool write_string(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  const auto write = column.escape_formulas() ? write_inert_csv_text : write_csv_text;
  write(static_cast<const Array&>(column.values()).GetView(row), column.delimiter(), out);
  return true;
}

bool write_from_dictionary(const CsvColumn& column, std::int64_t row, TextBuffer& out) {
  const auto& values = static_cast<const arrow::DictionaryArray&>(column.values());
  return column.dictionary().write(values.GetValueIndex(row), out);
}

}  // namespace

CsvColumn::CsvColumn() = default;
CsvColumn::CsvColumn(CsvColumn&&) noexcept = default;
CsvColumn& CsvColumn::operator=(CsvColumn&&) noexcept = default;
CsvColumn::~CsvColumn() = default;

Result<CsvColumn> CsvColumn::make(const arrow::Field& field, char delimiter, bool escape_formulas) {
  CsvColumn column;
  column.delimiter_ = delimiter;
  column.escape_formulas_ = escape_formulas;
  if (column.choose(*field.type())) return column;
  return fail({.kind = ErrorKind::Config,
               .where = {.location = {}, .row = {}, .byte_offset = {}, .column = field.name()},
               .message = fmt::format("a csv cannot hold {}", field.type()->ToString()),
               .hint = "leave the column out, or write parquet",
               .memory = {}});
}

bool CsvColumn::choose(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::NA:
      write_value_ = write_nothing;
      return true;
    case arrow::Type::BOOL:
      write_value_ = write_bool;
      return true;
    case arrow::Type::INT8:
      write_value_ = write_signed<arrow::Int8Array>;
      return true;
    case arrow::Type::INT16:
      write_value_ = write_signed<arrow::Int16Array>;
      return true;
    case arrow::Type::INT32:
      write_value_ = write_signed<arrow::Int32Array>;
      return true;
    case arrow::Type::INT64:
      write_value_ = write_signed<arrow::Int64Array>;
      return true;
    case arrow::Type::UINT8:
      write_value_ = write_unsigned<arrow::UInt8Array>;
      return true;
    case arrow::Type::UINT16:
      write_value_ = write_unsigned<arrow::UInt16Array>;
      return true;
    case arrow::Type::UINT32:
      write_value_ = write_unsigned<arrow::UInt32Array>;
      return true;
    case arrow::Type::UINT64:
      write_value_ = write_unsigned<arrow::UInt64Array>;
      return true;
    case arrow::Type::HALF_FLOAT:
      write_value_ = write_half;
      return true;
    case arrow::Type::FLOAT:
      write_value_ = write_floating<arrow::FloatArray>;
      return true;
    case arrow::Type::DOUBLE:
      write_value_ = write_floating<arrow::DoubleArray>;
      return true;
    case arrow::Type::STRING:
      write_value_ = write_string<arrow::StringArray>;
      return true;
    case arrow::Type::LARGE_STRING:
      write_value_ = write_string<arrow::LargeStringArray>;
      return true;
    case arrow::Type::STRING_VIEW:
      write_value_ = write_string<arrow::StringViewArray>;
      return true;
    case arrow::Type::DATE32:
      write_value_ = write_date32;
      return true;
    case arrow::Type::DATE64:
      write_value_ = write_date64;
      return true;
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      unit_ = timestamp.unit();
      utc_ = !timestamp.timezone().empty();  // whatever the zone, Arrow stores UTC
      write_value_ = write_moment;
      return true;
    }
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      unit_ = static_cast<const arrow::TimeType&>(type).unit();
      write_value_ = type.id() == arrow::Type::TIME32 ? write_time_of_day<arrow::Time32Array>
                                                      : write_time_of_day<arrow::Time64Array>;
      return true;
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
      scale_ = static_cast<const arrow::DecimalType&>(type).scale();
      write_value_ =
          type.id() == arrow::Type::DECIMAL32   ? write_narrow_decimal<arrow::Decimal32Array>
          : type.id() == arrow::Type::DECIMAL64 ? write_narrow_decimal<arrow::Decimal64Array>
                                                : write_decimal128;
      return scale_ >= -kMaxDecimalScale && scale_ <= kMaxDecimalScale;
    case arrow::Type::DICTIONARY: {
      CsvColumn values;
      values.delimiter_ = delimiter_;
      values.escape_formulas_ = escape_formulas_;
      if (!values.choose(*static_cast<const arrow::DictionaryType&>(type).value_type()))
        return false;
      dictionary_ = std::make_unique<CsvColumn>(std::move(values));
      write_value_ = write_from_dictionary;
      return true;
    }
    default:
      return false;
  }
}

void CsvColumn::bind(const arrow::Array& values) {
  values_ = &values;
  validity_ = values.null_bitmap_data();
  offset_ = values.offset();
  if (values.type_id() == arrow::Type::STRING && !escape_formulas_) {
    const auto& texts = static_cast<const arrow::StringArray&>(values);
    const std::shared_ptr<arrow::Buffer>& text = texts.value_data();
    offsets_ = texts.raw_value_offsets();
    clean_from_ = clean_to_ = 0;
    text_ = text == nullptr ? nullptr : reinterpret_cast<const char*>(text->data());
    text_bytes_ = text == nullptr ? 0 : static_cast<std::size_t>(text->size());
  }
  if (dictionary_) {
    dictionary_->bind(*static_cast<const arrow::DictionaryArray&>(values).dictionary());
  }
}

// Beyond the text, too, since one look at many is cheaper than one at each.
bool CsvColumn::look_from(std::size_t begin, std::size_t end) {
  const std::size_t to = std::min(std::max(end, begin + kLookAhead), text_bytes_);
  clean_from_ = begin;
  clean_to_ = begin + find_mark({text_ + begin, to - begin}, delimiter_);
  return end <= clean_to_;
}

}  // namespace polarway
