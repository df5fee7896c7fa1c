#include "sources/file_place.h"

#include <fmt/format.h>

#include <charconv>

#include "core/quoted_text.h"

namespace polarway {
namespace {

// Takes a number and the blank behind it away from the text.
template <class T>
bool take(std::string_view& text, T& number, int base = 10) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || rest == text.data() + text.size() || *rest != ' ') return false;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()) + 1);
  return true;
}

}  // namespace

std::string FilePlace::to_text() const {
  return fmt::format("{:x} {} {} {} {}", fingerprint, file, end_file, rows_before, within);
}

Result<FilePlace> FilePlace::parse(std::string_view text, std::uint64_t fingerprint,
                                   std::int64_t num_files, const std::string& location) {
  FilePlace place;
  std::string_view rest = text;
  const bool is_place = take(rest, place.fingerprint, 16) && take(rest, place.file) &&
                        take(rest, place.end_file) && take(rest, place.rows_before);
  if (is_place && place.fingerprint != fingerprint) {
    return fail({.kind = ErrorKind::Changed,
                 .where = {.location = location},
                 .message = "the files are not those that the checkpoint or split was made from: "
                            "some were added, removed or written to",
                 .hint = "start again from the first row"});
  }
  if (!is_place || place.file < 0 || place.file >= place.end_file || place.end_file > num_files ||
      place.rows_before < 0) {
    return fail({.kind = ErrorKind::Config,
                 .where = {.location = location},
                 .message = "this is no position in several files: " + shorten(text),
                 .hint = "pass on a checkpoint or split as it was given"});
  }
  place.within = rest;
  return place;
}

}  // namespace polarway
