#include "reject_file.h"

#include <arrow/util/utf8.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

namespace polarway::cli {

namespace {

constexpr const char* kHeader = "file,row,row_byte,byte,column,fault,message,raw\n";

// A text that is no UTF-8 would make the whole file none: then the bytes that are not ASCII are
// spelled.
std::string spelled(const std::string& text) {
  if (arrow::util::ValidateUTF8(text)) return text;
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x80 ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return out;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : spelled(text)) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string number(const std::optional<std::int64_t>& value) {
  return value ? std::to_string(*value) : std::string();
}

std::string csv_line(const Reject& reject) {
  return quoted(reject.where.location) + ',' + number(reject.where.row) + ',' +
         number(reject.row_byte_offset) + ',' + number(reject.where.byte_offset) + ',' +
         (reject.where.column.empty() ? std::string() : quoted(reject.where.column)) + ',' +
         quoted(reject.fault) + ',' + quoted(reject.message) + ',' + quoted(reject.raw);
}

SourceError write_error(const std::string& path) {
  return {.kind = ErrorKind::Io,
          .where = {.location = path},
          .message = std::string("cannot write what is rejected: ") + std::strerror(errno)};
}

}  // namespace

Result<RejectFile> RejectFile::make(const std::string& path, std::int64_t kept_bytes) {
  const std::string_view name(path);
  const bool is_csv = name.ends_with(".csv");
  if (!is_csv && !name.ends_with(".ndjson") && !name.ends_with(".jsonl")) {
    return fail({.kind = ErrorKind::Config,
                 .where = {.location = path},
                 .message = "the ending of a file for rejected rows says what it is to be",
                 .hint = "such as rejects.csv or rejects.ndjson"});
  }
  arrow::util::InitializeUTF8();
  std::FILE* const opened = std::fopen(path.c_str(), kept_bytes > 0 ? "r+e" : "we");
  if (opened == nullptr) return fail(write_error(path));
  RejectFile file(path, is_csv, opened);
  if (kept_bytes > 0) {
    if (std::fseek(opened, 0, SEEK_END) != 0) return fail(write_error(path));
    if (std::ftell(opened) < kept_bytes) {
      return fail({.kind = ErrorKind::Changed,
                   .where = {.location = path},
                   .message = "it is shorter than it was at the checkpoint",
                   .hint = "start again without the checkpoint"});
    }
    if (::ftruncate(::fileno(opened), kept_bytes) != 0 || std::fseek(opened, 0, SEEK_END) != 0)
      return fail(write_error(path));
    return file;
  }
  if (is_csv && std::fputs(kHeader, opened) == EOF) return fail(write_error(path));
  if (std::fflush(opened) != 0) return fail(write_error(path));
  return file;
}

Result<void> RejectFile::write(const std::vector<Reject>& rejects) {
  for (const Reject& reject : rejects) {
    const std::string line = (is_csv_ ? csv_line(reject) : reject.to_json()) + '\n';
    if (std::fwrite(line.data(), 1, line.size(), file_.get()) < line.size())
      return fail(write_error(path_));
  }
  if (std::fflush(file_.get()) != 0) return fail(write_error(path_));
  return {};
}

Result<std::int64_t> RejectFile::sync() {
  const std::int64_t bytes = std::ftell(file_.get());
  if (bytes < 0 || ::fsync(::fileno(file_.get())) != 0) return fail(write_error(path_));
  return bytes;
}

}  // namespace polarway::cli
