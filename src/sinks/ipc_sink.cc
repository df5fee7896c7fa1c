#include "sinks/ipc_sink.h"

#include <arrow/array/array_base.h>
#include <arrow/array/concatenate.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>
#include <arrow/util/compression.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/arrow_status.h"
#include "core/leased_batch.h"
#include "sinks/checked_sink.h"

namespace polarway {
namespace {

constexpr std::int64_t kMinBatchBytes = 64 << 10;
constexpr std::int64_t kMaxBatchBytes = 4 << 20;
constexpr std::int64_t kPartOfBudget = 24;
// Rows gathered, the batch made of them, and what it is compressed to; and once more for each size
// that blocks are rounded up to.
constexpr std::int64_t kCopies = 4;

// What Arrow's writer writes to. The Output is the sink's.
class IpcStream final : public arrow::io::OutputStream {
 public:
  explicit IpcStream(Output& output) : output_(output) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<std::int64_t> Tell() const override { return output_.bytes(); }
  arrow::Status Write(const void* data, std::int64_t num_bytes) override {
    if (closed_) return arrow::Status::IOError("the output is closed");
    Result<void> written =
        output_.append({static_cast<const char*>(data), static_cast<std::size_t>(num_bytes)});
    if (written) return arrow::Status::OK();
    closed_ = true;
    error_ = std::move(written.error());
    return arrow::Status::IOError(error_->message);
  }
  using Writable::Write;

  // What the Output said when it failed: more than Arrow's Status can hold.
  const std::optional<SourceError>& error() const { return error_; }

 private:
  Output& output_;
  bool closed_ = false;
  std::optional<SourceError> error_;
};

class IpcSink final : public CheckedSink {
 public:
  IpcSink(std::shared_ptr<arrow::Schema> schema, std::unique_ptr<Output> output, MemoryLease lease,
          std::int64_t batch_bytes)
      : CheckedSink(std::move(schema), std::move(output)),
        lease_(std::move(lease)),
        batch_bytes_(batch_bytes),
        stream_(std::make_shared<IpcStream>(this->output())) {}

  Result<void> start(const arrow::ipc::IpcWriteOptions& options) {
    pool_ = options.memory_pool;
    POLARWAY_TRY(writer_, said_by_output(
                              from_arrow(arrow::ipc::MakeFileWriter(stream_, schema(), options))));
    return {};
  }

  std::int64_t bytes_written() const override { return output().bytes(); }

 private:
  Result<void> write_rows(const arrow::RecordBatch& batch) override {
    POLARWAY_TRY(const std::int64_t bytes, from_arrow(arrow::util::ReferencedBufferSize(batch)));
    const std::int64_t row_bytes = std::max<std::int64_t>(1, bytes / batch.num_rows());
    const std::int64_t most_rows = std::max<std::int64_t>(1, batch_bytes_ / row_bytes);
    for (std::int64_t row = 0; row < batch.num_rows(); row += most_rows) {
      const auto piece = batch.Slice(row, most_rows);
      const std::int64_t piece_bytes = row_bytes * piece->num_rows();
      if (gathered_.empty() && piece_bytes >= batch_bytes_ / 2) {
        POLARWAY_CHECK(write_batch(*piece));
        continue;
      }
      POLARWAY_CHECK(gather(*piece));
      gathered_bytes_ += piece_bytes;
      if (gathered_bytes_ >= batch_bytes_) POLARWAY_CHECK(write_gathered());
    }
    return {};
  }

  // A copy, since what the frame's buffers are paid from is not ours to keep.
  Result<void> gather(const arrow::RecordBatch& piece) {
    POLARWAY_TRY(auto copy, joined({&piece}));
    gathered_.push_back(std::move(copy));
    return {};
  }

  Result<void> write_gathered() {
    if (gathered_.empty()) return {};
    std::vector<const arrow::RecordBatch*> pieces;
    for (const auto& piece : gathered_) pieces.push_back(piece.get());
    std::shared_ptr<arrow::RecordBatch> batch = gathered_.front();
    if (pieces.size() > 1) {
      POLARWAY_TRY(batch, joined(pieces));
    }
    gathered_.clear();
    gathered_bytes_ = 0;
    return write_batch(*batch);
  }

  Result<std::shared_ptr<arrow::RecordBatch>> joined(
      const std::vector<const arrow::RecordBatch*>& pieces) {
    std::int64_t rows = 0;
    for (const arrow::RecordBatch* piece : pieces) rows += piece->num_rows();
    arrow::ArrayVector columns;
    for (int i = 0; i < schema()->num_fields(); ++i) {
      arrow::ArrayVector parts;
      for (const arrow::RecordBatch* piece : pieces) parts.push_back(piece->column(i));
      POLARWAY_TRY(auto column, from_arrow(arrow::Concatenate(parts, pool_)));
      columns.push_back(std::move(column));
    }
    return arrow::RecordBatch::Make(schema(), rows, std::move(columns));
  }

  Result<void> write_batch(const arrow::RecordBatch& batch) {
    Result<void> written = said_by_output(from_arrow(writer_->WriteRecordBatch(batch)));
    if (!written && written.error().kind == ErrorKind::Parse) {
      // So Arrow says of a dictionary that is another one.
      written.error().kind = ErrorKind::Schema;
      written.error().hint = "a file has one dictionary for a column: write parquet or csv";
    }
    return written;
  }

  template <class T>
  Result<T> said_by_output(Result<T> result) const {
    if (result) return result;
    if (stream_->error()) return fail(*stream_->error());
    if (result.error().where.location.empty()) result.error().where.location = output().location();
    return result;
  }

  Result<void> finish_rows() override {
    POLARWAY_CHECK(write_gathered());
    return said_by_output(from_arrow(writer_->Close()));
  }

  Result<std::string> sync_rows() override { return unsupported("has no point to go on from"); }
  Result<void> resume_rows(const std::string&) override {
    return fail(unsupported("cannot be gone on with").error());
  }
  Result<std::string> unsupported(const char* fact) const {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .where = {.location = output().location()},
                 .message = std::string("an unfinished Arrow file ") + fact +
                            ", because the list of its batches comes last",
                 .hint = "write csv to have checkpoints"});
  }

  void drop_rows() override {
    writer_.reset();
    gathered_.clear();
    lease_.release();
  }

  MemoryLease lease_;
  std::int64_t batch_bytes_;
  arrow::MemoryPool* pool_ = nullptr;
  std::shared_ptr<IpcStream> stream_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
  std::vector<std::shared_ptr<arrow::RecordBatch>> gathered_;
  std::int64_t gathered_bytes_ = 0;
};

std::int64_t batch_bytes_of(const IpcSinkOptions& options, std::int64_t available_bytes) {
  if (options.batch_bytes) return options.batch_bytes->value;
  return std::clamp(available_bytes / kPartOfBudget, kMinBatchBytes, kMaxBatchBytes);
}

Result<IpcSinkOptions> parse_options(const SinkConfig& config) {
  POLARWAY_TRY(IpcSinkOptions options, ipc_sink_options().parse(config.options));
  if (options.batch_bytes && options.batch_bytes->value < kMinBatchBytes) {
    return fail(about_option("batch_bytes", {.kind = ErrorKind::Config,
                                             .message = "is less than 64 KiB",
                                             .hint = "give at least 64 KiB"}));
  }
  return options;
}

}  // namespace

const OptionTable<IpcSinkOptions>& ipc_sink_options() {
  static const OptionTable<IpcSinkOptions> table = [] {
    OptionTable<IpcSinkOptions> made;
    made.add_choice("compression", &IpcSinkOptions::compression,
                    "Of each buffer. What is compressed cannot be read in place.",
                    {{"none", arrow::Compression::UNCOMPRESSED},
                     {"lz4", arrow::Compression::LZ4_FRAME},
                     {"zstd", arrow::Compression::ZSTD},
                     {"uncompressed", arrow::Compression::UNCOMPRESSED}})
        .add("batch_bytes", &IpcSinkOptions::batch_bytes,
             "About the size of a record batch; none: 4 MiB, or less where the memory limit is "
             "small.");
    return made;
  }();
  return table;
}

Result<std::unique_ptr<Sink>> make_ipc_sink(const SinkConfig& config, const OpenOutput& open) {
  POLARWAY_TRY(const IpcSinkOptions options, parse_options(config));
  const std::int64_t batch_bytes = batch_bytes_of(options, config.budget->available_bytes());
  arrow::ipc::IpcWriteOptions write = arrow::ipc::IpcWriteOptions::Defaults();
  write.memory_pool = config.budget->arrow_pool();
  write.use_threads = false;
  write.emit_dictionary_deltas = true;
  if (options.compression != arrow::Compression::UNCOMPRESSED) {
    POLARWAY_TRY(auto codec, from_arrow(arrow::util::Codec::Create(options.compression)));
    write.codec = std::move(codec);
  }
  POLARWAY_TRY(MemoryLease lease, config.budget->reserve(kCopies * batch_bytes, LeaseHolder::Sink));
  POLARWAY_TRY(std::unique_ptr<Output> output, open());
  auto sink = std::make_unique<IpcSink>(config.schema.arrow(), std::move(output), std::move(lease),
                                        batch_bytes);
  POLARWAY_CHECK(sink->start(write));
  return std::unique_ptr<Sink>(std::move(sink));
}

Result<std::int64_t> ipc_sink_working_set_bytes(const SinkConfig& config) {
  POLARWAY_TRY(const IpcSinkOptions options, parse_options(config));
  return kCopies * batch_bytes_of(options, 0);
}

}  // namespace polarway
