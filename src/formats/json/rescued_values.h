#pragma once

#include <string_view>

namespace polarway::json {

class TextColumn;

/// What did not fit of the record being read: an object of values as they are written, by column,
/// in a column of its own, whose memory is the chunk's like any other's.
class RescuedValues {
 public:
  /// Null: nobody wants them.
  explicit RescuedValues(TextColumn* column) : column_(column) {}

  /// Adds a value, whose name is two texts as a JSON string would have them.
  void add(std::string_view prefix, std::string_view name, std::string_view value);
  /// The record is done; null, if everything in it did fit.
  void end_row();
  /// The record begins again.
  void start_row() { is_open_ = false; }

 private:
  TextColumn* column_;
  bool is_open_ = false;
};

}  // namespace polarway::json
