#include "formats/json/json_column.h"

#include <arrow/buffer.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>

#include <cstring>

#include "core/quoted_text.h"
#include "formats/json/characters.h"
#include "formats/json/plain_text.h"

namespace polarway::json {

bool JsonColumn::append(ondemand::value value) {
  const std::string_view token = take_token(value);
  if (token.front() == '{') {
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) {
      set_trouble(context_.trouble, error, token.data());
      return false;
    }
    return append_object(object, token.data());
  }
  if (token.front() == '[') {
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) {
      set_trouble(context_.trouble, error, token.data());
      return false;
    }
    return append_array(array, token.data());
  }
  return append_token(without_blanks(token));
}

bool JsonColumn::append_token(std::string_view token) {
  if (token == "null") {
    append_null();
    return true;
  }
  return append_scalar(token);
}

const char* JsonColumn::append_plain(const char* at, const char* end) {
  if (is_null(at)) {
    append_null();
    return at + 4;
  }
  if (*at == '"') {
    const char* const close = string_end(at + 1, end);
    if (close == nullptr) return nullptr;
    return append_scalar({at, close + 1}) ? close + 1 : nullptr;
  }
  const char* const token_end = plain_token_end(at, end);
  if (token_end == at) return nullptr;
  return append_token({at, token_end}) ? token_end : nullptr;
}

const char* JsonColumn::behind_more_blanks(const char* at, const char* end) {
  for (; at < end && is_blank(static_cast<std::uint8_t>(*at)); ++at) {
    context_.has_line_ends |= *at == '\n';
  }
  return at;
}

bool JsonColumn::append_object(ondemand::object, const char* begin) { return misfit({begin, 1}); }
bool JsonColumn::append_array(ondemand::array, const char* begin) { return misfit({begin, 1}); }

bool JsonColumn::misfit(std::string_view token) {
  Trouble& trouble = context_.trouble;
  if (!is_container(token.front()) && !is_scalar(token, context_.scratch)) {
    set_malformed(trouble, token);
    return false;
  }
  const std::string what = token == "{" ? "an object" : token == "[" ? "an array" : shorten(token);
  trouble.kind = ErrorKind::Schema;
  trouble.at = token.data();
  trouble.message = what + " is no " + type_name();
  trouble.hint =
      "raise infer_schema_length, or say the type in schema; string holds every value "
      "as it is written";
  return false;
}

void Validity::push_null(std::int64_t row) {
  ++num_nulls_;
  if (!has_bits_) {
    const std::int64_t bytes = arrow::bit_util::BytesForBits(row + 1);
    if (!bits_.reserve(bytes)) return;
    std::memset(bits_.data<std::uint8_t>(), 0xFF, static_cast<std::size_t>(bytes));
    has_bits_ = true;
  }
  push(row, false);
}

bool Validity::append(const Validity& other, std::int64_t begin, std::int64_t end,
                      std::int64_t row) {
  if (!other.has_bits_ && !has_bits_) return true;
  const std::int64_t num_rows = end - begin;
  if (!bits_.reserve(arrow::bit_util::BytesForBits(row + num_rows))) return false;
  auto* bits = bits_.data<std::uint8_t>();
  if (!has_bits_) {
    std::memset(bits, 0xFF, static_cast<std::size_t>(arrow::bit_util::BytesForBits(row)));
    has_bits_ = true;
  }
  if (!other.has_bits_) {
    arrow::bit_util::SetBitsTo(bits, row, num_rows, true);
    return true;
  }
  const auto* others = other.bits_.data<std::uint8_t>();
  arrow::internal::CopyBitmap(others, begin, num_rows, bits, row);
  num_nulls_ += num_rows - arrow::internal::CountSetBits(others, begin, num_rows);
  return true;
}

void Validity::truncate(std::int64_t num_rows) {
  if (num_rows == 0) has_bits_ = false;
  if (!has_bits_) {
    num_nulls_ = 0;
    return;
  }
  num_nulls_ = num_rows - arrow::internal::CountSetBits(bits_.data<std::uint8_t>(), 0, num_rows);
}

std::int64_t Validity::bytes(std::int64_t num_rows) const {
  return num_nulls_ > 0 ? ChunkRoom::cost_of(arrow::bit_util::BytesForBits(num_rows)) : 0;
}

Result<std::shared_ptr<arrow::Buffer>> Validity::finish(std::int64_t num_rows) {
  std::shared_ptr<arrow::Buffer> buffer;
  if (num_nulls_ > 0) {
    const std::int64_t bytes = arrow::bit_util::BytesForBits(num_rows);
    // Nothing that is written out may depend on what the memory was before.
    auto* bits = bits_.data<std::uint8_t>();
    arrow::bit_util::SetBitsTo(bits, num_rows, bytes * 8 - num_rows, false);
    POLARWAY_TRY(buffer, bits_.finish(bytes));
  }
  bits_.reset();
  has_bits_ = false;
  num_nulls_ = 0;
  return buffer;
}

}  // namespace polarway::json
