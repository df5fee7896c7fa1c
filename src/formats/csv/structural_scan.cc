// The target with VBMI2 (positions by one compress) is one that has to be asked for.
#define HWY_WANT_AVX3_DL 1

#include "formats/csv/structural_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/csv/structural_scan.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "formats/simd_bits.h"

HWY_BEFORE_NAMESPACE();
namespace polarway::csv::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using polarway::HWY_NAMESPACE::equal_mask;
using polarway::HWY_NAMESPACE::escaped_bits;
using polarway::HWY_NAMESPACE::prefix_xor;

// Writes the positions of the set bits; may write up to 64 entries, of which `count` are meant.
HWY_INLINE void write_positions(std::uint64_t bits, std::uint32_t base, int count,
                                std::uint32_t* out) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL
  const hn::Full512<std::uint8_t> d;
  const hn::Full512<std::uint32_t> d32;
  const hn::Half<decltype(d)> half;
  const auto mask = hn::LoadMaskBits(d, reinterpret_cast<const std::uint8_t*>(&bits));
  const auto places = hn::Compress(hn::Iota(d, 0), mask);
  const auto from = hn::Set(d32, base);
  const auto low = hn::LowerHalf(half, places);
  const auto write = [&](auto sixteen, int at) HWY_ATTR {
    hn::StoreU(hn::Add(from, hn::PromoteTo(d32, sixteen)), d32, out + at);
  };
  const hn::Half<decltype(half)> quarter;
  write(hn::LowerHalf(quarter, low), 0);
  if (HWY_UNLIKELY(count > 16)) {
    write(hn::UpperHalf(quarter, low), 16);
    if (count > 32) {
      const auto high = hn::UpperHalf(half, places);
      write(hn::LowerHalf(quarter, high), 32);
      write(hn::UpperHalf(quarter, high), 48);
    }
  }
#else
  int written = 0;
  do {
    for (int i = 0; i < 8; ++i) {
      out[written + i] = base + static_cast<std::uint32_t>(std::countr_zero(bits));
      bits &= bits - 1;
    }
    written += 8;
  } while (written < count);
#endif
}

// What RFC 4180 has not, sixty-four bytes at a time.
template <class D>
class Dialect {
 public:
  Dialect(D d, std::span<const std::uint8_t> text, const Marks& marks)
      : d_(d), text_(text), marks_(marks) {}

  // Bytes that an escape takes their meaning from.
  HWY_INLINE std::uint64_t escaped(const std::uint8_t* bytes, std::uint64_t valid) {
    if (!marks_.has_escape) return 0;
    return escaped_bits(equal_mask(d_, bytes, hn::Set(d_, marks_.escape)) & valid, escape_);
  }

  // The last bytes of delimiters of several bytes, those that overlap others included: all but the
  // last byte are given by `leads`.
  HWY_INLINE std::uint64_t delimiter_ends(const std::uint8_t* bytes, std::uint64_t last,
                                          std::uint64_t usable) {
    const ByteText& delimiter = marks_.long_delimiter;
    if (delimiter.empty()) return last;
    for (std::size_t i = 0; i + 1 < delimiter.size(); ++i) {
      const std::size_t distance = delimiter.size() - 1 - i;
      const std::uint64_t lead = equal_mask(d_, bytes, hn::Set(d_, delimiter[i])) & usable;
      last &= (lead << distance) | (leads_[i] >> (64 - distance));
      leads_[i] = lead;
    }
    return last;
  }

  // Of delimiters that overlap, the first counts.
  HWY_INLINE std::uint64_t without_overlaps(std::uint64_t ends, std::int64_t at) {
    if (marks_.long_delimiter.empty()) return ends;
    const auto size = static_cast<std::int64_t>(marks_.long_delimiter.size());
    std::uint64_t kept = 0;
    for (; ends != 0; ends &= ends - 1) {
      const std::int64_t place = at + std::countr_zero(ends);
      if (place - last_end_ < size) continue;
      last_end_ = place;
      kept |= ends & -ends;
    }
    return kept;
  }

  // May follow a closing quote, besides what may in RFC 4180. More of a delimiter is not asked for:
  // what lacks it has text behind its closing quote, and is found out by whoever reads the field.
  HWY_INLINE std::uint64_t begins_delimiter(const std::uint8_t* bytes) const {
    if (marks_.long_delimiter.empty()) return 0;
    return equal_mask(d_, bytes, hn::Set(d_, marks_.long_delimiter.front()));
  }

  // The first of the rows beginning at `starts` that is a comment, as a bit; 0 when none is.
  HWY_INLINE std::uint64_t first_comment(std::uint64_t starts, const std::uint8_t* bytes) const {
    if (marks_.comment.empty()) return 0;
    starts &= equal_mask(d_, bytes, hn::Set(d_, marks_.comment.front()));
    const std::uint8_t* const end = text_.data() + text_.size();
    for (; starts != 0; starts &= starts - 1) {
      const std::uint8_t* row = bytes + std::countr_zero(starts);
      if (end - row >= static_cast<std::ptrdiff_t>(marks_.comment.size()) &&
          std::memcmp(row, marks_.comment.view().data(), marks_.comment.size()) == 0) {
        return starts & -starts;
      }
    }
    return 0;
  }

  void forget() {
    escape_ = 0;
    std::fill_n(leads_, ByteText::kMaxSize, 0);
    last_end_ = -static_cast<std::int64_t>(ByteText::kMaxSize);
  }

 private:
  D d_;
  std::span<const std::uint8_t> text_;
  const Marks& marks_;
  std::uint64_t escape_ = 0;                      // of the 64 bytes before: the last one escapes
  std::uint64_t leads_[ByteText::kMaxSize] = {};  // bytes of theirs that a delimiter has
  std::int64_t last_end_ = -static_cast<std::int64_t>(ByteText::kMaxSize);  // of a delimiter
};

template <bool kPlain>
HWY_INLINE Scan scan_as(std::span<const std::uint8_t> text, const Marks& marks,
                        std::span<std::uint32_t> ends) {
  const hn::CappedTag<std::uint8_t, 64> d;
  const auto delimiter = hn::Set(d, marks.delimiter);
  const auto eol = hn::Set(d, marks.eol);
  const auto quote = hn::Set(d, marks.quote);
  const auto carriage_return = hn::Set(d, static_cast<std::uint8_t>('\r'));
  [[maybe_unused]] Dialect dialect(d, text, marks);

  Scan scan;
  std::uint64_t in_quotes = 0;  // all ones while the previous byte was inside quotes
  std::uint64_t may_open = 1;   // the previous byte lets a quote open a field
  std::uint64_t must_end = 0;   // the previous byte closed quotes: the field must end here
  [[maybe_unused]] std::uint64_t row_starts = 1;  // the previous byte ended a row
  std::uint32_t* out = ends.data();
  const std::uint32_t* const last_out = ends.data() + ends.size() - kScanSlack;
  const auto size = static_cast<std::int64_t>(text.size());
  std::int64_t at = 0;
  for (; at < size && out <= last_out; at += 64) {
    const std::uint8_t* bytes = text.data() + at;
    std::uint64_t valid =
        size - at >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (size - at)) - 1;
    std::uint64_t usable = valid;
    if constexpr (!kPlain) usable &= ~dialect.escaped(bytes, valid);
    std::uint64_t eols = equal_mask(d, bytes, eol) & usable;
    std::uint64_t marked = equal_mask(d, bytes, delimiter) & usable;
    std::uint64_t quotes = marks.has_quote ? equal_mask(d, bytes, quote) & usable : 0;
    [[maybe_unused]] std::int64_t comment = -1;
    if constexpr (!kPlain) {
      marked = dialect.delimiter_ends(bytes, marked, usable);
      const std::uint64_t inside = prefix_xor(quotes) ^ in_quotes;
      marked = dialect.without_overlaps(marked & ~inside, at);
      const std::uint64_t starts = ((eols & ~inside) << 1) | row_starts;
      if (const std::uint64_t first = dialect.first_comment(starts & valid, bytes); first != 0) {
        comment = at + std::countr_zero(first);
        valid = first - 1;  // the rows before it
        eols &= valid;
        marked &= valid;
        quotes &= valid;
      }
      row_starts = (eols & ~inside) >> 63;
    }
    marked |= eols;
    if (HWY_UNLIKELY((quotes | in_quotes | must_end) != 0)) {
      const std::uint64_t inside = prefix_xor(quotes) ^ in_quotes;
      const std::uint64_t closing = quotes & ~inside;
      std::uint64_t may_follow = marked | quotes | equal_mask(d, bytes, carriage_return) | ~valid;
      if constexpr (!kPlain) may_follow |= dialect.begins_delimiter(bytes);
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
    if constexpr (!kPlain) {
      if (comment < 0) continue;
      // Whatever is in it, it ends where its line does; what follows begins anew.
      scan.has_comments = true;
      const void* end =
          std::memchr(text.data() + comment, marks.eol, static_cast<std::size_t>(size - comment));
      in_quotes = must_end = 0;
      may_open = row_starts = 1;
      dialect.forget();
      at = size - 64;
      if (end == nullptr) continue;
      const std::int64_t line_end = static_cast<const std::uint8_t*>(end) - text.data();
      *out++ = static_cast<std::uint32_t>(line_end);
      ++scan.num_eols;
      at = line_end + 1 - 64;
    }
  }
  scan.num_ends = out - ends.data();
  scan.scanned = at < size ? at : size;
  scan.in_quotes = in_quotes != 0;
  return scan;
}

Scan PlainScan(std::span<const std::uint8_t> text, const Marks& marks,
               std::span<std::uint32_t> ends) {
  return scan_as<true>(text, marks, ends);
}

Scan DialectScan(std::span<const std::uint8_t> text, const Marks& marks,
                 std::span<std::uint32_t> ends) {
  return scan_as<false>(text, marks, ends);
}

}  // namespace polarway::csv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace polarway::csv {

HWY_EXPORT(PlainScan);
HWY_EXPORT(DialectScan);

Scan structural_scan(std::span<const std::uint8_t> text, const Marks& marks,
                     std::span<std::uint32_t> ends) {
  if (!marks.has_escape && marks.comment.empty() && marks.long_delimiter.empty()) {
    return HWY_DYNAMIC_DISPATCH(PlainScan)(text, marks, ends);
  }
  return HWY_DYNAMIC_DISPATCH(DialectScan)(text, marks, ends);
}

Scan exact_scan(std::span<const std::uint8_t> text, const Marks& marks,
                std::span<std::uint32_t> ends) {
  enum class At { RowStart, FieldStart, Plain, Quoted, AfterQuote, Comment };
  At at = At::RowStart;
  Scan scan;
  const auto room = static_cast<std::int64_t>(ends.size());
  const std::string_view bytes(reinterpret_cast<const char*>(text.data()), text.size());
  const char last_delimiter_byte = static_cast<char>(marks.delimiter);
  const std::string_view delimiter = marks.long_delimiter.empty()
                                         ? std::string_view(&last_delimiter_byte, 1)
                                         : marks.long_delimiter.view();
  std::size_t i = 0;
  for (; i < text.size() && scan.num_ends < room; ++i) {
    const std::uint8_t byte = text[i];
    if (at == At::RowStart) {
      const bool is_comment =
          !marks.comment.empty() && bytes.substr(i).starts_with(marks.comment.view());
      at = is_comment ? At::Comment : At::FieldStart;
      scan.has_comments |= is_comment;
    }
    if (marks.has_escape && byte == marks.escape && at != At::Comment) {
      if (at != At::Quoted) at = At::Plain;
      ++i;  // whatever it is
      continue;
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
    } else if (byte == static_cast<std::uint8_t>(delimiter[0]) &&
               bytes.substr(i).starts_with(delimiter)) {
      i += delimiter.size() - 1;
      ends[static_cast<std::size_t>(scan.num_ends++)] = static_cast<std::uint32_t>(i);
      at = At::FieldStart;
    } else if (at == At::FieldStart && marks.has_quote && byte == marks.quote) {
      at = At::Quoted;
    } else {
      at = At::Plain;
    }
  }
  scan.scanned = static_cast<std::int64_t>(std::min(i, text.size()));
  scan.in_quotes = at == At::Quoted;
  return scan;
}

}  // namespace polarway::csv
#endif  // HWY_ONCE
