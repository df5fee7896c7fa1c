#include "formats/parquet/chunk_maker.h"

#include <arrow/array.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/format_bytes.h"
#include "core/out_of_memory.h"
#include "core/shared_work.h"
#include "formats/parquet/row_sieve.h"

namespace polarway::pq {
namespace {

constexpr int kMostThreads = 16;
// Waking a thread costs what so many values do.
constexpr std::int64_t kValuesWorthSharing = 8 << 10;

// Buffers grow in steps, and come in sizes that the pool has.
constexpr std::int64_t usable(std::int64_t max_bytes) { return max_bytes - max_bytes / 4; }
constexpr std::int64_t needed(std::int64_t bytes) { return bytes + bytes / 3 + 64; }

bool is_refused(const std::optional<SourceError>& error) {
  return error && error->kind == ErrorKind::MemoryLimit;
}

}  // namespace

ChunkMaker::ChunkMaker(std::vector<ChunkColumn> columns, std::int64_t row, std::int64_t end_row,
                       std::string location, const Context& context)
    : columns_(std::move(columns)),
      progress_(columns_.size()),
      row_(row),
      end_row_(end_row),
      location_(std::move(location)),
      context_(context) {
  start();
}

ChunkMaker::ChunkMaker(std::vector<ChunkColumn> columns, std::unique_ptr<RowSieve> sieve,
                       std::string location, const Context& context)
    : columns_(std::move(columns)),
      progress_(columns_.size()),
      sieve_(std::move(sieve)),
      row_(sieve_->row()),
      location_(std::move(location)),
      context_(context) {
  start();
}

ChunkMaker::~ChunkMaker() = default;

void ChunkMaker::start() {
  for (const ChunkColumn& column : columns_) fixed_row_bytes_ += column.column->fixed_row_bytes();
  go_back();
}

void ChunkMaker::go_to(std::int64_t row, std::int64_t end_row) {
  row_ = row;
  end_row_ = end_row;
  go_back();
}

// All columns are to begin at row_.
void ChunkMaker::go_back() {
  for (const ChunkColumn& column : columns_) column.column->go_to(row_);
}

// How many rows a chunk may have, of those that there are: 0 at the end.
Result<std::int64_t> ChunkMaker::choose_rows(const ChunkTarget& target) {
  const std::int64_t foreseen = foreseen_rows(target);
  if (sieve_ == nullptr) return std::min(foreseen, end_row_ - row_);
  POLARWAY_CHECK(sieve_->pick(foreseen, target.stop));
  row_ = sieve_->row();
  const std::span<const std::int64_t> picks = sieve_->picks();
  for (const ChunkColumn& column : columns_) column.column->pick(picks);
  return std::min(foreseen, static_cast<std::int64_t>(picks.size()));
}

// As many as there should be room for.
std::int64_t ChunkMaker::foreseen_rows(const ChunkTarget& target) const {
  const std::int64_t most = target.max_rows;
  double row_bytes = static_cast<double>(fixed_row_bytes_);
  for (const ChunkColumn& column : columns_) row_bytes += column.varying_row_bytes;
  if (row_bytes <= 0) return most;
  const double fit = static_cast<double>(usable(target.max_bytes)) / row_bytes;
  return std::clamp<std::int64_t>(
      fit < static_cast<double>(most) ? static_cast<std::int64_t>(fit) : most, 1, most);
}

Result<std::optional<arrow::ArrayVector>> ChunkMaker::next(const ChunkTarget& target) {
  num_rows_ = 0;
  POLARWAY_TRY(std::int64_t rows, choose_rows(target));
  if (rows == 0) return std::nullopt;
  if (target.stop.stop_requested()) {
    return fail({.kind = ErrorKind::Cancelled,
                 .where = {.location = location_},
                 .message = "stopped before the next chunk"});
  }
  if (!columns_.empty()) {
    Result<std::int64_t> got = read(rows, usable(target.max_bytes));
    // Rows before the one that is wrong are good.
    while (!got && !got.error().retryable() && rows > 1) {
      rows /= 2;
      go_back();
      got = read(rows, usable(target.max_bytes));
    }
    if (got && *got == 0) got = read_one_row(usable(target.max_bytes));
    if (!got) {
      go_back();
      return fail(std::move(got.error()));
    }
    rows = *got;
  }
  arrow::ArrayVector arrays;
  arrays.reserve(columns_.size());
  for (ChunkColumn& column : columns_) {
    POLARWAY_CHECK(column.column->truncate(rows));
    // Up at once, down slowly: a chunk that is cut short is made again in part.
    const double bytes =
        static_cast<double>(column.column->varying_bytes()) / static_cast<double>(rows);
    double& known = column.varying_row_bytes;
    known = std::max(bytes, known - (known - bytes) / 4);
    POLARWAY_TRY(arrays.emplace_back(), column.column->finish());
  }
  num_rows_ = rows;
  if (sieve_ != nullptr) sieve_->drop(rows);
  row_ = sieve_ != nullptr ? sieve_->row() : row_ + rows;
  return arrays;
}

// What each column's varying bytes may be.
std::vector<std::int64_t> ChunkMaker::shares(std::int64_t rows, std::int64_t max_bytes) const {
  double expected = 0;
  std::int64_t num_varying = 0;
  for (const ChunkColumn& column : columns_) {
    if (!column.column->varies()) continue;
    expected += column.varying_row_bytes * static_cast<double>(rows);
    ++num_varying;
  }
  const double slack =
      std::max(0.0, static_cast<double>(max_bytes - rows * fixed_row_bytes_) - expected);
  std::vector<std::int64_t> shares;
  for (const ChunkColumn& column : columns_) {
    const double part = column.varying_row_bytes * static_cast<double>(rows) +
                        slack / static_cast<double>(std::max<std::int64_t>(1, num_varying));
    shares.push_back(static_cast<std::int64_t>(part));
  }
  return shares;
}

// Reads a chunk of at most so many rows. Says how many all columns have: 0 where one has no room
// for a single row.
Result<std::int64_t> ChunkMaker::read(std::int64_t rows, std::int64_t max_bytes) {
  const std::vector<std::int64_t> max_of = shares(rows, max_bytes);
  read_columns(rows, max_of);
  read_refused(rows, max_of);
  std::int64_t got = rows;
  for (Progress& column : progress_) {
    if (column.error) return fail(std::move(*column.error));
    got = std::min(got, column.rows);
  }
  return got;
}

void ChunkMaker::read_columns(std::int64_t rows, const std::vector<std::int64_t>& max_bytes) {
  // Those that take longest first.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].column->varies()) order.push_back(i);
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i].column->varies()) order.push_back(i);
  }
  const bool parallel = context_.parallel && context_.executor &&
                        rows * static_cast<std::int64_t>(columns_.size()) >= kValuesWorthSharing;
  const int helpers = parallel ? std::min(context_.executor->num_threads(), kMostThreads) - 1 : 0;
  share_work(order.size(), helpers, context_.executor,
             [&](std::size_t piece) { read_column(order[piece], rows, max_bytes[order[piece]]); });
}

void ChunkMaker::read_column(std::size_t i, std::int64_t rows, std::int64_t max_bytes) {
  Column& column = *columns_[i].column;
  const Result<std::int64_t> got = guard([&]() -> Result<std::int64_t> {
    POLARWAY_CHECK(column.start(rows));
    return column.read(rows, max_bytes);
  });
  progress_[i] = {.rows = got.value_or(0),
                  .error = got ? std::nullopt : std::optional(got.error())};
}

// Columns whose pages had no room are read one after the other, with nobody else's page there.
void ChunkMaker::read_refused(std::int64_t rows, const std::vector<std::int64_t>& max_bytes) {
  const auto refused = [](const Progress& column) { return is_refused(column.error); };
  if (std::none_of(progress_.begin(), progress_.end(), refused)) return;
  for (const ChunkColumn& column : columns_) column.column->park();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!refused(progress_[i])) continue;
    columns_[i].column->go_to(row_);
    read_column(i, rows, max_bytes[i]);
    columns_[i].column->park();
    if (progress_[i].error) return;
  }
}

// The row at hand is larger than what is expected of one.
Result<std::int64_t> ChunkMaker::read_one_row(std::int64_t max_bytes) {
  go_back();
  std::int64_t bytes = fixed_row_bytes_;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = *columns_[i].column;
    read_column(i, 1, max_bytes - bytes);
    if (is_refused(progress_[i].error)) {
      for (const ChunkColumn& other : columns_) other.column->park();
      column.go_to(row_);
      read_column(i, 1, max_bytes - bytes);
    }
    if (progress_[i].error) return fail(*progress_[i].error);
    bytes += progress_[i].rows > 0 ? column.varying_bytes() : column.next_varying_bytes();
  }
  if (bytes <= max_bytes) return 1;
  return fail({.kind = ErrorKind::MemoryLimit,
               .where = {.location = location_},
               .message = fmt::format("the next row takes {}", format_bytes(bytes)),
               .hint = "raise the memory limit, or leave its largest column out",
               .memory = MemoryShortage{.limit_bytes = context_.budget->limit_bytes(),
                                        .used_bytes = context_.budget->used_bytes(),
                                        .needed_bytes = needed(bytes),
                                        .holdings = context_.budget->holdings()}});
}

}  // namespace polarway::pq
