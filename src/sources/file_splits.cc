#include "sources/file_splits.h"

#include <arrow/record_batch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sources/file_place.h"

namespace polarway {
namespace {

std::int64_t size_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_size : 0;
}

Result<std::int64_t> count_rows_of(Decoder& decoder) {
  const ChunkTarget target{.max_rows = 1 << 20, .max_bytes = 1 << 20, .stop = {}};
  for (;;) {
    POLARWAY_TRY(const std::optional<Batch> batch, decoder.read(target));
    if (!batch) return decoder.next_row();
  }
}

class Splitter {
 public:
  Splitter(const FileList& files, bool count_rows, const OpenAlone& open)
      : files_(files), count_rows_(count_rows), open_(open), left_bytes_(files.total_bytes()) {}

  Result<std::vector<Split>> run(int max_splits) {
    std::int64_t left_splits = max_splits;
    for (std::int64_t file = 0; file < files_.size();) {
      const std::int64_t left_files = files_.size() - file;
      std::int64_t made = 1;
      if (left_splits >= left_files) {
        const std::int64_t most = left_splits - (left_files - 1);
        POLARWAY_TRY(made, add_parts(file, most));
        ++file;
      } else {
        POLARWAY_TRY(file, add_group(file, left_splits));
      }
      left_splits -= made;
    }
    return std::move(splits_);
  }

 private:
  FilePlace place(std::int64_t file, std::int64_t end_file) const {
    return {.fingerprint = files_.fingerprint(),
            .file = file,
            .end_file = end_file,
            .rows_before = rows_before_,
            .within = {}};
  }

  void add(const FilePlace& place, std::int64_t size_bytes, std::int64_t working_set_bytes) {
    splits_.push_back({.piece = place.to_text(),
                       .size_bytes = size_bytes,
                       .working_set_bytes = working_set_bytes});
  }

  Result<void> count(const std::string& path) {
    if (!count_rows_) return {};
    POLARWAY_TRY(const std::unique_ptr<Decoder> decoder, open_(path));
    if (!decoder) return {};
    POLARWAY_TRY(const std::int64_t rows, count_rows_of(*decoder));
    rows_before_ += rows;
    return {};
  }

  // Parts of one file; says how many.
  Result<std::int64_t> add_parts(std::int64_t file, std::int64_t most) {
    const std::string path = files_.path(file);
    const std::int64_t size = size_of(path);
    const double share = left_bytes_ > 0 ? static_cast<double>(size) / left() : 0;
    const std::int64_t left_splits = most + (files_.size() - file - 1);
    const auto wanted =
        std::clamp<std::int64_t>(std::llround(share * static_cast<double>(left_splits)), 1, most);
    left_bytes_ -= size;
    FilePlace whole = place(file, file + 1);
    std::int64_t working_set = 0;
    std::vector<Split> parts;
    {
      POLARWAY_TRY(const std::unique_ptr<Decoder> decoder, open_(path));
      if (decoder) working_set = decoder->working_set_bytes({});
      if (decoder && wanted > 1) {
        Result<std::vector<Split>> split = decoder->splits(static_cast<int>(wanted));
        if (!split && split.error().kind != ErrorKind::UnsupportedOperation)
          return fail(split.error());
        if (split) parts = *std::move(split);
      }
    }
    for (const Split& part : parts) {
      whole.within = part.piece;
      add(whole, part.size_bytes, part.working_set_bytes);
    }
    if (parts.empty()) add(whole, size, working_set);
    POLARWAY_CHECK(count(path));
    return std::max<std::int64_t>(1, std::ssize(parts));
  }

  // Files from this one on, of about one piece's size together; gives the file behind them.
  Result<std::int64_t> add_group(std::int64_t file, std::int64_t left_splits) {
    const FilePlace begin = place(file, file);
    const std::int64_t wanted = left_bytes_ / left_splits;
    std::int64_t bytes = 0;
    std::int64_t working_set = 0;
    do {
      const std::string path = files_.path(file++);
      bytes += size_of(path);
      POLARWAY_CHECK(count(path));
    } while (files_.size() - file >= left_splits && (bytes < wanted || left_splits == 1));
    {
      POLARWAY_TRY(const std::unique_ptr<Decoder> decoder, open_(files_.path(begin.file)));
      if (decoder) working_set = decoder->working_set_bytes({});
    }
    left_bytes_ -= bytes;
    FilePlace group = begin;
    group.end_file = file;
    add(group, bytes, working_set);
    return file;
  }

  double left() const { return static_cast<double>(left_bytes_); }

  const FileList& files_;
  bool count_rows_;
  const OpenAlone& open_;
  std::int64_t left_bytes_;
  std::int64_t rows_before_ = 0;
  std::vector<Split> splits_;
};

}  // namespace

Result<std::vector<Split>> split_files(const FileList& files, int max_splits, bool count_rows,
                                       const OpenAlone& open) {
  return Splitter(files, count_rows, open).run(max_splits);
}

}  // namespace polarway
