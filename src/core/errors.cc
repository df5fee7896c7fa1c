#include <fmt/format.h>

#include "core/format_bytes.h"
#include "core/quoted_text.h"
#include "polarway/error.h"

namespace polarway {

namespace {

constexpr std::size_t kLongestLocation = 4096;

std::string describe(const ErrorPlace& where) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (!where.location.empty()) add(shorten_name(where.location, kLongestLocation));
  if (where.row) add(fmt::format("row {}", *where.row));
  if (where.byte_offset) add(fmt::format("byte {}", *where.byte_offset));
  if (!where.column.empty()) add(fmt::format("column {}", shorten_name(where.column)));
  return text;
}

std::string describe(const MemoryHolding& holding) {
  const std::string bytes = format_bytes(holding.bytes);
  if (holding.holder != "you") return fmt::format("{} holds {}", holding.holder, bytes);
  return fmt::format("you hold {} chunk{}, {}", holding.count, holding.count == 1 ? "" : "s",
                     bytes);
}

// "limit 64.0 MB, used 63.5 MB, needed 2.1 MB; you hold 7 chunks, 63.0 MB; reader holds 500.0 KB"
std::string describe(const MemoryShortage& memory) {
  std::string text =
      fmt::format("limit {}, used {}, needed {}", format_bytes(memory.limit_bytes),
                  format_bytes(memory.used_bytes), format_bytes(memory.needed_bytes));
  for (const MemoryHolding& holding : memory.holdings) {
    if (holding.bytes != 0) text += "; " + describe(holding);
  }
  return text;
}

}  // namespace

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Io:
      return "Io";
    case ErrorKind::Network:
      return "Network";
    case ErrorKind::Timeout:
      return "Timeout";
    case ErrorKind::Auth:
      return "Auth";
    case ErrorKind::Config:
      return "Config";
    case ErrorKind::NotFound:
      return "NotFound";
    case ErrorKind::Changed:
      return "Changed";
    case ErrorKind::UnsupportedSource:
      return "UnsupportedSource";
    case ErrorKind::UnsupportedOperation:
      return "UnsupportedOperation";
    case ErrorKind::MemoryLimit:
      return "MemoryLimit";
    case ErrorKind::EmptySource:
      return "EmptySource";
    case ErrorKind::Parse:
      return "Parse";
    case ErrorKind::Schema:
      return "Schema";
    case ErrorKind::Cloud:
      return "Cloud";
    case ErrorKind::Database:
      return "Database";
    case ErrorKind::Kafka:
      return "Kafka";
    case ErrorKind::Cancelled:
      return "Cancelled";
    case ErrorKind::Other:
      return "Other";
  }
  return "Other";
}

bool SourceError::retryable() const {
  return kind == ErrorKind::Network || kind == ErrorKind::Timeout ||
         kind == ErrorKind::MemoryLimit || kind == ErrorKind::Cancelled;
}

std::string SourceError::to_string() const {
  const std::string place = describe(where);
  std::string text = place.empty() ? "" : place + ": ";
  // An error always says something, if only its kind.
  text += message.empty() ? std::string(polarway::to_string(kind)) : message;
  if (memory) text += ": " + describe(*memory);
  if (!hint.empty()) text += fmt::format(" ({})", hint);
  return text;
}

}  // namespace polarway
