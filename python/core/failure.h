#pragma once

#include <nanobind/nanobind.h>

#include <exception>
#include <utility>

#include "polarway/result.h"

namespace polarway::python {

/// A SourceError on its way to Python, where it is an exception of polarway.errors.
class Failure : public std::exception {
 public:
  explicit Failure(SourceError failed) : error(std::move(failed)) {}
  SourceError error;
};

/// The value, or Failure. Needs no GIL.
template <class T>
T value_of(Result<T> result) {
  if (!result) throw Failure(std::move(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// Tells nanobind what a Failure is in Python. Called once, with the module.
void register_failure();

}  // namespace polarway::python
