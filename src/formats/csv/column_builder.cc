#include "formats/csv/column_builder.h"

#include <arrow/type.h>

#include "formats/csv/fixed_column.h"
#include "formats/csv/parse_value.h"
#include "formats/csv/quick_value.h"
#include "formats/csv/text_column.h"

namespace polarway::csv {
namespace {

struct Int64Reader {
  using type = std::int64_t;
  [[gnu::always_inline]] static bool quick(FieldText field, type& out) {
    return quick_int64(field, out);
  }
  bool read(std::string_view text, type& out) const {
    return parse_int64(text, out) && !(inferred && has_leading_zero(text));
  }
  bool inferred;
};
struct Float64Reader {
  using type = double;
  [[gnu::always_inline]] static bool quick(FieldText field, type& out) {
    return quick_double(field, out);
  }
  bool read(std::string_view text, type& out) const {
    return parse_double(text, out) && !(inferred && has_leading_zero(text));
  }
  bool inferred;
};
struct BooleanReader {
  using type = bool;
  [[gnu::always_inline]] static bool quick(FieldText field, type& out) {
    return quick_bool(field, out);
  }
  static bool read(std::string_view text, type& out) { return parse_bool(text, out); }
};
struct DateReader {
  using type = std::int32_t;
  [[gnu::always_inline]] static bool quick(FieldText field, type& out) {
    return field.size() == 10 && quick_date(field.begin, out);
  }
  static bool read(std::string_view text, type& out) { return parse_date(text, out); }
};
// A zone in the text and a column without one, or the reverse, do not fit: the instant would
// change.
template <bool kZone>
struct MicrosReader {
  using type = std::int64_t;
  [[gnu::always_inline]] static bool quick(FieldText field, type& out) {
    QuickTime time;
    if (!quick_timestamp(field, kZone, time) || time.nanos % 1'000 != 0) return false;
    out = time.seconds * 1'000'000 + time.nanos / 1'000;
    return true;
  }
  static bool read(std::string_view text, type& out) {
    bool has_zone = false;
    return parse_timestamp(text, out, has_zone) && has_zone == kZone;
  }
};

template <class Reader>
std::unique_ptr<ColumnBuilder> make_fixed(std::shared_ptr<arrow::DataType> type, Reader reader,
                                          const ColumnContext& context) {
  return std::make_unique<FixedColumn<Reader>>(std::move(type), reader, context);
}

}  // namespace

Result<void> ColumnBuilder::append_null() {
  constexpr char kPadded[2 * kQuickPadding] = {};
  FieldBatch empty;
  empty.text = kPadded + kQuickPadding;
  empty.size = 1;
  empty.begins[0] = empty.ends[0] = 0;
  return take(empty).map([](std::int64_t) {});
}

Result<std::int64_t> ColumnBuilder::append(const Rows& rows, std::int64_t column, std::int64_t from,
                                           std::int64_t to) {
  FieldBatch batch;
  while (from < to) {
    gather(rows, column, from, to, batch);
    POLARWAY_TRY(const std::int64_t bad, take(batch));
    if (bad >= 0) return from + bad;
    from += batch.size;
  }
  return -1;
}

Result<std::unique_ptr<ColumnBuilder>> make_column_builder(std::shared_ptr<arrow::DataType> type,
                                                           bool inferred,
                                                           const ColumnContext& context) {
  switch (type->id()) {
    case arrow::Type::INT64:
      return make_fixed(type, Int64Reader{inferred}, context);
    case arrow::Type::DOUBLE:
      return make_fixed(type, Float64Reader{inferred}, context);
    case arrow::Type::BOOL:
      return make_fixed(type, BooleanReader{}, context);
    case arrow::Type::DATE32:
      return make_fixed(type, DateReader{}, context);
    case arrow::Type::STRING:
      return make_text_column(type, context);
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(*type);
      if (timestamp.unit() != arrow::TimeUnit::MICRO) break;
      if (timestamp.timezone().empty()) return make_fixed(type, MicrosReader<false>{}, context);
      if (timestamp.timezone() == "UTC") return make_fixed(type, MicrosReader<true>{}, context);
      break;
    }
    default:
      break;
  }
  return fail(
      {.kind = ErrorKind::Config,
       .message = "the type " + type->ToString() + " cannot be read from a CSV",
       .hint = "use int64, float64, bool, date, timestamp[us], timestamp[us, UTC] or string"});
}

}  // namespace polarway::csv
