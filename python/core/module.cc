// polarway._core: the library's public interface for Python, no more; what is pleasant about the
// package is written in Python, in python/polarway/.
#include <arrow/util/config.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>

#include "chunk.h"
#include "failure.h"
#include "polarway/polarway.h"
#include "stream.h"

namespace nb = nanobind;
using namespace nb::literals;
using namespace polarway;
using namespace polarway::python;

namespace {

SourceConfig config_of(std::string_view json, std::shared_ptr<MemoryBudget> budget,
                       const std::optional<std::string>& credentials) {
  SourceConfig config = value_of(SourceConfig::from_json(json));
  if (credentials) config.with_credentials(value_of(parse_credentials(*credentials)));
  if (budget) config.with_budget(std::move(budget));
  return config;
}

nb::list described(const std::vector<OptionInfo>& options) {
  nb::list list;
  for (const OptionInfo& option : options) {
    nb::dict about;
    about["name"] = option.name;
    about["aliases"] = nb::cast(option.aliases);
    about["type"] = option.type;
    about["default"] = option.default_value;
    about["meaning"] = option.meaning;
    list.append(about);
  }
  return list;
}

nb::list kinds() {
  nb::list list;
  for (const SourceKind& kind : SourceRegistry().kinds()) {
    nb::dict about;
    about["name"] = kind.name;
    about["aliases"] = nb::cast(kind.aliases);
    about["description"] = kind.description;
    about["extensions"] = nb::cast(kind.extensions);
    about["options"] = described(kind.options);
    list.append(about);
  }
  return list;
}

nb::dict described(const Reject& reject) {
  nb::dict about;
  about["location"] = reject.where.location;
  about["row"] = reject.where.row ? nb::cast(*reject.where.row) : nb::none();
  about["byte_offset"] =
      reject.where.byte_offset ? nb::cast(*reject.where.byte_offset) : nb::none();
  about["column"] = reject.where.column;
  about["row_byte_offset"] =
      reject.row_byte_offset ? nb::cast(*reject.row_byte_offset) : nb::none();
  about["fault"] = reject.fault;
  about["message"] = reject.message;
  about["raw"] = nb::bytes(reject.raw.data(), reject.raw.size());
  return about;
}

}  // namespace

NB_MODULE(_core, module) {
  register_failure();
  module.attr("version") = std::string(version);
  module.attr("arrow_version") = ARROW_VERSION_STRING;

  module.def("kinds", &kinds);
  module.def("stream_options", [] { return described(SourceRegistry::stream_options()); });
  module.def("memory_available", &memory_available, nb::call_guard<nb::gil_scoped_release>());
  module.def("parse_size", [](std::string_view text) { return value_of(parse_size(text)); });
  module.def("check_config", [](std::string_view json) {
    return value_of(SourceConfig::from_json(json)).to_json();
  });
  module.def("check_checkpoint", [](std::string_view json) {
    const Checkpoint checkpoint = value_of(Checkpoint::from_json(json));
    return nb::make_tuple(checkpoint.kind, checkpoint.location, checkpoint.rows);
  });
  module.def("sniff_csv", [](std::string_view json) {
    const SourceConfig config = value_of(SourceConfig::from_json(json));
    const nb::gil_scoped_release no_gil;
    return value_of(sniff_csv(config)).to_json();
  });
  module.def(
      "open",
      [](std::string kind, std::string_view config, std::shared_ptr<MemoryBudget> budget,
         const std::optional<std::string>& credentials) {
        return open_stream(std::move(kind), config_of(config, std::move(budget), credentials));
      },
      "kind"_a, "config"_a, "budget"_a.none() = nb::none(), "credentials"_a.none() = nb::none());

  nb::class_<MemoryBudget>(module, "MemoryBudget",
                           "The account of bytes that one source, or several, may use.")
      .def(nb::new_([](std::int64_t limit_bytes) { return MemoryBudget::make(limit_bytes); }))
      .def_prop_ro("limit_bytes", &MemoryBudget::limit_bytes)
      .def_prop_ro("used_bytes", &MemoryBudget::used_bytes)
      .def_prop_ro("peak_used_bytes", &MemoryBudget::peak_used_bytes)
      .def_prop_ro("available_bytes", &MemoryBudget::available_bytes)
      .def_prop_ro("chunks_held", &MemoryBudget::chunks_held)
      .def("holdings", [](const MemoryBudget& budget) {
        nb::dict holdings;
        for (const MemoryHolding& holding : budget.holdings()) {
          holdings[nb::str(holding.holder.c_str())] = holding.bytes;
        }
        return holdings;
      });

  nb::class_<Chunk>(module, "Chunk")
      .def("__len__", &Chunk::height)
      .def("__arrow_c_array__", &Chunk::arrow_c_array, "requested_schema"_a = nb::none());

  nb::class_<ChunkSchema>(module, "Schema").def("__arrow_c_schema__", &ChunkSchema::arrow_c_schema);

  nb::class_<Stream>(module, "Stream", nb::is_weak_referenceable())
      .def("read", &Stream::read)
      .def("stop_reading", &Stream::stop_reading)
      .def("close", &Stream::close)
      .def("stats", &Stream::stats_json)
      .def("decisions", &Stream::decisions_json)
      .def("metadata", &Stream::metadata)
      .def("schema", &Stream::schema)
      .def("has_more", &Stream::has_more)
      .def("reset", &Stream::reset)
      .def("seek",
           [](Stream& stream, std::string_view json) {
             stream.seek(value_of(Checkpoint::from_json(json)));
           })
      .def("checkpoint", &Stream::checkpoint_json)
      .def("commit", &Stream::commit)
      .def("splits",
           [](Stream& stream, int max_splits) {
             nb::list list;
             for (const Split& split : stream.splits(max_splits)) {
               list.append(nb::make_tuple(split.piece, split.size_bytes, split.working_set_bytes));
             }
             return list;
           })
      .def("collect", &Stream::collect)
      .def("set_chunk_size", &Stream::set_chunk_size)
      .def("set_memory_limit", &Stream::set_memory_limit)
      .def("take_rejects",
           [](Stream& stream) {
             nb::list list;
             for (const Reject& reject : stream.take_rejects()) list.append(described(reject));
             return list;
           })
      .def("budget", &Stream::budget)
      .def("arrow_c_stream", &Stream::arrow_c_stream);
}
