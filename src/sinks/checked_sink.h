#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "polarway/sink.h"
#include "sinks/output.h"

namespace polarway {

/// What all formats have in common: the schema is checked, rows are counted, the first error is
/// final, and nothing happens after finish() or abort(). UnsupportedOperation harms nothing.
class CheckedSink : public Sink {
 public:
  Result<void> write(const DataFrame& frame) final;
  Result<SinkPosition> sync() final;
  Result<void> resume(const SinkPosition& position) final;
  Result<void> finish() final;
  void abort() final;

 protected:
  CheckedSink(std::shared_ptr<arrow::Schema> schema, std::unique_ptr<Output> output);

  /// At least one row, of the right schema.
  virtual Result<void> write_rows(const arrow::RecordBatch& rows) = 0;
  /// Gives Output all that was written; the position in the format's words.
  virtual Result<std::string> sync_rows() = 0;
  virtual Result<void> resume_rows(const std::string& position) = 0;
  /// Gives Output what is left; the commit follows.
  virtual Result<void> finish_rows() = 0;
  /// The buffers may go; nothing may be written any more.
  virtual void drop_rows() = 0;

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  Output& output() { return *output_; }
  const Output& output() const { return *output_; }
  /// Written by earlier calls of write_rows().
  std::int64_t rows() const { return rows_; }

 private:
  Result<void> check_schema(const arrow::Schema& schema) const;
  Result<void> check_usable() const;
  /// Does it if the sink may be used. Remembers an error for ever, unless it is one that harms
  /// nothing.
  template <class Work>
  std::invoke_result_t<Work&> attempt(Work work);

  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<Output> output_;
  std::int64_t rows_ = 0;
  enum class End : std::uint8_t { None, Finished, Aborted };
  End end_ = End::None;
  std::optional<SourceError> error_;
};

}  // namespace polarway
