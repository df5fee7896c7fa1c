#pragma once

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "formats/ipc/array_reader.h"
#include "formats/ipc/layout.h"
#include "formats/ipc/metadata.h"

namespace polarway::testing {

/// A column of some rows as a message of an Arrow stream has it, whose bytes a test may change.
class IpcColumn final : public ipc::Body {
 public:
  explicit IpcColumn(const std::shared_ptr<arrow::Array>& array) : array_(array) {
    const auto schema = arrow::schema({arrow::field("c", array->type())});
    const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
    const auto writer = arrow::ipc::MakeStreamWriter(sink, schema).ValueOrDie();
    const auto batch = arrow::RecordBatch::Make(schema, array->length(), {array});
    if (!writer->WriteRecordBatch(*batch).ok() || !writer->Close().ok()) {
      throw std::runtime_error("cannot write");
    }
    arrow::io::BufferReader reader(sink->Finish().ValueOrDie());
    while (const auto message = arrow::ipc::ReadMessage(&reader).ValueOrDie()) {
      if (message->type() == arrow::ipc::MessageType::SCHEMA) {
        const auto read = arrow::ipc::ReadSchema(*message, &memo_).ValueOrDie();
        layout_ = ipc::find_columns(*read, memo_)->front().layout;
      }
      if (message->type() == arrow::ipc::MessageType::RECORD_BATCH) {
        const auto& bytes = *message->metadata();
        metadata =
            ipc::parse_message({bytes.data(), static_cast<std::size_t>(bytes.size())})->batch;
        for (const ipc::BufferPlace& place : metadata.buffers) {
          buffers.emplace_back(
              reinterpret_cast<const char*>(message->body()->data()) + place.offset,
              static_cast<std::size_t>(place.length));
        }
      }
    }
  }
  IpcColumn(const std::shared_ptr<arrow::DataType>& type, const std::string& json)
      : IpcColumn(arrow::json::ArrayFromJSONString(type, json).ValueOrDie()) {}

  const std::shared_ptr<arrow::Array>& array() const { return array_; }

  std::int64_t size(std::size_t buffer) const override {
    return static_cast<std::int64_t>(buffers[buffer].size());
  }
  Result<void> copy(std::size_t buffer, std::int64_t offset,
                    std::span<std::uint8_t> into) override {
    std::memcpy(into.data(), buffers[buffer].data() + offset, into.size());
    return {};
  }
  std::shared_ptr<arrow::Buffer> share(std::size_t, std::int64_t, std::int64_t,
                                       std::int64_t) override {
    return nullptr;
  }

  /// Of these rows, what they would take; and what they are.
  Result<std::int64_t> measure(ipc::Rows rows, arrow::MemoryPool* pool) {
    return reader(pool).measure(layout_, {}, rows, INT64_MAX);
  }
  Result<std::shared_ptr<arrow::ArrayData>> read(
      ipc::Rows rows, arrow::MemoryPool* pool = arrow::default_memory_pool()) {
    return reader(pool).read(layout_, {}, rows);
  }

  /// Writes a number over that of a buffer.
  template <class T>
  void set(std::size_t buffer, std::size_t index, T value) {
    std::memcpy(buffers.at(buffer).data() + index * sizeof(T), &value, sizeof(T));
  }

  ipc::BatchMetadata metadata;
  std::vector<std::string> buffers;
  ipc::Dictionaries dictionaries;

 private:
  ipc::ArrayReader reader(arrow::MemoryPool* pool) {
    return {metadata, false, *this, dictionaries, pool};
  }

  std::shared_ptr<arrow::Array> array_;
  arrow::ipc::DictionaryMemo memo_;
  ipc::Layout layout_;
};

}  // namespace polarway::testing
