// An expression prints as text that reads back as the same expression, with the same values.

#include "polarway/expr.h"

#include <arrow/array.h>
#include <arrow/memory_pool.h>

#include <string>
#include <vector>

#include "frame/bound_expr.h"
#include "frame/sample_batch.h"
#include "law.h"

namespace polarway {
namespace {

using fuzz::require;

const std::shared_ptr<arrow::RecordBatch>& sample() {
  static const auto batch =
      sample_batch({{"i", arrow::int64(), "[1, -9223372036854775808, 9223372036854775807, null]"},
                    {"u", arrow::uint8(), "[0, 255, null, 7]"},
                    {"f", arrow::float64(), "[0.5, -1e308, null, 3]"},
                    {"b", arrow::boolean(), "[true, false, null, true]"},
                    {"s", arrow::utf8(), R"(["x", "", null, "é%_"])"},
                    {"d", arrow::date32(), "[0, -719528, null, 19000]"},
                    {"t", arrow::timestamp(arrow::TimeUnit::MICRO), "[0, 1, null, -1]"},
                    {"z", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "[0, 1, null, -1]"}});
  return batch;
}

// What it computes on the sample, or the error, as text.
std::string value_of(const Expr& expr) {
  const Result<BoundExpr> bound = bind(expr, *sample()->schema());
  if (!bound) return bound.error().message;
  const auto values = bound->evaluate(*sample(), arrow::default_memory_pool());
  if (!values) return values.error().message;
  require((*values)->ValidateFull().ok(), "values are a valid array");
  require((*values)->length() == sample()->num_rows(), "there is a value for each row");
  require((*values)->type()->Equals(*bound->type()), "values have the type that was told");
  return (*values)->ToString();
}

void check(std::string_view text) {
  const Result<std::vector<Expr>> exprs = parse_exprs(text);
  if (!exprs) {
    require(exprs.error().kind == ErrorKind::Config, "a bad expression is Config");
    require(!exprs.error().message.empty(), "an error says something");
    return;
  }
  for (const Expr& expr : *exprs) {
    const std::string printed = expr.to_string();
    const Result<Expr> again = parse_expr(printed);
    require(again.has_value(), "what is printed reads back", printed);
    require(again->to_string() == printed, "what is printed reads back the same", printed);
    require(value_of(*again) == value_of(expr), "what is printed has the same values", printed);
  }
}

}  // namespace
}  // namespace polarway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  polarway::check(polarway::fuzz::text_of(data, size));
  return 0;
}
