#include "formats/ipc/flat_table.h"

#include <bit>

namespace polarway::ipc {

static_assert(std::endian::native == std::endian::little, "flatbuffers are read as they stand");

namespace {

tl::unexpected<SourceError> damaged() {
  return fail({.kind = ErrorKind::Parse,
               .message = "the metadata are damaged",
               .hint = "it was not written or copied whole: get it again"});
}

// The T at `place`, if it is in the bytes.
template <class T>
std::optional<T> load(std::span<const std::uint8_t> bytes, std::size_t place) {
  if (place > bytes.size() || bytes.size() - place < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + place, sizeof(T));
  return value;
}

}  // namespace

Result<FlatTable> FlatTable::root(std::span<const std::uint8_t> bytes) {
  const auto place = load<std::uint32_t>(bytes, 0);
  if (!place) return damaged();
  return at(bytes, *place);
}

Result<FlatTable> FlatTable::at(std::span<const std::uint8_t> bytes, std::size_t place) {
  FlatTable table(bytes, place);
  const auto back = load<std::int32_t>(bytes, place);
  if (!back) return damaged();
  const std::int64_t vtable = static_cast<std::int64_t>(place) - *back;
  if (vtable < 0) return damaged();
  table.vtable_ = static_cast<std::size_t>(vtable);
  const auto size = load<std::uint16_t>(bytes, table.vtable_);
  if (!size || *size < 4 || bytes.size() - table.vtable_ < *size) return damaged();
  table.vtable_bytes_ = *size;
  return table;
}

Result<std::optional<std::size_t>> FlatTable::place_of(int field, std::size_t size) const {
  const std::size_t entry = 4 + 2 * static_cast<std::size_t>(field);
  if (entry + 2 > vtable_bytes_) return std::nullopt;
  const std::uint16_t offset = load<std::uint16_t>(bytes_, vtable_ + entry).value_or(0);
  if (offset == 0) return std::nullopt;
  const std::size_t place = place_ + offset;
  if (place > bytes_.size() || bytes_.size() - place < size) return damaged();
  return place;
}

Result<std::optional<std::size_t>> FlatTable::follow(int field) const {
  POLARWAY_TRY(const std::optional<std::size_t> place, place_of(field, sizeof(std::uint32_t)));
  if (!place) return std::nullopt;
  return *place + load<std::uint32_t>(bytes_, *place).value_or(0);
}

Result<std::optional<FlatTable>> FlatTable::table(int field) const {
  POLARWAY_TRY(const std::optional<std::size_t> place, follow(field));
  if (!place) return std::nullopt;
  POLARWAY_TRY(FlatTable found, at(bytes_, *place));
  return found;
}

Result<FlatTable::Structs> FlatTable::structs(int field, std::int64_t size) const {
  POLARWAY_TRY(const std::optional<std::size_t> place, follow(field));
  if (!place) return Structs{};
  const auto count = load<std::uint32_t>(bytes_, *place);
  if (!count) return damaged();
  const std::size_t begin = *place + sizeof(std::uint32_t);
  const auto left = static_cast<std::int64_t>(bytes_.size() - begin);
  if (static_cast<std::int64_t>(*count) > left / size) return damaged();
  return Structs{bytes_.data() + begin, static_cast<std::int64_t>(*count)};
}

}  // namespace polarway::ipc
