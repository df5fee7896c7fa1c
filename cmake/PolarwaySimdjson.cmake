# Leaves polarway_simdjson, the simdjson to link.
#
# The wheel of pyarrow exports the symbols of a simdjson of its own, of another version and layout
# than any that a system has. Two in one process find each other's functions, and crash; so beside
# the wheel we compile one into our library, where nobody else sees it. Where Arrow is the system's,
# so is simdjson, and there is but one.
include_guard(GLOBAL)

if(POLARWAY_ARROW_RPATH STREQUAL "")  # the system's
  find_package(simdjson REQUIRED)
  add_library(polarway_simdjson INTERFACE)
  target_link_libraries(polarway_simdjson INTERFACE simdjson::simdjson)
  return()
endif()

set(simdjson_dir "${PROJECT_SOURCE_DIR}/.cache/simdjson")
if(NOT EXISTS "${simdjson_dir}/simdjson.cpp")
  message(FATAL_ERROR "simdjson's source is not there: run tools/setup.sh")
endif()
add_library(polarway_simdjson STATIC "${simdjson_dir}/simdjson.cpp")
target_include_directories(polarway_simdjson SYSTEM PUBLIC "${simdjson_dir}")
target_compile_options(polarway_simdjson PRIVATE -w)
