#include "formats/parquet/column_zones.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <parquet/page_index.h>
#include <parquet/properties.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "formats/parquet/bits.h"
#include "formats/parquet/column_kind.h"
#include "formats/parquet/page_index.h"
#include "formats/parquet/page_reader.h"
#include "formats/parquet/parquet_call.h"
#include "frame/bound_expr.h"

namespace polarway::pq {
namespace {

using Bounds = std::vector<std::optional<std::string>>;  // as stored; nothing for a zone without

template <class Builder>
std::shared_ptr<arrow::Array> text_bounds(const Bounds& bounds, arrow::MemoryPool* pool) {
  Builder builder(pool);
  for (const auto& bound : bounds) {
    if (!(bound ? builder.Append(*bound) : builder.AppendNull()).ok()) return nullptr;
  }
  std::shared_ptr<arrow::Array> made;
  return builder.Finish(&made).ok() ? made : nullptr;
}

// Through the decoder of such a column, as a page of these values.
std::shared_ptr<arrow::Array> number_bounds(const ::parquet::ColumnDescriptor& leaf,
                                            const std::shared_ptr<arrow::DataType>& type,
                                            std::size_t width, const Bounds& bounds,
                                            arrow::MemoryPool* pool) {
  const std::unique_ptr<ValueColumn> column = make_value_column(leaf, type, pool);
  if (column == nullptr) return nullptr;
  std::string stored;
  for (const auto& bound : bounds) {
    if (!bound) continue;
    if (bound->size() != width) return nullptr;
    stored += *bound;
  }
  const std::size_t size = stored.size();
  stored.append(PageBytes::kPadding, '\0');
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(stored.data()), size);
  const auto count = static_cast<std::int64_t>(bounds.size());
  if (!column->start(count) || !column->set_values(::parquet::Encoding::PLAIN, bytes, count)) {
    return nullptr;
  }
  for (std::size_t at = 0; at < bounds.size();) {
    std::array<std::uint8_t, kBatchRows / 8 + kSpoiledBytes> bits{};
    RowBatch batch{.count = std::min(kBatchRows, static_cast<std::int64_t>(bounds.size() - at)),
                   .bits = bits.data()};
    for (std::int64_t i = 0; i < batch.count; ++i) {
      const bool is_there = bounds[at++].has_value();
      arrow::bit_util::SetBitTo(bits.data(), i, is_there);
      batch.num_valid += is_there ? 1 : 0;
    }
    if (!column->append(batch, 0)) return nullptr;
  }
  return column->finish().value_or(nullptr);
}

// Null where there are none that can be compared.
std::shared_ptr<arrow::Array> bounds_array(const ::parquet::ColumnDescriptor& leaf,
                                           const std::shared_ptr<arrow::DataType>& type,
                                           const Bounds& bounds, arrow::MemoryPool* pool) {
  switch (leaf.physical_type()) {
    case ::parquet::Type::BYTE_ARRAY:
      if (type->id() == arrow::Type::STRING) return text_bounds<arrow::StringBuilder>(bounds, pool);
      if (type->id() == arrow::Type::BINARY) return text_bounds<arrow::BinaryBuilder>(bounds, pool);
      return nullptr;
    case ::parquet::Type::INT32:
    case ::parquet::Type::FLOAT:
      return number_bounds(leaf, type, 4, bounds, pool);
    case ::parquet::Type::INT64:
    case ::parquet::Type::DOUBLE:
      return number_bounds(leaf, type, 8, bounds, pool);
    default:
      return nullptr;
  }
}

template <class Array>
void forget_nan(const arrow::Array& values, std::vector<bool>& has_bounds) {
  for (std::size_t i = 0; i < has_bounds.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    if (values.IsValid(row) && std::isnan(static_cast<const Array&>(values).Value(row))) {
      has_bounds[i] = false;
    }
  }
}

// Bounds that a writer got wrong can be told by their order, and by a NaN, in which some wrote down
// that there was one.
Result<void> check_bounds(const arrow::Array& least, const arrow::Array& largest,
                          const std::shared_ptr<arrow::RecordBatch>& both, arrow::MemoryPool* pool,
                          std::vector<bool>& has_bounds) {
  POLARWAY_TRY(const BoundExpr ordered,
               bind_predicate(col("least") <= col("largest"), *both->schema()));
  POLARWAY_TRY(const auto array, ordered.evaluate(*both, pool));
  const auto& is_ordered = static_cast<const arrow::BooleanArray&>(*array);
  for (std::size_t i = 0; i < has_bounds.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    has_bounds[i] = is_ordered.IsValid(row) && is_ordered.Value(row);
  }
  for (const arrow::Array* values : {&least, &largest}) {
    if (values->type_id() == arrow::Type::FLOAT) {
      forget_nan<arrow::FloatArray>(*values, has_bounds);
    } else if (values->type_id() == arrow::Type::DOUBLE) {
      forget_nan<arrow::DoubleArray>(*values, has_bounds);
    }
  }
  return {};
}

void set_bounds(const FileColumn& column, const ::parquet::ColumnDescriptor& leaf,
                const Bounds& least, const Bounds& largest, arrow::MemoryPool* pool,
                ColumnZones& zones) {
  zones.has_bounds.assign(zones.size(), false);
  const auto low = bounds_array(leaf, column.type, least, pool);
  const auto high = bounds_array(leaf, column.type, largest, pool);
  if (low == nullptr || high == nullptr) return;
  const auto rows = static_cast<std::int64_t>(zones.size());
  const auto both = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("least", column.type), arrow::field("largest", column.type)}),
      rows, {low, high});
  if (!check_bounds(*low, *high, both, pool, zones.has_bounds)) {
    zones.has_bounds.assign(zones.size(), false);
    return;
  }
  const auto schema = arrow::schema({arrow::field(column.name, column.type)});
  zones.least = arrow::RecordBatch::Make(schema, rows, {low});
  zones.largest = arrow::RecordBatch::Make(schema, rows, {high});
}

// The leaf whose values are the column's, as they are stored.
const ::parquet::ColumnDescriptor* plain_leaf(const FileColumn& column,
                                              const ::parquet::FileMetaData& metadata) {
  if (column.leaves.size() != 1 || !column.type->Equals(*column.file_type)) return nullptr;
  const ::parquet::ColumnDescriptor* leaf = metadata.schema()->Column(column.leaves.front());
  const bool has_order = leaf->sort_order() != ::parquet::SortOrder::UNKNOWN;
  return is_flat(*leaf) && has_order ? leaf : nullptr;
}

// Where pages begin, if that can be.
std::optional<std::vector<std::int64_t>> page_begins(const ::parquet::OffsetIndex& pages,
                                                     std::int64_t num_rows) {
  std::vector<std::int64_t> begins;
  for (const auto& page : pages.page_locations()) begins.push_back(page.first_row_index);
  begins.push_back(num_rows);
  // Pages without rows would be two that begin with the same.
  const bool is_good =
      begins.size() > 1 && begins.front() == 0 && std::is_sorted(begins.begin(), begins.end());
  return is_good ? std::optional(std::move(begins)) : std::nullopt;
}

}  // namespace

std::optional<ColumnZones> zones_of_group(const FileColumn& column,
                                          const ::parquet::FileMetaData& metadata, int group,
                                          arrow::MemoryPool* pool) {
  auto made = parquet_call([&]() -> std::optional<ColumnZones> {
    const ::parquet::ColumnDescriptor* leaf = plain_leaf(column, metadata);
    if (leaf == nullptr) return std::nullopt;
    const auto rows = metadata.RowGroup(group);
    const auto chunk = rows->ColumnChunk(column.leaves.front());
    if (!chunk->is_stats_set()) return std::nullopt;
    const auto statistics = chunk->encoded_statistics();
    if (statistics == nullptr) return std::nullopt;
    ColumnZones zones;
    zones.begins = {0, rows->num_rows()};
    zones.has_null = {true};
    zones.has_value = {true};
    if (statistics->has_null_count) {
      zones.has_null = {statistics->null_count != 0};
      zones.has_value = {statistics->null_count < chunk->num_values()};
    }
    Bounds least(1);
    Bounds largest(1);
    if (statistics->has_min && statistics->has_max) {
      least.front() = statistics->min();
      largest.front() = statistics->max();
    }
    set_bounds(column, *leaf, least, largest, pool, zones);
    return zones;
  });
  return made ? *std::move(made) : std::nullopt;
}

std::optional<ColumnZones> zones_of_pages(const FileColumn& column,
                                          const ::parquet::FileMetaData& metadata, int group,
                                          RandomAccess& file,
                                          const std::shared_ptr<MemoryBudget>& budget,
                                          std::stop_token stop) {
  auto made = parquet_call([&]() -> std::optional<ColumnZones> {
    const ::parquet::ColumnDescriptor* leaf = plain_leaf(column, metadata);
    if (leaf == nullptr) return std::nullopt;
    const auto rows = metadata.RowGroup(group);
    const auto chunk = rows->ColumnChunk(column.leaves.front());
    auto index_bytes = read_index(chunk->GetColumnIndexLocation(), file, *budget, stop);
    const auto pages_bytes = read_index(chunk->GetOffsetIndexLocation(), file, *budget, stop);
    if (!index_bytes || !pages_bytes) return std::nullopt;
    const ::parquet::ReaderProperties properties(budget->arrow_pool());
    const auto index = ::parquet::ColumnIndex::Make(*leaf, index_bytes->bytes->data(),
                                                    index_bytes->bytes->size(), properties);
    const auto pages = ::parquet::OffsetIndex::Make(pages_bytes->bytes->data(),
                                                    pages_bytes->bytes->size(), properties);
    ColumnZones zones;
    zones.lease = std::move(index_bytes->lease);
    auto begins = page_begins(*pages, rows->num_rows());
    const std::size_t count = index->null_pages().size();
    if (!begins || begins->size() != count + 1 || index->encoded_min_values().size() != count ||
        index->encoded_max_values().size() != count ||
        (index->has_null_counts() && index->null_counts().size() != count)) {
      return std::nullopt;
    }
    zones.begins = *std::move(begins);
    Bounds least(count);
    Bounds largest(count);
    for (std::size_t page = 0; page < count; ++page) {
      const bool has_value = !index->null_pages()[page];
      zones.has_value.push_back(has_value);
      zones.has_null.push_back(!index->has_null_counts() || index->null_counts()[page] != 0);
      if (!has_value) continue;
      least[page] = index->encoded_min_values()[page];
      largest[page] = index->encoded_max_values()[page];
    }
    set_bounds(column, *leaf, least, largest, budget->arrow_pool(), zones);
    return zones;
  });
  return made ? *std::move(made) : std::nullopt;
}

}  // namespace polarway::pq
