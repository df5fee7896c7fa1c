#pragma once

#include <arrow/type.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "formats/json/json_decoder.h"
#include "support/decoder_reading.h"

// Reads JSON out of memory, whole, through a decoder.
namespace polarway::json::testing {

using ::polarway::testing::append_rows;
using ::polarway::testing::make_context;
using ::polarway::testing::MemoryStream;
using ::polarway::testing::Outcome;
using ::polarway::testing::Reading;
using ::polarway::testing::Rows;

inline Outcome read_all(const Reading& reading) {
  return ::polarway::testing::read_all(reading, parse_json_options, make_json_decoder);
}

inline Rows rows_of(const std::string& bytes, std::map<std::string, std::string> options = {}) {
  Outcome outcome = read_all({.bytes = bytes, .options = std::move(options)});
  EXPECT_FALSE(outcome.error) << outcome.error->to_string();
  return outcome.rows;
}

inline SourceError error_of(Reading reading) {
  const Outcome outcome = read_all(reading);
  EXPECT_TRUE(outcome.error.has_value());
  return outcome.error.value_or(SourceError{});
}

inline std::string types_of(const std::string& bytes,
                            std::map<std::string, std::string> options = {}) {
  const Outcome outcome = read_all({.bytes = bytes, .options = std::move(options)});
  std::string types;
  if (outcome.schema) {
    for (const auto& field : outcome.schema->fields()) {
      types += (types.empty() ? "" : " ") + DataType(field->type()).to_string();
    }
  }
  return types;
}

}  // namespace polarway::json::testing
