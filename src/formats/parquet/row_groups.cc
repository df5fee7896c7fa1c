#include "formats/parquet/row_groups.h"

#include <fmt/format.h>
#include <parquet/schema.h>

#include <algorithm>
#include <utility>

#include "formats/parquet/parquet_call.h"

namespace polarway::pq {

Result<RowGroups> RowGroups::make(std::shared_ptr<::parquet::FileMetaData> metadata,
                                  std::int64_t data_end, const std::string& location) {
  RowGroups made;
  made.metadata_ = std::move(metadata);
  made.data_end_ = data_end;
  made.location_ = location;
  std::int64_t row = 0;
  for (int number = 0; number < made.metadata_->num_row_groups(); ++number) {
    POLARWAY_TRY(const std::int64_t num_rows,
                 parquet_call([&] { return made.metadata_->RowGroup(number)->num_rows(); }));
    if (num_rows < 0 || num_rows > INT64_MAX - row) {
      return fail({.kind = ErrorKind::Parse,
                   .where = {.location = location},
                   .message = fmt::format("row group {} says it has {} rows", number, num_rows)});
    }
    if (num_rows > 0) made.groups_.push_back({number, row, row, num_rows});
    row += num_rows;
  }
  made.num_rows_ = row;
  return made;
}

std::size_t RowGroups::find(std::int64_t row) const {
  const auto after = std::upper_bound(
      groups_.begin(), groups_.end(), row,
      [](std::int64_t wanted, const Group& group) { return wanted < group.first_row; });
  return static_cast<std::size_t>(after - groups_.begin()) - 1;
}

PagePlaces RowGroups::page_places(std::size_t group, int column, const ColumnChunk& chunk,
                                  RandomAccess& file, MemoryBudget& budget,
                                  std::stop_token stop) const {
  auto read = parquet_call([&] {
    const auto metadata = metadata_->RowGroup(groups_[group].number)->ColumnChunk(column);
    return PagePlaces::read(*metadata, chunk.offset, chunk.end, file, budget, std::move(stop));
  });
  return read ? *std::move(read) : PagePlaces();
}

Result<ColumnChunk> RowGroups::chunk(std::size_t group, int column, bool nested) const {
  const Group& rows = groups_[group];
  const auto made = parquet_call([&] {
    const auto chunk = metadata_->RowGroup(rows.number)->ColumnChunk(column);
    ColumnChunk place{.row_group = rows.number,
                      .offset = chunk->data_page_offset(),
                      .end = data_end_,
                      .num_values = chunk->num_values(),
                      .codec = chunk->compression()};
    // Some writers say 0 where there is no dictionary.
    if (chunk->has_dictionary_page() && chunk->dictionary_page_offset() > 0) {
      place.offset = std::min(place.offset, chunk->dictionary_page_offset());
    }
    if (!chunk->file_path().empty()) {
      throw ::parquet::ParquetException("the column is in another file, " + chunk->file_path());
    }
    return place;
  });
  SourceError error{.kind = ErrorKind::Parse,
                    .where = {.location = location_,
                              .column = metadata_->schema()->Column(column)->path()->ToDotString()},
                    .hint = "it is damaged, or was not written right: get it again"};
  if (!made) {
    error.message = fmt::format("row group {}: {}", rows.number, made.error().message);
    return fail(std::move(error));
  }
  if (made->offset < 4 || made->offset >= data_end_) {
    error.message = fmt::format("row group {}: the column begins at byte {}, where there is none",
                                rows.number, made->offset);
    return fail(std::move(error));
  }
  if (made->num_values != rows.num_rows && !nested) {
    error.message = fmt::format("row group {}: the column has {} values, and the row group {} rows",
                                rows.number, made->num_values, rows.num_rows);
    return fail(std::move(error));
  }
  return *made;
}

}  // namespace polarway::pq
