#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace polarway {

/// Walks over bytes in Thrift's compact protocol, field by field, and reads the few values that
/// somebody wants. Whatever does not fit ends the walk: ok() is false then. Takes no memory, and no
/// more time than there are bytes, whatever they say.
class CompactThrift {
 public:
  /// Types as the protocol numbers them.
  static constexpr std::uint8_t kTrue = 1, kFalse = 2, kInt32 = 5, kInt64 = 6, kList = 9,
                                kStruct = 12;

  struct Field {
    int id = 0;
    std::uint8_t type = 0;
    std::size_t begin = 0;  ///< Where its header begins; its value is next.
  };
  struct List {
    std::uint64_t size = 0;
    std::uint8_t type = 0;
  };

  explicit CompactThrift(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t position() const { return at_; }

  /// The header of the field after the one with id `previous` (0: of the first); nothing at the end
  /// of the struct.
  std::optional<Field> next_field(int previous);
  /// The header of a list.
  List list();
  /// An integer of any width.
  std::int64_t integer();
  /// Goes past a value.
  void skip(std::uint8_t type, int depth = 0);

  /// @name Text of the protocol
  /// @{
  static void append_varint(std::string& out, std::uint64_t value);
  static void append_int64(std::string& out, std::int64_t value);
  static void append_list(std::string& out, List list);
  /// @}

 private:
  std::uint8_t byte();
  std::uint64_t varint();
  void skip_bytes(std::uint64_t count);
  void skip_item(std::uint8_t type, int depth);

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace polarway
