#include "sinks/parquet_footer.h"

#include <cstring>
#include <optional>

#include "core/compact_thrift.h"

namespace polarway {
namespace {

constexpr std::string_view kMagic = "PAR1";
// parquet.thrift: FileMetaData and RowGroup
constexpr int kSchema = 2, kNumRows = 3, kRowGroups = 4, kGroupNumRows = 3, kOrdinal = 7;
constexpr std::uint8_t kNext = 0x10;  // a field whose id is one more than that of the one before it

SourceError not_as_expected(const std::string& location) {
  return {.kind = ErrorKind::Other,
          .where = {.location = location, .row = {}, .byte_offset = {}, .column = {}},
          .message = "the Parquet footer of this version of Arrow is not as expected",
          .hint = "please report this",
          .memory = {}};
}

std::int64_t read_int64(std::string_view varint) {
  std::uint64_t zigzag = 0;
  int shift = 0;
  for (const char c : varint) {
    zigzag |= (static_cast<std::uint64_t>(c) & 0x7F) << shift;
    shift += 7;
  }
  return static_cast<std::int64_t>(zigzag >> 1) ^ -static_cast<std::int64_t>(zigzag & 1);
}

struct RowGroupParts {
  std::string bytes;  // a struct, its end included
  std::int64_t num_rows = 0;
};

// Leaves the ordinal out (optional, and always 0 here), which must not be said twice of two groups.
std::optional<RowGroupParts> take_row_group(CompactThrift& walk, std::string_view footer) {
  RowGroupParts parts;
  const std::size_t begin = walk.position();
  std::optional<std::size_t> ordinal;
  int id = 0;
  while (const auto field = walk.next_field(id)) {
    if (ordinal) return std::nullopt;  // ids are told by differences: only the last can be left out
    id = field->id;
    const std::size_t value = walk.position();
    walk.skip(field->type);
    if (id == kOrdinal) ordinal = field->begin;
    if (id == kGroupNumRows && field->type == CompactThrift::kInt64 && walk.ok()) {
      parts.num_rows = read_int64(footer.substr(value, walk.position() - value));
    }
  }
  if (!walk.ok()) return std::nullopt;
  parts.bytes = footer.substr(begin, ordinal.value_or(walk.position() - 1) - begin);
  parts.bytes += '\0';
  return parts;
}

}  // namespace

Result<std::string_view> ParquetFooter::add(std::string_view end_of_file,
                                            const std::string& location) {
  const auto broken = [&] { return fail(not_as_expected(location)); };
  std::uint32_t length = 0;
  constexpr std::size_t kTail = sizeof length + kMagic.size();
  if (end_of_file.size() < kTail || !end_of_file.ends_with(kMagic)) return broken();
  std::memcpy(&length, end_of_file.data() + end_of_file.size() - kTail, sizeof length);
  if (length > end_of_file.size() - kTail) return broken();
  const std::size_t begin = end_of_file.size() - kTail - length;
  const std::string_view footer = end_of_file.substr(begin, length);

  CompactThrift walk(footer);
  int id = 0;
  bool found = false;
  while (const auto field = walk.next_field(id)) {
    if (field->id == kNumRows && id == kSchema && before_.empty()) {
      before_ = footer.substr(0, field->begin);
    }
    if (field->id != kRowGroups) {
      walk.skip(field->type);
    } else {
      const CompactThrift::List groups = walk.list();
      if (groups.size > 1 || groups.type != CompactThrift::kStruct) return broken();
      if (groups.size == 1) {
        const std::optional<RowGroupParts> group = take_row_group(walk, footer);
        if (!group) return broken();
        POLARWAY_CHECK(row_groups_.append(group->bytes));
        num_rows_ += group->num_rows;
        ++num_row_groups_;
      }
      if (after_.empty() && walk.ok()) after_ = footer.substr(walk.position());
      found = id == kNumRows;
    }
    id = field->id;
  }
  if (!walk.ok() || !found || before_.empty() || walk.position() != footer.size()) return broken();
  return end_of_file.substr(0, begin);
}

Result<void> ParquetFooter::write_to(Output& output) {
  std::string head = before_;
  head += static_cast<char>(kNext | CompactThrift::kInt64);
  CompactThrift::append_int64(head, num_rows_);
  head += static_cast<char>(kNext | CompactThrift::kList);
  CompactThrift::append_list(head, {.size = num_row_groups_, .type = CompactThrift::kStruct});

  const auto length = static_cast<std::uint64_t>(head.size()) +
                      static_cast<std::uint64_t>(row_groups_.size()) + after_.size();
  if (length > UINT32_MAX) {
    return fail(
        {.kind = ErrorKind::Io,
         .where = {.location = output.location(), .row = {}, .byte_offset = {}, .column = {}},
         .message = "the Parquet footer would be longer than 4 GiB",
         .hint = "write larger row groups (row_group_bytes), or several files",
         .memory = {}});
  }
  POLARWAY_CHECK(output.append(head));
  POLARWAY_CHECK(row_groups_.copy_to(output));
  std::string tail = after_;
  for (int shift = 0; shift < 32; shift += 8) tail += static_cast<char>(length >> shift);
  tail += kMagic;
  return output.append(tail);
}

}  // namespace polarway
