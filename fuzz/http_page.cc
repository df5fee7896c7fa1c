// A page of an endpoint has the same records and the same facts however its bytes are cut, and what
// is handed on of it are bytes of the page, in order; skipping records leaves out those, and
// nothing else.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "law.h"
#include "sources/http/envelope_scanner.h"
#include "sources/http/page_shape.h"
#include "sources/http/records_pass.h"

namespace polarway::rest {
namespace {

using fuzz::require;

struct Outcome {
  EnvelopeScanner::Found end = EnvelopeScanner::Found::More;
  std::string handed;
  std::int64_t num_records = 0;
  std::string facts;

  bool operator==(const Outcome&) const = default;
};

Outcome walk(std::string_view page, std::size_t cut, std::int64_t skip) {
  EnvelopeScanner scanner({{{"next"}}, {{"meta", "total"}}}, json::RecordsPath{{"data"}}, 16);
  RecordsPass pass(RecordsPass::Shape::Array, skip);
  Outcome outcome;
  std::string text;
  bool in_records = false;
  bool is_over = false;
  for (std::size_t at = 0; !is_over && (at < page.size() || !text.empty());) {
    const std::size_t size = std::min(cut, page.size() - at);
    text += page.substr(at, size);
    at += size;
    const std::size_t left = text.size();
    const std::string padded = text + std::string(json::kScanPadding, '\0');
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(padded.data()), text.size());
    if (in_records) {
      const RecordsPass::Step step = pass.next(bytes);
      require(step.begin <= step.end && step.end <= step.consumed && step.consumed <= left,
              "what is handed on is of the text");
      outcome.handed += text.substr(step.begin, step.end - step.begin);
      in_records = !step.is_over;
      text.erase(0, step.consumed);
    } else {
      const EnvelopeScanner::Cut found = scanner.next(bytes);
      require(found.begin <= left, "a cut is of the text");
      outcome.end = found.found;
      text.erase(0, found.begin);
      if (found.found == EnvelopeScanner::Found::Records) {
        in_records = !text.empty() && text.front() == '[';
        is_over = !in_records;
      } else if (found.found != EnvelopeScanner::Found::More) {
        is_over = true;
      }
    }
  }
  outcome.num_records = pass.num_records();
  for (const auto& fact : scanner.facts()) outcome.facts += (fact ? fact->text : "-") + "\n";
  return outcome;
}

}  // namespace
}  // namespace polarway::rest

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polarway::rest;
  constexpr std::size_t kChoices = 2;
  if (size < kChoices) return 0;
  const std::string_view page = polarway::fuzz::text_of(data, size, kChoices);
  const std::int64_t skip = data[1] % 5;
  const Outcome whole = walk(page, std::max<std::size_t>(page.size(), 1), skip);
  const Outcome cut = walk(page, 1 + data[0], skip);
  require(whole == cut, "cuts make no difference", std::string(page));
  const Outcome all = walk(page, page.size() + 1, 0);
  require(all.handed.ends_with(whole.handed), "skipping leaves out the first", std::string(page));
  static_cast<void>(find_shape(page, true, {}));
  return 0;
}
