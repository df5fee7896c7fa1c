// A checkpoint's text is read as it was written, or refused; so is a CSV's position in it.

#include <string>

#include "formats/position.h"
#include "law.h"
#include "polarway/config.h"
#include "support/memory_stream.h"

namespace polarway {
namespace {

using fuzz::require;

void check_text(std::string_view text) {
  const Result<Checkpoint> read = Checkpoint::from_json(text);
  if (!read) {
    require(read.error().kind == ErrorKind::Config, "a damaged checkpoint is Config");
    return;
  }
  require(text.starts_with(read->to_json()), "only what was written is read");
}

void check_round_trip(std::string_view text) {
  const std::size_t third = text.size() / 3;
  const Checkpoint made{.kind = std::string(text.substr(0, third)),
                        .location = std::string(text.substr(third, third)),
                        .position = std::string(text.substr(2 * third)),
                        .rows = static_cast<std::int64_t>(text.size()) - 5};
  const std::string json = made.to_json();
  const Result<Checkpoint> read = Checkpoint::from_json(json);
  require(read && read->kind == made.kind && read->location == made.location &&
              read->position == made.position && read->rows == made.rows,
          "what was written is read", json);
  require(!Checkpoint::from_json(std::string_view(json).substr(0, json.size() - 1)),
          "what was cut is refused", json);
  std::string changed = json;
  changed[text.size() * 31 % changed.size()] ^= 1;
  require(!Checkpoint::from_json(changed), "what was changed is refused", changed);
}

void check_position(std::string_view text) {
  const testing::MemoryStream bytes("a,b\n1,2\n");
  const auto position = Position::parse(std::string(text), bytes);
  if (!position) {
    require(
        position.error().kind == ErrorKind::Config || position.error().kind == ErrorKind::Changed,
        "a position that does not fit is Config or Changed", position.error().to_string());
    return;
  }
  const auto again = Position::parse(position->to_text(), bytes);
  require(again && again->to_text() == position->to_text(), "a position reads back");
}

}  // namespace
}  // namespace polarway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return -1;
  const std::string_view text = polarway::fuzz::text_of(data, size, 1);
  switch (data[0] % 3) {
    case 0:
      polarway::check_text(text);
      break;
    case 1:
      polarway::check_round_trip(text);
      break;
    default:
      polarway::check_position(text);
  }
  return 0;
}
