#include "formats/parquet/snappy.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "formats/parquet/bits.h"

namespace polarway::pq {
namespace {

// What stands behind a tag, and what it says itself.
struct Tag {
  std::uint8_t length = 0;   ///< 0: of a literal, in the bytes behind.
  std::uint8_t more = 0;     ///< Bytes behind it that belong to it.
  std::uint16_t offset = 0;  ///< Of a copy: added to the number in those.
};

constexpr std::array<Tag, 256> make_tags() {
  std::array<Tag, 256> tags{};
  for (unsigned i = 0; i < 256; ++i) {
    const unsigned high = i >> 2;
    Tag& tag = tags[i];
    switch (i & 3) {
      case 0:
        tag.length = static_cast<std::uint8_t>(high < 60 ? high + 1 : 0);
        tag.more = static_cast<std::uint8_t>(high < 60 ? 0 : high - 59);
        break;
      case 1:
        tag.length = static_cast<std::uint8_t>(4 + (high & 7));
        tag.more = 1;
        tag.offset = static_cast<std::uint16_t>((i >> 5) << 8);
        break;
      default:
        tag.length = static_cast<std::uint8_t>(high + 1);
        tag.more = (i & 3) == 2 ? 2 : 4;
        break;
    }
  }
  return tags;
}

constexpr std::array<Tag, 256> kTags = make_tags();
constexpr std::array<std::uint32_t, 5> kMasks = {0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF};

// A literal or a copy is at most so long, unless it is a literal that says so behind its tag.
constexpr std::ptrdiff_t kMostLength = 64;
constexpr std::ptrdiff_t kStep = 16;

void copy_step(const std::uint8_t* from, std::uint8_t* to) {
  std::array<std::uint8_t, kStep> bytes;
  std::memcpy(bytes.data(), from, kStep);
  std::memcpy(to, bytes.data(), kStep);
}

std::uint32_t load_four(const std::uint8_t* at) {
  std::uint32_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

class Decompressor {
 public:
  Decompressor(std::span<const std::uint8_t> in, std::span<std::uint8_t> out)
      : in_(in.data()),
        in_end_(in.data() + in.size()),
        begin_(out.data()),
        out_(out.data()),
        out_end_(out.data() + out.size()) {}

  bool run() {
    std::uint64_t size = 0;
    if (!read_varint(in_, in_end_, size) || size != static_cast<std::uint64_t>(out_end_ - out_)) {
      return false;
    }
    while (in_ < in_end_) {
      run_in_steps();
      if (in_ < in_end_ && !run_one()) return false;
    }
    return out_ == out_end_;
  }

 private:
  // As long as there is room to read and write more than belongs to a tag, and nothing is unusual:
  // where a literal and a copy are the same but for where they come from, little is guessed wrong.
  void run_in_steps() {
    const std::uint8_t* in = in_;
    std::uint8_t* out = out_;
    while (in_end_ - in > kMostLength + 5 && out_end_ - out >= kMostLength) {
      const std::uint8_t byte = *in;
      const Tag tag = kTags[byte];
      const bool is_literal = (byte & 3) == 0;
      const std::uint32_t offset = tag.offset + (load_four(in + 1) & kMasks[tag.more]);
      const bool is_usual =
          is_literal ? tag.length != 0 : offset >= kStep && offset <= out - begin_;
      if (!is_usual) break;
      const std::uint8_t* from = is_literal ? in + 1 : out - offset;
      copy_step(from, out);
      if (tag.length > kStep) {
        copy_step(from + kStep, out + kStep);
        if (tag.length > 2 * kStep) {
          copy_step(from + 2 * kStep, out + 2 * kStep);
          copy_step(from + 3 * kStep, out + 3 * kStep);
        }
      }
      out += tag.length;
      in += 1 + (is_literal ? tag.length : tag.more);
    }
    in_ = in;
    out_ = out;
  }

  // One tag, whatever it is.
  bool run_one() {
    const std::uint8_t byte = *in_++;
    const Tag tag = kTags[byte];
    if (in_end_ - in_ < tag.more) return false;
    std::uint64_t more = 0;
    for (int i = 0; i < tag.more; ++i) more |= std::uint64_t{*in_++} << (8 * i);
    const std::uint64_t length = tag.length != 0 ? tag.length : more + 1;
    if (length > static_cast<std::uint64_t>(out_end_ - out_)) return false;
    if ((byte & 3) == 0) {
      if (length > static_cast<std::uint64_t>(in_end_ - in_)) return false;
      std::memcpy(out_, in_, length);
      in_ += length;
      out_ += length;
      return true;
    }
    const std::uint64_t offset = tag.offset + more;
    if (offset == 0 || offset > static_cast<std::uint64_t>(out_ - begin_)) return false;
    // What is copied may be what this copy has made.
    const std::uint8_t* from = out_ - offset;
    for (std::uint64_t i = 0; i < length; ++i) out_[i] = from[i];
    out_ += length;
    return true;
  }

  const std::uint8_t* in_;
  const std::uint8_t* in_end_;
  const std::uint8_t* begin_;
  std::uint8_t* out_;
  std::uint8_t* out_end_;
};

}  // namespace

bool decompress_snappy(std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
  return Decompressor(in, out).run();
}

}  // namespace polarway::pq
