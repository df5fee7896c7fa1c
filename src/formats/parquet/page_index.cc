#include "formats/parquet/page_index.h"

#include <arrow/buffer.h>
#include <parquet/page_index.h>
#include <parquet/properties.h>

#include <algorithm>
#include <utility>

#include "core/arrow_status.h"
#include "core/counting_pool.h"
#include "formats/parquet/parquet_call.h"

namespace polarway::pq {
namespace {

// An index that is larger tells too little for what it costs.
constexpr std::int64_t kMostIndexBytes = 16 << 20;
// libparquet makes up to so many bytes of one of an index, and bounds are Arrow's then.
constexpr std::int64_t kMadeOfByte = 16;

}  // namespace

std::optional<IndexBytes> read_index(const std::optional<::parquet::IndexLocation>& place,
                                     RandomAccess& file, MemoryBudget& budget,
                                     std::stop_token stop) {
  if (!place || place->length <= 0 || place->length > kMostIndexBytes || place->offset < 0) {
    return std::nullopt;
  }
  auto lease = budget.reserve(
      CountingPool::block_size(place->length) + kMadeOfByte * std::int64_t{place->length},
      LeaseHolder::Reader);
  if (!lease) return std::nullopt;
  auto buffer = from_arrow(arrow::AllocateBuffer(place->length, budget.arrow_pool()));
  if (!buffer) return std::nullopt;
  const std::span into((*buffer)->mutable_data(), static_cast<std::size_t>(place->length));
  if (!file.read_at(place->offset, into, std::move(stop))) return std::nullopt;
  return IndexBytes{.lease = *std::move(lease), .bytes = *std::move(buffer)};
}

PagePlaces PagePlaces::read(const ::parquet::ColumnChunkMetaData& chunk, std::int64_t begin,
                            std::int64_t end, RandomAccess& file, MemoryBudget& budget,
                            std::stop_token stop) {
  auto made = parquet_call([&] {
    PagePlaces read;
    auto index = read_index(chunk.GetOffsetIndexLocation(), file, budget, std::move(stop));
    if (!index) return read;
    const auto pages = ::parquet::OffsetIndex::Make(index->bytes->data(), index->bytes->size(),
                                                    ::parquet::ReaderProperties());
    Place last{.offset = begin - 1, .row = -1};
    for (const auto& page : pages->page_locations()) {
      const Place place{.offset = page.offset, .row = page.first_row_index};
      if (place.offset <= last.offset || place.offset >= end || place.row <= last.row) {
        return PagePlaces();
      }
      read.places_.push_back(place);
      last = place;
    }
    read.lease_ = std::move(index->lease);
    return read;
  });
  return made ? *std::move(made) : PagePlaces();
}

std::optional<PagePlaces::Place> PagePlaces::find(std::int64_t row) const {
  const auto after =
      std::upper_bound(places_.begin(), places_.end(), row,
                       [](std::int64_t wanted, const Place& place) { return wanted < place.row; });
  return after == places_.begin() ? std::nullopt : std::optional(*(after - 1));
}

}  // namespace polarway::pq
