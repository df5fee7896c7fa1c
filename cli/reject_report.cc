#include "reject_report.h"

#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "quantities.h"

namespace polarway::cli {

namespace {

const std::shared_ptr<arrow::Schema>& reject_schema() {
  static const auto schema =
      arrow::schema({arrow::field("file", arrow::utf8()), arrow::field("row", arrow::int64()),
                     arrow::field("row_byte", arrow::int64()), arrow::field("byte", arrow::int64()),
                     arrow::field("column", arrow::utf8()), arrow::field("fault", arrow::utf8()),
                     arrow::field("message", arrow::utf8()), arrow::field("raw", arrow::utf8())});
  return schema;
}

// Bytes that are no ASCII may be no UTF-8, which a text column must be: then they are spelled.
std::string readable(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x80 ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return out;
}

class RejectColumns {
 public:
  arrow::Status add(const Reject& reject) {
    ARROW_RETURN_NOT_OK(file_.Append(reject.where.location));
    ARROW_RETURN_NOT_OK(add(row_, reject.where.row));
    ARROW_RETURN_NOT_OK(add(row_byte_, reject.row_byte_offset));
    ARROW_RETURN_NOT_OK(add(byte_, reject.where.byte_offset));
    ARROW_RETURN_NOT_OK(reject.where.column.empty() ? column_.AppendNull()
                                                    : column_.Append(reject.where.column));
    ARROW_RETURN_NOT_OK(fault_.Append(reject.fault));
    ARROW_RETURN_NOT_OK(message_.Append(reject.message));
    return raw_.Append(reject.fault == "encoding" ? readable(reject.raw) : reject.raw);
  }

  arrow::Result<std::shared_ptr<arrow::RecordBatch>> finish(std::int64_t num_rows) {
    arrow::ArrayVector arrays;
    for (arrow::ArrayBuilder* column : std::initializer_list<arrow::ArrayBuilder*>{
             &file_, &row_, &row_byte_, &byte_, &column_, &fault_, &message_, &raw_}) {
      ARROW_ASSIGN_OR_RAISE(arrays.emplace_back(), column->Finish());
    }
    return arrow::RecordBatch::Make(reject_schema(), num_rows, std::move(arrays));
  }

 private:
  static arrow::Status add(arrow::Int64Builder& column, const std::optional<std::int64_t>& value) {
    return value ? column.Append(*value) : column.AppendNull();
  }

  arrow::StringBuilder file_;
  arrow::Int64Builder row_;
  arrow::Int64Builder row_byte_;
  arrow::Int64Builder byte_;
  arrow::StringBuilder column_;
  arrow::StringBuilder fault_;
  arrow::StringBuilder message_;
  arrow::StringBuilder raw_;
};

Result<std::shared_ptr<arrow::RecordBatch>> to_batch(const std::vector<Reject>& rejects) {
  RejectColumns columns;
  arrow::Status status;
  for (const Reject& reject : rejects) {
    status = columns.add(reject);
    if (!status.ok()) break;
  }
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> batch =
      status.ok() ? columns.finish(static_cast<std::int64_t>(rejects.size())) : status;
  if (!batch.ok()) {
    return fail({.kind = ErrorKind::Other,
                 .message = "cannot keep rejected rows: " + batch.status().message()});
  }
  return *std::move(batch);
}

}  // namespace

Result<RejectReport> RejectReport::make(const std::string& path, StreamingSource& source) {
  RejectReport report(source);
  report.path_ = path;
  if (!path.empty()) {
    POLARWAY_TRY(report.sink_, make_sink({.path = path,
                                          .format = {},
                                          .schema = Schema(reject_schema()),
                                          .budget = source.budget()}));
  }
  return report;
}

Result<void> RejectReport::collect() {
  if (source_->stats().rows_rejected == 0) return {};
  const std::vector<Reject> rejects = source_->take_rejects();
  if (rejects.empty()) return {};
  if (first_.empty()) {
    const Reject& first = rejects.front();
    const SourceError error{
        .kind = ErrorKind::Parse, .where = first.where, .message = first.message};
    first_ = error.to_string();
  }
  for (const Reject& reject : rejects) ++by_fault_[reject.fault];
  num_seen_ += static_cast<std::int64_t>(rejects.size());
  return sink_ ? write(rejects) : Result<void>();
}

Result<void> RejectReport::write(const std::vector<Reject>& rejects) {
  constexpr std::size_t kAtOnce = 256;
  for (std::size_t from = 0; from < rejects.size(); from += kAtOnce) {
    const std::size_t to = std::min(rejects.size(), from + kAtOnce);
    POLARWAY_TRY(std::shared_ptr<arrow::RecordBatch> batch,
                 to_batch({rejects.begin() + static_cast<std::ptrdiff_t>(from),
                           rejects.begin() + static_cast<std::ptrdiff_t>(to)}));
    POLARWAY_CHECK(sink_->write(DataFrame(std::move(batch))));
  }
  return {};
}

Result<void> RejectReport::finish() {
  POLARWAY_CHECK(collect());
  if (!sink_) return {};
  return sink_->finish();
}

std::string RejectReport::summary() const {
  const std::int64_t count = source_->stats().rows_rejected;
  if (count == 0) return {};
  std::string text = fmt::format("{} row{} rejected", count_text(count), count == 1 ? "" : "s");
  const char* separator = ": ";
  for (const auto& [fault, number] : by_fault_) {
    text += fmt::format("{}{} {}", separator, count_text(number), fault);
    separator = ", ";
  }
  if (!first_.empty()) text += "; the first: " + first_;
  if (sink_ && num_seen_ == count) text += fmt::format(" (all are in {})", path_);
  if (sink_ && num_seen_ < count) {
    text += fmt::format(" ({} are in {}, for the others there was no room)", count_text(num_seen_),
                        path_);
  }
  return text;
}

}  // namespace polarway::cli
