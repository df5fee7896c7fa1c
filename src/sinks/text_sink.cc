#include "sinks/text_sink.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace polarway {

std::uint64_t TextSink::hash_of(const arrow::Schema& schema, std::string_view more) {
  std::uint64_t hash = 14695981039346656037u;
  const auto mix = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211u;
    hash = (hash ^ 0xFF) * 1099511628211u;  // no byte of UTF-8: ends the text
  };
  mix(more);
  for (const auto& field : schema.fields()) mix(field->name());
  return hash;
}

SourceError TextSink::no_text(const arrow::RecordBatch& batch, int column, std::int64_t row,
                              std::string message, std::string hint) const {
  return {.kind = ErrorKind::Schema,
          .where = {.location = output().location(),
                    .row = rows() + row + 1,
                    .byte_offset = {},
                    .column = batch.schema()->field(column)->name()},
          .message = std::move(message),
          .hint = std::move(hint),
          .memory = {}};
}

Result<std::string> TextSink::sync_rows() {
  POLARWAY_CHECK(buffer_->flush());
  POLARWAY_TRY(const std::string token, output().sync());
  return fmt::format("{} 1 {} {} {:016x}", format_, token, output().bytes(), fingerprint());
}

Result<void> TextSink::resume_rows(const std::string& position) {
  char token[64];
  long long bytes = 0;
  unsigned long long columns = 0;
  int length = 0;
  const std::string wanted = format_ + " 1 %63s %lld %llx%n";
  if (std::sscanf(position.c_str(), wanted.c_str(), token, &bytes, &columns, &length) != 3 ||
      static_cast<std::size_t>(length) != position.size() || bytes < 0) {
    return bad_position("this is no position of a " + format_ + " sink");
  }
  if (columns != fingerprint()) {
    return bad_position("the unfinished file has other columns or is written otherwise");
  }
  POLARWAY_CHECK(output().resume(token, bytes));
  buffer_->clear();  // what begins the file is in it
  return {};
}

Result<void> TextSink::bad_position(std::string message) const {
  return fail(
      {.kind = ErrorKind::Changed,
       .where = {.location = output().location(), .row = {}, .byte_offset = {}, .column = {}},
       .message = std::move(message),
       .hint = "start again without the checkpoint",
       .memory = {}});
}

void TextSink::drop_rows() {
  buffer_.reset();
  drop_columns();
}

}  // namespace polarway
