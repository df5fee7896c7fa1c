#include "polarway/source.h"

namespace polarway {

Result<std::vector<Split>> SourceReader::splits(int) {
  return fail(
      {.kind = ErrorKind::UnsupportedOperation, .message = "this source cannot be read in pieces"});
}

Result<void> SourceReader::commit(const std::string&) { return {}; }

}  // namespace polarway
