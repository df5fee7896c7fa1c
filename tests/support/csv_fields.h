#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "formats/csv/field_batch.h"

namespace polarway::csv::testing {

/// Fields one behind the other, as a column's only are where there is no other.
class Fields {
 public:
  explicit Fields(const std::vector<std::string>& texts) : text_(64, '7') {
    batch_.size = std::ssize(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      batch_.begins[i] = static_cast<std::uint32_t>(text_.size());
      text_ += texts[i];
      batch_.ends[i] = static_cast<std::uint32_t>(text_.size());
      text_ += i % 2 == 0 ? ',' : '\n';
    }
    text_.append(64, '7');
    batch_.text = text_.data();
  }
  const FieldBatch& batch() const { return batch_; }

 private:
  std::string text_;
  FieldBatch batch_;
};

}  // namespace polarway::csv::testing
