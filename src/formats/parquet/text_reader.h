#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "polarway/result.h"

namespace polarway::pq {

/// Reads the values of a page that are of any length.
class TextReader {
 public:
  virtual ~TextReader() = default;
  /// The next values: `count` of them, at most kBatchRows, or fewer where they take much memory,
  /// but one at least. They are valid until the next call, and readable for 32 bytes behind.
  /// Says how many; a negative number where there are fewer in the page.
  [[nodiscard]] virtual std::int64_t read(std::string_view* out, std::int64_t count) = 0;
};

/// The values of a dictionary page. False where it has fewer.
[[nodiscard]] bool read_dictionary(std::span<const std::uint8_t> bytes, std::int64_t num_values,
                                   std::vector<std::string_view>& values);

/// A reader of PLAIN, dictionary, DELTA_LENGTH_BYTE_ARRAY or DELTA_BYTE_ARRAY values. The bytes and
/// the dictionary must stay, with PageBytes::kPadding behind. UnsupportedOperation for other
/// encodings.
Result<std::unique_ptr<TextReader>> make_text_reader(std::int64_t encoding,
                                                     std::span<const std::uint8_t> bytes,
                                                     std::span<const std::string_view> dictionary);

}  // namespace polarway::pq
