#include "sinks/parquet_sink.h"

#include <arrow/array.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/arrow_status.h"
#include "sinks/checked_sink.h"
#include "sinks/dictionary_choice.h"
#include "sinks/encode_crew.h"
#include "sinks/parquet_footer.h"
#include "sinks/parquet_layout.h"
#include "sinks/parquet_row_group.h"
#include "sinks/parquet_stream.h"

namespace polarway {
namespace {

constexpr std::int64_t kMaxRowsPerPiece = 8 << 10;
constexpr std::int64_t kMaxRowsPerGroup = 1 << 20;
constexpr std::int64_t kCopiesOfWideRow =
    6;  // page, page with levels, compressed, stream, each grown
constexpr std::int64_t kMinBytesPerTask = 4
                                          << 10;  // of a column's values: less is not worth a task

class ParquetSink final : public CheckedSink {
 public:
  ParquetSink(std::shared_ptr<arrow::Schema> schema, std::unique_ptr<Output> output,
              MemoryLease lease, std::unique_ptr<arrow::ProxyMemoryPool> pool,
              std::unique_ptr<EncodeCrew> crew, RowGroupFormat format, const ParquetSizes& sizes,
              arrow::Compression::type compression)
      : CheckedSink(std::move(schema), std::move(output)),
        lease_(std::move(lease)),
        pool_(std::move(pool)),
        crew_(std::move(crew)),
        format_(std::move(format)),
        sizes_(sizes),
        compression_(compression),
        stream_(std::make_shared<ParquetStream>(this->output())),
        footer_(this->output().scratch_folder()) {}

  std::int64_t bytes_written() const override { return output().bytes(); }

 private:
  Result<void> write_rows(const arrow::RecordBatch& batch) override {
    for (std::int64_t row = 0; row < batch.num_rows();) {
      // Twice the last piece at most, so that finding the rows that fit costs little.
      std::int64_t num_rows = std::min({kMaxRowsPerPiece, 2 * piece_rows_, batch.num_rows() - row});
      for (;; num_rows = (num_rows + 1) / 2) {
        const std::shared_ptr<arrow::RecordBatch> piece = batch.Slice(row, num_rows);
        POLARWAY_TRY(const std::int64_t bytes, bytes_of(*piece));
        if (bytes > sizes_.piece_bytes && num_rows > 1) continue;
        POLARWAY_CHECK(write_piece(*piece, bytes));
        break;
      }
      piece_rows_ = num_rows;
      row += num_rows;
    }
    return {};
  }

  static Result<std::int64_t> bytes_of(const arrow::RecordBatch& piece) {
    std::int64_t sum = 0;
    for (const auto& column : piece.columns()) {
      POLARWAY_TRY(const std::int64_t bytes, bytes_of(*column));
      sum += bytes;
    }
    return sum;
  }

  // What the writer has to take in: of a column with a dictionary, the indices.
  static Result<std::int64_t> bytes_of(const arrow::Array& column) {
    const std::int64_t length = column.length();
    if (column.type_id() == arrow::Type::STRING) {
      const auto& texts = static_cast<const arrow::StringArray&>(column);
      return texts.total_values_length() + length * static_cast<std::int64_t>(sizeof(std::int32_t));
    }
    if (arrow::is_fixed_width(column.type_id())) {
      return length * column.type()->bit_width() / 8;
    }
    return from_arrow(arrow::util::ReferencedBufferSize(column));
  }

  Result<void> write_piece(const arrow::RecordBatch& piece, std::int64_t bytes) {
    if (group_ && (group_->bytes() >= sizes_.row_group_bytes ||
                   group_->num_rows() + piece.num_rows() > kMaxRowsPerGroup)) {
      POLARWAY_CHECK(close_group());
    }
    if (bytes > sizes_.piece_bytes) {
      const std::int64_t needed = sizes_.lease_bytes + kCopiesOfWideRow * bytes;
      POLARWAY_CHECK(lease_.grow(needed - lease_.bytes()));
    }
    if (!group_) {
      choose_dictionaries(piece, bytes);
      POLARWAY_TRY(group_, said_by_output(RowGroup::open(format_, stream_, pool_.get())));
    }
    if (crew_) crew_->expect(static_cast<std::size_t>(piece.num_columns()));
    POLARWAY_CHECK(said_by_output(group_->write(piece)));
    if (pool_->bytes_allocated() > lease_.bytes()) lease_.settle_at(pool_->bytes_allocated());
    return {};
  }

  // By the first rows of each row group: what a stream is like may change.
  void choose_dictionaries(const arrow::RecordBatch& first_rows, std::int64_t bytes) {
    const std::int64_t row_bytes = std::max<std::int64_t>(bytes / first_rows.num_rows(), 1);
    const std::int64_t num_rows = std::min(sizes_.row_group_bytes / row_bytes, kMaxRowsPerGroup);
    std::vector<std::string> without;
    for (int i = 0; i < first_rows.num_columns(); ++i) {
      if (dictionary_pays(*first_rows.column(i), num_rows, sizes_.dictionary_bytes)) continue;
      without.push_back(schema()->field(i)->name());
    }
    format_.properties = parquet_properties(sizes_, compression_, without, pool_.get());
  }

  Result<void> close_group() {
    POLARWAY_TRY(const std::string end, said_by_output(group_->close()));
    group_.reset();
    POLARWAY_TRY(const std::string_view page_index, footer_.add(end, output().location()));
    POLARWAY_CHECK(output().append(page_index));
    lease_.shrink_to(sizes_.lease_bytes);
    return {};
  }

  // What the output said when it failed, rather than what Arrow made of it.
  template <class T>
  Result<T> said_by_output(Result<T> result) const {
    if (result) return result;
    if (stream_->error()) return fail(*stream_->error());
    if (result.error().where.location.empty()) result.error().where.location = output().location();
    return result;
  }

  Result<void> finish_rows() override {
    if (!group_ && footer_.num_row_groups() == 0) {
      POLARWAY_TRY(group_, said_by_output(RowGroup::open(format_, stream_, pool_.get())));
    }
    if (group_) POLARWAY_CHECK(close_group());
    return footer_.write_to(output());
  }

  Result<std::string> sync_rows() override { return unsupported("has no point to go on from"); }
  Result<void> resume_rows(const std::string&) override {
    const Result<std::string> refused = unsupported("cannot be gone on with");
    return fail(refused.error());
  }

  Result<std::string> unsupported(const char* fact) const {
    return fail(
        {.kind = ErrorKind::UnsupportedOperation,
         .where = {.location = output().location(), .row = {}, .byte_offset = {}, .column = {}},
         .message =
             std::string("an unfinished Parquet file ") + fact + ", because its footer comes last",
         .hint = "write csv to have checkpoints",
         .memory = {}});
  }

  void drop_rows() override {
    stream_->stop();
    group_.reset();
    lease_.release();
  }

  MemoryLease lease_;
  std::unique_ptr<arrow::ProxyMemoryPool> pool_;  // of the budget's, to see what the writer takes
  std::unique_ptr<EncodeCrew> crew_;              // null: columns are encoded one by one
  RowGroupFormat format_;
  ParquetSizes sizes_;
  arrow::Compression::type compression_;
  std::shared_ptr<ParquetStream> stream_;
  ParquetFooter footer_;
  std::unique_ptr<RowGroup> group_;
  std::int64_t piece_rows_ = kMaxRowsPerPiece;  // of the last piece
};

std::unique_ptr<EncodeCrew> make_crew(const SinkConfig& config, const ParquetSizes& sizes) {
  const std::int64_t num_columns = config.schema.num_fields();
  const int num_helpers = Executor::global()->num_threads() - 1;
  if (!config.parallel || num_helpers == 0 || num_columns < 2 ||
      sizes.piece_bytes / num_columns < kMinBytesPerTask) {
    return nullptr;
  }
  return std::make_unique<EncodeCrew>(Executor::global(), num_helpers);
}

}  // namespace

Result<std::unique_ptr<Sink>> make_parquet_sink(const SinkConfig& config, const OpenOutput& open) {
  POLARWAY_TRY(const ParquetSinkOptions options, parse_parquet_sink_options(config.options));
  const std::shared_ptr<arrow::Schema>& schema = config.schema.arrow();
  const ParquetSizes sizes =
      parquet_sizes(num_leaves(*schema), options, config.budget->available_bytes());
  auto pool = std::make_unique<arrow::ProxyMemoryPool>(config.budget->arrow_pool());
  std::unique_ptr<EncodeCrew> crew = make_crew(config, sizes);
  POLARWAY_TRY(RowGroupFormat format,
               parquet_format(schema, sizes, options.compression, pool.get(), crew.get()));
  POLARWAY_TRY(MemoryLease lease, config.budget->reserve(sizes.lease_bytes, LeaseHolder::Sink));
  POLARWAY_TRY(std::unique_ptr<Output> output, open());
  return std::unique_ptr<Sink>(new ParquetSink(schema, std::move(output), std::move(lease),
                                               std::move(pool), std::move(crew), std::move(format),
                                               sizes, options.compression));
}

Result<std::int64_t> parquet_sink_working_set_bytes(const SinkConfig& config) {
  constexpr int kUnknownColumns = 16;
  POLARWAY_TRY(const ParquetSinkOptions options, parse_parquet_sink_options(config.options));
  const int leaves = num_leaves(*config.schema.arrow());
  return parquet_sizes(leaves > 0 ? leaves : kUnknownColumns, options, 0).lease_bytes;
}

}  // namespace polarway
