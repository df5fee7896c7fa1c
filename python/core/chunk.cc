#include "chunk.h"

#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>
#include <arrow/type.h>

#include <memory>

#include "capsule.h"
#include "failure.h"

namespace nb = nanobind;

namespace polarway::python {

nb::capsule ChunkSchema::arrow_c_schema() const {
  auto schema = std::make_unique<::ArrowSchema>();
  if (const arrow::Status exported = arrow::ExportSchema(*schema_.arrow(), schema.get());
      !exported.ok()) {
    throw Failure({.kind = ErrorKind::Schema, .message = exported.message()});
  }
  return capsule_of(std::move(schema), "arrow_schema");
}

// What the consumer would rather have is a wish: the protocol lets the producer give what it has.
nb::tuple Chunk::arrow_c_array(const nb::object&) const {
  auto schema = std::make_unique<::ArrowSchema>();
  auto array = std::make_unique<::ArrowArray>();
  value_of(frame_.export_to(array.get(), schema.get()));
  return nb::make_tuple(capsule_of(std::move(schema), "arrow_schema"),
                        capsule_of(std::move(array), "arrow_array"));
}

}  // namespace polarway::python
