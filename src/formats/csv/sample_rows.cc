#include "formats/csv/sample_rows.h"

#include <algorithm>
#include <span>

namespace polarway::csv {

SampleRows::SampleRows(std::string_view text, const Marks& marks, bool is_whole)
    : text_(text), marks_(marks) {
  ends_.resize(std::min(kMostFields, text.size() + 1));
  const Scan scan = exact_scan(
      std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), marks, ends_);
  ends_.resize(static_cast<std::size_t>(scan.num_ends));
  const bool saw_all = static_cast<std::size_t>(scan.scanned) == text.size();

  const std::string_view comment = marks.comment.view();
  const auto is_comment = [comment](std::string_view line) {
    return !comment.empty() && line.starts_with(comment);
  };
  std::size_t begin = 0;
  std::size_t first_end = 0;
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    if (static_cast<std::uint8_t>(text[ends_[i]]) != marks.eol) continue;
    const std::string_view line = text.substr(begin, ends_[i] - begin);
    if (!line.empty() && line != "\r" && !is_comment(line))
      rows_.push_back({begin, first_end, i + 1 - first_end});
    begin = ends_[i] + 1;
    first_end = i + 1;
  }
  const bool has_rest = saw_all && begin < text.size() && !is_comment(text.substr(begin));
  is_unclosed_ = has_rest && scan.in_quotes && (is_whole || begin < text.size() / 2);
  if (has_rest && (is_whole || rows_.empty())) {
    ends_.push_back(static_cast<std::uint32_t>(text.size()));
    rows_.push_back({begin, first_end, ends_.size() - first_end});
  }
}

std::string_view SampleRows::raw(std::size_t row, std::size_t field) const {
  const Row& where = rows_[row];
  const std::size_t i = where.first_end + field;
  const std::size_t begin = field == 0 ? where.begin : ends_[i - 1] + std::size_t{1};
  std::string_view text = text_.substr(begin, ends_[i] - begin);
  if (field + 1 == where.num_fields && text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace polarway::csv
