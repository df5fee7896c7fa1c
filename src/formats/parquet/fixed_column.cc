#include "formats/parquet/fixed_column.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/decimal.h>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "formats/parquet/raw_reader.h"
#include "formats/parquet/validity.h"

namespace polarway::pq {
namespace {

// Moves the values at the beginning to where rows are not null, from the last on, and makes zeros
// of the others.
template <std::size_t kWidth>
void spread(std::uint8_t* values, const RowBatch& rows, std::size_t width) {
  const std::size_t step = kWidth > 0 ? kWidth : width;
  std::int64_t from = rows.num_valid;
  for (std::int64_t row = rows.count - 1; row >= 0; --row) {
    std::uint8_t* to = values + static_cast<std::size_t>(row) * step;
    if (!arrow::bit_util::GetBit(rows.bits, rows.at + row)) {
      std::memset(to, 0, step);
      continue;
    }
    --from;
    if (from == row) return;  // those before are where they belong
    std::memmove(to, values + static_cast<std::size_t>(from) * step, step);
  }
}

// Moves picked values to the beginning, or elsewhere: their numbers ascend.
template <std::size_t kWidth>
void gather(const std::uint8_t* from, const RowBatch& rows, std::size_t width, std::uint8_t* to) {
  const std::size_t step = kWidth > 0 ? kWidth : width;
  for (std::int64_t i = 0; i < rows.num_valid; ++i, to += step) {
    std::memmove(to, from + std::size_t{rows.picked[i]} * step, step);
  }
}

void gather_values(const std::uint8_t* from, const RowBatch& rows, std::size_t width,
                   std::uint8_t* to) {
  switch (width) {
    case 4:
      return gather<4>(from, rows, width, to);
    case 8:
      return gather<8>(from, rows, width, to);
    default:
      return gather<0>(from, rows, width, to);
  }
}

// How many values of a decimal's type come before the first with more digits than the type has.
template <class Decimal>
std::int64_t count_fitting(const std::uint8_t* values, std::int64_t count, std::int32_t precision) {
  std::int64_t good = 0;
  while (good < count &&
         Decimal(values + good * std::int64_t{sizeof(Decimal)}).FitsInPrecision(precision)) {
    ++good;
  }
  return good;
}

class FixedColumn final : public ValueColumn {
 public:
  FixedColumn(std::shared_ptr<arrow::DataType> type, const Conversion& conversion,
              arrow::MemoryPool* pool)
      : type_(std::move(type)), conversion_(conversion), validity_(pool), values_(pool) {}

  std::int64_t fixed_row_bytes() const override { return conversion_.width + 1; }

  Result<void> start(std::int64_t rows) override {
    validity_.clear();
    values_.reset();
    return values_.ensure_all(rows * conversion_.width);
  }

  Result<void> set_dictionary(std::span<const std::uint8_t> bytes,
                              std::int64_t num_values) override {
    if (num_values * conversion_.stored_width > static_cast<std::int64_t>(bytes.size())) {
      return bad_page("the dictionary has fewer values than it says");
    }
    dictionary_ = bytes.first(static_cast<std::size_t>(num_values * conversion_.stored_width));
    return {};
  }

  Result<void> set_values(std::int64_t encoding, std::span<const std::uint8_t> bytes,
                          std::int64_t /*num_values*/) override {
    POLARWAY_TRY(reader_, make_raw_reader(encoding, conversion_.stored_width,
                                          conversion_.are_integers, bytes, dictionary_));
    return {};
  }

  Result<std::int64_t> append(const RowBatch& rows, std::int64_t /*max_bytes*/) override {
    std::uint8_t* out = values_.data<std::uint8_t>() + validity_.num_rows() * conversion_.width;
    const bool is_picked = rows.picked != nullptr;
    if (conversion_.convert == nullptr && !is_picked) {
      POLARWAY_CHECK(read(out, rows.num_valid));
    } else {
      POLARWAY_TRY(std::uint8_t* stored, read_stored(is_picked ? rows.num_stored : rows.num_valid));
      const bool is_final = conversion_.convert == nullptr;
      if (is_picked) {
        gather_values(stored, rows, static_cast<std::size_t>(conversion_.stored_width),
                      is_final ? out : stored);
      }
      const std::int64_t made =
          is_final ? rows.num_valid
                   : conversion_.convert(stored, conversion_.stored_width, rows.num_valid, out);
      if (made < rows.num_valid) return misfit(rows, made);
    }
    const std::int64_t fitting = num_fitting(out, rows.num_valid);
    if (fitting < rows.num_valid) return misfit(rows, fitting);
    if (rows.num_valid < rows.count) spread_values(out, rows);
    POLARWAY_CHECK(validity_.append(rows));
    return rows.count;
  }

  Result<void> skip(std::int64_t num_values) override {
    while (num_values > 0) {
      const std::int64_t part = std::min(num_values, kBatchRows);
      POLARWAY_CHECK(read_stored(part));
      num_values -= part;
    }
    return {};
  }

  void truncate(std::int64_t rows) override { validity_.truncate(rows); }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    POLARWAY_TRY(auto values, values_.finish(validity_.num_rows() * conversion_.width));
    return validity_.finish(type_, {std::move(values)});
  }

 private:
  Result<void> read(std::uint8_t* out, std::int64_t count) {
    if (count == 0 || reader_->read(out, count)) return {};
    return bad_page("the page has fewer values than it says, or one that is not in the dictionary");
  }

  Result<std::uint8_t*> read_stored(std::int64_t count) {
    scratch_.resize(static_cast<std::size_t>(kBatchRows * conversion_.stored_width));
    POLARWAY_CHECK(read(scratch_.data(), count));
    return scratch_.data();
  }

  void spread_values(std::uint8_t* out, const RowBatch& rows) const {
    const auto width = static_cast<std::size_t>(conversion_.width);
    switch (width) {
      case 1:
        return spread<1>(out, rows, width);
      case 2:
        return spread<2>(out, rows, width);
      case 4:
        return spread<4>(out, rows, width);
      case 8:
        return spread<8>(out, rows, width);
      case 16:
        return spread<16>(out, rows, width);
      default:
        return spread<0>(out, rows, width);
    }
  }

  std::int64_t num_fitting(const std::uint8_t* values, std::int64_t count) const {
    switch (type_->id()) {
      case arrow::Type::DECIMAL128:
        return count_fitting<arrow::Decimal128>(
            values, count, static_cast<const arrow::Decimal128Type&>(*type_).precision());
      case arrow::Type::DECIMAL256:
        return count_fitting<arrow::Decimal256>(
            values, count, static_cast<const arrow::Decimal256Type&>(*type_).precision());
      default:
        return count;
    }
  }

  // The value of that number among those of the batch does not fit.
  tl::unexpected<SourceError> misfit(const RowBatch& rows, std::int64_t value) const {
    std::int64_t row = 0;
    for (std::int64_t valid = -1; row < rows.count; ++row) {
      valid += rows.bits == nullptr || arrow::bit_util::GetBit(rows.bits, rows.at + row) ? 1 : 0;
      if (valid == value) break;
    }
    return fail({.kind = ErrorKind::Schema,
                 .where = {.row = validity_.num_rows() + row},
                 .message = fmt::format("a stored value is outside {}", type_->ToString()),
                 .hint = "leave the column out"});
  }

  std::shared_ptr<arrow::DataType> type_;
  Conversion conversion_;
  Validity validity_;
  GrowingBuffer values_;
  std::span<const std::uint8_t> dictionary_;
  std::unique_ptr<RawReader> reader_;
  std::vector<std::uint8_t> scratch_;  // a batch as stored
};

}  // namespace

std::unique_ptr<ValueColumn> make_fixed_column(std::shared_ptr<arrow::DataType> type,
                                               const Conversion& conversion,
                                               arrow::MemoryPool* pool) {
  return std::make_unique<FixedColumn>(std::move(type), conversion, pool);
}

}  // namespace polarway::pq
