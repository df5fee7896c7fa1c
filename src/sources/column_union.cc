#include "sources/column_union.h"

#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/quoted_text.h"

namespace polarway {
namespace {

// Names for a message: not more than a reader takes in.
std::string list_names(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i) {
    list += (i == 0 ? "" : ", ") + shorten_name(names[i]);
  }
  if (names.size() > kMost) list += fmt::format(" and {} more", names.size() - kMost);
  return list;
}

std::string columns(const std::vector<std::string>& names) {
  return (names.size() == 1 ? "column " : "columns ") + list_names(names);
}

bool is_null(const DataType& type) { return type.arrow()->id() == arrow::Type::NA; }

SourceError misfit(const std::string& path, const std::vector<std::string>& names,
                   std::string message, std::string hint) {
  return {.kind = ErrorKind::Schema,
          .where = {.location = path,
                    .row = {},
                    .byte_offset = {},
                    .column = names.size() == 1 ? names[0] : ""},
          .message = std::move(message),
          .hint = std::move(hint)};
}

SourceError missing_error(const std::string& path, const std::vector<std::string>& names,
                          const std::string& first_path) {
  return misfit(
      path, names,
      "the file lacks " + columns(names) + ", which " + shorten_name(first_path, 256) + " has",
      "set missing_columns=insert for nulls there, or union_by_name=true");
}

SourceError extra_error(const std::string& path, const std::vector<std::string>& names,
                        const std::string& first_path) {
  return misfit(
      path, names,
      "the file has " + columns(names) + ", which " + shorten_name(first_path, 256) + " has not",
      "set union_by_name=true to read them, or extra_columns=ignore to leave them out");
}

}  // namespace

DataType common_type(const DataType& a, const DataType& b) {
  if (a == b || is_null(b)) return a;
  if (is_null(a)) return b;
  const auto is_number = [](const DataType& type) {
    return type == DataType::Int64 || type == DataType::Float64;
  };
  return is_number(a) && is_number(b) ? DataType::Float64 : DataType::String;
}

Result<void> ColumnUnion::append(const std::string& name, const DataType& type) {
  // A column here, its name twice more, its field in the schemas of stream and reader.
  constexpr std::int64_t kColumnBytes = 600;
  constexpr std::int64_t kFree = 64 * kColumnBytes;
  const std::int64_t bytes =
      static_cast<std::int64_t>(columns_.size() + 1) * kColumnBytes - kFree - lease_.bytes();
  if (bytes > 0) {
    if (!lease_) {
      POLARWAY_TRY(lease_, budget_->reserve(0, LeaseHolder::Reader));
    }
    const auto more =
        std::max<std::int64_t>(bytes, kFree + 4 * static_cast<std::int64_t>(name.size()));
    if (Result<void> paid = lease_.grow(more); !paid) {
      paid.error().message =
          fmt::format("there is no room for more than {} columns of all files", columns_.size());
      paid.error().hint = "raise the memory limit, or read fewer files at once";
      return paid;
    }
  }
  places_.emplace(name, columns_.size());
  columns_.push_back({.name = name, .type = type});
  return {};
}

Result<void> ColumnUnion::add(const std::string& path, const Schema& file) {
  const bool is_first = num_files_++ == 0;
  if (is_first) first_path_ = path;
  std::vector<std::string> ignored;
  std::int64_t num_shared = 0;
  for (int i = 0; i < file.num_fields(); ++i) {
    const Field field = file.field(i);
    const auto found = places_.find(field.name);
    if (found != places_.end()) {
      Column& column = columns_[found->second];
      column.type = column.num_files > 0 ? common_type(column.type, field.type) : field.type;
      ++column.num_files;
      ++num_shared;
    } else if (is_first || options_.union_by_name) {
      POLARWAY_CHECK(append(field.name, field.type));
      columns_.back().num_files = 1;
      if (!is_first) columns_.back().first_without = first_path_;
      ++num_shared;
    } else {
      ignored.push_back(field.name);
    }
  }
  if (!ignored.empty()) {
    if (options_.extra_columns == ExtraColumns::Raise) {
      return fail(extra_error(path, ignored, first_path_));
    }
    if (num_with_ignored_++ == 0) {
      first_ignored_ = shorten_name(path, 256) + " has " + list_names(ignored);
    }
  }
  if (num_shared == std::ssize(columns_)) return {};
  std::vector<std::string> missing;
  std::unordered_set<std::string> there;
  for (std::string& name : file.names()) there.insert(std::move(name));
  for (Column& column : columns_) {
    if (there.contains(column.name)) continue;
    if (column.first_without.empty()) column.first_without = path;
    missing.push_back(column.name);
  }
  if (options_.union_by_name || options_.missing_columns == MissingColumns::Insert) return {};
  return fail(missing_error(path, missing, first_path_));
}

Result<void> ColumnUnion::add_pinned(const Schema& pinned) {
  for (int i = 0; i < pinned.num_fields(); ++i) {
    const Field field = pinned.field(i);
    if (places_.contains(field.name)) continue;
    if (options_.missing_columns != MissingColumns::Insert) {
      return fail(
          {.kind = ErrorKind::Schema,
           .where = {.location = first_path_, .row = {}, .byte_offset = {}, .column = field.name},
           .message = "the schema names column " + shorten(field.name) + ", which no file has",
           .hint = "set missing_columns=insert to have it with nulls"});
    }
    POLARWAY_CHECK(append(field.name, field.type));
    columns_.back().first_without = first_path_;
  }
  return {};
}

Schema ColumnUnion::schema() const {
  std::vector<Field> fields;
  fields.reserve(columns_.size());
  for (const Column& column : columns_) {
    fields.emplace_back(column.name, is_null(column.type) ? DataType::String : column.type);
  }
  return Schema(fields);
}

std::vector<std::string> ColumnUnion::notes() const {
  constexpr std::size_t kMost = 10;
  std::vector<std::string> notes;
  std::int64_t num_more = 0;
  for (const Column& column : columns_) {
    if (column.num_files == num_files_) continue;
    if (notes.size() == kMost) {
      ++num_more;
      continue;
    }
    notes.push_back(fmt::format("column {} is not in {} of {} files, such as {}, and null there",
                                shorten_name(column.name), num_files_ - column.num_files,
                                num_files_, shorten_name(column.first_without, 256)));
  }
  if (num_more > 0) notes.push_back(fmt::format("so are {} more columns", num_more));
  if (num_with_ignored_ > 0) {
    notes.push_back(fmt::format("{} of {} files have columns that are left out: {}",
                                num_with_ignored_, num_files_, first_ignored_));
  }
  return notes;
}

Result<void> check_columns(const Schema& table, const std::string& first_path, const Schema& file,
                           const std::string& path, const FileOptions& options) {
  if (table.arrow()->field_names() == file.arrow()->field_names()) return {};
  const auto lacking = [](const Schema& from, const Schema& in) {
    std::unordered_set<std::string> there;
    for (std::string& name : in.names()) there.insert(std::move(name));
    std::vector<std::string> names;
    for (std::string& name : from.names()) {
      if (!there.contains(name)) names.push_back(std::move(name));
    }
    return names;
  };
  const std::vector<std::string> missing = lacking(table, file);
  if (!missing.empty() && !options.union_by_name &&
      options.missing_columns == MissingColumns::Raise) {
    return fail(missing_error(path, missing, first_path));
  }
  const std::vector<std::string> extra = lacking(file, table);
  if (!extra.empty() && options.extra_columns == ExtraColumns::Raise) {
    return fail(extra_error(path, extra, first_path));
  }
  return {};
}

}  // namespace polarway
