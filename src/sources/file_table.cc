#include "sources/file_table.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/quoted_text.h"
#include "frame/column_name.h"

namespace polarway {
namespace {

std::unordered_map<std::string, int> places_of(const std::vector<std::string>& names) {
  std::unordered_map<std::string, int> places;
  places.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) places.emplace(names[i], static_cast<int>(i));
  return places;
}

// The names, and those that the filter reads besides.
std::vector<std::string> with_filter(std::vector<std::string> names,
                                     const std::optional<Expr>& filter) {
  if (!filter) return names;
  const auto places = places_of(names);
  for (std::string& name : filter->columns()) {
    if (!places.contains(name)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

Result<FileTable> FileTable::make(Schema in_files, PathColumns from_paths,
                                  const FileOptions& options, const ScanRequest& request,
                                  const std::string& location) {
  FileTable table;
  // All columns there are: the number first, as in Polars, what the path says last.
  std::vector<std::string> names;
  std::vector<Column> columns;
  arrow::FieldVector fields;
  if (options.row_index_name) {
    names.push_back(*options.row_index_name);
    columns.push_back({.from = From::Number});
    fields.push_back(arrow::field(names.back(), arrow::int64()));
  }
  for (int i = 0; i < in_files.num_fields(); ++i) {
    fields.push_back(in_files.arrow()->field(i));
    names.push_back(fields.back()->name());
    columns.push_back({.from = From::File, .place = i});
  }
  for (const auto& field : from_paths.fields()) {
    fields.push_back(field);
    names.push_back(field->name());
    columns.push_back(
        {.from = From::Path, .place = static_cast<int>(&field - from_paths.fields().data())});
  }
  const auto places = places_of(names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (places.at(names[i]) == static_cast<int>(i)) continue;
    const bool is_folder = columns[i].from == From::Path && names[i] != options.include_file_paths;
    return fail({.kind = ErrorKind::Config,
                 .where = {.location = location, .row = {}, .byte_offset = {}, .column = names[i]},
                 .message = "column " + shorten(names[i]) + " is in the files already",
                 .hint = is_folder ? "set hive_partitioning=false to read the one in the files"
                                   : "choose another name in row_index_name and "
                                     "include_file_paths"});
  }
  arrow::FieldVector wanted;
  table.num_wanted_ = request.columns ? request.columns->size() : names.size();
  for (const std::string& name : with_filter(request.columns.value_or(names), request.filter)) {
    const auto found = places.find(name);
    if (found == places.end()) {
      return fail(no_such_column(name, names, {.location = location, .column = name}));
    }
    const auto at = static_cast<std::size_t>(found->second);
    table.columns_.push_back(columns[at]);
    table.has_row_numbers_ = table.has_row_numbers_ || columns[at].from == From::Number;
    wanted.push_back(fields[at]);
  }
  table.all_have_all_ = !options.allows_differences();
  table.schema_ = arrow::schema(std::move(wanted));
  table.in_files_ = std::move(in_files);
  table.from_paths_ = std::move(from_paths);
  return table;
}

bool FileTable::can_push(const Expr& filter) const {
  if (has_row_numbers_ || !all_have_all_) return false;
  const std::vector<std::string> names = filter.columns();
  return std::all_of(names.begin(), names.end(),
                     [&](const auto& name) { return in_files_.index_of(name) >= 0; });
}

Result<FileTable::File> FileTable::file(const Schema& columns, const std::string& path) const {
  File file;
  POLARWAY_TRY(const std::vector<FileValue> values, from_paths_.values_of(path));
  const auto places = places_of(columns.names());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::shared_ptr<arrow::DataType>& type = schema_->field(static_cast<int>(i))->type();
    File::Source source;
    if (columns_[i].from == From::Number) {
      source.is_number = true;
      file.added_row_bytes_ += kNumberedRowBytes;
    } else if (columns_[i].from == From::Path) {
      source.value = values[static_cast<std::size_t>(columns_[i].place)];
      file.added_row_bytes_ += repeated_row_bytes(source.value, *type);
    } else if (const auto found = places.find(in_files_.field(columns_[i].place).name);
               found != places.end()) {
      const Field field = columns.field(found->second);
      // A column without values is text.
      const bool is_text = field.type.arrow()->id() == arrow::Type::NA;
      if (!(is_text ? arrow::utf8() : field.type.arrow())->Equals(type)) {
        return fail(
            {.kind = ErrorKind::Schema,
             .where = {.location = path, .row = {}, .byte_offset = {}, .column = field.name},
             .message = "the column is " + field.type.to_string() + ", in the files before " +
                        DataType(type).to_string(),
             .hint = "pin its type with schema"});
      }
      source.decoded = static_cast<int>(file.decoded_.size());
      file.decoded_.push_back(field.name);
    } else {
      file.added_row_bytes_ += repeated_row_bytes(source.value, *type);
    }
    file.sources_.push_back(std::move(source));
  }
  return file;
}

Result<void> FileTable::arrange(File& file, const Schema& decoded) const {
  const auto places = places_of(decoded.names());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    File::Source& source = file.sources_[i];
    if (source.decoded < 0) continue;
    const std::string& name = file.decoded_[static_cast<std::size_t>(source.decoded)];
    const auto found = places.find(name);
    if (found == places.end()) {
      return fail({.kind = ErrorKind::Other,
                   .where = {.location = {}, .row = {}, .byte_offset = {}, .column = name},
                   .message = "the decoder lost a column"});
    }
    source.decoded = found->second;
  }
  return {};
}

void FileTable::drop_filter_columns() {
  columns_.resize(num_wanted_);
  arrow::FieldVector fields = schema_->fields();
  fields.resize(num_wanted_);
  schema_ = arrow::schema(std::move(fields));
}

Result<std::shared_ptr<arrow::RecordBatch>> FileTable::rows(const File& file,
                                                            const arrow::RecordBatch& decoded,
                                                            std::int64_t first_number,
                                                            arrow::MemoryPool* pool) const {
  arrow::ArrayVector arrays;
  arrays.reserve(columns_.size());
  const std::int64_t num_rows = decoded.num_rows();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const File::Source& source = file.sources_[i];
    if (source.decoded >= 0) {
      arrays.push_back(decoded.column(source.decoded));
    } else if (source.is_number) {
      POLARWAY_TRY(auto numbers, numbered(first_number, num_rows, pool));
      arrays.push_back(std::move(numbers));
    } else {
      const auto& type = schema_->field(static_cast<int>(i))->type();
      POLARWAY_TRY(auto values, repeated(source.value, type, num_rows, pool));
      arrays.push_back(std::move(values));
    }
  }
  return arrow::RecordBatch::Make(schema_, num_rows, std::move(arrays));
}

}  // namespace polarway
