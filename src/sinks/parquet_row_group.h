#pragma once

#include <arrow/type_fwd.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_writer.h>
#include <parquet/properties.h>

#include <cstdint>
#include <memory>
#include <string>

#include "polarway/result.h"
#include "sinks/parquet_stream.h"

namespace polarway {

/// How all row groups of a file are written.
struct RowGroupFormat {
  std::shared_ptr<arrow::Schema> schema;
  std::shared_ptr<parquet::SchemaDescriptor> parquet_schema;
  std::shared_ptr<parquet::WriterProperties> properties;
  std::shared_ptr<parquet::ArrowWriterProperties> arrow_properties;
  std::shared_ptr<const arrow::KeyValueMetadata> metadata;  ///< Of the file.
};

/// One row group, written by a Parquet writer of its own and held in memory until close().
///
/// The writer thinks that it makes a whole file; ParquetStream drops its magic number, and its
/// footer is handed over instead of written. ParquetFooter says why.
class RowGroup {
 public:
  /// All memory but that of small objects comes from `pool`, which outlives the row group.
  static Result<std::unique_ptr<RowGroup>> open(const RowGroupFormat& format,
                                                std::shared_ptr<ParquetStream> stream,
                                                arrow::MemoryPool* pool);
  ~RowGroup();
  RowGroup(const RowGroup&) = delete;
  RowGroup& operator=(const RowGroup&) = delete;

  /// Adds rows: few, as pages are only closed between calls.
  Result<void> write(const arrow::RecordBatch& rows);
  /// Rows so far.
  std::int64_t num_rows() const { return num_rows_; }
  /// Bytes in pages, as compressed as they will be in the file, and in values that are not yet in
  /// one.
  std::int64_t bytes() const;
  /// Writes the row group, and returns the end of its file: page index, footer, length, magic
  /// number.
  Result<std::string> close();

 private:
  class Contents;
  RowGroup(std::shared_ptr<ParquetStream> stream) : stream_(std::move(stream)) {}

  std::shared_ptr<ParquetStream> stream_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  parquet::RowGroupWriter* columns_ = nullptr;  // of writer_; null before the first row
  std::int64_t num_rows_ = 0;
};

}  // namespace polarway
