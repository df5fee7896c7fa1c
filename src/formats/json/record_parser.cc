#include "formats/json/record_parser.h"

#include <algorithm>
#include <bit>

#include "core/quoted_text.h"

namespace polarway::json {

Result<void> RecordParser::grow(std::int64_t bytes) {
  const auto wanted = static_cast<std::int64_t>(
      std::bit_ceil(static_cast<std::uint64_t>(std::max(bytes, kUsualBytes))));
  if (wanted > kUsualBytes) {
    // The old memory goes when the new is there.
    const std::int64_t needed = kBytesPerByte * wanted;
    if (!lease_) {
      POLARWAY_TRY(lease_, budget_->reserve(needed, LeaseHolder::Reader));
    } else {
      POLARWAY_CHECK(lease_.grow(needed));
    }
  }
  if (parser_.allocate(static_cast<std::size_t>(wanted))) {
    return fail(
        {.kind = ErrorKind::MemoryLimit,
         .message = "the system refused memory for a record of " + std::to_string(bytes) + " bytes",
         .hint = "lower the memory limit to what there is"});
  }
  if (lease_) lease_.shrink_to(kBytesPerByte * wanted);
  return {};
}

// What simdjson checks in objects and arrays.
bool RecordParser::check_text(std::string_view record, Trouble& trouble) {
  if (!simdjson::validate_utf8(record.data(), record.size())) {
    set_trouble(trouble, simdjson::UTF8_ERROR, nullptr);
    return false;
  }
  const auto control = std::find_if(record.begin(), record.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (control == record.end()) return true;
  set_trouble(trouble, simdjson::UNESCAPED_CHARS, record.data() + (control - record.begin()));
  return false;
}

bool RecordParser::check_end(ondemand::document& document, Trouble& trouble) {
  const char* at = nullptr;
  if (document.current_location().get(at) == simdjson::OUT_OF_BOUNDS) return true;
  trouble.kind = ErrorKind::Parse;
  trouble.at = at;
  trouble.message = "more stands behind the value of the line";
  trouble.hint = "set format=values for values that are not one a line";
  return false;
}

void RecordParser::place(ondemand::document& document, std::string_view record, Trouble& trouble) {
  const char* at = nullptr;
  if (trouble.at != nullptr || document.current_location().get(at)) return;
  if (at >= record.data() && at <= record.data() + record.size()) trouble.at = at;
}

}  // namespace polarway::json
