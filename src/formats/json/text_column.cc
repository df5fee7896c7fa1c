#include "formats/json/text_column.h"

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/type.h>

#include <cstring>
#include <utility>

#include "formats/json/container_scan.h"
#include "formats/json/plain_text.h"
#include "formats/json/string_text.h"

namespace polarway::json {
TextColumn::TextColumn(bool takes_all, ColumnContext& context)
    : JsonColumn(context),
      takes_all_(takes_all),
      validity_(context.room),
      offsets_(context.room),
      bytes_(context.room) {}

void TextColumn::append_null() {
  validity_.push_null(length_);
  push_end();
}

bool TextColumn::append_object(ondemand::object object, const char* begin) {
  if (!takes_all_) return misfit({begin, 1});
  if (!check_object(object, context_.max_depth, context_.scratch, context_.trouble)) return false;
  push_container(begin);
  return true;
}

bool TextColumn::append_array(ondemand::array array, const char* begin) {
  if (!takes_all_) return misfit({begin, 1});
  if (!check_array(array, context_.max_depth, context_.scratch, context_.trouble)) return false;
  push_container(begin);
  return true;
}

bool TextColumn::append_scalar(std::string_view token) {
  if (token.front() != '"') {
    if (!takes_all_ || !is_scalar(token, context_.scratch)) return misfit(token);
    push_text(token);
    return true;
  }
  if (token.size() < 2 || token.back() != '"') return misfit(token);
  const std::string_view text = within_quotes(token);
  if (text.find('\\') == std::string_view::npos) [[likely]] {
    push_text(text);
    return true;
  }
  const auto most = static_cast<std::int64_t>(text.size());
  if (!bytes_.reserve(size_ + most)) {
    size_ += most;
  } else {
    char* const begin = bytes_.data<char>();
    const char* const end = unescape(text, begin + size_);
    if (end == nullptr) return misfit(token);
    size_ = end - begin;
  }
  end_text();
  return true;
}

// The text moves while its end is looked for.
const char* TextColumn::append_plain(const char* at, const char* end) {
  if (*at != '"') return JsonColumn::append_plain(at, end);
  std::int64_t size = size_;
  std::uint32_t found = 0;
  for (const char* text = at + 1;; text += kPlainStep) {
    if (!bytes_.reserve(size + static_cast<std::int64_t>(kPlainStep))) return nullptr;
    std::memcpy(bytes_.data<char>() + size, text, kPlainStep);
    found = text_marks(text);
    if (found != 0) [[likely]] {
      text += std::countr_zero(found);
      size += std::countr_zero(found);
      if (*text != '"') break;
      size_ = size;
      end_text();
      return text + 1;
    }
    size += static_cast<std::int64_t>(kPlainStep);
    if (text + kPlainStep >= end) return nullptr;
  }
  return JsonColumn::append_plain(at, end);
}

void TextColumn::add_part(std::string_view part) {
  const std::int64_t end = size_ + static_cast<std::int64_t>(part.size());
  if (bytes_.reserve(end)) std::memcpy(bytes_.data<char>() + size_, part.data(), part.size());
  size_ = end;
}

void TextColumn::push_text(std::string_view text) {
  // Most are short: those move in one step of fixed width, as the text is padded.
  constexpr std::size_t kStep = 32;
  const std::int64_t end = size_ + static_cast<std::int64_t>(text.size());
  if (bytes_.reserve(end + static_cast<std::int64_t>(kStep))) {
    char* const out = bytes_.data<char>() + size_;
    std::memcpy(out, text.data(), kStep);
    if (text.size() > kStep) std::memcpy(out + kStep, text.data() + kStep, text.size() - kStep);
  }
  size_ = end;
  end_text();
}

// An object or array as it stands in the text, looked through already.
void TextColumn::push_container(const char* begin) {
  push_text(container_text(begin, context_.text_end));
}

bool TextColumn::append_rows(const JsonColumn& other, std::int64_t begin, std::int64_t end) {
  const auto& from = static_cast<const TextColumn&>(other);
  const auto* from_offsets = from.offsets_.data<std::int32_t>();
  const std::int64_t num_bytes = from_offsets[end] - from_offsets[begin];
  if (size_ + num_bytes > INT32_MAX) {
    context_.room.set_over();
    return false;
  }
  if (!offsets_.reserve(offset_bytes(length_ + end - begin)) ||
      !bytes_.reserve(size_ + num_bytes) ||
      !validity_.append(from.validity_, begin, end, length_)) {
    return false;
  }
  if (num_bytes > 0) {
    std::memcpy(bytes_.data<char>() + size_, from.bytes_.data<char>() + from_offsets[begin],
                static_cast<std::size_t>(num_bytes));
  }
  copy_offsets(from_offsets + begin, end - begin, static_cast<std::int32_t>(size_),
               offsets_.data<std::int32_t>() + length_);
  size_ += num_bytes;
  length_ += end - begin;
  return true;
}

void TextColumn::truncate(std::int64_t num_rows) {
  if (num_rows < length_) validity_.truncate(num_rows);
  size_ = num_rows == 0 ? 0 : offsets_.data<std::int32_t>()[num_rows];
  length_ = num_rows;
}

Result<std::shared_ptr<arrow::ArrayData>> TextColumn::finish() {
  const std::int64_t num_rows = std::exchange(length_, 0);
  const std::int64_t num_nulls = validity_.num_nulls();
  POLARWAY_TRY(auto validity, validity_.finish(num_rows));
  POLARWAY_TRY(auto offsets, offsets_.finish(offset_bytes(num_rows)));
  if (num_rows == 0) std::memset(offsets->mutable_data(), 0, sizeof(std::int32_t));
  POLARWAY_TRY(auto bytes, bytes_.finish(std::exchange(size_, 0)));
  return arrow::ArrayData::Make(arrow::utf8(), num_rows,
                                {std::move(validity), std::move(offsets), std::move(bytes)},
                                num_nulls);
}

std::int64_t TextColumn::bytes() const {
  return validity_.bytes(length_) + ChunkRoom::cost_of(offset_bytes(length_)) +
         ChunkRoom::cost_of(size_);
}

void TextColumn::forget_size() {
  validity_.forget_size();
  offsets_.forget_size();
  bytes_.forget_size();
}

}  // namespace polarway::json
