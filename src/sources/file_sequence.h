#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/byte_stream.h"
#include "formats/decoder.h"
#include "polarway/schema.h"
#include "polarway/source.h"
#include "sources/file_options.h"

namespace polarway {

/// How files of one kind become rows.
struct FileFormat {
  /// A decoder for one file; the name may tell its dialect.
  std::function<std::unique_ptr<Decoder>(const std::string& path)> make_decoder;
  /// The bytes of one file, ready to be decoded.
  std::function<Result<std::unique_ptr<ByteStream>>(const std::string& path, const Context&)>
      open_bytes;
  /// Of the files that are taken from a directory, lower case, without dot.
  std::vector<std::string> extensions;
  /// The types that the user pinned: where columns may differ, those that no file has are added.
  std::optional<Schema> pinned;
  /// Whether small files may be decoded side by side: where no row is ever rejected, as rejects are
  /// told in the order of the rows.
  bool decodes_ahead = false;
};

/// A reader of local files in their order, each with a decoder of its own: one file, a list, a
/// glob, a directory (see list_files()), as one table. The working set is that of one file. Where
/// there is more room, files behind the one that is read are looked at by other threads, or
/// decoded, when they are small.
///
/// One file by its own name, with no column added to those in it, is read as its decoder reads it:
/// chunks, positions and splits are the decoder's.
std::unique_ptr<SourceReader> make_file_sequence(std::vector<std::string> locations,
                                                 FileOptions options, FileFormat format);

}  // namespace polarway
