#pragma once

#include <arrow/buffer.h>

#include <cstdint>
#include <memory>
#include <string>

#include "sinks/checked_sink.h"
#include "sinks/text_buffer.h"

namespace polarway {

/// What text formats of one line a row have in common: a buffer in front of the output, and
/// positions behind the last line. A format writes the lines.
class TextSink : public CheckedSink {
 public:
  std::int64_t bytes_written() const final {
    return output().bytes() + (buffer_ ? buffer_->size() : 0);
  }

 protected:
  /// `format` is its name in positions and messages.
  TextSink(std::string format, std::shared_ptr<arrow::Schema> schema,
           std::unique_ptr<Output> output, std::unique_ptr<TextBuffer> buffer)
      : CheckedSink(std::move(schema), std::move(output)),
        format_(std::move(format)),
        buffer_(std::move(buffer)) {}

  TextBuffer& buffer() { return *buffer_; }

  /// Tells unfinished files apart that rows of this sink must not follow in.
  virtual std::uint64_t fingerprint() const = 0;
  /// What the lines were made with may go.
  virtual void drop_columns() = 0;

  /// The error for a value of a row, counted from 0, of the batch being written, that has no text.
  SourceError no_text(const arrow::RecordBatch& batch, int column, std::int64_t row,
                      std::string message, std::string hint) const;

  /// FNV-1a of the names of the columns, and of what else tells files apart.
  static std::uint64_t hash_of(const arrow::Schema& schema, std::string_view more);

 private:
  Result<std::string> sync_rows() final;
  Result<void> resume_rows(const std::string& position) final;
  Result<void> finish_rows() final { return buffer_->flush(); }
  void drop_rows() final;
  Result<void> bad_position(std::string message) const;

  std::string format_;
  std::unique_ptr<TextBuffer> buffer_;
};

}  // namespace polarway
