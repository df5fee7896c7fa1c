#include "sinks/checked_sink.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <utility>

#include "core/out_of_memory.h"
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

template <class Work>
std::invoke_result_t<Work&> CheckedSink::attempt(Work work) {
  return guard([&]() -> std::invoke_result_t<Work&> {
    POLARWAY_CHECK(check_usable());
    auto result = guard(work);
    if (result || result.error().kind == ErrorKind::UnsupportedOperation) return result;
    error_ = out_of_memory();  // should there be none to remember the whole error
    SourceError whole = result.error();
    error_ = std::move(whole);
    return result;
  });
}

Result<void> CheckedSink::write(const DataFrame& frame) {
  return attempt([&]() -> Result<void> {
    const arrow::RecordBatch& batch = *frame.arrow();
    POLARWAY_CHECK(check_schema(*batch.schema()));
    if (batch.num_rows() > 0) POLARWAY_CHECK(write_rows(batch));
    rows_ += batch.num_rows();
    return {};
  });
}

Result<SinkPosition> CheckedSink::sync() {
  return attempt([&]() -> Result<SinkPosition> {
    POLARWAY_TRY(std::string position, sync_rows());
    return SinkPosition{std::move(position), rows_};
  });
}

Result<void> CheckedSink::resume(const SinkPosition& position) {
  return attempt([&]() -> Result<void> {
    if (rows_ > 0) return fail(misuse(*output_, "rows have been written: too late to resume"));
    POLARWAY_CHECK(resume_rows(position.position));
    rows_ = position.rows;
    return {};
  });
}

Result<void> CheckedSink::finish() {
  return attempt([&]() -> Result<void> {
    POLARWAY_CHECK(finish_rows());
    POLARWAY_CHECK(output_->commit());
    end_ = End::Finished;
    drop_rows();
    return {};
  });
}

void CheckedSink::abort() {
  if (end_ != End::None) return;
  end_ = End::Aborted;
  drop_rows();
  output_->abort();
}

Result<void> CheckedSink::check_usable() const {
  if (end_ == End::Finished) return fail(misuse(*output_, "the sink is finished"));
  if (end_ == End::Aborted) return fail(misuse(*output_, "the sink was aborted"));
  if (error_) return fail(*error_);
  return {};
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

}  // namespace polarway
