#include "formats/ipc/batch_source.h"

#include <arrow/buffer.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/reader.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/arrow_status.h"
#include "core/format_bytes.h"
#include "formats/ipc/damaged.h"

namespace polarway::ipc {
namespace {

constexpr std::string_view kMagic = "ARROW1";
constexpr std::string_view kFeather1 = "FEA1";
constexpr std::int64_t kMagicBytes = 8;  // as a file begins, padded
constexpr std::int64_t kEndBytes = 10;   // the footer's length, and the magic again

}  // namespace

Result<std::unique_ptr<BatchSource>> BatchSource::open(std::unique_ptr<ByteStream> bytes,
                                                       const Context& context) {
  std::unique_ptr<BatchSource> made(new BatchSource(std::move(bytes), context));
  made->stream_.set_stop(context.stop);
  const auto look = [&]() -> Result<void> {
    POLARWAY_CHECK(made->find_format());
    return made->read_schema();
  };
  Result<void> looked = look();
  if (looked) return made;
  ErrorPlace& where = looked.error().where;
  if (where.location.empty()) where.location = made->bytes().location();
  return fail(std::move(looked.error()));
}

Result<void> BatchSource::find_format() {
  std::array<std::uint8_t, kMagicBytes> first{};
  POLARWAY_TRY(const std::int64_t got, stream_.peek(first));
  if (got == 0) {
    return fail({.kind = ErrorKind::EmptySource,
                 .message = "there is nothing in it",
                 .hint = "an empty table still has a schema"});
  }
  const std::string_view begin(reinterpret_cast<const char*>(first.data()),
                               static_cast<std::size_t>(got));
  if (begin.starts_with(kFeather1)) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .message = "this is version 1 of Feather",
                 .hint = "write it anew, as version 2, which is Arrow IPC"});
  }
  POLARWAY_TRY(map_, stream_.bytes().map());
  if (begin.starts_with(kMagic)) {
    next_offset_ = kMagicBytes;
    // Where there is no way to its end, a file is read as the stream that is in it.
    return can_go_back() ? read_footer() : Result<void>();
  }
  std::uint32_t length = 0;
  std::memcpy(&length, first.data(), sizeof(length));
  constexpr std::uint32_t kContinues = 0xFFFFFFFF;
  constexpr std::uint32_t kMostPlausible = 1 << 28;
  if (got == kMagicBytes && (length == kContinues || length <= kMostPlausible)) return {};
  return fail({.kind = ErrorKind::Parse,
               .where = {.byte_offset = 0},
               .message = "this is no Arrow IPC, neither a file nor a stream",
               .hint = "name the kind that it is"});
}

Result<void> BatchSource::read_footer() {
  const std::int64_t size = *stream_.size();
  if (size < kMagicBytes + kEndBytes) return damaged("the file is truncated");
  std::array<std::uint8_t, kEndBytes> end{};
  POLARWAY_CHECK(stream_.go_to(size - kEndBytes));
  POLARWAY_CHECK(stream_.read(end));
  std::int32_t length = 0;
  std::memcpy(&length, end.data(), sizeof(length));
  const std::string_view magic(reinterpret_cast<const char*>(end.data()) + sizeof(length),
                               kMagic.size());
  if (magic != kMagic) return damaged("the file is truncated: its footer is missing");
  if (length <= 0 || length > size - kEndBytes - kMagicBytes) {
    return damaged(fmt::format("the footer says that it has {} bytes", length));
  }
  POLARWAY_TRY(footer_lease_, budget_->reserve(4 * std::int64_t{length}, LeaseHolder::Reader));
  POLARWAY_TRY(const auto raw, from_arrow(arrow::AllocateBuffer(length, budget_->arrow_pool())));
  const std::span bytes(raw->mutable_data(), static_cast<std::size_t>(length));
  POLARWAY_CHECK(stream_.go_to(size - kEndBytes - length));
  POLARWAY_CHECK(stream_.read(bytes));
  POLARWAY_TRY(footer_, parse_footer(bytes));
  has_list_ = true;
  end_batch_ = static_cast<std::int64_t>(footer_.batches.size());
  return {};
}

// Of a file the footer has it, for not all who write files begin them as a stream.
Result<void> BatchSource::read_schema() {
  std::shared_ptr<arrow::Buffer> metadata = arrow::Buffer::Wrap(footer_.schema_message);
  if (!has_list_) {
    POLARWAY_TRY(const std::optional<MessageMetadata> message, next_message());
    if (!message || message->kind != MessageMetadata::Kind::Schema) {
      return damaged("it does not begin with a schema");
    }
    metadata = stream_.raw_metadata();
  }
  POLARWAY_TRY(const auto of_arrow, from_arrow(arrow::ipc::Message::Open(metadata, nullptr)));
  arrow::ipc::DictionaryMemo memo;
  POLARWAY_TRY(const std::shared_ptr<arrow::Schema> schema,
               from_arrow(arrow::ipc::ReadSchema(*of_arrow, &memo)));
  if (schema->endianness() != arrow::Endianness::Native) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .message = "its numbers are big-endian",
                 .hint = "write it anew on a little-endian machine"});
  }
  POLARWAY_TRY(columns_, find_columns(*schema, memo));
  footer_.schema_message = {};
  footer_lease_.shrink_to(footer_lease_.bytes() / 4);
  return {};
}

void BatchSource::want(std::size_t column) {
  wanted_.push_back(column);
  dictionaries_.want(columns_[column].layout);
}

Result<void> BatchSource::go_to(std::int64_t batch, std::optional<std::int64_t> end) {
  if (end) end_batch_ = std::min(end_batch_, *end);
  if (has_list_) {
    next_batch_ = batch;
    return read_dictionaries();
  }
  // A stream says only on its way where its batches are, and what its dictionaries have become.
  while (next_batch_ < batch) {
    POLARWAY_TRY(const std::optional<MessageMetadata> message, next_message());
    if (!message) {
      end_batch_ = next_batch_;
      break;
    }
    if (message->kind == MessageMetadata::Kind::RecordBatch) ++next_batch_;
    if (message->kind == MessageMetadata::Kind::Dictionary)
      POLARWAY_CHECK(add_dictionary(*message));
  }
  return {};
}

Result<void> BatchSource::read_dictionaries() {
  for (const std::int64_t offset : footer_.dictionaries) {
    POLARWAY_TRY(const MessageMetadata message, message_at(offset));
    if (message.kind != MessageMetadata::Kind::Dictionary) {
      return damaged("where its footer says that a dictionary is there is none");
    }
    if (dictionaries_.has(message.dictionary_id) && !message.is_delta) {
      return damaged(fmt::format("dictionary {} is there twice", message.dictionary_id));
    }
    POLARWAY_CHECK(add_dictionary(message));
  }
  return {};
}

// The message behind the last one.
Result<std::optional<MessageMetadata>> BatchSource::next_message() {
  POLARWAY_CHECK(stream_.go_to(next_offset_));
  POLARWAY_TRY(std::optional<MessageMetadata> message, stream_.next());
  if (message) next_offset_ = stream_.offset() + message->body_bytes;
  return message;
}

Result<MessageMetadata> BatchSource::message_at(std::int64_t offset) {
  POLARWAY_CHECK(stream_.go_to(offset));
  POLARWAY_TRY(std::optional<MessageMetadata> message, stream_.next());
  if (message) return *std::move(message);
  return damaged("where its footer says that a message is there is none");
}

Result<std::unique_ptr<Body>> BatchSource::body_of(const MessageMetadata& message,
                                                   std::int64_t offset,
                                                   const std::vector<bool>& wanted) {
  if (message.batch.codec == BodyCodec::None && map_) {
    return body_in_map(map_, offset, message.batch.buffers);
  }
  if (message.batch.codec == BodyCodec::None && can_go_back()) {
    return body_in_file(stream_, offset, message.batch.buffers);
  }
  POLARWAY_CHECK(stream_.go_to(offset));
  return load_body(stream_, message, wanted, budget_);
}

Result<void> BatchSource::add_dictionary(const MessageMetadata& message) {
  if (!dictionaries_.wants(message.dictionary_id)) return {};
  const std::vector<bool> all(message.batch.buffers.size(), true);
  const auto add = [&]() -> Result<void> {
    POLARWAY_TRY(const auto body, body_of(message, stream_.offset(), all));
    return dictionaries_.add(message, *body);
  };
  Result<void> added = add();
  if (!added) {
    added.error().message =
        fmt::format("dictionary {}: {}", message.dictionary_id, added.error().message);
  }
  return added;
}

Result<std::unique_ptr<OpenBatch>> BatchSource::next() {
  if (next_batch_ >= end_batch_) return nullptr;
  auto batch = std::make_unique<OpenBatch>();
  if (has_list_) {
    POLARWAY_TRY(batch->message,
                 message_at(footer_.batches[static_cast<std::size_t>(next_batch_)]));
  }
  while (!has_list_) {
    POLARWAY_TRY(std::optional<MessageMetadata> message, next_message());
    if (!message) {
      end_batch_ = next_batch_;
      return nullptr;
    }
    batch->message = *std::move(message);
    if (batch->message.kind != MessageMetadata::Kind::Dictionary) break;
    POLARWAY_CHECK(add_dictionary(batch->message));
  }
  batch->number = next_batch_;
  batch->body_offset = stream_.offset();
  if (batch->message.kind != MessageMetadata::Kind::RecordBatch) {
    return damaged(fmt::format("where record batch {} should be is something else", next_batch_));
  }
  if (Result<void> found = find_buffers(*batch); !found) {
    found.error().message =
        fmt::format("record batch {}: {}", batch->number, found.error().message);
    return fail(std::move(found.error()));
  }
  ++next_batch_;
  return batch;
}

// Where the wanted columns are in a batch.
Result<void> BatchSource::find_buffers(OpenBatch& batch) const {
  const BatchMetadata& metadata = batch.message.batch;
  std::vector<Cursor> begins(1);
  for (const Column& column : columns_) {
    Cursor cursor = begins.back();
    if (cursor.node < metadata.nodes.size() &&
        metadata.nodes[cursor.node].length != metadata.num_rows) {
      return damaged(fmt::format("it has {} rows, and a column with {}", metadata.num_rows,
                                 metadata.nodes[cursor.node].length));
    }
    POLARWAY_CHECK(skip_column(metadata, batch.message.has_union_bitmaps, column.layout, cursor));
    begins.push_back(cursor);
  }
  batch.wanted.assign(metadata.buffers.size(), false);
  for (const std::size_t column : wanted_) {
    batch.cursors.push_back(begins[column]);
    for (std::size_t i = begins[column].buffer; i < begins[column + 1].buffer; ++i) {
      batch.wanted[i] = true;
    }
  }
  return {};
}

Result<void> BatchSource::open_body(OpenBatch& batch) {
  if (batch.body) return {};
  Result<std::unique_ptr<Body>> body = body_of(batch.message, batch.body_offset, batch.wanted);
  if (body) {
    batch.body = *std::move(body);
    return {};
  }
  SourceError& error = body.error();
  if (error.kind == ErrorKind::MemoryLimit && error.memory) {
    error.message = fmt::format("its wanted columns take {}, as they are held for a whole batch",
                                format_bytes(error.memory->needed_bytes));
    error.hint = "ask for fewer columns, allow more memory, or have it written in smaller batches";
  }
  return fail(std::move(error));
}

Result<std::vector<BatchSource::Size>> BatchSource::sizes() {
  std::vector<Size> sizes;
  sizes.reserve(footer_.batches.size());
  for (const std::int64_t offset : footer_.batches) {
    POLARWAY_TRY(const MessageMetadata message, message_at(offset));
    sizes.push_back({.rows = message.batch.num_rows, .bytes = message.body_bytes});
  }
  return sizes;
}

}  // namespace polarway::ipc
