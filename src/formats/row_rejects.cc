#include "formats/row_rejects.h"

#include <string>
#include <utility>

namespace polarway {

void RowRejects::add(std::unique_ptr<Reject> reject) {
  if (!channel_) {
    ++count_;
  } else if (keeps_ && reject) {
    channel_->add(*std::move(reject));
  } else {
    channel_->count_one();
  }
}

SourceError RowRejects::too_many(const Reject* reject) const {
  SourceError error{.kind = ErrorKind::Parse,
                    .message = "one row more than max_rejects=" +
                               std::to_string(max_rows_.value_or(0)) + " would be left out",
                    .hint = "look at the rows that were left out, mend them, or raise max_rejects"};
  if (reject != nullptr) {
    error.where = reject->where;
    error.message += ": " + reject->message;
  }
  return error;
}

}  // namespace polarway
