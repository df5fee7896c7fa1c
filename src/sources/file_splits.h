#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "formats/decoder.h"
#include "polarway/config.h"
#include "polarway/result.h"
#include "sources/file_list.h"

namespace polarway {

/// Opens a decoder of all rows of a file, without columns; null when there are no bytes in it.
using OpenAlone = std::function<Result<std::unique_ptr<Decoder>>(const std::string& path)>;

/// Up to `max_splits` pieces of the files, in order, of about the same size: several files each, or
/// where there are fewer files than pieces, parts of one as its decoder makes them. A piece is the
/// text of a FilePlace. With `count_rows` pieces know the rows before them, for which the files
/// are read.
Result<std::vector<Split>> split_files(const FileList& files, int max_splits, bool count_rows,
                                       const OpenAlone& open);

}  // namespace polarway
