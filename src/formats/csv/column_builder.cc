#include "formats/csv/column_builder.h"

#include <arrow/array.h>
#include <arrow/array/data.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>

#include <cstring>

#include "formats/csv/growing_buffer.h"
#include "formats/csv/parse_value.h"

namespace polarway::csv {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The validity bitmap and row count that every column has.
class ValidityColumn : public ColumnBuilder {
 public:
  explicit ValidityColumn(std::shared_ptr<arrow::DataType> type, const ColumnContext& context)
      : type_(std::move(type)), context_(context), validity_(context.pool) {}

  void truncate(std::int64_t num_rows) override {
    if (num_rows < num_rows_) {
      num_nulls_ =
          num_rows - arrow::internal::CountSetBits(validity_.data<std::uint8_t>(), 0, num_rows);
    }
    num_rows_ = num_rows;
  }

 protected:
  void clear() {
    validity_.reset();
    num_rows_ = 0;
    num_nulls_ = 0;
  }

  Result<std::shared_ptr<arrow::Array>> finish_with(
      std::vector<std::shared_ptr<arrow::Buffer>> values) {
    std::shared_ptr<arrow::Buffer> validity;
    if (num_nulls_ > 0) {
      POLARWAY_TRY(validity, validity_.finish(arrow::bit_util::BytesForBits(num_rows_)));
    }
    values.insert(values.begin(), std::move(validity));
    auto data = arrow::ArrayData::Make(type_, num_rows_, std::move(values), num_nulls_);
    clear();
    return arrow::MakeArray(data);
  }

  std::shared_ptr<arrow::DataType> type_;
  ColumnContext context_;
  GrowingBuffer validity_;
  std::int64_t num_rows_ = 0;
  std::int64_t num_nulls_ = 0;
};

// Columns whose values are of one size. `Value` has `using type`, and
// `static bool parse(std::string_view, type&, bool inferred)`.
template <class Value>
class FixedColumn final : public ValidityColumn {
  using T = typename Value::type;
  static constexpr bool kBits = std::is_same_v<T, bool>;

 public:
  FixedColumn(std::shared_ptr<arrow::DataType> type, bool inferred, const ColumnContext& context)
      : ValidityColumn(std::move(type), context), values_(context.pool), inferred_(inferred) {}

  std::int64_t fixed_row_bytes() const override { return static_cast<std::int64_t>(sizeof(T)) + 1; }

  Result<void> start(std::int64_t rows) override {
    clear();
    values_.reset();
    return ensure(rows);
  }

  Result<std::int64_t> append(const Rows& rows, std::int64_t column, std::int64_t from,
                              std::int64_t to) override {
    POLARWAY_CHECK(ensure(num_rows_ + (to - from)));
    BitWriter valid(validity_.data<std::uint64_t>(), num_rows_);
    ValueWriter values(values_, num_rows_);
    std::int64_t bad = -1;
    std::int64_t nulls = 0;
    for (std::int64_t row = from; row < to; ++row) {
      T value{};
      const std::string_view field = rows.field(row, column);
      const Found found = field.empty() ? Found::Null : read(field, value);
      if (found == Found::Misfit) {
        bad = row;
        to = row;
        break;
      }
      nulls += found == Found::Null;
      valid.push(found == Found::Read);
      values.push(value);
    }
    valid.finish();
    values.finish();
    num_nulls_ += nulls;
    num_rows_ += to - from;
    return bad;
  }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    const std::int64_t bytes = kBits ? arrow::bit_util::BytesForBits(num_rows_)
                                     : num_rows_ * static_cast<std::int64_t>(sizeof(T));
    POLARWAY_TRY(auto values, values_.finish(bytes));
    return finish_with({std::move(values)});
  }

 private:
  enum class Found { Null, Read, Misfit };

  // Values go in one after the other; booleans as bits.
  struct PlainWriter {
    PlainWriter(const GrowingBuffer& buffer, std::int64_t at) : out(buffer.data<T>() + at) {}
    void push(T value) { *out++ = value; }
    void finish() {}
    T* out;
  };
  struct BitValueWriter : BitWriter {
    BitValueWriter(const GrowingBuffer& buffer, std::int64_t at)
        : BitWriter(buffer.data<std::uint64_t>(), at) {}
  };
  using ValueWriter = std::conditional_t<kBits, BitValueWriter, PlainWriter>;

  Result<void> ensure(std::int64_t rows) {
    POLARWAY_CHECK(validity_.ensure(BitWriter::bytes_for(rows)));
    return values_.ensure(kBits ? BitWriter::bytes_for(rows)
                                : rows * static_cast<std::int64_t>(sizeof(T)));
  }

  Found read(std::string_view field, T& value) const {
    if (!context_.nulls->contains(field) && Value::parse(field, value, inferred_)) {
      return Found::Read;
    }
    return read_slowly(field, value);
  }

  Found read_slowly(std::string_view field, T& value) const {
    value = T{};
    const Unquoted inner = unquote(field, context_.marks);
    if (inner.malformed) return Found::Misfit;
    if (inner.text.empty() || context_.nulls->contains(inner.text)) return Found::Null;
    return Value::parse(trimmed(inner.text), value, inferred_) ? Found::Read : Found::Misfit;
  }

  GrowingBuffer values_;
  bool inferred_;
};

struct Int64Value {
  using type = std::int64_t;
  static bool parse(std::string_view text, type& out, bool inferred) {
    return parse_int64(text, out) && !(inferred && has_leading_zero(text));
  }
};
struct Float64Value {
  using type = double;
  static bool parse(std::string_view text, type& out, bool inferred) {
    return parse_double(text, out) && !(inferred && has_leading_zero(text));
  }
};
struct BooleanValue {
  using type = bool;
  static bool parse(std::string_view text, type& out, bool) { return parse_bool(text, out); }
};
struct DateValue {
  using type = std::int32_t;
  static bool parse(std::string_view text, type& out, bool) { return parse_date(text, out); }
};
// A zone in the text and a column without one, or the reverse, do not fit: the instant would
// change.
template <bool kZone>
struct TimestampValue {
  using type = std::int64_t;
  static bool parse(std::string_view text, type& out, bool) {
    bool has_zone = false;
    return parse_timestamp(text, out, has_zone) && has_zone == kZone;
  }
};

class TextColumn final : public ValidityColumn {
 public:
  TextColumn(std::shared_ptr<arrow::DataType> type, const ColumnContext& context)
      : ValidityColumn(std::move(type), context), offsets_(context.pool), bytes_(context.pool) {}

  bool is_text() const override { return true; }
  std::int64_t fixed_row_bytes() const override { return sizeof(std::int32_t) + 1; }

  Result<void> start(std::int64_t rows) override {
    clear();
    offsets_.reset();
    bytes_.reset();
    POLARWAY_CHECK(ensure_rows(rows));
    POLARWAY_CHECK(bytes_.ensure(kCopyWidth));
    offsets_.data<std::int32_t>()[0] = 0;
    return {};
  }

  Result<std::int64_t> append(const Rows& rows, std::int64_t column, std::int64_t from,
                              std::int64_t to) override {
    POLARWAY_CHECK(ensure_rows(num_rows_ + (to - from)));
    std::int64_t text_bytes = 0;
    for (std::int64_t row = from; row < to; ++row) {
      text_bytes += static_cast<std::int64_t>(rows.field(row, column).size());
    }
    const std::int64_t widest = context_.encoding == Encoding::Utf8 ? 1 : 3;
    std::int32_t* offsets = offsets_.data<std::int32_t>();
    POLARWAY_CHECK(bytes_.ensure(offsets[num_rows_] + text_bytes * widest + kCopyWidth));

    BitWriter valid(validity_.data<std::uint64_t>(), num_rows_);
    char* const begin = bytes_.data<char>();
    char* out = begin + offsets[num_rows_];
    std::int32_t* next_offset = offsets + num_rows_ + 1;
    std::int64_t bad = -1;
    std::int64_t nulls = 0;
    for (std::int64_t row = from; row < to; ++row) {
      const std::string_view field = rows.field(row, column);
      bool null = false;
      if (!field.empty()) [[likely]] {
        const bool quoted =
            context_.marks.has_quote && static_cast<std::uint8_t>(field[0]) == context_.marks.quote;
        if (!quoted && !context_.marks.has_escape && context_.encoding == Encoding::Utf8 &&
            !context_.nulls->contains(field)) [[likely]] {
          // The text is padded at both ends, so short fields move in one step of fixed width.
          std::memcpy(out, field.data(), kCopyWidth);
          if (field.size() > kCopyWidth) std::memcpy(out, field.data(), field.size());
          out += field.size();
        } else {
          const Unquoted inner = unquote(field, context_.marks);
          if (inner.malformed) {
            bad = row;
            to = row;
            break;
          }
          null = context_.nulls->contains(inner.text);
          if (!null) out = append_text(inner, out);
        }
      } else {
        null = true;
      }
      nulls += null;
      valid.push(!null);
      *next_offset++ = static_cast<std::int32_t>(out - begin);
    }
    valid.finish();
    num_nulls_ += nulls;
    num_rows_ += to - from;
    return bad;
  }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    const std::int32_t end = offsets_.data<std::int32_t>()[num_rows_];
    POLARWAY_TRY(auto offsets, offsets_.finish((num_rows_ + 1) *
                                               static_cast<std::int64_t>(sizeof(std::int32_t))));
    POLARWAY_TRY(auto bytes, bytes_.finish(end));
    return finish_with({std::move(offsets), std::move(bytes)});
  }

 private:
  static constexpr std::size_t kCopyWidth = 32;

  Result<void> ensure_rows(std::int64_t rows) {
    POLARWAY_CHECK(validity_.ensure(BitWriter::bytes_for(rows)));
    return offsets_.ensure((rows + 1) * static_cast<std::int64_t>(sizeof(std::int32_t)));
  }

  char* append_text(const Unquoted& field, char* out) const {
    if (field.escaped) {
      const std::string text = unescaped(field, context_.marks);
      return append_plain(text, out);
    }
    return append_plain(field.text, out);
  }

  char* append_plain(std::string_view text, char* out) const {
    if (context_.encoding != Encoding::Utf8) return append_decoded(text, context_.encoding, out);
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
  }

  GrowingBuffer offsets_;
  GrowingBuffer bytes_;
};

}  // namespace

Result<std::unique_ptr<ColumnBuilder>> make_column_builder(std::shared_ptr<arrow::DataType> type,
                                                           bool inferred,
                                                           const ColumnContext& context) {
  using Made = Result<std::unique_ptr<ColumnBuilder>>;
  switch (type->id()) {
    case arrow::Type::INT64:
      return Made(std::make_unique<FixedColumn<Int64Value>>(type, inferred, context));
    case arrow::Type::DOUBLE:
      return Made(std::make_unique<FixedColumn<Float64Value>>(type, inferred, context));
    case arrow::Type::BOOL:
      return Made(std::make_unique<FixedColumn<BooleanValue>>(type, inferred, context));
    case arrow::Type::DATE32:
      return Made(std::make_unique<FixedColumn<DateValue>>(type, inferred, context));
    case arrow::Type::STRING:
      return Made(std::make_unique<TextColumn>(type, context));
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(*type);
      if (timestamp.unit() != arrow::TimeUnit::MICRO) break;
      if (timestamp.timezone().empty()) {
        return Made(std::make_unique<FixedColumn<TimestampValue<false>>>(type, inferred, context));
      }
      if (timestamp.timezone() == "UTC") {
        return Made(std::make_unique<FixedColumn<TimestampValue<true>>>(type, inferred, context));
      }
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
