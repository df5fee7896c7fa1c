#include "formats/csv/text_column.h"

#include <cstring>

#include "formats/csv/validity_column.h"

namespace polarway::csv {
namespace {

// Fields up to this long move in one step of fixed width: the text is padded at both ends, and so
// is what it is copied to.
constexpr std::size_t kCopyWidth = 32;
static_assert(kCopyWidth >= kUnquotePadding);

// `kPlain`: bytes are copied as they are: nothing is escaped, and no text means null.
template <bool kPlain>
class TextColumn final : public ValidityColumn {
 public:
  TextColumn(std::shared_ptr<arrow::DataType> type, const ColumnContext& context)
      : ValidityColumn(std::move(type), context), offsets_(context.pool), bytes_(context.pool) {}

  bool is_text() const override { return true; }
  std::int64_t fixed_row_bytes() const override { return sizeof(std::int32_t) + 1; }

  Result<void> start(std::int64_t rows) override {
    clear();
    offsets_.reset();
    bytes_.reset();
    POLARWAY_CHECK(reserve(rows));
    POLARWAY_CHECK(bytes_.ensure(kCopyWidth));
    offsets_.template data<std::int32_t>()[0] = 0;
    return {};
  }

  void drop(std::span<const std::int64_t> rows) override {
    auto* const offsets = offsets_.template data<std::int32_t>();
    char* const bytes = bytes_.template data<char>();
    if (rows.empty()) return;
    std::int32_t end = offsets[rows[0]];  // of the bytes kept so far
    for_each_kept(rows, [&](std::int64_t from, std::int64_t count, std::int64_t to) {
      const std::int32_t begin = offsets[from];
      const std::int32_t size = offsets[from + count] - begin;
      std::memmove(bytes + end, bytes + begin, static_cast<std::size_t>(size));
      for (std::int64_t i = 0; i <= count; ++i) offsets[to + i] = offsets[from + i] - begin + end;
      end += size;
    });
    drop_validity(rows);
  }

  Result<void> make_room(std::int64_t rows, std::int64_t text_bytes) override {
    POLARWAY_CHECK(offsets_.ensure(offset_bytes(rows)));
    return bytes_.ensure(text_bytes + static_cast<std::int64_t>(kCopyWidth));
  }

  bool has_room(std::int64_t rows, std::int64_t text_bytes) const override {
    return offsets_.has_room(offset_bytes(rows)) &&
           bytes_.has_room(text_bytes + static_cast<std::int64_t>(kCopyWidth));
  }

  void lend(ColumnBuilder& part, std::int64_t row) const override {
    auto& to = static_cast<TextColumn&>(part);
    to.begin_part(row);
    to.offsets_.borrow(offsets_, row * static_cast<std::int64_t>(sizeof(std::int32_t)));
    to.bytes_.borrow(bytes_, 0);
  }

  Result<void> add_part(const ColumnBuilder& part) override {
    return add_part_rows(static_cast<const TextColumn&>(part));
  }

  std::int64_t text_bytes() const override {
    const auto* const offsets = offsets_.template data<std::int32_t>();
    return offsets[num_rows()] - offsets[0];
  }

  Result<std::shared_ptr<arrow::Array>> finish() override {
    const std::int32_t end = offsets_.template data<std::int32_t>()[num_rows()];
    POLARWAY_TRY(auto offsets, offsets_.finish(offset_bytes(num_rows())));
    POLARWAY_TRY(auto bytes, bytes_.finish(end));
    return finish_with({std::move(offsets), std::move(bytes)});
  }

 protected:
  Result<std::int64_t> take(const FieldBatch& batch) override {
    POLARWAY_CHECK(reserve(num_rows() + batch.size));
    std::int32_t* next_offset = offsets_.template data<std::int32_t>() + num_rows();
    const std::int64_t widest = context_.encoding == Encoding::Utf8 ? 1 : 3;
    std::int64_t num_bytes = 0;
    for (std::int64_t i = 0; i < batch.size; ++i) num_bytes += batch.ends[i] - batch.begins[i];
    if (*next_offset + num_bytes * widest > INT32_MAX) {
      return fail({.kind = ErrorKind::MemoryLimit,
                   .message = "a chunk has room for 2 GiB of a column's text",
                   .hint = "lower the chunk size"});
    }
    POLARWAY_CHECK(bytes_.ensure(*next_offset + num_bytes * widest + kCopyWidth));
    char* const begin = bytes_.template data<char>();
    char* out = begin + *next_offset++;
    const char quote = static_cast<char>(context_.marks.quote);
    const bool has_quote = context_.marks.has_quote;
    std::int64_t i = 0;
    for (; i < batch.size; ++i) {
      const FieldText field = batch.field(i);
      const std::size_t size = field.size();
      const bool is_plain = kPlain && size > 0 && !(has_quote && *field.begin == quote);
      if (is_plain) [[likely]] {
        std::memcpy(out, field.begin, kCopyWidth);
        if (size > kCopyWidth)
          std::memcpy(out + kCopyWidth, field.begin + kCopyWidth, size - kCopyWidth);
        out += size;
      } else {
        const Taken taken = append_text({field.begin, size}, out);
        if (taken.is_malformed) break;
        if (taken.is_null) POLARWAY_CHECK(set_null(num_rows() + i));
        out = taken.end;
      }
      *next_offset++ = static_cast<std::int32_t>(out - begin);
    }
    add_rows(i);
    return i < batch.size ? i : -1;
  }

 private:
  struct Taken {
    char* end = nullptr;
    bool is_null = false;
    bool is_malformed = false;
  };

  Result<void> reserve(std::int64_t rows) {
    POLARWAY_CHECK(reserve_rows(rows));
    return offsets_.ensure(offset_bytes(rows));
  }

  static std::int64_t offset_bytes(std::int64_t rows) {
    return (rows + 1) * static_cast<std::int64_t>(sizeof(std::int32_t));
  }

  Taken append_text(std::string_view field, char* out) const {
    const ValueRules& rules = *context_.rules;
    if (field.empty()) return {.end = out, .is_null = rules.empty_text_is_null};
    const bool is_quoted =
        context_.marks.has_quote && static_cast<std::uint8_t>(field[0]) == context_.marks.quote;
    const bool has_escape = !kPlain && context_.marks.has_escape;
    if (!is_quoted && !has_escape) {
      if (rules.nulls.contains(field)) return {.end = out, .is_null = true};
      return {.end = append_unescaped(field, out)};
    }
    if (kPlain || (context_.encoding == Encoding::Utf8 && !has_escape)) {
      char* const end = append_unquoted(field, context_.marks, out);
      if (end == nullptr) return {.is_malformed = true};
      const bool is_null = quoted_is_null({out, static_cast<std::size_t>(end - out)});
      return {.end = is_null ? out : end, .is_null = is_null};
    }
    const Unquoted inner = unquote(field, context_.marks);
    if (inner.malformed) return {.is_malformed = true};
    // What is escaped says by its escapes that it is no null: \\N is, N behind a backslash is not.
    const bool is_null = is_quoted ? quoted_is_null(inner.text) : rules.nulls.contains(inner.text);
    if (is_null) return {.end = out, .is_null = true};
    return {.end = append_unescaped(unescaped(inner, context_.marks), out)};
  }

  bool quoted_is_null(std::string_view text) const {
    const ValueRules& rules = *context_.rules;
    if (text.empty()) return rules.quoted_empty_text_is_null;
    return rules.quoted_can_be_null && rules.nulls.contains(text);
  }

  char* append_unescaped(std::string_view text, char* out) const {
    if (context_.encoding != Encoding::Utf8) return append_decoded(text, context_.encoding, out);
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
  }

  GrowingBuffer offsets_;
  GrowingBuffer bytes_;
};

}  // namespace

std::unique_ptr<ColumnBuilder> make_text_column(std::shared_ptr<arrow::DataType> type,
                                                const ColumnContext& context) {
  if (context.encoding == Encoding::Utf8 && context.rules->nulls.texts().empty() &&
      !context.marks.has_escape) {
    return std::make_unique<TextColumn<true>>(std::move(type), context);
  }
  return std::make_unique<TextColumn<false>>(std::move(type), context);
}

}  // namespace polarway::csv
