# Finds Arrow C++ and leaves the targets that Arrow's own packages define, whichever provider they
# come from:
#
#   Arrow::arrow_shared   ArrowCompute::arrow_compute_shared   Parquet::parquet_shared
#
# system   packages that have their own CMake files (ArrowConfig.cmake and its sisters)
# pyarrow  the wheel of pyarrow: it holds Arrow's headers and libraries, but no CMake files
# auto     system if there is one and it is new enough, else pyarrow
#
# Sets Arrow_VERSION, ARROW_SO_VERSION, and POLARWAY_ARROW_RPATH: the folder that programs must look
# in at run time, empty where the loader finds Arrow by itself.
include_guard(GLOBAL)

set(POLARWAY_ARROW_PROVIDER "auto" CACHE STRING "Where Arrow C++ comes from: auto, system or pyarrow")
set_property(CACHE POLARWAY_ARROW_PROVIDER PROPERTY STRINGS auto system pyarrow)
set(POLARWAY_PYARROW_DIR "" CACHE PATH "The pyarrow package's folder; empty: ask Python")
set(POLARWAY_ARROW_MIN_VERSION 21.0.0)  # from 21 on the compute kernels are a library of their own

macro(_polarway_arrow_from_system)
  find_package(Arrow CONFIG QUIET)
  if(Arrow_FOUND AND Arrow_VERSION VERSION_GREATER_EQUAL POLARWAY_ARROW_MIN_VERSION)
    find_package(ArrowCompute CONFIG REQUIRED)
    find_package(Parquet CONFIG REQUIRED)
    set(POLARWAY_ARROW_RPATH "")
    set(_polarway_arrow_found TRUE)
  elseif(POLARWAY_ARROW_PROVIDER STREQUAL "system")
    message(FATAL_ERROR "No ArrowConfig.cmake of ${POLARWAY_ARROW_MIN_VERSION} or later: install Arrow's "
                        "development packages, set Arrow_DIR, or use -DPOLARWAY_ARROW_PROVIDER=pyarrow.")
  endif()
endmacro()

# The package is looked up, not imported: a build must not depend on pyarrow's own start-up.
function(_polarway_ask_python_for_pyarrow result)
  find_package(Python 3.11 COMPONENTS Interpreter REQUIRED)
  execute_process(
    COMMAND "${Python_EXECUTABLE}" -c
"import importlib.util, os, sys
spec = importlib.util.find_spec('pyarrow')
if spec is None:
    sys.exit('no pyarrow for ' + sys.executable)
print(os.path.realpath(list(spec.submodule_search_locations)[0]), end='')"
    OUTPUT_VARIABLE folder ERROR_VARIABLE error RESULT_VARIABLE status ERROR_STRIP_TRAILING_WHITESPACE)
  if(status)
    message(FATAL_ERROR "Arrow C++ not found: no ArrowConfig.cmake, and ${error}. Run tools/setup.sh, "
                        "or pip install pyarrow and pass -DPython_EXECUTABLE=<its python>.")
  endif()
  set(${result} "${folder}" PARENT_SCOPE)
endfunction()

# One library of the wheel. It has only the versioned file name, so it is linked by its full path.
# Further arguments: the targets that its users need as well.
function(_polarway_wheel_library target name)
  set(soname "lib${name}.so.${ARROW_SO_VERSION}")
  set(file "${_polarway_wheel}/${soname}")
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR "${file} is missing: this pyarrow is not the whole wheel.")
  endif()
  add_library(${target} SHARED IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION "${file}"
    IMPORTED_SONAME "${soname}"
    INTERFACE_INCLUDE_DIRECTORIES "${_polarway_wheel}/include"
    INTERFACE_COMPILE_FEATURES cxx_std_20
    INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

macro(_polarway_arrow_from_pyarrow)
  set(_polarway_wheel "${POLARWAY_PYARROW_DIR}")
  if(NOT _polarway_wheel)
    _polarway_ask_python_for_pyarrow(_polarway_wheel)
  endif()

  file(STRINGS "${_polarway_wheel}/include/arrow/util/config.h" _polarway_lines
       REGEX "^#define ARROW_(VERSION_STRING|SO_VERSION) ")
  foreach(_polarway_line IN LISTS _polarway_lines)
    if(_polarway_line MATCHES "ARROW_VERSION_STRING \"([^\"]+)\"")
      set(Arrow_VERSION "${CMAKE_MATCH_1}")
    elseif(_polarway_line MATCHES "ARROW_SO_VERSION \"([^\"]+)\"")
      set(ARROW_SO_VERSION "${CMAKE_MATCH_1}")
    endif()
  endforeach()
  if(Arrow_VERSION VERSION_LESS POLARWAY_ARROW_MIN_VERSION)
    message(FATAL_ERROR "pyarrow ${Arrow_VERSION} is too old: ${POLARWAY_ARROW_MIN_VERSION} or later is needed.")
  endif()

  _polarway_wheel_library(Arrow::arrow_shared arrow)
  _polarway_wheel_library(ArrowCompute::arrow_compute_shared arrow_compute Arrow::arrow_shared)
  _polarway_wheel_library(Parquet::parquet_shared parquet Arrow::arrow_shared)
  set(POLARWAY_ARROW_RPATH "${_polarway_wheel}")
endmacro()

set(_polarway_arrow_found FALSE)
if(NOT POLARWAY_ARROW_PROVIDER STREQUAL "pyarrow")
  _polarway_arrow_from_system()
endif()
if(NOT _polarway_arrow_found)
  _polarway_arrow_from_pyarrow()
endif()
message(STATUS "Arrow ${Arrow_VERSION} (so ${ARROW_SO_VERSION}) ${POLARWAY_ARROW_RPATH}")
