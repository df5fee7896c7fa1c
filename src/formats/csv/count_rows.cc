#define HWY_WANT_AVX3_DL 1  // as in structural_scan.cc

#include "formats/csv/count_rows.h"

#include <array>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formats/csv/count_rows.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "formats/simd_bits.h"

HWY_BEFORE_NAMESPACE();
namespace polarway::csv::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using polarway::HWY_NAMESPACE::equal_mask;
using polarway::HWY_NAMESPACE::prefix_xor;

// The bits of `bits` where `of` has bits, next to each other.
HWY_INLINE std::uint64_t extracted(std::uint64_t bits, std::uint64_t of) {
#if HWY_ARCH_X86_64 && HWY_TARGET <= HWY_AVX2
  return _pext_u64(bits, of);
#else
  std::uint64_t result = 0;
  for (int i = 0; of != 0; of &= of - 1, ++i) {
    result |= static_cast<std::uint64_t>((bits & of & -of) != 0) << i;
  }
  return result;
#endif
}

// Which of the next marks (delimiters and line ends) must be line ends.
class RowShape {
 public:
  explicit RowShape(std::int64_t num_columns) : num_columns_(num_columns) {
    if (num_columns > kMost) return;
    for (std::int64_t seen = 0; seen < num_columns; ++seen) {
      for (std::int64_t mark = num_columns - 1 - seen; mark < 64; mark += num_columns) {
        line_ends_[static_cast<std::size_t>(seen)] |= std::uint64_t{1} << mark;
      }
    }
  }
  // Of the row at hand, so many marks have been seen.
  HWY_INLINE std::uint64_t line_ends(std::int64_t seen) const {
    if (num_columns_ <= kMost) return line_ends_[static_cast<std::size_t>(seen)];
    const std::int64_t mark = num_columns_ - 1 - seen;
    return mark < 64 ? std::uint64_t{1} << mark : 0;
  }

 private:
  static constexpr std::int64_t kMost = 64;
  std::int64_t num_columns_;
  std::array<std::uint64_t, kMost> line_ends_{};
};

enum class Next { More, Enough, Odd };

// Counts one row after the other, where sixty-four bytes are not all rows of the table.
class RowByRow {
 public:
  RowByRow(std::span<const std::uint8_t> text, const Marks& marks, std::int64_t num_columns)
      : text_(text), marks_(marks), num_columns_(num_columns) {}

  Next count(std::int64_t at, std::uint64_t delimiters, std::uint64_t eols, std::int64_t max_rows,
             std::int64_t& seen, std::int64_t& row_begin, RowCount& counted) const {
    for (; eols != 0; eols &= eols - 1) {
      const std::uint64_t below = (eols & -eols) - 1;
      const std::int64_t num_fields = seen + std::popcount(delimiters & below) + 1;
      const std::int64_t end = at + std::countr_zero(eols);
      if (num_fields == num_columns_) {
        ++counted.rows;
        counted.bytes = end + 1;
        if (counted.rows == max_rows) return Next::Enough;
      } else if (num_fields > 1 || !is_blank(row_begin, end)) {
        return Next::Odd;
      }
      delimiters &= ~below;
      seen = 0;
      row_begin = end + 1;
    }
    seen += std::popcount(delimiters);
    return seen < num_columns_ ? Next::More : Next::Odd;
  }

 private:
  bool is_blank(std::int64_t begin, std::int64_t end) const {
    return begin == end ||
           (marks_.trims_cr && begin + 1 == end && text_[static_cast<std::size_t>(begin)] == '\r');
  }

  std::span<const std::uint8_t> text_;
  const Marks& marks_;
  std::int64_t num_columns_;
};

RowCount Count64(std::span<const std::uint8_t> text, const Marks& marks, std::int64_t num_columns,
                 std::int64_t max_rows) {
  const hn::CappedTag<std::uint8_t, 64> d;
  const auto delimiter = hn::Set(d, marks.delimiter);
  const auto eol = hn::Set(d, marks.eol);
  const auto quote = hn::Set(d, marks.quote);
  const auto carriage_return = hn::Set(d, static_cast<std::uint8_t>('\r'));
  const bool has_comments = !marks.comment.empty();
  const auto comment = hn::Set(d, has_comments ? marks.comment.front() : marks.eol);
  const RowShape shape(num_columns);
  const RowByRow row_by_row(text, marks, num_columns);

  RowCount counted;
  std::uint64_t in_quotes = 0;   // all ones while the previous byte was inside quotes
  std::uint64_t may_open = 1;    // the previous byte lets a quote open a field
  std::uint64_t must_end = 0;    // the previous byte closed quotes: the field must end here
  std::uint64_t row_starts = 1;  // the previous byte ended a row
  std::int64_t seen = 0;         // delimiters of the row at hand
  std::int64_t row_begin = 0;
  const auto size = static_cast<std::int64_t>(text.size());
  for (std::int64_t at = 0; at < size; at += 64) {
    const std::uint8_t* bytes = text.data() + at;
    const std::uint64_t valid =
        size - at >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (size - at)) - 1;
    std::uint64_t eols = equal_mask(d, bytes, eol) & valid;
    std::uint64_t delimiters = equal_mask(d, bytes, delimiter) & valid;
    const std::uint64_t quotes = marks.has_quote ? equal_mask(d, bytes, quote) & valid : 0;
    if (HWY_UNLIKELY((quotes | in_quotes | must_end) != 0)) {
      const std::uint64_t inside = prefix_xor(quotes) ^ in_quotes;
      const std::uint64_t closing = quotes & ~inside;
      const std::uint64_t may_follow =
          delimiters | eols | quotes | equal_mask(d, bytes, carriage_return) | ~valid;
      delimiters &= ~inside;
      eols &= ~inside;
      const std::uint64_t opens_ok = ((delimiters | eols | closing) << 1) | may_open;
      const std::uint64_t must_follow = (closing << 1) | must_end;
      if (((quotes & inside & ~opens_ok) | (must_follow & ~may_follow)) != 0) {
        counted.is_odd = true;
        return counted;
      }
      must_end = closing >> 63;
      in_quotes = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
      may_open = (delimiters | eols | closing) >> 63;
    } else {
      may_open = (delimiters | eols) >> 63;
    }
    if (has_comments) {
      const std::uint64_t starts = (eols << 1) | row_starts;
      row_starts = eols >> 63;
      if (HWY_UNLIKELY((starts & equal_mask(d, bytes, comment) & valid) != 0)) {
        counted.is_odd = true;
        return counted;
      }
    }
    const std::uint64_t marked = delimiters | eols;
    const int num_marks = std::popcount(marked);
    const std::uint64_t meant =
        num_marks == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << num_marks) - 1;
    const int num_eols = std::popcount(eols);
    const bool is_regular = ((extracted(eols, marked) ^ shape.line_ends(seen)) & meant) == 0;
    if (HWY_UNLIKELY(!is_regular || counted.rows + num_eols >= max_rows)) {
      // A line that is no row of the table, or the last rows wanted.
      const Next next = row_by_row.count(at, delimiters, eols, max_rows, seen, row_begin, counted);
      if (next == Next::More) continue;
      counted.is_odd = next == Next::Odd;
      return counted;
    }
    counted.rows += num_eols;
    seen += num_marks - num_eols * num_columns;
    if (eols != 0) counted.bytes = row_begin = at + 64 - std::countl_zero(eols);
  }
  return counted;
}

}  // namespace polarway::csv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace polarway::csv {

HWY_EXPORT(Count64);

bool can_count(const Marks& marks) { return !marks.has_escape && marks.long_delimiter.empty(); }

RowCount count_rows(std::span<const std::uint8_t> text, const Marks& marks,
                    std::int64_t num_columns, std::int64_t max_rows) {
  return HWY_DYNAMIC_DISPATCH(Count64)(text, marks, num_columns, max_rows);
}

}  // namespace polarway::csv
#endif  // HWY_ONCE
