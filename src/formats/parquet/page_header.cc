#include "formats/parquet/page_header.h"

#include "core/compact_thrift.h"

namespace polarway::pq {
namespace {

using Field = CompactThrift::Field;

// Calls `take` with each field of a struct; what it does not take is passed over.
template <class Take>
void walk(CompactThrift& thrift, Take take) {
  int id = 0;
  while (const std::optional<Field> field = thrift.next_field(id)) {
    id = field->id;
    if (!take(*field)) thrift.skip(field->type, 1);
  }
}

// The value of a field, if it is an integer as it should be.
bool take_integer(CompactThrift& thrift, const Field& field, std::int64_t& value) {
  if (field.type != CompactThrift::kInt32) return false;
  value = thrift.integer();
  return true;
}

void read_data(CompactThrift& thrift, PageHeader& header) {
  walk(thrift, [&](const Field& field) {
    switch (field.id) {
      case 1:
        return take_integer(thrift, field, header.num_values);
      case 2:
        return take_integer(thrift, field, header.encoding);
      case 3:
        return take_integer(thrift, field, header.definition_encoding);
      case 4:
        return take_integer(thrift, field, header.repetition_encoding);
      default:
        return false;
    }
  });
}

void read_dictionary(CompactThrift& thrift, PageHeader& header) {
  walk(thrift, [&](const Field& field) {
    if (field.id == 1) return take_integer(thrift, field, header.num_values);
    return field.id == 2 && take_integer(thrift, field, header.encoding);
  });
}

void read_data_v2(CompactThrift& thrift, PageHeader& header) {
  walk(thrift, [&](const Field& field) {
    switch (field.id) {
      case 1:
        return take_integer(thrift, field, header.num_values);
      case 2:
        return take_integer(thrift, field, header.num_nulls);
      case 3:
        return take_integer(thrift, field, header.num_rows);
      case 4:
        return take_integer(thrift, field, header.encoding);
      case 5:
        return take_integer(thrift, field, header.definition_bytes);
      case 6:
        return take_integer(thrift, field, header.repetition_bytes);
      case 7:
        header.is_compressed = field.type != CompactThrift::kFalse;
        return false;
      default:
        return false;
    }
  });
}

bool is_sane(const PageHeader& header) {
  constexpr std::int64_t kMost = INT32_MAX;
  for (const std::int64_t value :
       {header.stored_bytes, header.bytes, header.num_values, header.num_nulls, header.num_rows,
        header.definition_bytes, header.repetition_bytes}) {
    if (value < 0 || value > kMost) return false;
  }
  const std::int64_t level_bytes = header.definition_bytes + header.repetition_bytes;
  return level_bytes <= header.stored_bytes && level_bytes <= header.bytes &&
         header.num_nulls <= header.num_values && header.num_rows <= header.num_values;
}

}  // namespace

std::optional<PageHeader> parse_page_header(std::string_view text) {
  CompactThrift thrift(text);
  PageHeader header;
  std::int64_t type = -1;
  bool has_details = false;
  walk(thrift, [&](const Field& field) {
    const bool is_struct = field.type == CompactThrift::kStruct;
    std::int64_t crc = 0;
    switch (field.id) {
      case 1:
        return take_integer(thrift, field, type);
      case 2:
        return take_integer(thrift, field, header.bytes);
      case 3:
        return take_integer(thrift, field, header.stored_bytes);
      case 4:
        if (!take_integer(thrift, field, crc)) return false;
        header.crc = static_cast<std::uint32_t>(crc);
        return true;
      case 5:
        if (!is_struct || type != ::parquet::PageType::DATA_PAGE) return false;
        header.kind = PageHeader::Kind::Data;
        read_data(thrift, header);
        return has_details = true;
      case 7:
        if (!is_struct || type != ::parquet::PageType::DICTIONARY_PAGE) return false;
        header.kind = PageHeader::Kind::Dictionary;
        read_dictionary(thrift, header);
        return has_details = true;
      case 8:
        if (!is_struct || type != ::parquet::PageType::DATA_PAGE_V2) return false;
        header.kind = PageHeader::Kind::DataV2;
        read_data_v2(thrift, header);
        return has_details = true;
      default:
        return false;
    }
  });
  header.header_bytes = thrift.position();
  const bool needs_details = type == ::parquet::PageType::DATA_PAGE ||
                             type == ::parquet::PageType::DICTIONARY_PAGE ||
                             type == ::parquet::PageType::DATA_PAGE_V2;
  const bool is_whole = thrift.ok() && type >= 0 && (has_details || !needs_details);
  if (!is_whole || !is_sane(header)) return std::nullopt;
  return header;
}

}  // namespace polarway::pq
