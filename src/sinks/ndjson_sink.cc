#include "sinks/ndjson_sink.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <string>
#include <utility>
#include <vector>

#include "sinks/ndjson_column.h"
#include "sinks/text_sink.h"

namespace polarway {
namespace {

class NdjsonSink final : public TextSink {
 public:
  NdjsonSink(std::shared_ptr<arrow::Schema> schema, std::unique_ptr<Output> output,
             std::unique_ptr<TextBuffer> buffer, MemoryLease lease,
             std::vector<NdjsonColumn> columns)
      : TextSink("ndjson", schema, std::move(output), std::move(buffer)),
        lease_(std::move(lease)),
        columns_(std::move(columns)) {
    for (const auto& field : schema->fields()) {
      keys_.push_back((keys_.empty() ? "{" : ",") + json_key(field->name()));
    }
  }

 private:
  Result<void> write_rows(const arrow::RecordBatch& batch) override {
    for (int i = 0; i < batch.num_columns(); ++i) {
      columns_[static_cast<std::size_t>(i)].bind(*batch.column(i));
    }
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        buffer().put(keys_[i]);
        if (columns_[i].write(row, buffer())) continue;
        return fail(no_text(batch, static_cast<int>(i), row,
                            "JSON has neither NaN nor infinities, nor ISO 8601 years beyond 9999",
                            "set non_finite=null, filter such rows out, or write parquet"));
      }
      buffer().put(std::string_view("}\n"));
      if (buffer().failed()) return buffer().flush();
    }
    return {};
  }

  std::uint64_t fingerprint() const override { return hash_of(*schema(), ""); }

  void drop_columns() override {
    columns_ = std::vector<NdjsonColumn>();
    lease_.release();
  }

  MemoryLease lease_;  // of the columns
  std::vector<NdjsonColumn> columns_;
  std::vector<std::string> keys_;  // with what stands before them
};

// Those of a type and of all within it.
std::int64_t count_columns(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY) return 2;
  std::int64_t count = 1;
  for (const auto& child : type.fields()) count += count_columns(*child->type());
  return count;
}

}  // namespace

const OptionTable<NdjsonSinkOptions>& ndjson_sink_options() {
  static const OptionTable<NdjsonSinkOptions> table = [] {
    OptionTable<NdjsonSinkOptions> made;
    made.add_choice(
        "non_finite", &NdjsonSinkOptions::non_finite,
        "What becomes of NaN and the infinities, which JSON has not: an error, or null.",
        {{"error", NonFinite::Error}, {"null", NonFinite::Null}});
    return made;
  }();
  return table;
}

Result<std::unique_ptr<Sink>> make_ndjson_sink(const SinkConfig& config, const OpenOutput& open) {
  POLARWAY_TRY(const NdjsonSinkOptions options, ndjson_sink_options().parse(config.options));
  std::int64_t num_columns = 0;
  for (const auto& field : config.schema.arrow()->fields()) {
    num_columns += count_columns(*field->type());
  }
  POLARWAY_TRY(MemoryLease lease,
               config.budget->reserve(num_columns * static_cast<std::int64_t>(sizeof(NdjsonColumn) +
                                                                              sizeof(CsvColumn)),
                                      LeaseHolder::Sink));
  std::vector<NdjsonColumn> columns;
  for (const auto& field : config.schema.arrow()->fields()) {
    POLARWAY_TRY(NdjsonColumn column,
                 NdjsonColumn::make(*field, options.non_finite == NonFinite::Null));
    columns.push_back(std::move(column));
  }
  POLARWAY_TRY(std::unique_ptr<Output> output, open());
  POLARWAY_TRY(std::unique_ptr<TextBuffer> buffer, TextBuffer::make(config.budget, *output));
  return std::unique_ptr<Sink>(new NdjsonSink(config.schema.arrow(), std::move(output),
                                              std::move(buffer), std::move(lease),
                                              std::move(columns)));
}

Result<std::int64_t> ndjson_sink_working_set_bytes(const SinkConfig&) { return TextBuffer::kBytes; }

}  // namespace polarway
