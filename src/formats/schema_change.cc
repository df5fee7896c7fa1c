#include "formats/schema_change.h"

namespace polarway {

Result<void> check_schema_change(SchemaChange change) {
  if (change != SchemaChange::Widen) return {};
  return fail({.kind = ErrorKind::Config,
               .message = "on_schema_change=widen needs a consumer that takes rows of several "
                          "schemas, and all that there are take one",
               .hint = "pin a wider type with schema_overrides, look at more rows with "
                       "infer_schema_length, or give reject or rescue"});
}

SourceError rescued_column_is_there() {
  return {.kind = ErrorKind::Config,
          .where = {.column = kRescuedColumn},
          .message = "the file has a column of that name already",
          .hint = "on_schema_change=rescue cannot be used with it; reject can"};
}

}  // namespace polarway
