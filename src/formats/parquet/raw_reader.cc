#include "formats/parquet/raw_reader.h"

#include <fmt/format.h>
#include <parquet/types.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "formats/parquet/delta_reader.h"
#include "formats/parquet/hybrid_reader.h"
#include "formats/parquet/text_reader.h"
#include "formats/parquet/value_column.h"

namespace polarway::pq {
namespace {

using ::parquet::Encoding;

class PlainReader final : public RawReader {
 public:
  PlainReader(std::span<const std::uint8_t> bytes, std::int64_t width)
      : bytes_(bytes), width_(width) {}

  bool read(std::uint8_t* out, std::int64_t count) override {
    const auto size = static_cast<std::size_t>(count * width_);
    if (size > bytes_.size()) return false;
    std::memcpy(out, bytes_.data(), size);
    bytes_ = bytes_.subspan(size);
    return true;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::int64_t width_;
};

// `kWidth` 0: known when it runs.
template <std::size_t kWidth>
class DictionaryReader final : public RawReader {
 public:
  DictionaryReader(HybridReader indices, std::span<const std::uint8_t> values, std::int64_t width)
      : indices_(indices),
        values_(values),
        width_(kWidth > 0 ? kWidth : static_cast<std::size_t>(width)) {}

  bool read(std::uint8_t* out, std::int64_t count) override {
    std::array<std::uint32_t, kBatchRows> indices;
    if (!indices_.read(indices.data(), count)) return false;
    std::uint32_t largest = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      largest = std::max(largest, indices[static_cast<std::size_t>(i)]);
    }
    const std::size_t width = kWidth > 0 ? kWidth : width_;
    if (count > 0 && largest >= values_.size() / width) return false;
    for (std::int64_t i = 0; i < count; ++i) {
      std::memcpy(out + static_cast<std::size_t>(i) * width,
                  values_.data() + indices[static_cast<std::size_t>(i)] * width, width);
    }
    return true;
  }

 private:
  HybridReader indices_;
  std::span<const std::uint8_t> values_;
  std::size_t width_;
};

template <class T>
class IntegerReader final : public RawReader {
 public:
  explicit IntegerReader(const DeltaReader& deltas) : deltas_(deltas) {}

  bool read(std::uint8_t* out, std::int64_t count) override {
    std::array<T, kBatchRows> values;
    if (!deltas_.read(values.data(), count)) return false;
    std::memcpy(out, values.data(), static_cast<std::size_t>(count) * sizeof(T));
    return true;
  }

 private:
  DeltaReader deltas_;
};

// The first bytes of all values, then their second bytes, and so on.
class SplitReader final : public RawReader {
 public:
  SplitReader(std::span<const std::uint8_t> bytes, std::int64_t width)
      : bytes_(bytes.data()),
        width_(width),
        num_values_(static_cast<std::int64_t>(bytes.size()) / width) {}

  bool read(std::uint8_t* out, std::int64_t count) override {
    if (count > num_values_ - at_) return false;
    for (std::int64_t byte = 0; byte < width_; ++byte) {
      const std::uint8_t* from = bytes_ + byte * num_values_ + at_;
      for (std::int64_t i = 0; i < count; ++i) out[i * width_ + byte] = from[i];
    }
    at_ += count;
    return true;
  }

 private:
  const std::uint8_t* bytes_;
  std::int64_t width_;
  std::int64_t num_values_;
  std::int64_t at_ = 0;
};

// Values that text is made like: each has its beginning in common with the one before.
class PrefixedReader final : public RawReader {
 public:
  PrefixedReader(std::unique_ptr<TextReader> values, std::int64_t width)
      : values_(std::move(values)), width_(static_cast<std::size_t>(width)) {}

  bool read(std::uint8_t* out, std::int64_t count) override {
    std::array<std::string_view, kBatchRows> values;
    while (count > 0) {
      const std::int64_t got = values_->read(values.data(), count);
      if (got <= 0) return false;
      for (std::int64_t i = 0; i < got; ++i, out += width_) {
        const std::string_view value = values[static_cast<std::size_t>(i)];
        if (value.size() != width_) return false;
        std::memcpy(out, value.data(), width_);
      }
      count -= got;
    }
    return true;
  }

 private:
  std::unique_ptr<TextReader> values_;
  std::size_t width_;
};

Result<std::unique_ptr<RawReader>> make_dictionary_reader(std::int64_t width,
                                                          std::span<const std::uint8_t> bytes,
                                                          std::span<const std::uint8_t> values) {
  // Without any value there is not even a width.
  if (!bytes.empty() && bytes[0] > 32) {
    return bad_page(fmt::format("dictionary indices of {} bits", bytes[0]));
  }
  const HybridReader indices =
      bytes.empty() ? HybridReader() : HybridReader(bytes.subspan(1), bytes[0]);
  switch (width) {
    case 4:
      return std::make_unique<DictionaryReader<4>>(indices, values, width);
    case 8:
      return std::make_unique<DictionaryReader<8>>(indices, values, width);
    case 16:
      return std::make_unique<DictionaryReader<16>>(indices, values, width);
    default:
      return std::make_unique<DictionaryReader<0>>(indices, values, width);
  }
}

}  // namespace

SourceError not_read(std::int64_t encoding) {
  const bool is_known = encoding >= 0 && encoding < Encoding::UNDEFINED;
  return {.kind = ErrorKind::UnsupportedOperation,
          .message =
              is_known
                  ? fmt::format("values of this type in the encoding {} are not read",
                                ::parquet::EncodingToString(static_cast<Encoding::type>(encoding)))
                  : fmt::format("there is no encoding {}", encoding),
          .hint = "leave the column out, or have it written with another encoding"};
}

Result<std::unique_ptr<RawReader>> make_raw_reader(std::int64_t encoding, std::int64_t width,
                                                   bool are_integers,
                                                   std::span<const std::uint8_t> bytes,
                                                   std::span<const std::uint8_t> dictionary) {
  switch (encoding) {
    case Encoding::PLAIN:
      return std::make_unique<PlainReader>(bytes, width);
    case Encoding::PLAIN_DICTIONARY:
    case Encoding::RLE_DICTIONARY:
      return make_dictionary_reader(width, bytes, dictionary);
    case Encoding::BYTE_STREAM_SPLIT:
      return std::make_unique<SplitReader>(bytes, width);
    case Encoding::DELTA_BINARY_PACKED: {
      if (!are_integers) break;
      DeltaReader deltas;
      if (bytes.empty()) return std::make_unique<PlainReader>(bytes, width);  // all are null
      if (!deltas.start(bytes)) return bad_page("the differences have no beginning");
      if (width == 4) return std::make_unique<IntegerReader<std::int32_t>>(deltas);
      return std::make_unique<IntegerReader<std::int64_t>>(deltas);
    }
    case Encoding::DELTA_BYTE_ARRAY: {
      if (are_integers) break;
      POLARWAY_TRY(auto values, make_text_reader(encoding, bytes, {}));
      return std::make_unique<PrefixedReader>(std::move(values), width);
    }
    default:
      break;
  }
  return fail(not_read(encoding));
}

}  // namespace polarway::pq
