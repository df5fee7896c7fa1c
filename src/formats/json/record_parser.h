#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "formats/json/value.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway::json {

/// Takes records apart with simdjson, whose memory is paid for by the longest record so far.
class RecordParser {
 public:
  /// What must be readable behind a record.
  static constexpr std::size_t kPadding = simdjson::SIMDJSON_PADDING;
  /// What a parser takes for records of up to kUsualBytes: its working set.
  static constexpr std::int64_t kUsualBytes = 64 << 10;
  static constexpr std::int64_t working_set_bytes() { return kBytesPerByte * kUsualBytes; }

  explicit RecordParser(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)) {}

  /// Makes room for a record of `bytes`; MemoryLimit when there is none.
  Result<void> reserve(std::int64_t bytes) {
    if (bytes <= static_cast<std::int64_t>(parser_.capacity())) [[likely]]
      return {};
    return grow(bytes);
  }

  /// Gives the record to `take`: an ondemand::object, an ondemand::array, or the text of anything
  /// else; it returns false where it has said the trouble. The record must have been reserved for.
  /// True when the whole record was taken.
  template <class Take>
  bool parse(std::string_view record, Trouble& trouble, Take take) {
    trouble = Trouble();
    if (!is_container(record.front())) return check_text(record, trouble) && take(record);
    ondemand::document document;
    simdjson::error_code error =
        parser_.iterate(record.data(), record.size(), record.size() + kPadding).get(document);
    bool is_good = false;
    if (!error && record.front() == '{') {
      ondemand::object object;
      error = document.get_object().get(object);
      is_good = !error && take(object);
    } else if (!error) {
      ondemand::array array;
      error = document.get_array().get(array);
      is_good = !error && take(array);
    }
    if (error) {
      set_trouble(trouble, error, nullptr);
      return false;
    }
    if (!is_good) {
      place(document, record, trouble);
      return false;
    }
    return check_end(document, trouble);
  }

 private:
  // Positions, and the room for a string that simdjson wants, used or not.
  static constexpr std::int64_t kBytesPerByte = 7;

  Result<void> grow(std::int64_t bytes);
  static bool check_text(std::string_view record, Trouble& trouble);
  static bool check_end(ondemand::document& document, Trouble& trouble);
  static void place(ondemand::document& document, std::string_view record, Trouble& trouble);

  std::shared_ptr<MemoryBudget> budget_;
  MemoryLease lease_;  // for records longer than usual
  ondemand::parser parser_;
};

}  // namespace polarway::json
