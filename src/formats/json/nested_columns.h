#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "formats/json/json_column.h"

namespace polarway::json {

/// A column of arrays of any length.
class ListColumn final : public JsonColumn {
 public:
  /// `element` has the name and the type of the elements.
  ListColumn(std::shared_ptr<arrow::Field> element, std::unique_ptr<JsonColumn> elements,
             ColumnContext& context);

  void append_null() override;
  bool append_array(ondemand::array array, const char* begin) override;
  const char* append_plain(const char* at, const char* end) override;
  bool append_rows(const JsonColumn& other, std::int64_t begin, std::int64_t end) override;
  void truncate(std::int64_t num_rows) override;
  Result<std::shared_ptr<arrow::ArrayData>> finish() override;
  std::int64_t bytes() const override;
  void forget_size() override;

 protected:
  bool append_scalar(std::string_view token) override { return misfit(token); }
  std::string type_name() const override { return "list"; }

 private:
  void push_end();

  std::shared_ptr<arrow::Field> element_;
  std::unique_ptr<JsonColumn> elements_;
  Validity validity_;
  ChunkBuffer offsets_;
};

/// A column of objects: a column for each field, in which the field's absence is null.
class StructColumn final : public JsonColumn {
 public:
  explicit StructColumn(ColumnContext& context);

  /// The fields are columns of the table, whose names begin with `prefix`, escaped as in a JSON
  /// string: each by itself may be null because its value does not fit.
  void hold_table_columns(std::string prefix) { prefix_ = std::move(prefix); }
  /// Adds a field while there are no rows. The name is not there yet.
  void add(std::string name, std::shared_ptr<arrow::DataType> type,
           std::unique_ptr<JsonColumn> column);
  /// The field's column, or null.
  JsonColumn* find(std::string_view name) const;

  void append_null() override;
  bool append_object(ondemand::object object, const char* begin) override;
  const char* append_plain(const char* at, const char* end) override;
  bool append_rows(const JsonColumn& other, std::int64_t begin, std::int64_t end) override;
  void truncate(std::int64_t num_rows) override;
  Result<std::shared_ptr<arrow::ArrayData>> finish() override;
  std::int64_t bytes() const override;
  void forget_size() override;

 protected:
  bool append_scalar(std::string_view token) override { return misfit(token); }
  std::string type_name() const override { return "object"; }

 private:
  struct Child {
    std::string name;
    std::shared_ptr<arrow::DataType> type;
    std::unique_ptr<JsonColumn> column;
    // The name and the quote behind it, as they stand in the text, if they ever do.
    std::size_t key_size = 0;
    std::uint64_t head = 0;  // the first bytes
    std::uint64_t tail = 0;  // the last, or the same
    std::uint64_t mask = 0;  // of both: as many as there are
    std::size_t tail_at = 0;
    std::size_t next = 0;  // what came behind it the last time

    // Whether the name of a field is this one, as it stands there without escapes.
    [[gnu::always_inline]] bool is_key(const char* at, const char* end) const {
      if (end - at < static_cast<std::ptrdiff_t>(key_size)) return false;
      std::uint64_t first = 0;
      std::uint64_t last = 0;
      std::memcpy(&first, at, sizeof first);
      std::memcpy(&last, at + tail_at, sizeof last);
      if ((((first ^ head) | (last ^ tail)) & mask) != 0) return false;
      return key_size <= 2 * sizeof head || std::memcmp(at + sizeof head, name.data() + sizeof head,
                                                        key_size - 2 * sizeof head) == 0;
    }
  };
  std::size_t find_plain(const char* at, const char* end, std::size_t expected) const;
  std::size_t find_field(ondemand::raw_json_string key, std::size_t expected);
  bool append_field(ondemand::field field, std::size_t at);
  bool rescue(ondemand::field field, std::size_t at);

  std::vector<Child> children_;
  std::unordered_map<std::string_view, std::size_t> places_;  // of the names in children_
  std::size_t first_ = 0;  // of the children, what came first the last time
  Validity validity_;
  std::optional<std::string> prefix_;  // where the fields are columns of the table
};

}  // namespace polarway::json
