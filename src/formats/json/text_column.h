#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "formats/json/json_column.h"

namespace polarway::json {

/// A column of text.
class TextColumn final : public JsonColumn {
 public:
  /// `takes_all`: numbers, true and false are text as they stand, and objects and arrays are, too;
  /// else they are misfits.
  TextColumn(bool takes_all, ColumnContext& context);

  void append_null() override;
  bool append_object(ondemand::object object, const char* begin) override;
  bool append_array(ondemand::array array, const char* begin) override;
  const char* append_plain(const char* at, const char* end) override;
  /// A text that comes in parts: any number of them, and the end.
  /// @{
  void add_part(std::string_view part);
  void end_text() {
    validity_.push_valid(length_);
    push_end();
  }
  /// @}

  bool append_rows(const JsonColumn& other, std::int64_t begin, std::int64_t end) override;
  void truncate(std::int64_t num_rows) override;
  Result<std::shared_ptr<arrow::ArrayData>> finish() override;
  std::int64_t bytes() const override;
  void forget_size() override;

 protected:
  bool append_scalar(std::string_view token) override;
  std::string type_name() const override { return "string"; }

 private:
  void push_text(std::string_view text);
  void push_container(const char* begin);
  void push_end() {
    if (size_ > INT32_MAX) context_.room.set_over();
    if (offsets_.reserve(offset_bytes(length_ + 1))) {
      auto* offsets = offsets_.data<std::int32_t>();
      if (length_ == 0) offsets[0] = 0;
      offsets[length_ + 1] = static_cast<std::int32_t>(size_);
    }
    ++length_;
  }

  bool takes_all_;
  Validity validity_;
  ChunkBuffer offsets_;
  ChunkBuffer bytes_;
  std::int64_t size_ = 0;  // of the text
};

}  // namespace polarway::json
