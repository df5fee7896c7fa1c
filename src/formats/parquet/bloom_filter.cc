#include "formats/parquet/bloom_filter.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/type.h>
#include <parquet/properties.h>

#include <limits>
#include <string>
#include <utility>

#include "core/arrow_status.h"
#include "core/counting_pool.h"
#include "formats/parquet/column_kind.h"
#include "formats/parquet/parquet_call.h"

namespace polarway::pq {
namespace {

using arrow::Type;
using ::parquet::BlockSplitBloomFilter;

// The smallest and largest of the column's integers; nothing for other types.
std::optional<std::pair<std::int64_t, std::int64_t>> integers_of(Type::type type) {
  const auto limits = []<class T>(T) {
    return std::pair<std::int64_t, std::int64_t>(std::numeric_limits<T>::min(),
                                                 std::numeric_limits<T>::max());
  };
  switch (type) {
    case Type::INT8:
      return limits(std::int8_t{});
    case Type::UINT8:
      return limits(std::uint8_t{});
    case Type::INT16:
      return limits(std::int16_t{});
    case Type::UINT16:
      return limits(std::uint16_t{});
    case Type::INT32:
      return limits(std::int32_t{});
    case Type::UINT32:
      return limits(std::uint32_t{});
    case Type::INT64:
      return limits(std::int64_t{});
    case Type::UINT64:
      return std::pair(std::int64_t{0}, INT64_MAX);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<BloomFilter> BloomFilter::read(const FileColumn& column,
                                             const ::parquet::FileMetaData& metadata, int group,
                                             RandomAccess& file, MemoryBudget& budget,
                                             std::stop_token stop) {
  if (column.leaves.size() != 1 || !column.type->Equals(*column.file_type)) return std::nullopt;
  auto made = parquet_call([&]() -> std::optional<BloomFilter> {
    const ::parquet::ColumnDescriptor& leaf = *metadata.schema()->Column(column.leaves.front());
    if (!is_flat(leaf)) return std::nullopt;
    const auto chunk = metadata.RowGroup(group)->ColumnChunk(column.leaves.front());
    const auto offset = chunk->bloom_filter_offset();
    const auto length = chunk->bloom_filter_length();
    if (!offset || !length || *offset < 0 || *length <= 0 ||
        *length > std::int64_t{BlockSplitBloomFilter::kMaximumBloomFilterBytes}) {
      return std::nullopt;
    }
    // What is read, and what libparquet makes of it.
    auto lease = budget.reserve(2 * CountingPool::block_size(*length), LeaseHolder::Reader);
    if (!lease) return std::nullopt;
    const auto bytes = from_arrow(arrow::AllocateBuffer(*length, budget.arrow_pool()));
    if (!bytes) return std::nullopt;
    const std::span into((*bytes)->mutable_data(), static_cast<std::size_t>(*length));
    if (!file.read_at(*offset, into, std::move(stop))) return std::nullopt;
    arrow::io::BufferReader reader(std::make_shared<arrow::Buffer>((*bytes)->data(), *length));
    auto filter = BlockSplitBloomFilter::Deserialize(
        ::parquet::ReaderProperties(budget.arrow_pool()), &reader, *length);
    return BloomFilter(*std::move(lease), std::move(filter), column, leaf.physical_type());
  });
  return made ? *std::move(made) : std::nullopt;
}

// As the writer hashed it; nothing where the value is not one of the column's.
std::optional<std::uint64_t> BloomFilter::hash_of(const LiteralValue& value) const {
  const Type::type type = column_->type->id();
  if (const auto* text = std::get_if<std::string>(&value)) {
    const bool is_text = type == Type::STRING && stored_ == ::parquet::Type::BYTE_ARRAY;
    return is_text ? std::optional(filter_.Hash(std::string_view(*text))) : std::nullopt;
  }
  const auto* integer = std::get_if<std::int64_t>(&value);
  const auto limits = integers_of(type);
  if (integer == nullptr || !limits) return std::nullopt;
  if (*integer < limits->first || *integer > limits->second) return std::nullopt;
  if (stored_ == ::parquet::Type::INT64) return filter_.Hash(*integer);
  if (stored_ != ::parquet::Type::INT32) return std::nullopt;
  // Of unsigned ones, the same 32 bits.
  return filter_.Hash(static_cast<std::int32_t>(static_cast<std::uint32_t>(*integer)));
}

bool BloomFilter::may_have(const LiteralValue& value) const {
  const auto hash = hash_of(value);
  return !hash || filter_.FindHash(*hash);
}

}  // namespace polarway::pq
