#include "formats/ipc/array_reader.h"

#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/decimal.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/arrow_status.h"
#include "core/counting_pool.h"
#include "formats/ipc/damaged.h"

namespace polarway::ipc {
namespace {

// What reads a value of that many bytes needs of its address.
std::int64_t alignment_of(std::int64_t width) {
  if (width == 2 || width == 4) return width;
  return width % 8 == 0 ? 8 : 1;
}

// Moves bits down, so that the one at `shift` becomes the first.
void shift_bits(std::span<std::uint8_t> bytes, int shift) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int next = i + 1 < bytes.size() ? bytes[i + 1] : 0;
    bytes[i] = static_cast<std::uint8_t>((bytes[i] >> shift) | (next << (8 - shift)));
  }
}

// Numbers of more digits than the type has are none of its. What is under a null may be anything.
Result<void> check_decimals(const arrow::ArrayData& made, const arrow::Buffer& values) {
  const int precision = static_cast<const arrow::Decimal128Type&>(*made.type).precision();
  const std::uint8_t* bits = made.buffers[0] ? made.buffers[0]->data() : nullptr;
  for (std::int64_t i = 0; i < made.length; ++i) {
    if (bits != nullptr && !arrow::bit_util::GetBit(bits, i)) continue;
    const arrow::Decimal128 value(values.data() + i * 16);
    if (value.FitsInPrecision(precision)) continue;
    return fail(
        {.kind = ErrorKind::Parse,
         .where = {.row = i},
         .message = fmt::format("a number has more than the {} digits of its type", precision),
         .hint = "it was not written or copied whole: get it again"});
  }
  return {};
}

}  // namespace

Result<void> skip_column(const BatchMetadata& metadata, bool has_union_bitmaps,
                         const Layout& layout, Cursor& cursor) {
  const arrow::DataTypeLayout shape = layout.stored->layout();
  std::size_t buffers = 0;
  for (const auto& spec : shape.buffers) {
    buffers += spec.kind == arrow::DataTypeLayout::ALWAYS_NULL ? 0 : 1;
  }
  const arrow::Type::type id = layout.stored->id();
  if (arrow::is_union(id) && has_union_bitmaps) ++buffers;
  if (shape.variadic_spec) {
    if (cursor.view >= metadata.view_buffers.size()) {
      return damaged("it does not say how many buffers a column of views has");
    }
    buffers += static_cast<std::size_t>(metadata.view_buffers[cursor.view++]);
  }
  cursor.node += 1;
  cursor.buffer += buffers;
  if (cursor.node > metadata.nodes.size() || cursor.buffer > metadata.buffers.size()) {
    return damaged("it has fewer columns than its schema");
  }
  if (id == arrow::Type::DICTIONARY) return {};
  for (const Layout& child : layout.children) {
    POLARWAY_CHECK(skip_column(metadata, has_union_bitmaps, child, cursor));
  }
  return {};
}

Result<FieldNode> ArrayReader::next_node(Cursor& cursor, Rows rows) const {
  if (cursor.node >= metadata_.nodes.size()) return damaged("it has fewer columns than its schema");
  const FieldNode node = metadata_.nodes[cursor.node++];
  if (rows.end <= node.length) return node;
  return damaged(
      fmt::format("a column has {} values where there should be {}", node.length, rows.end));
}

Result<std::size_t> ArrayReader::next_buffer(Cursor& cursor) const {
  if (cursor.buffer < metadata_.buffers.size()) return cursor.buffer++;
  return damaged("it has fewer buffers than its schema");
}

Result<std::int64_t> ArrayReader::length(const Cursor& cursor) const {
  if (cursor.node >= metadata_.nodes.size()) return damaged("it has fewer columns than its schema");
  return metadata_.nodes[cursor.node].length;
}

Result<void> ArrayReader::check_range(std::size_t buffer, std::int64_t offset,
                                      std::int64_t length) const {
  const std::int64_t size = body_.size(buffer);
  if (offset >= 0 && length >= 0 && offset <= size && length <= size - offset) return {};
  return damaged(fmt::format("buffer {} has {} bytes, which are too few", buffer, size));
}

Result<ArrayReader::Bytes> ArrayReader::allocate(std::int64_t bytes) {
  POLARWAY_TRY(auto buffer, from_arrow(arrow::AllocateBuffer(bytes, pool_)));
  return Bytes(std::move(buffer));
}

template <class T>
Result<T> ArrayReader::peek(std::size_t buffer, std::int64_t index) {
  constexpr auto kSize = static_cast<std::int64_t>(sizeof(T));
  POLARWAY_CHECK(check_range(buffer, index * kSize, kSize));
  T value;
  POLARWAY_CHECK(
      body_.copy(buffer, index * kSize, {reinterpret_cast<std::uint8_t*>(&value), sizeof(T)}));
  return value;
}
template Result<std::int16_t> ArrayReader::peek(std::size_t, std::int64_t);
template Result<std::int32_t> ArrayReader::peek(std::size_t, std::int64_t);
template Result<std::int64_t> ArrayReader::peek(std::size_t, std::int64_t);

// `always`: also while measuring, for those who cannot measure without.
Result<ArrayReader::Bytes> ArrayReader::bits(std::size_t buffer, Rows rows, bool always) {
  const std::int64_t begin = rows.begin / 8;
  const std::int64_t length = (rows.end + 7) / 8 - begin;
  const int shift = static_cast<int>(rows.begin % 8);
  POLARWAY_CHECK(check_range(buffer, begin, length));
  const bool shares = shift == 0 && body_.shares_file();
  if (measuring_ && !shares) bytes_ += CountingPool::block_size(length);
  if (measuring_ && !always) return nullptr;
  if (shift == 0) {
    if (Bytes shared = body_.share(buffer, begin, length, 1)) return shared;
  }
  POLARWAY_TRY(Bytes made, allocate(length));
  const std::span<std::uint8_t> into(made->mutable_data(), static_cast<std::size_t>(length));
  POLARWAY_CHECK(body_.copy(buffer, begin, into));
  if (shift != 0) shift_bits(into, shift);
  return made;
}

Result<ArrayReader::Validity> ArrayReader::validity(const FieldNode& node, Cursor& cursor,
                                                    Rows rows, bool always) {
  POLARWAY_TRY(const std::size_t buffer, next_buffer(cursor));
  if (node.null_count == 0 || rows.count() == 0) return Validity{};
  if (body_.size(buffer) == 0) return damaged("a column says that it has nulls, and not which");
  POLARWAY_TRY(Bytes made, bits(buffer, rows, always));
  return Validity{std::move(made), arrow::kUnknownNullCount};
}

// Private bytes, also of what could be shared.
Result<ArrayReader::Bytes> ArrayReader::copied(std::size_t buffer, Rows rows, std::int64_t width) {
  const std::int64_t length = rows.count() * width;
  if (rows.count() > 0) POLARWAY_CHECK(check_range(buffer, rows.begin * width, length));
  if (measuring_) bytes_ += CountingPool::block_size(length);
  POLARWAY_TRY(Bytes made, allocate(length));
  if (length > 0) {
    POLARWAY_CHECK(body_.copy(buffer, rows.begin * width,
                              {made->mutable_data(), static_cast<std::size_t>(length)}));
  }
  return made;
}

Result<ArrayReader::Bytes> ArrayReader::values(std::size_t buffer, Rows rows, std::int64_t width) {
  if (rows.count() == 0) return allocate(0);
  std::int64_t offset = 0;
  std::int64_t length = 0;
  if (__builtin_mul_overflow(rows.begin, width, &offset) ||
      __builtin_mul_overflow(rows.count(), width, &length)) {
    return damaged("a column says that it has more values than there can be");
  }
  POLARWAY_CHECK(check_range(buffer, offset, length));
  if (measuring_) {
    if (!body_.shares_file()) bytes_ += CountingPool::block_size(length);
    return nullptr;
  }
  if (length > 0) {
    Bytes shared = body_.share(buffer, offset, length, alignment_of(width));
    if (shared) return shared;
  }
  return copied(buffer, rows, width);
}

// The offsets of some texts or lists, counted from the first, and the range of what they are in,
// which has `limit` bytes or values.
template <class Offset>
Result<Rows> ArrayReader::offsets(std::size_t buffer, Rows rows, std::int64_t limit,
                                  Bytes& rebased) {
  constexpr auto kSize = static_cast<std::int64_t>(sizeof(Offset));
  if (rows.count() == 0) {
    POLARWAY_TRY(rebased, allocate(kSize));
    std::memset(rebased->mutable_data(), 0, sizeof(Offset));
    return Rows{};
  }
  POLARWAY_CHECK(check_range(buffer, rows.begin * kSize, (rows.count() + 1) * kSize));
  Rows range;
  bool rises = true;
  if (measuring_) {
    bytes_ += CountingPool::block_size((rows.count() + 1) * kSize);
    POLARWAY_TRY(range.begin, peek<Offset>(buffer, rows.begin));
    POLARWAY_TRY(range.end, peek<Offset>(buffer, rows.end));
  } else {
    POLARWAY_TRY(rebased, copied(buffer, {rows.begin, rows.end + 1}, kSize));
    auto* offset = reinterpret_cast<Offset*>(rebased->mutable_data());
    const Offset first = offset[0];
    range = {first, offset[rows.count()]};
    for (std::int64_t i = 0; i < rows.count(); ++i) rises &= offset[i] <= offset[i + 1];
    // Within rising offsets nothing overflows; others are given to nobody.
    if (rises && first >= 0) {
      for (std::int64_t i = 0; i <= rows.count(); ++i) offset[i] -= first;
    }
  }
  if (rises && range.begin >= 0 && range.begin <= range.end && range.end <= limit) return range;
  return damaged(fmt::format("offsets lead out of the {} that are there, or do not rise", limit));
}
template Result<Rows> ArrayReader::offsets<std::int32_t>(std::size_t, Rows, std::int64_t, Bytes&);
template Result<Rows> ArrayReader::offsets<std::int64_t>(std::size_t, Rows, std::int64_t, Bytes&);

Result<ArrayReader::Data> ArrayReader::visit(const Layout& layout, Cursor& cursor, Rows rows) {
  if (enough()) {
    POLARWAY_CHECK(skip(layout, cursor));
    return nullptr;
  }
  auto made = std::make_shared<arrow::ArrayData>(layout.given, rows.count());
  const arrow::Type::type id = layout.stored->id();
  switch (id) {
    case arrow::Type::NA: {
      POLARWAY_CHECK(next_node(cursor, rows));
      made->null_count = rows.count();
      made->buffers = {nullptr};
      return made;
    }
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return visit_text_of<std::int32_t>(layout, cursor, rows, std::move(made));
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return visit_text_of<std::int64_t>(layout, cursor, rows, std::move(made));
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return visit_views(layout, cursor, rows, std::move(made));
    case arrow::Type::LIST:
    case arrow::Type::MAP:
      return visit_list<std::int32_t>(layout, cursor, rows, std::move(made));
    case arrow::Type::LARGE_LIST:
      return visit_list<std::int64_t>(layout, cursor, rows, std::move(made));
    case arrow::Type::LIST_VIEW:
      return visit_list_view<std::int32_t>(layout, cursor, rows, std::move(made));
    case arrow::Type::LARGE_LIST_VIEW:
      return visit_list_view<std::int64_t>(layout, cursor, rows, std::move(made));
    case arrow::Type::DICTIONARY:
      return visit_dictionary(layout, cursor, rows, std::move(made));
    case arrow::Type::SPARSE_UNION:
    case arrow::Type::DENSE_UNION:
      return visit_union(layout, cursor, rows, std::move(made));
    case arrow::Type::RUN_END_ENCODED:
      return visit_runs(layout, cursor, rows, std::move(made));
    default:
      break;
  }
  POLARWAY_TRY(const FieldNode node, next_node(cursor, rows));
  POLARWAY_TRY(Validity valid, validity(node, cursor, rows));
  made->null_count = valid.null_count;
  made->buffers = {std::move(valid.bits)};
  if (id == arrow::Type::STRUCT || id == arrow::Type::FIXED_SIZE_LIST) {
    Rows inner = rows;
    if (id == arrow::Type::FIXED_SIZE_LIST) {
      const std::int64_t size =
          static_cast<const arrow::FixedSizeListType&>(*layout.stored).list_size();
      if (size < 0 || __builtin_mul_overflow(rows.begin, size, &inner.begin) ||
          __builtin_mul_overflow(rows.end, size, &inner.end)) {
        return damaged("a column says that it has more values than there can be");
      }
    }
    for (const Layout& child : layout.children) {
      POLARWAY_TRY(Data values, visit(child, cursor, inner));
      made->child_data.push_back(std::move(values));
    }
    return made;
  }
  POLARWAY_TRY(const std::size_t buffer, next_buffer(cursor));
  Bytes made_values;
  if (id == arrow::Type::BOOL) {
    if (rows.count() > 0) {
      POLARWAY_TRY(made_values, bits(buffer, rows));
    } else {
      POLARWAY_TRY(made_values, allocate(0));
    }
  } else if (arrow::is_fixed_width(id)) {
    POLARWAY_TRY(made_values, values(buffer, rows, layout.stored->bit_width() / 8));
    if (id == arrow::Type::DECIMAL128 && !measuring_) {
      POLARWAY_CHECK(check_decimals(*made, *made_values));
    }
  } else {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .message = fmt::format("the type {} is not read", layout.stored->ToString()),
                 .hint = "leave the column out"});
  }
  made->buffers.push_back(std::move(made_values));
  return made;
}

Result<std::int64_t> ArrayReader::measure(const Layout& layout, Cursor cursor, Rows rows,
                                          std::int64_t at_most) {
  measuring_ = true;
  bytes_ = 0;
  enough_ = at_most;
  const Result<Data> visited = visit(layout, cursor, rows);
  measuring_ = false;
  if (!visited) return fail(visited.error());
  return bytes_;
}

Result<std::shared_ptr<arrow::ArrayData>> ArrayReader::read(const Layout& layout, Cursor cursor,
                                                            Rows rows) {
  return visit(layout, cursor, rows);
}

// ---- Text

namespace {

Result<void> check_text(
    const arrow::ArrayData& made, std::span<const std::uint8_t> bytes,
    const std::function<std::pair<std::int64_t, std::int64_t>(std::int64_t)>& text_of) {
  const std::uint8_t* bits = made.buffers[0] ? made.buffers[0]->data() : nullptr;
  for (std::int64_t i = 0; i < made.length; ++i) {
    if (bits != nullptr && !arrow::bit_util::GetBit(bits, i)) continue;
    const auto [begin, end] = text_of(i);
    const char* text = reinterpret_cast<const char*>(bytes.data()) + begin;
    if (simdjson::validate_utf8(text, static_cast<std::size_t>(end - begin))) continue;
    return fail({.kind = ErrorKind::Parse,
                 .where = {.row = i},
                 .message = "the text is not UTF-8",
                 .hint = "write it as binary, or leave the column out"});
  }
  return {};
}

// Whole at first, which is much faster: it is all right if every text begins where a character
// does. What is under a null may be anything.
template <class Offset>
Result<void> check_utf8(const arrow::ArrayData& made) {
  const auto* offsets = reinterpret_cast<const Offset*>(made.buffers[1]->data());
  const auto size = static_cast<std::int64_t>(offsets[made.length]);
  if (size == 0) return {};
  const std::span<const std::uint8_t> bytes(made.buffers[2]->data(),
                                            static_cast<std::size_t>(size));
  bool good = simdjson::validate_utf8(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (std::int64_t i = 0; good && i < made.length; ++i) {
    const auto begin = static_cast<std::size_t>(offsets[i]);
    if (begin < bytes.size()) good = (bytes[begin] & 0xC0) != 0x80;
  }
  if (good) return {};
  return check_text(made, bytes, [&](std::int64_t i) {
    return std::pair<std::int64_t, std::int64_t>(offsets[i], offsets[i + 1]);
  });
}

}  // namespace

template <class Offset>
Result<ArrayReader::Data> ArrayReader::visit_text_of(const Layout& layout, Cursor& cursor,
                                                     Rows rows, Data made) {
  POLARWAY_TRY(const FieldNode node, next_node(cursor, rows));
  POLARWAY_TRY(Validity valid, validity(node, cursor, rows));
  POLARWAY_TRY(const std::size_t offset_buffer, next_buffer(cursor));
  POLARWAY_TRY(const std::size_t text_buffer, next_buffer(cursor));
  Bytes begins;
  POLARWAY_TRY(const Rows range,
               offsets<Offset>(offset_buffer, rows, body_.size(text_buffer), begins));
  POLARWAY_TRY(Bytes text, values(text_buffer, range, 1));
  if (measuring_) return made;
  made->null_count = valid.null_count;
  made->buffers = {std::move(valid.bits), std::move(begins), std::move(text)};
  const arrow::Type::type id = layout.stored->id();
  if (id == arrow::Type::STRING || id == arrow::Type::LARGE_STRING) {
    POLARWAY_CHECK(check_utf8<Offset>(*made));
  }
  return made;
}

// Views become text with offsets. What they refer to lies together, as a rule, and is read at once.
Result<ArrayReader::Data> ArrayReader::visit_views(const Layout& layout, Cursor& cursor, Rows rows,
                                                   Data made) {
  struct Elsewhere {
    std::uint8_t prefix[4];
    std::int32_t buffer;
    std::int32_t offset;
  };
  struct View {
    std::int32_t length;
    union {
      std::uint8_t inlined[12];
      Elsewhere there;
    };
  };
  static_assert(sizeof(View) == 16);
  constexpr std::int32_t kMostInlined = 12;

  POLARWAY_TRY(const FieldNode node, next_node(cursor, rows));
  POLARWAY_TRY(Validity valid, validity(node, cursor, rows, true));
  POLARWAY_TRY(const std::size_t view_buffer, next_buffer(cursor));
  if (cursor.view >= metadata_.view_buffers.size()) {
    return damaged("it does not say how many buffers a column of views has");
  }
  const auto num_texts = static_cast<std::size_t>(metadata_.view_buffers[cursor.view++]);
  const std::size_t first_text = cursor.buffer;
  cursor.buffer += num_texts;
  if (cursor.buffer > metadata_.buffers.size()) return damaged("it has fewer buffers than it says");
  const std::int64_t num_rows = rows.count();
  if (measuring_) {
    bytes_ += CountingPool::block_size((num_rows + 1) * std::int64_t{sizeof(std::int32_t)});
    bytes_ += CountingPool::block_size(num_rows * std::int64_t{sizeof(View)});
    if (enough()) return made;
    bytes_ -= CountingPool::block_size(num_rows * std::int64_t{sizeof(View)});
  }
  POLARWAY_TRY(const Bytes copies, copied(view_buffer, rows, sizeof(View)));
  const std::span views(reinterpret_cast<const View*>(copies->data()),
                        static_cast<std::size_t>(num_rows));
  const std::uint8_t* bits = valid.bits ? valid.bits->data() : nullptr;
  const auto is_null = [&](std::size_t i) {
    return bits != nullptr && !arrow::bit_util::GetBit(bits, static_cast<std::int64_t>(i));
  };
  std::int64_t total = 0;
  std::vector<Rows> extents(num_texts, Rows{INT64_MAX, 0});
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (is_null(i)) continue;
    const View& view = views[i];
    if (view.length < 0) return damaged("a text is shorter than nothing");
    total += view.length;
    if (view.length <= kMostInlined) continue;
    if (view.there.buffer < 0 || static_cast<std::size_t>(view.there.buffer) >= num_texts) {
      return damaged("a text is in a buffer that there is not");
    }
    const auto text = static_cast<std::size_t>(view.there.buffer);
    POLARWAY_CHECK(check_range(first_text + text, view.there.offset, view.length));
    extents[text].begin = std::min<std::int64_t>(extents[text].begin, view.there.offset);
    extents[text].end = std::max(extents[text].end, std::int64_t{view.there.offset} + view.length);
  }
  // Where texts lie apart, or many times at one place, each is fetched by itself.
  std::int64_t together = 0;
  for (const Rows& extent : extents) together += std::max<std::int64_t>(0, extent.count());
  constexpr std::int64_t kFew = 64 << 10;
  const bool at_once = together <= 2 * total + kFew;
  if (measuring_) {
    bytes_ += CountingPool::block_size(total) + (at_once ? CountingPool::block_size(together) : 0);
    if (total > INT32_MAX) bytes_ = INT64_MAX / 2;  // more than 32-bit offsets reach
    return made;
  }
  if (total > INT32_MAX) return damaged("there are more than 2 GiB of text in a chunk");
  std::vector<Bytes> fetched(num_texts);
  for (std::size_t text = 0; at_once && text < num_texts; ++text) {
    if (extents[text].count() <= 0) continue;
    POLARWAY_TRY(fetched[text], copied(first_text + text, extents[text], 1));
  }
  POLARWAY_TRY(Bytes begins, allocate((num_rows + 1) * std::int64_t{sizeof(std::int32_t)}));
  POLARWAY_TRY(Bytes texts, allocate(total));
  auto* begin = reinterpret_cast<std::int32_t*>(begins->mutable_data());
  std::int32_t end = 0;
  for (std::size_t i = 0; i < views.size(); ++i) {
    begin[i] = end;
    if (is_null(i)) continue;
    const View& view = views[i];
    std::uint8_t* into = texts->mutable_data() + end;
    end += view.length;
    const auto length = static_cast<std::size_t>(view.length);
    if (view.length <= kMostInlined) {
      std::memcpy(into, view.inlined, length);
      continue;
    }
    const auto text = static_cast<std::size_t>(view.there.buffer);
    if (fetched[text]) {
      std::memcpy(into, fetched[text]->data() + (view.there.offset - extents[text].begin), length);
    } else {
      POLARWAY_CHECK(body_.copy(first_text + text, view.there.offset, {into, length}));
    }
  }
  begin[num_rows] = end;
  made->null_count = valid.null_count;
  made->buffers = {std::move(valid.bits), std::move(begins), std::move(texts)};
  if (layout.stored->id() == arrow::Type::STRING_VIEW) {
    POLARWAY_CHECK(check_utf8<std::int32_t>(*made));
  }
  return made;
}

}  // namespace polarway::ipc
