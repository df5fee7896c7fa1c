#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/schema.h"

namespace polarway {

/// What one folder of a path says: `year=2024`.
struct HivePart {
  std::string key;
  std::optional<std::string> value;  ///< Nothing for __HIVE_DEFAULT_PARTITION__: null.

  bool operator==(const HivePart&) const = default;
};

/// The folders of a file's path that are called key=value, in order; the file's own name is none.
/// `%2F` and its like in keys and values are decoded. What comes out is data: never a path again,
/// whatever it looks like. Of a key that occurs twice, the last counts.
std::vector<HivePart> hive_parts(std::string_view path);

/// The type of a partition column: int64 or date when all its values are, else text. Numbers as a
/// number would not be printed again ("01", "+1") are text.
class HiveType {
 public:
  void see(const std::optional<std::string>& value);
  DataType type() const;

 private:
  bool may_be_int64_ = true;
  bool may_be_date_ = true;
  bool has_value_ = false;
};

}  // namespace polarway
