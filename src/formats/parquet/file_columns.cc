#include "formats/parquet/file_columns.h"

#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>
#include <parquet/properties.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/arrow_status.h"
#include "core/quoted_text.h"
#include "formats/parquet/cast_column.h"
#include "formats/parquet/column_kind.h"
#include "formats/parquet/flat_column.h"
#include "formats/parquet/nested_column.h"
#include "formats/parquet/parquet_call.h"

namespace polarway::pq {
namespace {

void collect_leaves(const ::parquet::arrow::SchemaField& field, std::vector<int>& leaves) {
  if (field.is_leaf()) leaves.push_back(field.column_index);
  for (const auto& child : field.children) collect_leaves(child, leaves);
}

// Bytes of a row in the leaves, as they are before compression.
double count_row_bytes(const FileColumn& column, const RowGroups& groups) {
  double bytes = 0;
  double rows = 0;
  // The first ones say enough.
  constexpr std::size_t kLookedAt = 16;
  for (std::size_t i = 0; i < std::min(kLookedAt, groups.groups().size()); ++i) {
    const RowGroups::Group& group = groups.groups()[i];
    const auto metadata = groups.metadata().RowGroup(group.number);
    for (const int leaf : column.leaves) {
      const std::int64_t size = metadata->ColumnChunk(leaf)->total_uncompressed_size();
      bytes += static_cast<double>(std::max<std::int64_t>(0, size));
    }
    rows += static_cast<double>(group.num_rows);
  }
  return rows > 0 ? bytes / rows : 0;
}

// An estimate: where the footer has none, the first chunk tells.
double stored_row_bytes(const FileColumn& column, const RowGroups& groups) {
  return parquet_call([&] { return count_row_bytes(column, groups); }).value_or(0);
}

}  // namespace

Result<std::vector<FileColumn>> find_columns(const ::parquet::FileMetaData& metadata,
                                             const arrow::Schema& known) {
  ::parquet::arrow::SchemaManifest manifest;
  POLARWAY_TRY(const arrow::Status status, parquet_call([&] {
                 return ::parquet::arrow::SchemaManifest::Make(
                     metadata.schema(), metadata.key_value_metadata(),
                     ::parquet::default_arrow_reader_properties(), &manifest);
               }));
  if (!status.ok()) return fail(parquet_error(status));
  std::vector<FileColumn> columns;
  std::set<std::string_view> names;
  for (const auto& field : manifest.schema_fields) {
    const std::shared_ptr<arrow::DataType> type = plain_type(field.field->type());
    const auto given = known.GetFieldByName(field.field->name());
    FileColumn column{.name = field.field->name(),
                      .type = given ? given->type() : type,
                      .file_type = type,
                      .leaves = {}};
    collect_leaves(field, column.leaves);
    if (!names.insert(field.field->name()).second) {
      return fail({.kind = ErrorKind::Schema,
                   .where = {.column = column.name},
                   .message = fmt::format("two columns are called {}", shorten(column.name)),
                   .hint = "have the file written with names that differ"});
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

namespace {

// What makes its values; null where libparquet does.
std::unique_ptr<ValueColumn> make_values(const FileColumn& column,
                                         const ::parquet::FileMetaData& metadata,
                                         arrow::MemoryPool* pool) {
  if (column.leaves.size() != 1) return nullptr;
  const ::parquet::ColumnDescriptor& leaf = *metadata.schema()->Column(column.leaves[0]);
  return is_flat(leaf) ? make_value_column(leaf, column.file_type, pool) : nullptr;
}

// As it is in the file.
ChunkColumn make_file_column(const FileColumn& column, const RowGroups& groups, RandomAccess& file,
                             const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop) {
  const ::parquet::ColumnDescriptor& leaf = *groups.metadata().schema()->Column(column.leaves[0]);
  ChunkColumn made;
  std::unique_ptr<ValueColumn> values =
      make_values(column, groups.metadata(), budget->arrow_pool());
  if (values == nullptr) {
    made.varying_row_bytes = stored_row_bytes(column, groups);
    made.column = make_nested_column(column, groups, file, budget, std::move(stop));
    return made;
  }
  const ColumnPlace place{.leaf = column.leaves[0],
                          .name = column.name,
                          .is_nullable = leaf.max_definition_level() > 0};
  if (values->has_text()) made.varying_row_bytes = stored_row_bytes(column, groups);
  made.column = make_flat_column(place, std::move(values), groups, file, budget, std::move(stop));
  return made;
}

}  // namespace

bool can_pick(const FileColumn& column, const ::parquet::FileMetaData& metadata) {
  return make_values(column, metadata, arrow::default_memory_pool()) != nullptr;
}

Result<ChunkColumn> make_column(const FileColumn& column, const RowGroups& groups,
                                RandomAccess& file, const std::shared_ptr<MemoryBudget>& budget,
                                std::stop_token stop) {
  if (column.leaves.empty()) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .where = {.column = column.name},
                 .message = "a struct without fields is not read",
                 .hint = "leave the column out"});
  }
  ChunkColumn made = make_file_column(column, groups, file, budget, std::move(stop));
  if (!column.type->Equals(*column.file_type)) {
    POLARWAY_TRY(made.column,
                 make_cast_column(std::move(made.column), column.name, column.file_type,
                                  column.type, file.bytes().location(), budget));
  }
  return made;
}

}  // namespace polarway::pq
