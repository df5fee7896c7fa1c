#include "formats/json/rescued_values.h"

#include "formats/json/text_column.h"

namespace polarway::json {

void RescuedValues::add(std::string_view prefix, std::string_view name, std::string_view value) {
  if (column_ == nullptr) return;
  column_->add_part(is_open_ ? ",\"" : "{\"");
  column_->add_part(prefix);
  column_->add_part(name);
  column_->add_part("\":");
  column_->add_part(value);
  is_open_ = true;
}

void RescuedValues::end_row() {
  if (column_ == nullptr) return;
  if (is_open_) {
    column_->add_part("}");
    column_->end_text();
  } else {
    column_->append_null();
  }
  is_open_ = false;
}

}  // namespace polarway::json
