#include "formats/json/scalar_columns.h"

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>

#include <cstring>
#include <utility>

#include "formats/json/container_scan.h"
#include "formats/json/scalar_readers.h"
#include "formats/json/string_text.h"
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

  void truncate(std::int64_t num_rows) override {
    validity_.truncate(num_rows);
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

class TextColumn final : public JsonColumn {
 public:
  TextColumn(bool takes_all, ColumnContext& context)
      : JsonColumn(context),
        takes_all_(takes_all),
        validity_(context.room),
        offsets_(context.room),
        bytes_(context.room) {}

  void append_null() override {
    validity_.push_null(length_);
    push_end();
  }

  bool append_object(ondemand::object object, const char* begin) override {
    if (!takes_all_) return misfit({begin, 1});
    return check_object(object, context_.max_depth, context_.scratch, context_.trouble) &&
           push_container(begin);
  }
  bool append_array(ondemand::array array, const char* begin) override {
    if (!takes_all_) return misfit({begin, 1});
    return check_array(array, context_.max_depth, context_.scratch, context_.trouble) &&
           push_container(begin);
  }

  void truncate(std::int64_t num_rows) override {
    validity_.truncate(num_rows);
    size_ = num_rows == 0 ? 0 : offsets_.data<std::int32_t>()[num_rows];
    length_ = num_rows;
  }

  Result<std::shared_ptr<arrow::ArrayData>> finish() override {
    const std::int64_t num_rows = std::exchange(length_, 0);
    const std::int64_t num_nulls = validity_.num_nulls();
    POLARWAY_TRY(auto validity, validity_.finish(num_rows));
    POLARWAY_TRY(auto offsets, offsets_.finish(offset_bytes(num_rows)));
    if (num_rows == 0) std::memset(offsets->mutable_data(), 0, sizeof(std::int32_t));
    POLARWAY_TRY(auto bytes, bytes_.finish(std::exchange(size_, 0)));
    return arrow::ArrayData::Make(arrow::utf8(), num_rows,
                                  {std::move(validity), std::move(offsets), std::move(bytes)},
                                  num_nulls);
  }

  std::int64_t bytes() const override {
    return validity_.bytes(length_) + ChunkRoom::cost_of(offset_bytes(length_)) +
           ChunkRoom::cost_of(size_);
  }

  void forget_size() override {
    validity_.forget_size();
    offsets_.forget_size();
    bytes_.forget_size();
  }

 protected:
  bool append_scalar(std::string_view token) override {
    if (token.front() != '"') {
      if (!takes_all_ || !is_scalar(token, context_.scratch)) return misfit(token);
      push_text(token);
      return true;
    }
    if (token.size() < 2 || token.back() != '"') return misfit(token);
    const std::string_view text = within_quotes(token);
    if (text.find('\\') == std::string_view::npos) [[likely]] {
      push_text(text);
      return true;
    }
    const auto most = static_cast<std::int64_t>(text.size());
    if (!bytes_.reserve(size_ + most)) {
      size_ += most;
    } else {
      char* const begin = bytes_.data<char>();
      const char* const end = unescape(text, begin + size_);
      if (end == nullptr) return misfit(token);
      size_ = end - begin;
    }
    validity_.push_valid(length_);
    push_end();
    return true;
  }

  std::string type_name() const override { return "string"; }

 private:
  static std::int64_t offset_bytes(std::int64_t rows) {
    return (rows + 1) * static_cast<std::int64_t>(sizeof(std::int32_t));
  }

  void push_text(std::string_view text) {
    // Most are short: those move in one step of fixed width, as the text is padded.
    constexpr std::size_t kStep = 32;
    const std::int64_t end = size_ + static_cast<std::int64_t>(text.size());
    if (bytes_.reserve(end + static_cast<std::int64_t>(kStep))) {
      char* const out = bytes_.data<char>() + size_;
      std::memcpy(out, text.data(), kStep);
      if (text.size() > kStep) std::memcpy(out + kStep, text.data() + kStep, text.size() - kStep);
    }
    size_ = end;
    validity_.push_valid(length_);
    push_end();
  }

  // An object or array as it stands in the text, looked through already.
  bool push_container(const char* begin) {
    const std::span text(reinterpret_cast<const std::uint8_t*>(begin),
                         static_cast<std::size_t>(context_.text_end - begin));
    ContainerState state;
    push_text({begin, scan_container(text, 0, INT64_MAX, state)});
    return true;
  }

  void push_end() {
    if (size_ > INT32_MAX) context_.room.set_over();
    if (offsets_.reserve(offset_bytes(length_ + 1))) {
      auto* offsets = offsets_.data<std::int32_t>();
      if (length_ == 0) offsets[0] = 0;
      offsets[length_ + 1] = static_cast<std::int32_t>(size_);
    }
    ++length_;
  }

  bool takes_all_;
  Validity validity_;
  ChunkBuffer offsets_;
  ChunkBuffer bytes_;
  std::int64_t size_ = 0;  // of the text
};

class SkippedColumn final : public JsonColumn {
 public:
  using JsonColumn::JsonColumn;

  bool append(ondemand::value) override {
    ++length_;
    return true;
  }
  void append_null() override { ++length_; }
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

std::unique_ptr<JsonColumn> make_text_column(bool takes_all, ColumnContext& context) {
  return std::make_unique<TextColumn>(takes_all, context);
}

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
