#include "reject_report.h"

#include <fmt/format.h>

#include <utility>

#include "quantities.h"

namespace polarway::cli {

Result<RejectReport> RejectReport::make(const std::string& path, std::int64_t kept_bytes,
                                        StreamingSource& source) {
  RejectReport report(source);
  if (!path.empty()) {
    POLARWAY_TRY(report.file_, RejectFile::make(path, kept_bytes));
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
  return file_ ? file_->write(rejects) : Result<void>();
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
  if (file_ && num_seen_ == count) text += fmt::format(" (all are in {})", file_->path());
  if (file_ && num_seen_ < count) {
    text += fmt::format(" ({} are in {}, for the others there was no room)", count_text(num_seen_),
                        file_->path());
  }
  return text;
}

}  // namespace polarway::cli
