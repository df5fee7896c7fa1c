#include "sinks/checked_sink.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <utility>

#include "core/quoted_text.h"

namespace polarway {
namespace {

SourceError misuse(const Output& output, std::string message) {
  return {.kind = ErrorKind::UnsupportedOperation,
          .where = {.location = output.location(), .row = {}, .byte_offset = {}, .column = {}},
          .message = std::move(message),
          .hint = "make a new sink",
          .memory = {}};
}

}  // namespace

CheckedSink::CheckedSink(std::shared_ptr<arrow::Schema> schema, std::unique_ptr<Output> output)
    : schema_(std::move(schema)), output_(std::move(output)) {}

Result<void> CheckedSink::write(const DataFrame& frame) {
  if (error_) return fail(*error_);
  const arrow::RecordBatch& batch = *frame.arrow();
  Result<void> written = check_schema(*batch.schema());
  if (written && batch.num_rows() > 0) written = write_rows(batch);
  if (!written) return fail(failed(std::move(written.error())));
  rows_ += batch.num_rows();
  return {};
}

Result<SinkPosition> CheckedSink::sync() {
  if (error_) return fail(*error_);
  Result<std::string> position = sync_rows();
  if (!position) return fail(failed(std::move(position.error())));
  return SinkPosition{*std::move(position), rows_};
}

Result<void> CheckedSink::resume(const SinkPosition& position) {
  if (error_) return fail(*error_);
  if (rows_ > 0) return fail(misuse(*output_, "rows have been written: too late to resume"));
  if (Result<void> resumed = resume_rows(position.position); !resumed) {
    return fail(failed(std::move(resumed.error())));
  }
  rows_ = position.rows;
  return {};
}

Result<void> CheckedSink::finish() {
  if (error_) return fail(*error_);
  Result<void> finished = finish_rows();
  if (finished) finished = output_->commit();
  if (!finished) return fail(failed(std::move(finished.error())));
  over_ = true;
  error_ = misuse(*output_, "the sink is finished");
  drop_rows();
  return {};
}

void CheckedSink::abort() {
  if (over_) return;
  over_ = true;
  drop_rows();
  output_->abort();
  error_ = misuse(*output_, "the sink was aborted");
}

Result<void> CheckedSink::check_schema(const arrow::Schema& schema) const {
  if (&schema == schema_.get()) return {};
  std::string column;
  std::string message;
  if (schema.num_fields() != schema_->num_fields()) {
    message = fmt::format("the frame has {} columns and the sink was made for {}",
                          schema.num_fields(), schema_->num_fields());
  }
  for (int i = 0; message.empty() && i < schema.num_fields(); ++i) {
    const arrow::Field& got = *schema.field(i);
    const arrow::Field& expected = *schema_->field(i);
    if (got.name() == expected.name() && got.type()->Equals(*expected.type())) continue;
    column = expected.name();
    message = fmt::format("the frame has {} of type {} and the sink was made for type {}",
                          shorten(got.name()), got.type()->ToString(), expected.type()->ToString());
  }
  if (message.empty()) return {};
  return fail({.kind = ErrorKind::Schema,
               .where = {.location = output_->location(),
                         .row = {},
                         .byte_offset = {},
                         .column = std::move(column)},
               .message = std::move(message),
               .hint = "give every frame of a sink the same columns",
               .memory = {}});
}

SourceError CheckedSink::failed(SourceError error) {
  if (error.kind != ErrorKind::UnsupportedOperation) error_ = error;
  return error;
}

}  // namespace polarway
