#include "formats/csv/structural_scan.h"

#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/csv/structural_scan.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace polarway::csv::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// One bit per byte of the 64 at `text` that equals `wanted`.
template <class D>
HWY_INLINE std::uint64_t equal_mask(D d, const std::uint8_t* text, hn::Vec<D> wanted) {
  std::uint64_t mask = 0;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < 64; i += lanes) {
    std::uint64_t part = 0;
    hn::StoreMaskBits(d, hn::Eq(hn::LoadU(d, text + i), wanted),
                      reinterpret_cast<std::uint8_t*>(&part));
    mask |= part << i;
  }
  return mask;
}

// Bit i of the result is the parity of bits 0..i: which bytes lie after an odd number of quotes.
HWY_INLINE std::uint64_t prefix_xor(std::uint64_t bits) {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  bits ^= bits << 32;
  return bits;
}

// Writes the positions of the set bits; may write up to 64 entries, of which `count` are meant.
HWY_INLINE void write_positions(std::uint64_t bits, std::uint32_t base, int count,
                                std::uint32_t* out) {
  int written = 0;
  do {
    for (int i = 0; i < 8; ++i) {
      out[written + i] = base + static_cast<std::uint32_t>(std::countr_zero(bits));
      bits &= bits - 1;
    }
    written += 8;
  } while (written < count);
}

Scan Scan64(std::span<const std::uint8_t> text, const Marks& marks, std::span<std::uint32_t> ends) {
  const hn::CappedTag<std::uint8_t, 64> d;
  const auto delimiter = hn::Set(d, marks.delimiter);
  const auto eol = hn::Set(d, marks.eol);
  const auto quote = hn::Set(d, marks.quote);
  const auto carriage_return = hn::Set(d, static_cast<std::uint8_t>('\r'));

  Scan scan;
  std::uint64_t in_quotes = 0;  // all ones while the previous byte was inside quotes
  std::uint64_t may_open = 1;   // the previous byte lets a quote open a field
  std::uint64_t must_end = 0;   // the previous byte closed quotes: the field must end here
  std::uint32_t* out = ends.data();
  const std::uint32_t* const last_out = ends.data() + ends.size() - kScanSlack;
  const auto size = static_cast<std::int64_t>(text.size());
  std::int64_t at = 0;
  for (; at < size && out <= last_out; at += 64) {
    const std::uint8_t* bytes = text.data() + at;
    const std::uint64_t valid =
        size - at >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (size - at)) - 1;
    std::uint64_t eols = equal_mask(d, bytes, eol) & valid;
    std::uint64_t marked = (equal_mask(d, bytes, delimiter) & valid) | eols;
    const std::uint64_t quotes = marks.has_quote ? equal_mask(d, bytes, quote) & valid : 0;
    if (HWY_UNLIKELY((quotes | in_quotes | must_end) != 0)) {
      const std::uint64_t inside = prefix_xor(quotes) ^ in_quotes;
      const std::uint64_t closing = quotes & ~inside;
      const std::uint64_t may_follow =
          marked | quotes | equal_mask(d, bytes, carriage_return) | ~valid;
      marked &= ~inside;
      eols &= ~inside;
      const std::uint64_t opens_ok = ((marked | closing) << 1) | may_open;
      const std::uint64_t must_follow = (closing << 1) | must_end;
      if (((quotes & inside & ~opens_ok) | (must_follow & ~may_follow)) != 0) {
        scan.stray_quotes = true;
        return scan;
      }
      may_open = (marked | closing) >> 63;
      must_end = closing >> 63;
      in_quotes = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
    } else {
      may_open = marked >> 63;
    }
    scan.num_eols += std::popcount(eols);
    const int count = std::popcount(marked);
    write_positions(marked, static_cast<std::uint32_t>(at), count, out);
    out += count;
  }
  scan.num_ends = out - ends.data();
  scan.scanned = at < size ? at : size;
  scan.in_quotes = in_quotes != 0;
  return scan;
}

}  // namespace polarway::csv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace polarway::csv {

HWY_EXPORT(Scan64);

Scan structural_scan(std::span<const std::uint8_t> text, const Marks& marks,
                     std::span<std::uint32_t> ends) {
  return HWY_DYNAMIC_DISPATCH(Scan64)(text, marks, ends);
}

Scan exact_scan(std::span<const std::uint8_t> text, const Marks& marks,
                std::span<std::uint32_t> ends) {
  enum class At { RowStart, FieldStart, Plain, Quoted, AfterQuote, Comment };
  At at = At::RowStart;
  Scan scan;
  const auto room = static_cast<std::int64_t>(ends.size());
  std::size_t i = 0;
  for (; i < text.size() && scan.num_ends < room; ++i) {
    const std::uint8_t byte = text[i];
    if (at == At::RowStart) {
      at = marks.has_comment && byte == marks.comment ? At::Comment : At::FieldStart;
    }
    if (at == At::Quoted) {
      if (byte == marks.quote) at = At::AfterQuote;
      continue;
    }
    if (at == At::AfterQuote && byte == marks.quote) {
      at = At::Quoted;  // a doubled quote
      continue;
    }
    if (byte == marks.eol) {
      ends[static_cast<std::size_t>(scan.num_ends++)] = static_cast<std::uint32_t>(i);
      ++scan.num_eols;
      at = At::RowStart;
    } else if (at == At::Comment) {
      continue;
    } else if (byte == marks.delimiter) {
      ends[static_cast<std::size_t>(scan.num_ends++)] = static_cast<std::uint32_t>(i);
      at = At::FieldStart;
    } else if (at == At::FieldStart && marks.has_quote && byte == marks.quote) {
      at = At::Quoted;
    } else {
      at = At::Plain;
    }
  }
  scan.scanned = static_cast<std::int64_t>(i);
  scan.in_quotes = at == At::Quoted;
  return scan;
}

}  // namespace polarway::csv
#endif  // HWY_ONCE
