#include "formats/sample_length.h"

namespace polarway {

Result<SampleLength> OptionValue<SampleLength>::parse(std::string_view text) {
  // None is how Polars writes it, -1 how DuckDB does.
  if (text == "full" || text == "all" || text == "-1" || is_spelled_none(text)) {
    return SampleLength{SampleLength::kAll};
  }
  POLARWAY_TRY(const std::int64_t rows, OptionValue<std::int64_t>::parse(text));
  if (rows < 0) {
    return fail({.kind = ErrorKind::Config,
                 .message = std::string(text) + " rows cannot be looked at",
                 .hint = "give a number of rows, or full"});
  }
  return SampleLength{rows};
}

}  // namespace polarway
