#include "transports/open_bytes.h"

#include <fmt/format.h>

#include <utility>

#include "transports/byte_order_mark.h"
#include "transports/compression.h"
#include "transports/decompressed_stream.h"
#include "transports/local_file.h"
#include "transports/peeked_stream.h"
#include "transports/transcoded_stream.h"

namespace polarway {
namespace {

SourceError parse_error(const ByteStream& bytes, std::string message, std::string hint) {
  return {.kind = ErrorKind::Parse,
          .where = {.location = bytes.location()},
          .message = std::move(message),
          .hint = std::move(hint)};
}

// Cut off before its format can be told.
SourceError cut_off(const PeekedStream& bytes, const CompressedFormat& format) {
  return parse_error(bytes,
                     fmt::format("the {} data are truncated at byte {} of the file", format.name,
                                 bytes.first_bytes().size()),
                     "it was not written or copied whole: get it again");
}

SourceError not_read(const ByteStream& bytes, const CompressedFormat& format) {
  return parse_error(bytes, fmt::format("this is {}, which is not read", format.name),
                     std::string(format.way_out));
}

// What the option says the file is.
Result<const CompressedFormat*> check_format(const PeekedStream& bytes,
                                             const CompressedFormat& said,
                                             const CompressedFormat* found) {
  if (found == &said || bytes.first_bytes().empty()) return found;
  if (detect_cut_format(bytes.first_bytes(), &said) == &said) return fail(cut_off(bytes, said));
  return fail(parse_error(
      bytes,
      fmt::format("compression is {}, but the file is {}", said.name,
                  found != nullptr ? found->name : "not compressed in a way that is known"),
      "leave compression out, and it is found by itself"));
}

// Null where the bytes are to be read as they are.
Result<const CompressedFormat*> choose_format(PeekedStream& bytes, Compression said) {
  if (said == Compression::None) return nullptr;
  const CompressedFormat* found = detect_format(bytes.first_bytes());
  if (said != Compression::Auto) return check_format(bytes, format_of(said), found);
  if (found != nullptr && found->make_codec == nullptr) return fail(not_read(bytes, *found));
  const CompressedFormat* named = format_of_name(bytes.location());
  if (found == nullptr) {
    const CompressedFormat* cut = detect_cut_format(bytes.first_bytes(), named);
    if (cut != nullptr) return fail(cut_off(bytes, *cut));
    if (named != nullptr && named->magic.empty()) return fail(not_read(bytes, *named));
  }
  if (named != nullptr && named != found) {
    bytes.annotate_location(found == nullptr
                                ? fmt::format("which is not {}", named->name)
                                : fmt::format("which is {}, not {}", found->name, named->name));
  }
  return found;
}

Result<std::unique_ptr<PeekedStream>> open_peeked(std::unique_ptr<ByteStream> stored,
                                                  const ByteOptions& options,
                                                  const std::shared_ptr<MemoryBudget>& budget,
                                                  const std::stop_token& stop) {
  POLARWAY_TRY(auto bytes, PeekedStream::open(std::move(stored), stop));
  POLARWAY_TRY(const CompressedFormat* format, choose_format(*bytes, options.compression));
  if (format != nullptr) {
    POLARWAY_TRY(auto text, decompress(std::move(bytes), *format, options.max_expansion, budget));
    POLARWAY_TRY(bytes, PeekedStream::open(std::move(text), stop));
    const CompressedFormat* inner = detect_format(bytes->first_bytes());
    if (inner != nullptr && options.compression == Compression::Auto) {
      return fail(parse_error(*bytes,
                              fmt::format("in the {} data is {} again", format->name, inner->name),
                              "decompress it once before"));
    }
  }
  return bytes;
}

}  // namespace

Result<std::unique_ptr<ByteStream>> open_binary(const std::string& location,
                                                const ByteOptions& options,
                                                const std::shared_ptr<MemoryBudget>& budget,
                                                const std::stop_token& stop) {
  POLARWAY_TRY(auto file, open_local_file(location, options.use_mmap == UseMmap::True));
  return open_binary(std::move(file), options, budget, stop);
}

Result<std::unique_ptr<ByteStream>> open_bytes(const std::string& location,
                                               const ByteOptions& options, const Charset& charset,
                                               const std::shared_ptr<MemoryBudget>& budget,
                                               const std::stop_token& stop) {
  POLARWAY_TRY(auto file, open_local_file(location, options.use_mmap == UseMmap::True));
  return open_bytes(std::move(file), options, charset, budget, stop);
}

Result<std::unique_ptr<ByteStream>> open_binary(std::unique_ptr<ByteStream> stored,
                                                const ByteOptions& options,
                                                const std::shared_ptr<MemoryBudget>& budget,
                                                const std::stop_token& stop) {
  POLARWAY_TRY(auto bytes, open_peeked(std::move(stored), options, budget, stop));
  return PeekedStream::unwrap(std::move(bytes));
}

Result<std::unique_ptr<ByteStream>> open_bytes(std::unique_ptr<ByteStream> stored,
                                               const ByteOptions& options, const Charset& charset,
                                               const std::shared_ptr<MemoryBudget>& budget,
                                               const std::stop_token& stop) {
  POLARWAY_TRY(auto bytes, open_peeked(std::move(stored), options, budget, stop));
  Result<TextStart> text = start_of_text(bytes->first_bytes(), charset);
  if (!text) {
    text.error().where.location = bytes->location();
    return fail(std::move(text.error()));
  }
  const std::string& from = text->from.name;
  if (from == "utf-8" || from == "utf-8-lossy" || from == "latin1") {
    return PeekedStream::unwrap(std::move(bytes));
  }
  return transcode(std::move(bytes), *text, budget);
}

}  // namespace polarway
