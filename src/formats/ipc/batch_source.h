#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "formats/ipc/array_reader.h"
#include "formats/ipc/dictionary_store.h"
#include "formats/ipc/layout.h"
#include "formats/ipc/message_stream.h"
#include "polarway/source.h"

namespace polarway::ipc {

/// A record batch that is being given out.
struct OpenBatch {
  MessageMetadata message;
  std::int64_t number = 0;  ///< Counted from 0.
  std::int64_t body_offset = 0;
  std::int64_t row = 0;         ///< The next.
  std::vector<Cursor> cursors;  ///< Of the wanted columns, in the order in which they were wanted.
  std::vector<bool> wanted;     ///< Of its buffers.
  std::unique_ptr<Body> body;   ///< When open_body() has been called.

  std::int64_t num_rows() const { return message.batch.num_rows; }
};

/// The record batches of an Arrow file or stream, one after the other, and the dictionaries that
/// they need.
///
/// Errors say which batch and dictionary it is, and the caller adds the location.
/// Threads: one caller at a time.
class BatchSource {
 public:
  /// Takes the bytes, looks what they are and reads their schema. EmptySource for no bytes, Parse
  /// for what is no Arrow IPC, UnsupportedOperation for what is not read.
  static Result<std::unique_ptr<BatchSource>> open(std::unique_ptr<ByteStream> bytes,
                                                   const Context& context);

  const std::vector<Column>& columns() const { return columns_; }
  /// From now on this column of every batch is wanted. Before the first batch.
  void want(std::size_t column);
  /// Goes to a batch, with the dictionaries as they are there; the batch at `end`, if any, is the
  /// end. Once, before next().
  Result<void> go_to(std::int64_t batch, std::optional<std::int64_t> end);

  /// The next batch; null at the end. What is in it is read when it is asked for.
  Result<std::unique_ptr<OpenBatch>> next();
  /// Makes the wanted buffers of the last batch ready for an ArrayReader. MemoryLimit where they
  /// have to be held and do not fit.
  Result<void> open_body(OpenBatch& batch);
  const Dictionaries& dictionaries() const { return dictionaries_.all(); }

  /// Whether it is a file that says where all batches are.
  bool has_list() const { return has_list_; }
  /// Rows and bytes of each batch of such a file.
  struct Size {
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
  };
  Result<std::vector<Size>> sizes();

  /// Changed when what was read in place has changed since.
  Result<void> check() const { return map_ ? map_->check() : Result<void>(); }
  MessageStream& stream() { return stream_; }
  const ByteStream& bytes() const { return stream_.bytes(); }
  /// So far, as stored. From any thread.
  std::int64_t bytes_read() const {
    return stream_.bytes().bytes_read() + (map_ ? map_->bytes_read() : 0);
  }
  /// Whether any message can be read again.
  bool can_go_back() const { return stream_.size().has_value(); }

 private:
  BatchSource(std::unique_ptr<ByteStream> bytes, const Context& context)
      : budget_(context.budget),
        stream_(std::move(bytes), context.budget),
        dictionaries_(context.budget) {}
  Result<void> find_format();
  Result<void> read_footer();
  Result<void> read_schema();
  Result<void> read_dictionaries();
  Result<std::optional<MessageMetadata>> next_message();
  Result<MessageMetadata> message_at(std::int64_t offset);
  Result<void> add_dictionary(const MessageMetadata& message);
  Result<void> find_buffers(OpenBatch& batch) const;
  Result<std::unique_ptr<Body>> body_of(const MessageMetadata& message, std::int64_t offset,
                                        const std::vector<bool>& wanted);

  std::shared_ptr<MemoryBudget> budget_;
  MessageStream stream_;
  std::shared_ptr<FileMap> map_;
  bool has_list_ = false;
  Footer footer_;
  MemoryLease footer_lease_;
  std::vector<Column> columns_;
  std::vector<std::size_t> wanted_;
  DictionaryStore dictionaries_;
  std::int64_t next_offset_ = 0;  // of the next message, in a stream
  std::int64_t next_batch_ = 0;
  std::int64_t end_batch_ = INT64_MAX;
};

}  // namespace polarway::ipc
