#include "arrow_stream.h"

#include <arrow/c/abi.h>
#include <arrow/c/bridge.h>
#include <arrow/type.h>

#include <cerrno>
#include <string>
#include <utility>

#include "capsule.h"

namespace nb = nanobind;

namespace polarway::python {

namespace {

// What an ArrowArrayStream's private_data points to.
struct Exported {
  Schema schema;
  std::function<Result<std::optional<DataFrame>>()> next;
  std::string last_error;

  static Exported& of(::ArrowArrayStream* stream) {
    return *static_cast<Exported*>(stream->private_data);
  }

  int failed(int code, std::string message) {
    last_error = std::move(message);
    return code;
  }
};

// Consumers make their own exceptions of these.
int code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::MemoryLimit:
      return ENOMEM;
    case ErrorKind::Cancelled:
      return ECANCELED;
    case ErrorKind::Config:
    case ErrorKind::Parse:
    case ErrorKind::Schema:
      return EINVAL;
    default:
      return EIO;
  }
}

int get_schema(::ArrowArrayStream* stream, ::ArrowSchema* out) {
  Exported& exported = Exported::of(stream);
  const arrow::Status status = arrow::ExportSchema(*exported.schema.arrow(), out);
  return status.ok() ? 0 : exported.failed(EINVAL, status.message());
}

int get_next(::ArrowArrayStream* stream, ::ArrowArray* out) {
  Exported& exported = Exported::of(stream);
  Result<std::optional<DataFrame>> frame = exported.next();
  if (!frame) return exported.failed(code_of(frame.error().kind), frame.error().to_string());
  if (!*frame) {
    out->release = nullptr;  // the end
    return 0;
  }
  ::ArrowSchema schema;  // the stream's, once more
  if (Result<void> done = (*frame)->export_to(out, &schema); !done) {
    return exported.failed(code_of(done.error().kind), done.error().to_string());
  }
  schema.release(&schema);
  return 0;
}

const char* get_last_error(::ArrowArrayStream* stream) {
  return Exported::of(stream).last_error.c_str();
}

void release(::ArrowArrayStream* stream) {
  delete &Exported::of(stream);
  stream->release = nullptr;
}

}  // namespace

nb::capsule arrow_stream_capsule(Schema schema,
                                 std::function<Result<std::optional<DataFrame>>()> next) {
  auto exported = std::make_unique<Exported>(Exported{std::move(schema), std::move(next), {}});
  auto stream = std::make_unique<::ArrowArrayStream>();
  stream->get_schema = get_schema;
  stream->get_next = get_next;
  stream->get_last_error = get_last_error;
  stream->release = release;
  stream->private_data = exported.release();
  return capsule_of(std::move(stream), "arrow_array_stream");
}

}  // namespace polarway::python
