#pragma once

#include <nanobind/nanobind.h>

#include <memory>

namespace polarway::python {

/// A capsule of a struct of Arrow's C interface, which releases what its consumer did not take.
template <class Struct>
nanobind::capsule capsule_of(std::unique_ptr<Struct> owned, const char* name) {
  nanobind::capsule capsule(owned.get(), name, [](void* pointer) noexcept {
    const std::unique_ptr<Struct> dying(static_cast<Struct*>(pointer));
    if (dying->release != nullptr) dying->release(dying.get());
  });
  owned.release();
  return capsule;
}

}  // namespace polarway::python
