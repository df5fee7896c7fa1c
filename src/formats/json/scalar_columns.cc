#include "formats/json/scalar_columns.h"

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>

#include <cstring>
#include <utility>

#include "formats/json/scalar_readers.h"
#include "polarway/schema.h"

namespace polarway::json {
namespace {

template <class Reader>
class FixedColumn final : public JsonColumn {
  using T = typename Reader::type;
  static constexpr bool kBits = std::is_same_v<T, bool>;

 public:
  FixedColumn(std::shared_ptr<arrow::DataType> type, Reader reader, ColumnContext& context)
      : JsonColumn(context),
        type_(std::move(type)),
        reader_(reader),
        validity_(context.room),
        values_(context.room) {}

  void append_null() override {
    validity_.push_null(length_);
    push(T{});
  }

  bool append_rows(const JsonColumn& other, std::int64_t begin, std::int64_t end) override {
    const auto& from = static_cast<const FixedColumn&>(other);
    const std::int64_t num_rows = end - begin;
    if (!values_.reserve(value_bytes(length_ + num_rows)) ||
        !validity_.append(from.validity_, begin, end, length_)) {
      return false;
    }
    if constexpr (kBits) {
      arrow::internal::CopyBitmap(from.values_.template data<std::uint8_t>(), begin, num_rows,
                                  values_.template data<std::uint8_t>(), length_);
    } else {
      std::memcpy(values_.template data<T>() + length_, from.values_.template data<T>() + begin,
                  static_cast<std::size_t>(num_rows) * sizeof(T));
    }
    length_ += num_rows;
    return true;
  }

  const char* append_plain(const char* at, const char* end) override {
    if constexpr (requires(T& out) { reader_.take(at, out); }) {
      T value{};
      if (const char* const behind = reader_.take(at, value); behind != nullptr) [[likely]] {
        validity_.push_valid(length_);
        push(value);
        return behind;
      }
    }
    return JsonColumn::append_plain(at, end);
  }

  void truncate(std::int64_t num_rows) override {
    if (num_rows < length_) validity_.truncate(num_rows);
    length_ = num_rows;
  }

  Result<std::shared_ptr<arrow::ArrayData>> finish() override {
    const std::int64_t num_rows = std::exchange(length_, 0);
    const std::int64_t num_nulls = validity_.num_nulls();
    POLARWAY_TRY(auto validity, validity_.finish(num_rows));
    if (kBits && num_rows % 8 != 0) {
      const std::int64_t bits = value_bytes(num_rows) * 8;
      arrow::bit_util::SetBitsTo(values_.template data<std::uint8_t>(), num_rows, bits - num_rows,
                                 false);
    }
    POLARWAY_TRY(auto values, values_.finish(value_bytes(num_rows)));
    return arrow::ArrayData::Make(type_, num_rows, {std::move(validity), std::move(values)},
                                  num_nulls);
  }

  std::int64_t bytes() const override {
    return validity_.bytes(length_) + ChunkRoom::cost_of(value_bytes(length_));
  }

  void forget_size() override {
    validity_.forget_size();
    values_.forget_size();
  }

 protected:
  bool append_scalar(std::string_view token) override {
    T value{};
    if (!reader_.read(token, value)) return misfit(token);
    validity_.push_valid(length_);
    push(value);
    return true;
  }

  std::string type_name() const override { return DataType(type_).to_string(); }

 private:
  static std::int64_t value_bytes(std::int64_t rows) {
    return kBits ? arrow::bit_util::BytesForBits(rows)
                 : rows * static_cast<std::int64_t>(sizeof(T));
  }

  void push(T value) {
    if (values_.reserve(value_bytes(length_ + 1))) {
      if constexpr (kBits) {
        write_bit(values_.template data<std::uint8_t>(), length_, value);
      } else {
        values_.template data<T>()[length_] = value;
      }
    }
    ++length_;
  }

  std::shared_ptr<arrow::DataType> type_;
  Reader reader_;
  Validity validity_;
  ChunkBuffer values_;
};

class SkippedColumn final : public JsonColumn {
 public:
  using JsonColumn::JsonColumn;

  bool append(ondemand::value value) override {
    take_token(value);
    ++length_;
    return true;
  }
  void append_null() override { ++length_; }
  bool append_rows(const JsonColumn&, std::int64_t begin, std::int64_t end) override {
    length_ += end - begin;
    return true;
  }
  void truncate(std::int64_t num_rows) override { length_ = num_rows; }
  Result<std::shared_ptr<arrow::ArrayData>> finish() override {
    return arrow::ArrayData::Make(arrow::null(), std::exchange(length_, 0), {nullptr});
  }
  std::int64_t bytes() const override { return 0; }
  void forget_size() override {}

 protected:
  bool append_scalar(std::string_view) override {
    ++length_;
    return true;
  }
  std::string type_name() const override { return "null"; }
};

template <class Reader>
std::unique_ptr<JsonColumn> make(const std::shared_ptr<arrow::DataType>& type, Reader reader,
                                 ColumnContext& context) {
  return std::make_unique<FixedColumn<Reader>>(type, reader, context);
}

constexpr std::int64_t kMillis = 1'000;
constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kNanos = 1'000'000'000;

std::unique_ptr<JsonColumn> make_time(const std::shared_ptr<arrow::DataType>& type,
                                      ColumnContext& context) {
  switch (static_cast<const arrow::TimeType&>(*type).unit()) {
    case arrow::TimeUnit::SECOND:
      return make(type, TimeReader<std::int32_t, 1>(), context);
    case arrow::TimeUnit::MILLI:
      return make(type, TimeReader<std::int32_t, kMillis>(), context);
    case arrow::TimeUnit::MICRO:
      return make(type, TimeReader<std::int64_t, kMicros>(), context);
    case arrow::TimeUnit::NANO:
      break;
  }
  return make(type, TimeReader<std::int64_t, kNanos>(), context);
}

std::unique_ptr<JsonColumn> make_timestamp(const std::shared_ptr<arrow::DataType>& type,
                                           ColumnContext& context) {
  const auto& timestamp = static_cast<const arrow::TimestampType&>(*type);
  const bool has_zone = !timestamp.timezone().empty();
  switch (timestamp.unit()) {
    case arrow::TimeUnit::SECOND:
      return make(type, TimestampReader<1>{has_zone}, context);
    case arrow::TimeUnit::MILLI:
      return make(type, TimestampReader<kMillis>{has_zone}, context);
    case arrow::TimeUnit::MICRO:
      return make(type, TimestampReader<kMicros>{has_zone}, context);
    case arrow::TimeUnit::NANO:
      break;
  }
  return make(type, TimestampReader<kNanos>{has_zone}, context);
}

}  // namespace

std::unique_ptr<JsonColumn> make_skipped_column(ColumnContext& context) {
  return std::make_unique<SkippedColumn>(context);
}

std::unique_ptr<JsonColumn> make_fixed_column(const std::shared_ptr<arrow::DataType>& type,
                                              ColumnContext& context) {
  switch (type->id()) {
    case arrow::Type::BOOL:
      return make(type, BooleanReader(), context);
    case arrow::Type::INT8:
      return make(type, IntegerReader<std::int8_t>(), context);
    case arrow::Type::INT16:
      return make(type, IntegerReader<std::int16_t>(), context);
    case arrow::Type::INT32:
      return make(type, IntegerReader<std::int32_t>(), context);
    case arrow::Type::INT64:
      return make(type, IntegerReader<std::int64_t>(), context);
    case arrow::Type::UINT8:
      return make(type, IntegerReader<std::uint8_t>(), context);
    case arrow::Type::UINT16:
      return make(type, IntegerReader<std::uint16_t>(), context);
    case arrow::Type::UINT32:
      return make(type, IntegerReader<std::uint32_t>(), context);
    case arrow::Type::UINT64:
      return make(type, IntegerReader<std::uint64_t>(), context);
    case arrow::Type::FLOAT:
      return make(type, FloatReader(), context);
    case arrow::Type::DOUBLE:
      return make(type, DoubleReader(), context);
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::Decimal128Type&>(*type);
      return make(type, DecimalReader{decimal.precision(), decimal.scale()}, context);
    }
    case arrow::Type::DATE32:
      return make(type, DateReader(), context);
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return make_time(type, context);
    case arrow::Type::TIMESTAMP:
      return make_timestamp(type, context);
    default:
      return nullptr;
  }
}

}  // namespace polarway::json
