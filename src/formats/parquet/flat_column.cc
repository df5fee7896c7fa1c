#include "formats/parquet/flat_column.h"

#include <arrow/array.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>
#include <fmt/format.h>
#include <parquet/types.h>

#include <algorithm>
#include <array>
#include <utility>

#include "formats/parquet/bits.h"
#include "formats/parquet/hybrid_reader.h"
#include "formats/parquet/page_reader.h"

namespace polarway::pq {
namespace {

class FlatColumn final : public Column {
 public:
  FlatColumn(const ColumnPlace& place, std::unique_ptr<ValueColumn> values, const RowGroups& groups,
             RandomAccess& file, const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop)
      : place_(place),
        values_(std::move(values)),
        groups_(groups),
        file_(file),
        budget_(budget),
        stop_(stop),
        pages_(file, place.name, budget, std::move(stop)) {}

  std::int64_t fixed_row_bytes() const override { return values_->fixed_row_bytes(); }
  bool varies() const override { return values_->has_text(); }

  void pick(std::span<const std::int64_t> rows) override { picks_ = rows; }

  void go_to(std::int64_t row) override {
    row_ = row;
    num_levels_ = 0;
    is_ready_ = false;
    if (!knows_page_of(row)) group_ = kNone;
  }

  Result<void> start(std::int64_t rows) override {
    first_row_ = row_;
    num_read_ = 0;
    return values_->start(rows);
  }

  Result<std::int64_t> read(std::int64_t rows, std::int64_t max_bytes) override {
    while (num_read_ < rows) {
      POLARWAY_CHECK(prepare(row_of(num_read_)));
      POLARWAY_TRY(const Stretch next,
                   picks_.empty() ? next_rows(rows - num_read_) : next_picks(rows));
      Result<std::int64_t> taken = values_->append(next.batch, max_bytes);
      if (!taken) return fail(placed(std::move(taken.error())));
      num_read_ += *taken;
      if (*taken == next.batch.count) {
        pass(next.num_rows);
        continue;
      }
      if (next.batch.picked == nullptr) {
        pass(*taken);
      } else {
        go_to(row_of(num_read_));
      }
      break;
    }
    return num_read_;
  }

  std::int64_t varying_bytes() const override { return values_->text_bytes(); }
  std::int64_t next_varying_bytes() const override { return values_->next_text_bytes(); }

  Result<void> truncate(std::int64_t rows) override {
    if (num_read_ <= rows) return {};
    values_->truncate(rows);
    go_to(row_of(rows));
    num_read_ = rows;
    return {};
  }

  Result<std::shared_ptr<arrow::Array>> finish() override { return values_->finish(); }

  void park() override {
    page_.release();
    dictionary_.release();
    places_.reset();
    is_ready_ = false;
    has_dictionary_ = false;
  }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;

  // Whether the page that was last looked at has the row, or one before it in its group.
  bool knows_page_of(std::int64_t row) const {
    if (group_ == kNone) return false;
    const RowGroups::Group& group = groups_.groups()[group_];
    return row >= page_row_ && row < group.first_row + group.num_rows;
  }

  // The row of the chunk's row of that number.
  std::int64_t row_of(std::int64_t i) const {
    return picks_.empty() ? first_row_ + i : picks_[static_cast<std::size_t>(i)];
  }
  // The values of the page stand so many rows further on.
  void pass(std::int64_t rows) {
    row_ += rows;
    level_ += rows;
  }

  // Rows of the page, and those of them that are taken.
  struct Stretch {
    RowBatch batch;
    std::int64_t num_rows = 0;
  };

  Result<void> prepare(std::int64_t row);
  Result<void> begin_group();
  Result<void> load_dictionary();
  Result<void> find_page();
  void jump_to_page();
  Result<void> begin_page();
  Result<void> skip_to(std::int64_t row);
  Result<RowBatch> next_batch(std::int64_t most_rows);
  Result<Stretch> next_rows(std::int64_t most_rows);
  Result<Stretch> next_picks(std::int64_t rows);
  SourceError placed(SourceError error) const;

  ColumnPlace place_;
  std::unique_ptr<ValueColumn> values_;
  const RowGroups& groups_;
  RandomAccess& file_;
  std::shared_ptr<MemoryBudget> budget_;
  std::stop_token stop_;
  PageReader pages_;

  std::span<const std::int64_t> picks_;  // from the chunk's first row on; empty: all rows
  std::int64_t first_row_ = 0;           // of the chunk
  std::int64_t num_read_ = 0;            // rows of the chunk
  std::int64_t row_ = 0;                 // the next, where the values of the page stand

  std::size_t group_ = kNone;         // whose pages are read
  ColumnChunk chunk_;                 // where they are
  std::optional<PagePlaces> places_;  // of the pages of the group, once one is passed over
  std::int64_t page_offset_ = 0;      // of the page: it has row_, or a row before,
  std::int64_t page_row_ = 0;         // and begins with this one,
  PageHeader header_;                 // once is_loaded
  bool has_dictionary_ = false;       // what the group has of one is here
  bool is_ready_ = false;             // page_ is this page, and the values stand at row_
  std::int64_t loaded_offset_ = -1;   // of what is in page_
  PageBytes page_;
  PageBytes dictionary_;

  HybridReader levels_;
  bool has_levels_ = false;
  std::array<std::uint8_t, kBatchRows / 8 + kSpoiledBytes> level_bits_;  // read ahead:
  std::int64_t num_levels_ = 0;                                          // so many,
  std::int64_t level_ = 0;                                               // this one is row_'s

  std::array<std::uint16_t, kBatchRows> picked_values_;                   // of a stretch
  std::array<std::uint8_t, kBatchRows / 8 + kSpoiledBytes> picked_bits_;  // the same
};

SourceError FlatColumn::placed(SourceError error) const {
  const auto row = error.where.row;
  if (error.where.location.empty()) {
    const std::int64_t number = groups_.groups()[group_].number;
    error.message =
        fmt::format("row group {}, page at byte {}: {}", number, page_offset_, error.message);
    error.where = pages_.error(error.kind, {}).where;
    if (row) {
      const std::int64_t wrong = row_of(*row);
      const RowGroups::Group& group = groups_.groups()[groups_.find(wrong)];
      error.where.row = group.file_row + (wrong - group.first_row) + 1;
    }
  }
  return error;
}

// Has the values stand at a row.
Result<void> FlatColumn::prepare(std::int64_t row) {
  const bool is_here = is_ready_ && row >= row_ && row < page_row_ + header_.num_values;
  if (!is_here) {
    is_ready_ = false;
    row_ = row;
    const bool in_group = group_ != kNone && knows_page_of(row_);
    if (!in_group) POLARWAY_CHECK(begin_group());
    if (!has_dictionary_) POLARWAY_CHECK(load_dictionary());
    POLARWAY_CHECK(find_page());
    POLARWAY_CHECK(begin_page());
    row_ = page_row_;
  }
  is_ready_ = false;
  POLARWAY_CHECK(skip_to(row));
  is_ready_ = true;
  return {};
}

Result<void> FlatColumn::begin_group() {
  group_ = kNone;
  const std::size_t group = groups_.find(row_);
  POLARWAY_TRY(chunk_, groups_.chunk(group, place_.leaf, false));
  page_offset_ = chunk_.offset;
  page_row_ = groups_.groups()[group].first_row;
  has_dictionary_ = false;
  loaded_offset_ = -1;
  places_.reset();
  group_ = group;
  return {};
}

// The first page of a group may be a dictionary.
Result<void> FlatColumn::load_dictionary() {
  POLARWAY_CHECK(pages_.start(chunk_, chunk_.offset));
  POLARWAY_TRY(const PageHeader header, pages_.peek());
  if (header.kind == PageHeader::Kind::Dictionary) {
    const std::int64_t views = std::min(header.num_values, header.bytes) *
                               static_cast<std::int64_t>(sizeof(std::string_view));
    POLARWAY_CHECK(pages_.load(header, values_->has_text() ? views : 0, dictionary_));
    if (header.encoding != ::parquet::Encoding::PLAIN &&
        header.encoding != ::parquet::Encoding::PLAIN_DICTIONARY) {
      return fail(
          pages_.malformed(fmt::format("the dictionary is in the encoding {}", header.encoding)));
    }
    Result<void> set = values_->set_dictionary(dictionary_.bytes(), header.num_values);
    if (!set) return fail(placed(std::move(set.error())));
    if (page_offset_ == chunk_.offset) page_offset_ = pages_.offset();
  } else {
    POLARWAY_CHECK(values_->set_dictionary({}, 0));
  }
  has_dictionary_ = true;
  return {};
}

// Goes on to the page that has row_, or to one before it, without looking at those in between.
void FlatColumn::jump_to_page() {
  if (!places_) {
    places_ = groups_.page_places(group_, place_.leaf, chunk_, file_, *budget_, stop_);
  }
  const std::int64_t first_row = groups_.groups()[group_].first_row;
  const auto place = places_->find(row_ - first_row);
  if (!place || place->offset <= page_offset_) return;
  page_offset_ = place->offset;
  page_row_ = first_row + place->row;
}

// Goes to the page that has row_, from the one at hand on.
Result<void> FlatColumn::find_page() {
  const bool is_loaded = page_.is_loaded() && loaded_offset_ == page_offset_;
  if (is_loaded && row_ < page_row_ + header_.num_values) return {};
  const RowGroups::Group& group = groups_.groups()[group_];
  POLARWAY_CHECK(pages_.start(chunk_, page_offset_));
  for (;;) {
    POLARWAY_TRY(const PageHeader header, pages_.peek());
    const bool has_values =
        header.kind == PageHeader::Kind::Data || header.kind == PageHeader::Kind::DataV2;
    if (has_values && header.num_values > group.first_row + group.num_rows - page_row_) {
      return fail(pages_.malformed(
          fmt::format("the page at byte {} has more values than there are rows", page_offset_)));
    }
    if (has_values && row_ < page_row_ + header.num_values) {
      header_ = header;
      loaded_offset_ = -1;
      // What is put together from prefixes is at most as large again, twice.
      const std::int64_t more =
          header.encoding == ::parquet::Encoding::DELTA_BYTE_ARRAY ? 2 * header.bytes : 0;
      POLARWAY_CHECK(pages_.load(header, more, page_));
      loaded_offset_ = page_offset_;
      return {};
    }
    if (header.kind == PageHeader::Kind::Dictionary) {
      return fail(pages_.malformed(fmt::format("a second dictionary, at byte {}", page_offset_)));
    }
    pages_.skip(header);
    if (has_values) page_row_ += header.num_values;
    page_offset_ = pages_.offset();
    if (has_values && row_ > page_row_) {
      jump_to_page();
      POLARWAY_CHECK(pages_.start(chunk_, page_offset_));
    }
  }
}

// Finds levels and values in the page.
Result<void> FlatColumn::begin_page() {
  std::span<const std::uint8_t> bytes = page_.bytes();
  std::span<const std::uint8_t> levels;
  has_levels_ = place_.is_nullable;
  num_levels_ = level_ = 0;
  if (header_.kind == PageHeader::Kind::DataV2) {
    levels = bytes.subspan(static_cast<std::size_t>(header_.repetition_bytes),
                           static_cast<std::size_t>(header_.definition_bytes));
    bytes = bytes.subspan(
        static_cast<std::size_t>(header_.repetition_bytes + header_.definition_bytes));
  } else if (has_levels_) {
    if (header_.definition_encoding != ::parquet::Encoding::RLE) {
      return fail(pages_.error(ErrorKind::UnsupportedOperation,
                               "its nulls are in an encoding of old, which is not read",
                               "leave the column out, or have it written anew"));
    }
    if (bytes.size() < 4) return fail(pages_.malformed("a page ends before its nulls"));
    const auto size = static_cast<std::size_t>(load_word(bytes.data()) & 0xFFFFFFFF);
    if (size > bytes.size() - 4) return fail(pages_.malformed("a page ends within its nulls"));
    levels = bytes.subspan(4, size);
    bytes = bytes.subspan(4 + size);
  }
  if (has_levels_) levels_ = HybridReader(levels, 1);
  Result<void> set = values_->set_values(header_.encoding, bytes, header_.num_values);
  if (!set) return fail(placed(std::move(set.error())));
  return {};
}

Result<void> FlatColumn::skip_to(std::int64_t row) {
  while (row_ < row) {
    POLARWAY_TRY(const RowBatch batch, next_batch(row - row_));
    Result<void> skipped = values_->skip(batch.num_valid);
    if (!skipped) return fail(placed(std::move(skipped.error())));
    pass(batch.count);
  }
  return {};
}

// The next rows of the page: their levels are read, and stay until they are taken.
Result<RowBatch> FlatColumn::next_batch(std::int64_t most_rows) {
  const std::int64_t in_page = page_row_ + header_.num_values - row_;
  if (!has_levels_) {
    const std::int64_t count = std::min({kBatchRows, most_rows, in_page});
    return RowBatch{.count = count, .num_valid = count};
  }
  if (level_ == num_levels_) {
    level_ = 0;
    num_levels_ = std::min({kBatchRows, most_rows, in_page});
    if (!levels_.read_bits(level_bits_.data(), 0, num_levels_)) {
      return fail(pages_.malformed("a page has fewer nulls and values than it says"));
    }
  }
  const std::int64_t count = std::min(most_rows, num_levels_ - level_);
  const std::int64_t valid = arrow::internal::CountSetBits(level_bits_.data(), level_, count);
  return RowBatch{.count = count,
                  .num_valid = valid,
                  .bits = valid == count ? nullptr : level_bits_.data(),
                  .at = level_};
}

Result<FlatColumn::Stretch> FlatColumn::next_rows(std::int64_t most_rows) {
  POLARWAY_TRY(const RowBatch batch, next_batch(most_rows));
  return Stretch{.batch = batch, .num_rows = batch.count};
}

// The picked rows from the one at hand on, of a batch, and up to `rows` of the chunk.
Result<FlatColumn::Stretch> FlatColumn::next_picks(std::int64_t rows) {
  const auto picks =
      picks_.subspan(static_cast<std::size_t>(num_read_),
                     static_cast<std::size_t>(std::min(rows - num_read_, kBatchRows)));
  POLARWAY_TRY(const RowBatch all, next_batch(std::min(kBatchRows, picks.back() - row_ + 1)));
  const auto num_picks = static_cast<std::size_t>(
      std::lower_bound(picks.begin(), picks.end(), row_ + all.count) - picks.begin());
  Stretch next{.batch = all, .num_rows = all.count};
  if (static_cast<std::int64_t>(num_picks) == all.count) return next;
  next.num_rows = picks[num_picks - 1] - row_ + 1;
  RowBatch& batch = next.batch;
  batch = {.count = static_cast<std::int64_t>(num_picks), .picked = picked_values_.data()};
  if (all.bits == nullptr) {
    for (std::size_t i = 0; i < num_picks; ++i) {
      picked_values_[i] = static_cast<std::uint16_t>(picks[i] - row_);
    }
    batch.num_valid = batch.count;
    batch.num_stored = next.num_rows;
    return next;
  }
  std::size_t pick = 0;
  for (std::int64_t row = 0; row < next.num_rows; ++row) {
    const bool is_valid = arrow::bit_util::GetBit(all.bits, all.at + row);
    if (picks[pick] == row_ + row) {
      arrow::bit_util::SetBitTo(picked_bits_.data(), static_cast<std::int64_t>(pick), is_valid);
      picked_values_[static_cast<std::size_t>(batch.num_valid)] =
          static_cast<std::uint16_t>(batch.num_stored);
      batch.num_valid += is_valid ? 1 : 0;
      ++pick;
    }
    batch.num_stored += is_valid ? 1 : 0;
  }
  if (batch.num_valid < batch.count) batch.bits = picked_bits_.data();
  return next;
}

}  // namespace

std::unique_ptr<Column> make_flat_column(const ColumnPlace& place,
                                         std::unique_ptr<ValueColumn> values,
                                         const RowGroups& groups, RandomAccess& file,
                                         const std::shared_ptr<MemoryBudget>& budget,
                                         std::stop_token stop) {
  return std::make_unique<FlatColumn>(place, std::move(values), groups, file, budget,
                                      std::move(stop));
}

}  // namespace polarway::pq
