#include "datasets/table_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace polarway::datasets {

namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

// A file being written; removed unless it is kept.
class NewFile {
 public:
  explicit NewFile(std::string path)
      : path_(std::move(path)),
        file_(open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)),
        open_error_(file_ < 0 ? errno : 0) {}
  ~NewFile() {
    if (file_ < 0) return;
    close(file_);
    if (!is_kept_) unlink(path_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Result<void> write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = file_ < 0 ? -1 : ::write(file_, bytes.data(), bytes.size());
      const int error = file_ < 0 ? open_error_ : errno;
      if (written < 0 && error == EINTR) continue;
      if (written < 0) {
        return fail({.kind = error == ENOENT ? ErrorKind::NotFound : ErrorKind::Io,
                     .where = {.location = path_},
                     .message = std::string("cannot write: ") + std::strerror(error)});
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }
  void keep() { is_kept_ = true; }

 private:
  std::string path_;
  int file_;
  int open_error_;
  bool is_kept_ = false;
};

std::string header_of(const TableMaker& table) {
  std::string header;
  for (const std::string& name : table.columns()) header += (header.empty() ? "" : ",") + name;
  return header + '\n';
}

}  // namespace

Result<TableWritten> write_table(const std::string& path, TableMaker& table, const TableSize& size,
                                 std::stop_token stop) {
  const std::string header = header_of(table);
  const std::size_t slack = header.size() + table.max_row_bytes() + 1;
  const auto buffer = std::make_unique_for_overwrite<char[]>(kBufferBytes + slack);
  std::vector<char*> ends(table.columns().size());
  NewFile file(path);
  TableWritten written;
  char* out = buffer.get() + header.copy(buffer.get(), header.size());

  const auto flush = [&]() -> Result<void> {
    const std::string_view full(buffer.get(), static_cast<std::size_t>(out - buffer.get()));
    POLARWAY_CHECK(file.write(full));
    written.bytes += static_cast<std::int64_t>(full.size());
    out = buffer.get();
    return {};
  };
  const auto is_enough = [&] {
    return size.rows > 0 ? written.rows >= size.rows
                         : written.bytes + (out - buffer.get()) >= size.bytes;
  };

  while (!is_enough()) {
    out = table.put_row(out, ends);
    *out++ = '\n';
    ++written.rows;
    if (out - buffer.get() < std::ptrdiff_t{kBufferBytes}) continue;
    POLARWAY_CHECK(flush());
    if (stop.stop_requested()) {
      return fail(
          {.kind = ErrorKind::Cancelled, .where = {.location = path}, .message = "stopped"});
    }
  }
  POLARWAY_CHECK(flush());
  file.keep();
  return written;
}

}  // namespace polarway::datasets
