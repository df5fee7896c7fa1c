#include "transports/byte_options.h"

namespace polarway {

const OptionTable<ByteOptions>& byte_option_table() {
  static const OptionTable<ByteOptions> table = [] {
    OptionTable<ByteOptions> made;
    made.add_choice("compression", &ByteOptions::compression,
                    "Of the file: auto tells by its first bytes.",
                    {{"auto", Compression::Auto},
                     {"none", Compression::None},
                     {"gzip", Compression::Gzip},
                     {"zstd", Compression::Zstd},
                     {"bz2", Compression::Bz2},
                     {"lz4", Compression::Lz4},
                     {"xz", Compression::Xz},
                     {"infer", Compression::Auto},
                     {"uncompressed", Compression::None},
                     {"gz", Compression::Gzip},
                     {"zst", Compression::Zstd},
                     {"bzip2", Compression::Bz2}})
        .add("max_expansion", &ByteOptions::max_expansion,
             "How many times its size a compressed file may expand to, beyond its first 64 MiB; "
             "none: without limit.")
        .add_choice(
            "use_mmap", &ByteOptions::use_mmap,
            "true: reads a local file through a memory mapping. Text is copied out of a window of "
            "4 MiB, as a rule a little slower than reading; chunks of uncompressed Arrow IPC show "
            "the file's own bytes, and are void when somebody changes it. auto: as false.",
            {{"auto", UseMmap::Auto}, {"true", UseMmap::True}, {"false", UseMmap::False}});
    return made;
  }();
  return table;
}

Result<ByteOptions> parse_byte_options(const std::map<std::string, std::string>& given) {
  POLARWAY_TRY(ByteOptions options, byte_option_table().parse(given));
  if (options.max_expansion && *options.max_expansion < 1) {
    return fail({.kind = ErrorKind::Config,
                 .message = "max_expansion is less than 1",
                 .hint = "give how many times its size a file may expand to, or none"});
  }
  return options;
}

}  // namespace polarway
