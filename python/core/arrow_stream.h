#pragma once

#include <nanobind/nanobind.h>

#include <functional>
#include <memory>
#include <optional>

#include "polarway/dataframe.h"
#include "polarway/result.h"

namespace polarway::python {

/// `__arrow_c_stream__`: a capsule of all that `next` gives until it gives nothing, with `schema`.
/// Its consumer may call it from any thread, one at a time, without the GIL.
nanobind::capsule arrow_stream_capsule(Schema schema,
                                       std::function<Result<std::optional<DataFrame>>()> next);

}  // namespace polarway::python
