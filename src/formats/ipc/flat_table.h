#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "polarway/result.h"

namespace polarway::ipc {

/// A table of a flatbuffer that nobody vouches for: the metadata of Arrow IPC are made of such.
///
/// Every position is checked before it is followed; what leads out of the bytes is a Parse error.
/// A cheap view, valid as long as the bytes are. Nothing is copied.
class FlatTable {
 public:
  /// A vector of structs, each of `size` bytes at `data`, of any alignment.
  struct Structs {
    const std::uint8_t* data = nullptr;
    std::int64_t count = 0;

    /// The T at `offset` bytes in struct number `i`.
    template <class T>
    T at(std::int64_t i, std::int64_t size, std::int64_t offset) const {
      T value;
      std::memcpy(&value, data + i * size + offset, sizeof(T));
      return value;
    }
  };

  /// The table that the bytes are.
  static Result<FlatTable> root(std::span<const std::uint8_t> bytes);

  /// The number in a field, or `otherwise` where the table does not have it.
  template <class T>
  Result<T> number(int field, T otherwise) const {
    POLARWAY_TRY(const std::optional<std::size_t> place, place_of(field, sizeof(T)));
    if (!place) return otherwise;
    T value;
    std::memcpy(&value, bytes_.data() + *place, sizeof(T));
    return value;
  }
  /// Where the table is in the bytes.
  std::size_t place() const { return place_; }
  /// The table that a field refers to, if there is one.
  Result<std::optional<FlatTable>> table(int field) const;
  /// The vector that a field refers to, of structs (or numbers) of `size` bytes; none is empty.
  Result<Structs> structs(int field, std::int64_t size) const;

 private:
  FlatTable(std::span<const std::uint8_t> bytes, std::size_t place)
      : bytes_(bytes), place_(place) {}
  static Result<FlatTable> at(std::span<const std::uint8_t> bytes, std::size_t place);
  Result<std::optional<std::size_t>> place_of(int field, std::size_t size) const;
  Result<std::optional<std::size_t>> follow(int field) const;

  std::span<const std::uint8_t> bytes_;
  std::size_t place_ = 0;   // of the table
  std::size_t vtable_ = 0;  // where its fields are looked up
  std::size_t vtable_bytes_ = 0;
};

}  // namespace polarway::ipc
