#include "core/compact_thrift.h"

namespace polarway {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::uint8_t kByte = 3, kInt16 = 4, kDouble = 7, kBinary = 8, kSet = 10, kMap = 11;

}  // namespace

std::uint8_t CompactThrift::byte() {
  if (at_ >= bytes_.size()) ok_ = false;
  return ok_ ? static_cast<std::uint8_t>(bytes_[at_++]) : 0;
}

std::uint64_t CompactThrift::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t next = byte();
    value |= std::uint64_t{next & 0x7Fu} << shift;
    if ((next & 0x80) == 0) return value;
  }
  ok_ = false;
  return 0;
}

void CompactThrift::skip_bytes(std::uint64_t count) {
  if (count > bytes_.size() - at_) {
    ok_ = false;
  } else {
    at_ += static_cast<std::size_t>(count);
  }
}

std::optional<CompactThrift::Field> CompactThrift::next_field(int previous) {
  Field field{.id = previous, .type = 0, .begin = at_};
  const std::uint8_t header = byte();
  field.type = header & 0x0F;
  if (!ok_ || field.type == 0) return std::nullopt;
  if (const int delta = header >> 4; delta != 0) {
    field.id += delta;
  } else {
    field.id = static_cast<int>(integer());
  }
  return field;
}

CompactThrift::List CompactThrift::list() {
  const std::uint8_t header = byte();
  const std::uint64_t size = header >> 4;
  return {.size = size == 15 ? varint() : size, .type = static_cast<std::uint8_t>(header & 0x0F)};
}

std::int64_t CompactThrift::integer() {
  const std::uint64_t zigzag = varint();
  return static_cast<std::int64_t>(zigzag >> 1) ^ -static_cast<std::int64_t>(zigzag & 1);
}

// One of many: a boolean has a byte of its own there.
void CompactThrift::skip_item(std::uint8_t type, int depth) {
  const bool one_byte = type == kTrue || type == kFalse;
  one_byte ? skip_bytes(1) : skip(type, depth);
}

void CompactThrift::skip(std::uint8_t type, int depth) {
  if (depth > kMaxDepth) ok_ = false;
  if (!ok_) return;
  switch (type) {
    case kTrue:
    case kFalse:
      return;  // a field's value is in its type
    case kByte:
      return skip_bytes(1);
    case kInt16:
    case kInt32:
    case kInt64:
      varint();
      return;
    case kDouble:
      return skip_bytes(8);
    case kBinary:
      return skip_bytes(varint());
    case kList:
    case kSet: {
      const List items = list();
      for (std::uint64_t i = 0; ok_ && i < items.size; ++i) skip_item(items.type, depth + 1);
      return;
    }
    case kMap: {
      const std::uint64_t size = varint();
      const std::uint8_t types = size == 0 ? std::uint8_t{0} : byte();
      for (std::uint64_t i = 0; ok_ && i < size; ++i) {
        skip_item(types >> 4, depth + 1);
        skip_item(types & 0x0F, depth + 1);
      }
      return;
    }
    case kStruct: {
      int id = 0;
      while (const std::optional<Field> field = next_field(id)) {
        id = field->id;
        skip(field->type, depth + 1);
      }
      return;
    }
    default:
      ok_ = false;
  }
}

void CompactThrift::append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void CompactThrift::append_int64(std::string& out, std::int64_t value) {
  append_varint(out,
                (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void CompactThrift::append_list(std::string& out, List list) {
  const bool is_short = list.size < 15;
  out += static_cast<char>((is_short ? list.size << 4 : 0xF0) | list.type);
  if (!is_short) append_varint(out, list.size);
}

}  // namespace polarway
