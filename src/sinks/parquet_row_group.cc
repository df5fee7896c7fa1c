#include "sinks/parquet_row_group.h"

#include <arrow/record_batch.h>
#include <parquet/exception.h>
#include <parquet/schema.h>

#include <new>
#include <utility>

#include "core/arrow_status.h"

namespace polarway {
namespace {

// Parquet's own classes throw; no exception leaves this file.
template <class Work>
arrow::Status caught(Work work) {
  try {
    return work();
  } catch (const parquet::ParquetStatusException& error) {
    return error.status();
  } catch (const std::bad_alloc&) {
    return arrow::Status::OutOfMemory("the system has no memory left");
  } catch (const std::exception& error) {
    return arrow::Status::UnknownError(error.what());
  }
}

}  // namespace

// A file's contents that tell us which row group is being written: Arrow's FileWriter does not say
// how large its row group has become.
class RowGroup::Contents final : public parquet::ParquetFileWriter::Contents {
 public:
  Contents(std::unique_ptr<parquet::ParquetFileWriter> writer,
           const std::shared_ptr<parquet::schema::GroupNode>& schema,
           std::shared_ptr<const arrow::KeyValueMetadata> metadata, RowGroup& owner)
      : parquet::ParquetFileWriter::Contents(schema, std::move(metadata)),
        writer_(std::move(writer)),
        owner_(owner) {}

  void Close() override {
    writer_->Close();
    file_metadata_ = writer_->metadata();
  }
  parquet::RowGroupWriter* AppendRowGroup() override {
    return owner_.columns_ = writer_->AppendRowGroup();
  }
  parquet::RowGroupWriter* AppendBufferedRowGroup() override {
    return owner_.columns_ = writer_->AppendBufferedRowGroup();
  }
  std::int64_t num_rows() const override { return writer_->num_rows(); }
  int num_columns() const override { return writer_->num_columns(); }
  int num_row_groups() const override { return writer_->num_row_groups(); }
  const std::shared_ptr<parquet::WriterProperties>& properties() const override {
    return writer_->properties();
  }
  void AddKeyValueMetadata(
      const std::shared_ptr<const arrow::KeyValueMetadata>& metadata) override {
    writer_->AddKeyValueMetadata(metadata);
  }

 private:
  std::unique_ptr<parquet::ParquetFileWriter> writer_;
  RowGroup& owner_;
};

Result<std::unique_ptr<RowGroup>> RowGroup::open(const RowGroupFormat& format,
                                                 std::shared_ptr<ParquetStream> stream,
                                                 arrow::MemoryPool* pool) {
  std::unique_ptr<RowGroup> group(new RowGroup(std::move(stream)));
  POLARWAY_CHECK(from_arrow(caught([&] {
    const auto schema =
        std::static_pointer_cast<parquet::schema::GroupNode>(format.parquet_schema->schema_root());
    group->stream_->begin_file();
    auto contents =
        std::make_unique<Contents>(parquet::ParquetFileWriter::Open(
                                       group->stream_, schema, format.properties, format.metadata),
                                   schema, format.metadata, *group);
    auto writer = std::make_unique<parquet::ParquetFileWriter>();
    writer->Open(std::move(contents));
    return parquet::arrow::FileWriter::Make(pool, std::move(writer), format.schema,
                                            format.arrow_properties, &group->writer_);
  })));
  return group;
}

// Closing would write what is left: by now nobody wants it.
RowGroup::~RowGroup() {
  if (writer_) stream_->stop();
}

Result<void> RowGroup::write(const arrow::RecordBatch& rows) {
  POLARWAY_CHECK(from_arrow(caught([&] { return writer_->WriteRecordBatch(rows); })));
  num_rows_ += rows.num_rows();
  return {};
}

std::int64_t RowGroup::bytes() const {
  if (columns_ == nullptr) return 0;
  const parquet::RowGroupWriter::BufferedStats buffered = columns_->estimated_buffered_stats();
  return columns_->total_compressed_bytes_written() + columns_->total_compressed_bytes() +
         buffered.value_bytes + buffered.dict_bytes + buffered.def_level_bytes +
         buffered.rep_level_bytes;
}

Result<std::string> RowGroup::close() {
  POLARWAY_CHECK(from_arrow(caught([&] {
    if (columns_ != nullptr) columns_->Close();  // pages go to the file,
    stream_->hold_back();                        // the rest does not
    return writer_->Close();
  })));
  columns_ = nullptr;
  writer_.reset();
  return stream_->take_held();
}

}  // namespace polarway
