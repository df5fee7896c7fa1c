#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "formats/ipc/array_reader.h"
#include "formats/ipc/damaged.h"

// The part of ArrayReader whose arrays have others in them.

namespace polarway::ipc {

template <class Offset>
Result<ArrayReader::Data> ArrayReader::visit_list(const Layout& layout, Cursor& cursor, Rows rows,
                                                  Data made) {
  POLARWAY_TRY(const FieldNode node, next_node(cursor, rows));
  POLARWAY_TRY(Validity valid, validity(node, cursor, rows));
  POLARWAY_TRY(const std::size_t buffer, next_buffer(cursor));
  POLARWAY_TRY(const std::int64_t num_values, length(cursor));
  Bytes begins;
  POLARWAY_TRY(const Rows range, offsets<Offset>(buffer, rows, num_values, begins));
  POLARWAY_TRY(Data values, visit(layout.children[0], cursor, range));
  made->null_count = valid.null_count;
  made->buffers = {std::move(valid.bits), std::move(begins)};
  made->child_data = {std::move(values)};
  return made;
}
template Result<ArrayReader::Data> ArrayReader::visit_list<std::int32_t>(const Layout&, Cursor&,
                                                                         Rows, Data);
template Result<ArrayReader::Data> ArrayReader::visit_list<std::int64_t>(const Layout&, Cursor&,
                                                                         Rows, Data);

template <class Offset>
Result<ArrayReader::Data> ArrayReader::visit_list_view(const Layout& layout, Cursor& cursor,
                                                       Rows rows, Data made) {
  POLARWAY_TRY(const FieldNode node, next_node(cursor, rows));
  POLARWAY_TRY(Validity valid, validity(node, cursor, rows, true));
  POLARWAY_TRY(const std::size_t offset_buffer, next_buffer(cursor));
  POLARWAY_TRY(const std::size_t size_buffer, next_buffer(cursor));
  POLARWAY_TRY(const std::int64_t num_values, length(cursor));
  POLARWAY_TRY(Bytes offset_bytes, copied(offset_buffer, rows, sizeof(Offset)));
  POLARWAY_TRY(Bytes size_bytes, copied(size_buffer, rows, sizeof(Offset)));
  const auto num_rows = static_cast<std::size_t>(rows.count());
  const std::span begins(reinterpret_cast<Offset*>(offset_bytes->mutable_data()), num_rows);
  const std::span sizes(reinterpret_cast<Offset*>(size_bytes->mutable_data()), num_rows);
  const std::uint8_t* bits = valid.bits ? valid.bits->data() : nullptr;
  Rows range{INT64_MAX, 0};
  for (std::size_t i = 0; i < num_rows; ++i) {
    if (bits != nullptr && !arrow::bit_util::GetBit(bits, static_cast<std::int64_t>(i))) {
      sizes[i] = 0;
    }
    if (sizes[i] == 0) continue;
    if (sizes[i] < 0 || begins[i] < 0 || begins[i] > num_values ||
        sizes[i] > num_values - begins[i]) {
      return damaged(fmt::format("a list leads out of the {} values that are there", num_values));
    }
    range.begin = std::min<std::int64_t>(range.begin, begins[i]);
    range.end = std::max<std::int64_t>(range.end, std::int64_t{begins[i]} + sizes[i]);
  }
  if (range.begin > range.end) range = {};
  for (std::size_t i = 0; i < num_rows; ++i) {
    begins[i] = sizes[i] == 0 ? Offset{0} : static_cast<Offset>(begins[i] - range.begin);
  }
  POLARWAY_TRY(Data values, visit(layout.children[0], cursor, range));
  made->null_count = valid.null_count;
  made->buffers = {std::move(valid.bits), std::move(offset_bytes), std::move(size_bytes)};
  made->child_data = {std::move(values)};
  return made;
}
template Result<ArrayReader::Data> ArrayReader::visit_list_view<std::int32_t>(const Layout&,
                                                                              Cursor&, Rows, Data);
template Result<ArrayReader::Data> ArrayReader::visit_list_view<std::int64_t>(const Layout&,
                                                                              Cursor&, Rows, Data);

namespace {

// Whether every code is that of a word, or of a null, which gets one that is right.
template <class Code>
bool check_codes(std::span<std::uint8_t> bytes, const std::uint8_t* valid, std::int64_t num_words) {
  const std::span codes(reinterpret_cast<Code*>(bytes.data()), bytes.size() / sizeof(Code));
  bool all = true;
  for (const Code code : codes) {
    all &= std::cmp_greater_equal(code, 0) && std::cmp_less(code, num_words);
  }
  if (all) return true;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (std::cmp_greater_equal(codes[i], 0) && std::cmp_less(codes[i], num_words)) continue;
    const bool is_null =
        valid != nullptr && !arrow::bit_util::GetBit(valid, static_cast<std::int64_t>(i));
    if (!is_null) return false;
    codes[i] = 0;
  }
  return true;
}

bool check_codes(const arrow::DataType& type, std::span<std::uint8_t> bytes,
                 const std::uint8_t* valid, std::int64_t num_words) {
  switch (type.id()) {
    case arrow::Type::INT8:
      return check_codes<std::int8_t>(bytes, valid, num_words);
    case arrow::Type::UINT8:
      return check_codes<std::uint8_t>(bytes, valid, num_words);
    case arrow::Type::INT16:
      return check_codes<std::int16_t>(bytes, valid, num_words);
    case arrow::Type::UINT16:
      return check_codes<std::uint16_t>(bytes, valid, num_words);
    case arrow::Type::INT32:
      return check_codes<std::int32_t>(bytes, valid, num_words);
    case arrow::Type::UINT32:
      return check_codes<std::uint32_t>(bytes, valid, num_words);
    case arrow::Type::INT64:
      return check_codes<std::int64_t>(bytes, valid, num_words);
    case arrow::Type::UINT64:
      return check_codes<std::uint64_t>(bytes, valid, num_words);
    default:
      return false;
  }
}

}  // namespace

Result<ArrayReader::Data> ArrayReader::visit_dictionary(const Layout& layout, Cursor& cursor,
                                                        Rows rows, Data made) {
  const auto& type = static_cast<const arrow::DictionaryType&>(*layout.stored);
  POLARWAY_TRY(const FieldNode node, next_node(cursor, rows));
  POLARWAY_TRY(Validity valid, validity(node, cursor, rows));
  POLARWAY_TRY(const std::size_t buffer, next_buffer(cursor));
  const std::int64_t width = type.index_type()->bit_width() / 8;
  if (measuring_) {
    POLARWAY_CHECK(values(buffer, rows, width));
    return made;
  }
  const auto dictionary = dictionaries_.find(layout.dictionary_id);
  if (dictionary == dictionaries_.end()) {
    return damaged(fmt::format("there is no dictionary {} before it", layout.dictionary_id));
  }
  POLARWAY_TRY(Bytes codes, copied(buffer, rows, width));
  const std::span bytes(codes->mutable_data(), static_cast<std::size_t>(codes->size()));
  if (!check_codes(*type.index_type(), bytes, valid.bits ? valid.bits->data() : nullptr,
                   dictionary->second->length)) {
    return damaged(fmt::format("a code is none of dictionary {}, which has {} words",
                               layout.dictionary_id, dictionary->second->length));
  }
  made->null_count = valid.null_count;
  made->buffers = {std::move(valid.bits), std::move(codes)};
  made->dictionary = dictionary->second;
  return made;
}

Result<ArrayReader::Data> ArrayReader::visit_union(const Layout& layout, Cursor& cursor, Rows rows,
                                                   Data made) {
  constexpr std::size_t kCodes = 128;
  const auto& type = static_cast<const arrow::UnionType&>(*layout.stored);
  POLARWAY_TRY(const FieldNode node, next_node(cursor, rows));
  if (has_union_bitmaps_) {
    POLARWAY_TRY(const std::size_t bitmap, next_buffer(cursor));
    if (node.null_count != 0 && body_.size(bitmap) > 0) {
      return fail({.kind = ErrorKind::UnsupportedOperation,
                   .message = "a union has nulls of its own, as only old versions write them",
                   .hint = "write it anew, with a current version of Arrow"});
    }
  }
  POLARWAY_TRY(const std::size_t code_buffer, next_buffer(cursor));
  POLARWAY_TRY(Bytes code_bytes, copied(code_buffer, rows, 1));
  const std::span codes(reinterpret_cast<const std::int8_t*>(code_bytes->data()),
                        static_cast<std::size_t>(rows.count()));
  std::array<int, kCodes> child_of{};
  child_of.fill(-1);
  for (std::size_t i = 0; i < type.type_codes().size(); ++i) {
    child_of[static_cast<std::size_t>(type.type_codes()[i])] = static_cast<int>(i);
  }
  for (const std::int8_t code : codes) {
    if (code < 0 || child_of[static_cast<std::size_t>(code)] < 0) {
      return damaged("a value of a union is of none of its types");
    }
  }
  std::vector<Rows> ranges(layout.children.size(), rows);
  made->null_count = 0;
  made->buffers = {nullptr, code_bytes};
  if (type.id() == arrow::Type::DENSE_UNION) {
    POLARWAY_TRY(const std::size_t offset_buffer, next_buffer(cursor));
    POLARWAY_TRY(Bytes offset_bytes, copied(offset_buffer, rows, sizeof(std::int32_t)));
    const std::span begins(reinterpret_cast<std::int32_t*>(offset_bytes->mutable_data()),
                           codes.size());
    const auto range_of = [&](std::size_t i) -> Rows& {
      return ranges[static_cast<std::size_t>(child_of[static_cast<std::size_t>(codes[i])])];
    };
    std::fill(ranges.begin(), ranges.end(), Rows{INT64_MAX, 0});
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (begins[i] < 0) return damaged("a value of a union is before the first");
      Rows& range = range_of(i);
      range.begin = std::min<std::int64_t>(range.begin, begins[i]);
      range.end = std::max<std::int64_t>(range.end, std::int64_t{begins[i]} + 1);
    }
    for (Rows& range : ranges) {
      if (range.begin > range.end) range = {};
    }
    for (std::size_t i = 0; i < codes.size(); ++i) {
      begins[i] = static_cast<std::int32_t>(begins[i] - range_of(i).begin);
    }
    made->buffers.push_back(std::move(offset_bytes));
  }
  for (std::size_t i = 0; i < layout.children.size(); ++i) {
    POLARWAY_TRY(Data values, visit(layout.children[i], cursor, ranges[i]));
    made->child_data.push_back(std::move(values));
  }
  return made;
}

template <class RunEnd>
Result<ArrayReader::Data> ArrayReader::visit_runs_of(const Layout& layout, Cursor& cursor,
                                                     Rows rows, Data made) {
  POLARWAY_CHECK(next_node(cursor, rows));
  POLARWAY_TRY(const std::int64_t num_runs, length(cursor));
  const std::size_t buffer = cursor.buffer + 1;  // behind the bitmap, which is empty
  POLARWAY_CHECK(skip(layout.children[0], cursor));
  Rows runs;
  Bytes ends = nullptr;
  if (rows.count() > 0) {
    // The first run that ends behind a row.
    const auto run_of = [&](std::int64_t row) -> Result<std::int64_t> {
      Rows among{0, num_runs};
      while (among.count() > 0) {
        const std::int64_t middle = among.begin + among.count() / 2;
        POLARWAY_TRY(const RunEnd end, peek<RunEnd>(buffer, middle));
        if (std::int64_t{end} > row) {
          among.end = middle;
        } else {
          among.begin = middle + 1;
        }
      }
      return among.begin;
    };
    POLARWAY_TRY(runs.begin, run_of(rows.begin));
    POLARWAY_TRY(runs.end, run_of(rows.end - 1));
    if (++runs.end > num_runs) return damaged("its runs end before its rows do");
    POLARWAY_TRY(ends, copied(buffer, runs, sizeof(RunEnd)));
    const std::span all(reinterpret_cast<RunEnd*>(ends->mutable_data()),
                        static_cast<std::size_t>(runs.count()));
    std::int64_t before = rows.begin;
    for (RunEnd& end : all) {
      const bool is_last = &end == &all.back();
      if (std::int64_t{end} <= before || (is_last && std::int64_t{end} < rows.end)) {
        return damaged("its runs do not rise");
      }
      before = end;
      end = static_cast<RunEnd>(std::min<std::int64_t>(end, rows.end) - rows.begin);
    }
  } else {
    POLARWAY_TRY(ends, allocate(0));
  }
  POLARWAY_TRY(Data values, visit(layout.children[1], cursor, runs));
  auto run_ends = std::make_shared<arrow::ArrayData>(layout.children[0].given, runs.count());
  run_ends->null_count = 0;
  run_ends->buffers = {nullptr, std::move(ends)};
  made->null_count = 0;
  made->buffers = {nullptr};
  made->child_data = {std::move(run_ends), std::move(values)};
  return made;
}

Result<ArrayReader::Data> ArrayReader::visit_runs(const Layout& layout, Cursor& cursor, Rows rows,
                                                  Data made) {
  switch (layout.children[0].stored->id()) {
    case arrow::Type::INT16:
      return visit_runs_of<std::int16_t>(layout, cursor, rows, std::move(made));
    case arrow::Type::INT32:
      return visit_runs_of<std::int32_t>(layout, cursor, rows, std::move(made));
    case arrow::Type::INT64:
      return visit_runs_of<std::int64_t>(layout, cursor, rows, std::move(made));
    default:
      return damaged("its runs are counted in no type that is for it");
  }
}

}  // namespace polarway::ipc
