#include "formats/csv/row_rejects.h"

#include <string>
#include <utility>

namespace polarway::csv {

bool RowRejects::add(Reject reject) {
  if (max_rows_ && count_.fetch_add(1) >= *max_rows_) return false;
  if (!channel_) return true;
  if (keeps_) {
    channel_->add(std::move(reject));
  } else {
    channel_->count_one();
  }
  return true;
}

SourceError RowRejects::too_many(SourceError error) const {
  error.message = "one row more than max_rejects=" + std::to_string(max_rows_.value_or(0)) +
                  " would be left out: " + error.message;
  error.hint = "look at the rows that were left out, mend them, or raise max_rejects";
  return error;
}

}  // namespace polarway::csv
