#include "failure.h"

#include <string>

namespace nb = nanobind;

namespace polarway::python {

namespace {

nb::object text(const std::string& bytes) {  // a path need not be UTF-8
  return nb::steal(PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()),
                                        "backslashreplace"));
}

template <class T>
nb::object or_none(const std::optional<T>& value) {
  return value ? nb::cast(*value) : nb::none();
}

void raise(const SourceError& error) {
  const std::string_view kind = to_string(error.kind);
  nb::dict facts;
  facts["text"] = text(error.to_string());
  facts["message"] = text(error.message);
  facts["hint"] = text(error.hint);
  facts["location"] = text(error.where.location);
  facts["row"] = or_none(error.where.row);
  facts["byte_offset"] = or_none(error.where.byte_offset);
  facts["column"] = text(error.where.column);
  if (error.memory) {
    nb::dict holdings;
    for (const MemoryHolding& holding : error.memory->holdings) {
      holdings[text(holding.holder)] = holding.bytes;
    }
    facts["limit"] = error.memory->limit_bytes;
    facts["used"] = error.memory->used_bytes;
    facts["needed"] = error.memory->needed_bytes;
    facts["holdings"] = holdings;
  }
  const nb::object from_core = nb::module_::import_("polarway.errors").attr("from_core");
  const nb::object made = from_core(nb::str(kind.data(), kind.size()), **facts);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made.ptr())), made.ptr());
}

}  // namespace

void register_failure() {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Failure& failure) {
      raise(failure.error);
    }
  });
}

}  // namespace polarway::python
