#include "formats/csv/column_builder.h"

#include <arrow/type.h>

#include "formats/csv/fixed_column.h"
#include "formats/csv/text_column.h"
#include "formats/csv/value_readers.h"

namespace polarway::csv {
namespace {

template <class Reader>
std::unique_ptr<ColumnBuilder> make_fixed(std::shared_ptr<arrow::DataType> type, Reader reader,
                                          const ColumnContext& context) {
  return std::make_unique<FixedColumn<Reader>>(std::move(type), reader, context);
}

template <class Reader>
std::unique_ptr<ColumnBuilder> make_number(std::shared_ptr<arrow::DataType> type, Reader reader,
                                           const ColumnContext& context) {
  const NumberMarks& marks = context.rules->numbers;
  if (marks.are_usual()) return make_fixed(std::move(type), reader, context);
  return make_fixed(std::move(type), MarkedReader<Reader>{reader, marks}, context);
}

template <std::int64_t kTicks, bool kZone>
std::unique_ptr<ColumnBuilder> make_timestamp(std::shared_ptr<arrow::DataType> type,
                                              const ColumnContext& context) {
  if (context.rules->timestamp_format) {
    SlowTimestampReader<kTicks, kZone> reader;
    reader.rules = context.rules;
    return make_fixed(std::move(type), reader, context);
  }
  return make_fixed(std::move(type), TimestampReader<kTicks, kZone>{context.rules}, context);
}

template <std::int64_t kTicks>
std::unique_ptr<ColumnBuilder> make_timestamp(std::shared_ptr<arrow::DataType> type,
                                              const ColumnContext& context) {
  const bool has_zone = !static_cast<const arrow::TimestampType&>(*type).timezone().empty();
  return has_zone ? make_timestamp<kTicks, true>(std::move(type), context)
                  : make_timestamp<kTicks, false>(std::move(type), context);
}

constexpr std::int64_t kMillis = 1'000;
constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kNanos = 1'000'000'000;

std::unique_ptr<ColumnBuilder> make_timestamp(std::shared_ptr<arrow::DataType> type,
                                              const ColumnContext& context) {
  switch (static_cast<const arrow::TimestampType&>(*type).unit()) {
    case arrow::TimeUnit::SECOND:
      return make_timestamp<1>(std::move(type), context);
    case arrow::TimeUnit::MILLI:
      return make_timestamp<kMillis>(std::move(type), context);
    case arrow::TimeUnit::MICRO:
      return make_timestamp<kMicros>(std::move(type), context);
    case arrow::TimeUnit::NANO:
      break;
  }
  return make_timestamp<kNanos>(std::move(type), context);
}

std::unique_ptr<ColumnBuilder> make_time(std::shared_ptr<arrow::DataType> type,
                                         const ColumnContext& context) {
  const ValueRules* rules = context.rules;
  switch (static_cast<const arrow::TimeType&>(*type).unit()) {
    case arrow::TimeUnit::SECOND:
      return make_fixed(std::move(type), TimeReader<std::int32_t, 1>{rules}, context);
    case arrow::TimeUnit::MILLI:
      return make_fixed(std::move(type), TimeReader<std::int32_t, kMillis>{rules}, context);
    case arrow::TimeUnit::MICRO:
      return make_fixed(std::move(type), TimeReader<std::int64_t, kMicros>{rules}, context);
    case arrow::TimeUnit::NANO:
      break;
  }
  return make_fixed(std::move(type), TimeReader<std::int64_t, kNanos>{rules}, context);
}

}  // namespace

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
  const ValueRules& rules = *context.rules;
  switch (type->id()) {
    case arrow::Type::INT8:
      return make_number(type, IntegerReader<std::int8_t>{inferred}, context);
    case arrow::Type::INT16:
      return make_number(type, IntegerReader<std::int16_t>{inferred}, context);
    case arrow::Type::INT32:
      return make_number(type, IntegerReader<std::int32_t>{inferred}, context);
    case arrow::Type::INT64:
      return make_number(type, IntegerReader<std::int64_t>{inferred}, context);
    case arrow::Type::UINT8:
      return make_number(type, IntegerReader<std::uint8_t>{inferred}, context);
    case arrow::Type::UINT16:
      return make_number(type, IntegerReader<std::uint16_t>{inferred}, context);
    case arrow::Type::UINT32:
      return make_number(type, IntegerReader<std::uint32_t>{inferred}, context);
    case arrow::Type::UINT64:
      return make_number(type, IntegerReader<std::uint64_t>{inferred}, context);
    case arrow::Type::FLOAT:
      return make_number(type, FloatReader{}, context);
    case arrow::Type::DOUBLE:
      return make_number(type, DoubleReader{inferred}, context);
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::Decimal128Type&>(*type);
      return make_number(type, DecimalReader{decimal.precision(), decimal.scale()}, context);
    }
    case arrow::Type::BOOL:
      if (rules.has_own_booleans()) return make_fixed(type, OwnBooleanReader{&rules}, context);
      return make_fixed(type, BooleanReader{}, context);
    case arrow::Type::DATE32:
      if (rules.date_format) return make_fixed(type, FormattedDateReader{&rules}, context);
      return make_fixed(type, DateReader{}, context);
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return make_time(type, context);
    case arrow::Type::TIMESTAMP:
      return make_timestamp(type, context);
    case arrow::Type::STRING:
      return make_text_column(type, context);
    default:
      return fail({.kind = ErrorKind::Config,
                   .message = "the type " + type->ToString() + " cannot be read from a CSV",
                   .hint = "use an integer, float32, float64, decimal, bool, date, time, timestamp "
                           "or string"});
  }
}

}  // namespace polarway::csv
