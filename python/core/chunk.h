#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <utility>

#include "polarway/dataframe.h"
#include "polarway/schema.h"

namespace polarway::python {

/// A chunk on its way to a Python library, by Arrow's PyCapsule interface. The buffers, and the
/// lease that pays for them, live until the library lets go of them.
class Chunk {
 public:
  explicit Chunk(DataFrame frame) : frame_(std::move(frame)) {}

  /// Number of rows.
  std::int64_t height() const { return frame_.height(); }
  /// `__arrow_c_array__`: capsules of schema and array.
  nanobind::tuple arrow_c_array(const nanobind::object& requested_schema) const;

 private:
  DataFrame frame_;
};

/// A schema on its way there.
class ChunkSchema {
 public:
  explicit ChunkSchema(Schema schema) : schema_(std::move(schema)) {}

  /// `__arrow_c_schema__`.
  nanobind::capsule arrow_c_schema() const;

 private:
  Schema schema_;
};

}  // namespace polarway::python
