// A JSON decoder has the same rows, or the same error, however its bytes are cut, in chunks of any
// size, on one thread or several; its splits together are the whole, and from each position it goes
// on exactly. Records within a document are those that they are without it.

#include "formats/json/json_decoder.h"

#include <arrow/type.h>

#include <map>
#include <string>

#include "decoder_law.h"
#include "law.h"

namespace polarway::json {
namespace {

using fuzz::Cuts;
using fuzz::kManyBytes;
using fuzz::kManyRows;
using fuzz::Outcome;
using fuzz::read_all;

// The first bytes of the input say how to read the others.
class Choices {
 public:
  static constexpr std::size_t kCount = 8;

  explicit Choices(const std::uint8_t* bytes) : bytes_(bytes) {}

  std::map<std::string, std::string> options() const {
    const auto flag = [&](int bit) { return (bytes_[1] >> bit) % 2 != 0; };
    static constexpr const char* kFormats[] = {"auto", "lines", "values", "array"};
    return {{"format", kFormats[bytes_[0] % 4]},
            {"infer_schema_length", std::to_string(bytes_[2] % 2 == 0 ? 1000 : bytes_[2] / 8)},
            {"max_depth", std::to_string(1 + bytes_[0] / 4)},
            {"flatten", flag(0) ? "true" : "false"},
            {"duplicate_keys", flag(1) ? "error" : "last"},
            {"on_schema_change", flag(2)   ? "reject"
                                 : flag(4) ? "rescue"
                                           : "error"},
            {"try_parse_dates", flag(3) ? "true" : "false"}};
  }

  ScanRequest request(const arrow::Schema& schema) const {
    ScanRequest request;
    if (schema.num_fields() == 0) return request;
    if (bytes_[3] % 4 == 1) request.columns = std::vector<std::string>{};
    if (bytes_[3] % 4 == 2) {
      request.columns = std::vector{schema.field((bytes_[3] / 4) % schema.num_fields())->name()};
    }
    return request;
  }

  Cuts cuts() const {
    Cuts cuts;
    cuts.seekable = bytes_[4] % 8 < 6;
    cuts.block_bytes = 1 + bytes_[5];
    cuts.num_threads = 1 + bytes_[5] % 3;
    cuts.read_bytes = bytes_[4] < 128 ? 1u + bytes_[4] / 2u : std::string::npos;
    cuts.max_rows = bytes_[6] % 4 == 0 ? kManyRows : 1 + bytes_[6] / 8;
    cuts.max_bytes = bytes_[6] % 4 == 3 ? 600 : kManyBytes;
    return cuts;
  }

  int num_splits() const { return bytes_[7] % 4 == 0 ? 1 + bytes_[7] % 5 : 0; }
  bool resumes() const { return bytes_[7] % 4 == 2; }
  // The document around the records, or none.
  bool has_path() const { return bytes_[7] % 8 == 3; }
  std::string before() const {
    return bytes_[7] % 16 == 3 ? "{\"a\":{\"b\":[{}]},\"d\":{\"a\":1,\"r\":" : "{\"d\": {\"r\" : ";
  }
  std::string behind() const {
    return bytes_[7] % 32 == 3 ? ",\"x\":\"}\"},\"e\":[[],{}]} " : "}}";
  }

 private:
  const std::uint8_t* bytes_;
};

// One array, or one object, as it is and within a document.
void check_path(const Choices& choices, const std::string& bytes) {
  std::map<std::string, std::string> given = choices.options();
  given["format"] = "array";
  // A reject says its byte.
  if (given["on_schema_change"] == "reject") given["on_schema_change"] = "rescue";
  const Result<JsonOptions> plain = parse_json_options(given);
  given["records_path"] = "d.r";
  given["max_depth"] = std::to_string(8 + std::stoi(given["max_depth"]));
  const Result<JsonOptions> within = parse_json_options(given);
  if (!plain || !within) return;
  Cuts cuts = choices.cuts();
  cuts.seekable = true;  // of a pipe, the sample is shorter behind a longer beginning
  const Outcome alone =
      read_all(bytes, [&](std::int64_t size) { return make_json_decoder(*plain, size); }, cuts, {});
  if (!alone.error.empty() || !alone.schema) return;
  const std::string document = choices.before() + bytes + choices.behind();
  const Outcome found = read_all(
      document, [&](std::int64_t size) { return make_json_decoder(*within, size); }, cuts, {});
  fuzz::require_equal(found, alone, "records are the same within a document");
}

void check(const Choices& choices, const std::string& bytes) {
  if (choices.has_path()) return check_path(choices, bytes);
  const Result<JsonOptions> options = parse_json_options(choices.options());
  if (!options) return;
  const fuzz::MakeDecoder make = [&options](std::int64_t block_bytes) {
    return make_json_decoder(*options, block_bytes);
  };
  const Cuts cuts = choices.cuts();
  Cuts at_once;
  at_once.seekable = cuts.seekable;
  const Outcome inferred = read_all(bytes, make, at_once, {});
  if (!inferred.schema) return;
  const ScanRequest request = choices.request(*inferred.schema);
  const Outcome whole = read_all(bytes, make, at_once, request);
  const Outcome pieces = read_all(bytes, make, cuts, request);
  fuzz::require_equal(pieces, whole, "rows do not depend on cuts");
  if (!cuts.seekable) return;
  if (choices.num_splits() > 0) {
    fuzz::check_splits(bytes, make, cuts, request, choices.num_splits(), whole);
  }
  if (choices.resumes()) fuzz::check_resume(bytes, make, cuts, request, pieces);
}

}  // namespace
}  // namespace polarway::json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using polarway::json::Choices;
  if (size < Choices::kCount) return -1;
  polarway::json::check(Choices(data),
                        std::string(polarway::fuzz::text_of(data, size, Choices::kCount)));
  return 0;
}
