#include "formats/parquet/text_reader.h"

#include <fmt/format.h>
#include <parquet/types.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "formats/parquet/delta_reader.h"
#include "formats/parquet/hybrid_reader.h"
#include "formats/parquet/page_reader.h"
#include "formats/parquet/raw_reader.h"
#include "formats/parquet/value_column.h"

namespace polarway::pq {
namespace {

using ::parquet::Encoding;

std::uint32_t load_length(const std::uint8_t* at) {
  std::uint32_t length;
  std::memcpy(&length, at, sizeof(length));
  return length;
}

class PlainReader final : public TextReader {
 public:
  explicit PlainReader(std::span<const std::uint8_t> bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::int64_t read(std::string_view* out, std::int64_t count) override {
    const std::uint8_t* next = next_;
    for (std::int64_t i = 0; i < count; ++i) {
      if (end_ - next < 4) return -1;
      const std::uint32_t length = load_length(next);
      next += 4;
      if (length > static_cast<std::uint64_t>(end_ - next)) return -1;
      out[i] = {reinterpret_cast<const char*>(next), length};
      next += length;
    }
    next_ = next;
    return count;
  }

 private:
  const std::uint8_t* next_;
  const std::uint8_t* end_;
};

class DictionaryReader final : public TextReader {
 public:
  DictionaryReader(HybridReader indices, std::span<const std::string_view> values)
      : indices_(indices), values_(values) {}

  std::int64_t read(std::string_view* out, std::int64_t count) override {
    std::array<std::uint32_t, kBatchRows> indices;
    if (!indices_.read(indices.data(), count)) return -1;
    std::uint32_t largest = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      largest = std::max(largest, indices[static_cast<std::size_t>(i)]);
    }
    if (count > 0 && largest >= values_.size()) return -1;
    for (std::int64_t i = 0; i < count; ++i) {
      out[i] = values_[indices[static_cast<std::size_t>(i)]];
    }
    return count;
  }

 private:
  HybridReader indices_;
  std::span<const std::string_view> values_;
};

// All lengths, and then all bytes.
class LengthsReader final : public TextReader {
 public:
  [[nodiscard]] bool start(std::span<const std::uint8_t> bytes) {
    return lengths_.start(bytes) && lengths_.find_end(bytes_);
  }
  std::int64_t num_values() const { return lengths_.num_values(); }

  std::int64_t read(std::string_view* out, std::int64_t count) override {
    std::array<std::int32_t, kBatchRows> lengths;
    if (!lengths_.read(lengths.data(), count)) return -1;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int32_t length = lengths[static_cast<std::size_t>(i)];
      if (length < 0 || static_cast<std::size_t>(length) > bytes_.size()) return -1;
      const auto size = static_cast<std::size_t>(length);
      out[i] = {reinterpret_cast<const char*>(bytes_.data()), size};
      bytes_ = bytes_.subspan(size);
    }
    return count;
  }

 private:
  DeltaReader lengths_;
  std::span<const std::uint8_t> bytes_;
};

// How many bytes each value has in common with the one before, and the rest of it. A value is no
// longer than the page, since its bytes are all there; but a thousand may be, so they are made few
// at a time.
class PrefixReader final : public TextReader {
 public:
  [[nodiscard]] bool start(std::span<const std::uint8_t> bytes) {
    std::span<const std::uint8_t> behind;
    return prefixes_.start(bytes) && prefixes_.find_end(behind) && rests_.start(behind);
  }

  std::int64_t read(std::string_view* out, std::int64_t count) override {
    std::array<std::size_t, kBatchRows + 1> ends;
    // The last value of the call before is what the first one here begins with.
    text_.erase(0, last_begin_);
    std::size_t last = 0;
    std::size_t last_size = text_.size();
    std::int64_t made = 0;
    ends[0] = last_size;
    while (made < count && (made == 0 || text_.size() < kMuch)) {
      std::int32_t prefix = 0;
      std::string_view rest;
      if (!prefixes_.read(&prefix, 1) || rests_.read(&rest, 1) != 1) return -1;
      if (prefix < 0 || static_cast<std::size_t>(prefix) > last_size) return -1;
      const std::size_t begin = text_.size();
      text_.resize(begin + static_cast<std::size_t>(prefix));
      std::memcpy(text_.data() + begin, text_.data() + last, static_cast<std::size_t>(prefix));
      text_.append(rest);
      last = begin;
      last_size = text_.size() - begin;
      ends[static_cast<std::size_t>(++made)] = text_.size();
    }
    last_begin_ = last;
    const std::size_t size = text_.size();
    text_.append(kBehind, '\0');
    for (std::size_t i = 0; i < static_cast<std::size_t>(made); ++i) {
      out[i] = {text_.data() + ends[i], ends[i + 1] - ends[i]};
    }
    text_.resize(size);  // which leaves the room behind it
    return made;
  }

 private:
  static constexpr std::size_t kMuch = 16 << 10;
  static constexpr std::size_t kBehind = 32;

  DeltaReader prefixes_;
  LengthsReader rests_;
  std::string text_;
  std::size_t last_begin_ = 0;  // of the last value in it
};

}  // namespace

bool read_dictionary(std::span<const std::uint8_t> bytes, std::int64_t num_values,
                     std::vector<std::string_view>& values) {
  values.clear();
  // A value has four bytes for its length, at least.
  if (num_values > static_cast<std::int64_t>(bytes.size()) / 4) return false;
  values.resize(static_cast<std::size_t>(num_values));
  return PlainReader(bytes).read(values.data(), num_values) == num_values;
}

Result<std::unique_ptr<TextReader>> make_text_reader(std::int64_t encoding,
                                                     std::span<const std::uint8_t> bytes,
                                                     std::span<const std::string_view> dictionary) {
  // Where all values are null, some writers leave out even the beginning.
  if (bytes.empty() && encoding < Encoding::UNDEFINED) encoding = Encoding::PLAIN;
  switch (encoding) {
    case Encoding::PLAIN:
      return std::make_unique<PlainReader>(bytes);
    case Encoding::PLAIN_DICTIONARY:
    case Encoding::RLE_DICTIONARY:
      if (bytes[0] > 32) return bad_page(fmt::format("dictionary indices of {} bits", bytes[0]));
      return std::make_unique<DictionaryReader>(HybridReader(bytes.subspan(1), bytes[0]),
                                                dictionary);
    case Encoding::DELTA_LENGTH_BYTE_ARRAY: {
      auto reader = std::make_unique<LengthsReader>();
      if (!reader->start(bytes)) return bad_page("the lengths of the values are not there");
      return reader;
    }
    case Encoding::DELTA_BYTE_ARRAY: {
      auto reader = std::make_unique<PrefixReader>();
      if (!reader->start(bytes)) return bad_page("the lengths of the values are not there");
      return reader;
    }
    default:
      return fail(not_read(encoding));
  }
}

}  // namespace polarway::pq
