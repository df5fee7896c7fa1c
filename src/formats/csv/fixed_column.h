#pragma once

#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>

#include "formats/csv/validity_column.h"
#include "formats/parse_value.h"

namespace polarway::csv {

/// A column of values of one size. `Reader` says what a field means:
///
///     using type = ...;                                      // as the buffer has it; bool: bits
///     bool quick(FieldText field, type& out) const;          // as those of quick_value.h
///     bool read(std::string_view text, type& out) const;     // as those of parse_value.h
///     // Optional: quick() of the fields from one on, up to the first that it does not take.
///     // Returns how many it took.
///     static std::int64_t quick_many(const FieldBatch& batch, std::int64_t from, type* out);
template <class Reader>
class FixedColumn final : public ValidityColumn {
  using T = typename Reader::type;
  static constexpr bool kBits = std::is_same_v<T, bool>;
  static constexpr bool kReadsMany =
      requires(const FieldBatch& batch, T* out) { Reader::quick_many(batch, 0, out); };
  // Where many at a time were only a few, because of nulls or quotes, it is tried again so much
  // later.
  static constexpr std::int64_t kFew = 8;
  static constexpr std::int64_t kSingles = 16;

 public:
  FixedColumn(std::shared_ptr<arrow::DataType> type, Reader reader, const ColumnContext& context)
      : ValidityColumn(std::move(type), context),
        reader_(std::move(reader)),
        values_(context.pool),
        nulls_may_be_values_(some_null_is_a_value()) {}

  std::int64_t fixed_row_bytes() const override { return static_cast<std::int64_t>(sizeof(T)) + 1; }

  Result<void> start(std::int64_t rows) override {
    clear();
    values_.reset();
    return reserve(rows);
  }

  void drop(std::span<const std::int64_t> rows) override {
    for_each_kept(rows, [&](std::int64_t from, std::int64_t count, std::int64_t to) {
      if constexpr (kBits) {
        auto* bits = values_.template data<std::uint8_t>();
        for (std::int64_t i = 0; i < count; ++i) {
          arrow::bit_util::SetBitTo(bits, to + i, arrow::bit_util::GetBit(bits, from + i));
        }
      } else {
        T* const values = values_.template data<T>();
        std::copy_n(values + from, count, values + to);
      }
    });
    drop_validity(rows);
  }

  // Bits of one byte may be of two parts, so those are written elsewhere, and copied.
  Result<void> make_room(std::int64_t rows, std::int64_t /*text_bytes*/) override {
    return kBits ? Result<void>() : values_.ensure(value_bytes(rows));
  }

  bool has_room(std::int64_t rows, std::int64_t /*text_bytes*/) const override {
    return kBits || values_.has_room(value_bytes(rows));
  }

  void lend(ColumnBuilder& part, std::int64_t row) const override {
    auto& to = static_cast<FixedColumn&>(part);
    to.begin_part(row);
    if constexpr (!kBits) to.values_.borrow(values_, value_bytes(row));
  }

  Result<void> add_part(const ColumnBuilder& part) override {
    const auto& from = static_cast<const FixedColumn&>(part);
    if constexpr (kBits) {
      if (from.num_rows() > 0) {
        POLARWAY_CHECK(values_.ensure(BitWriter::bytes_for(from.part_row() + from.num_rows())));
        arrow::internal::CopyBitmap(from.values_.template data<std::uint8_t>(), 0, from.num_rows(),
                                    values_.template data<std::uint8_t>(), from.part_row());
      }
    }
    return add_part_rows(from);
  }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    if constexpr (kBits) {  // nothing that is written out may depend on what was there
      const std::int64_t bits = arrow::bit_util::BytesForBits(num_rows()) * 8;
      arrow::bit_util::SetBitsTo(values_.template data<std::uint8_t>(), num_rows(),
                                 bits - num_rows(), false);
    }
    POLARWAY_TRY(auto values, values_.finish(value_bytes(num_rows())));
    return finish_with({std::move(values)});
  }

 protected:
  Result<std::int64_t> take(const FieldBatch& batch) override {
    POLARWAY_CHECK(reserve(num_rows() + batch.size));
    return nulls_may_be_values_ ? convert<true>(batch) : convert<false>(batch);
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

  template <bool kNullsFirst>
  Result<std::int64_t> convert(const FieldBatch& batch) {
    const Reader reader = reader_;
    ValueWriter values(values_, num_rows());
    std::int64_t i = 0;
    std::int64_t singles_until = 0;
    for (; i < batch.size; ++i) {
      if constexpr (kReadsMany && !kNullsFirst) {
        if (i >= singles_until) {
          const std::int64_t count = Reader::quick_many(batch, i, values.out);
          values.out += count;
          i += count;
          if (i == batch.size) break;
          if (count < kFew) singles_until = i + kSingles;
        }
      }
      const FieldText field = batch.field(i);
      T value;
      const bool is_quick =
          !(kNullsFirst && context_.rules->nulls.contains({field.begin, field.size()})) &&
          reader.quick(field, value);
      if (!is_quick) [[unlikely]] {
        const Found found = read({field.begin, field.size()}, value);
        if (found == Found::Misfit) break;
        if (found == Found::Null) {
          POLARWAY_CHECK(set_null(num_rows() + i));
          value = T{};
        }
      }
      values.push(value);
    }
    values.finish();
    add_rows(i);
    return i < batch.size ? i : -1;
  }

  Found read(std::string_view field, T& value) const {
    if (field.empty() || context_.rules->nulls.contains(field)) return Found::Null;
    const Unquoted inner = unquote(field, context_.marks);
    if (inner.malformed) return Found::Misfit;
    if (context_.rules->quoted_can_be_null &&
        (inner.text.empty() || context_.rules->nulls.contains(inner.text))) {
      return Found::Null;
    }
    const std::string_view text = trimmed(inner.text);
    if (text.empty()) return Found::Misfit;
    const FieldText plain{text.data(), text.data() + text.size()};
    return reader_.quick(plain, value) || reader_.read(text, value) ? Found::Read : Found::Misfit;
  }

  bool some_null_is_a_value() const {
    const auto& texts = context_.rules->nulls.texts();
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
      T value;
      return reader_.read(text, value);
    });
  }

  static std::int64_t value_bytes(std::int64_t rows) {
    return kBits ? arrow::bit_util::BytesForBits(rows)
                 : rows * static_cast<std::int64_t>(sizeof(T));
  }

  Result<void> reserve(std::int64_t rows) {
    POLARWAY_CHECK(reserve_rows(rows));
    return values_.ensure(kBits ? BitWriter::bytes_for(rows) : value_bytes(rows));
  }

  Reader reader_;
  GrowingBuffer values_;
  bool
      nulls_may_be_values_;  // and are to be looked for in all fields, not only in what is no value
};

}  // namespace polarway::csv
