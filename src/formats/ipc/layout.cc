#include "formats/ipc/layout.h"

#include <arrow/extension_type.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>

#include <utility>

#include "core/arrow_status.h"

namespace polarway::ipc {
namespace {

using Path = std::vector<int>;

// Names and metadata stay as they are, and an extension's name and parameters come back to where
// they were stored.
std::shared_ptr<arrow::Field> given_field(const arrow::Field& field,
                                          std::shared_ptr<arrow::DataType> given) {
  std::shared_ptr<arrow::Field> changed = field.WithType(std::move(given));
  if (field.type()->id() != arrow::Type::EXTENSION) return changed;
  const auto& extension = static_cast<const arrow::ExtensionType&>(*field.type());
  return changed->WithMergedMetadata(
      arrow::key_value_metadata({"ARROW:extension:name", "ARROW:extension:metadata"},
                                {extension.extension_name(), extension.Serialize()}));
}

// The type with other types in it, which are those of `children`.
Result<std::shared_ptr<arrow::DataType>> with_children(const arrow::DataType& type,
                                                       const std::vector<Layout>& children) {
  arrow::FieldVector fields;
  for (int i = 0; i < type.num_fields(); ++i) {
    fields.push_back(given_field(*type.field(i), children[static_cast<std::size_t>(i)].given));
  }
  switch (type.id()) {
    case arrow::Type::LIST:
      return arrow::list(fields[0]);
    case arrow::Type::LARGE_LIST:
      return arrow::large_list(fields[0]);
    case arrow::Type::LIST_VIEW:
      return arrow::list_view(fields[0]);
    case arrow::Type::LARGE_LIST_VIEW:
      return arrow::large_list_view(fields[0]);
    case arrow::Type::FIXED_SIZE_LIST:
      return arrow::fixed_size_list(fields[0],
                                    static_cast<const arrow::FixedSizeListType&>(type).list_size());
    case arrow::Type::MAP:
      return from_arrow(
          arrow::MapType::Make(fields[0], static_cast<const arrow::MapType&>(type).keys_sorted()));
    case arrow::Type::STRUCT:
      return arrow::struct_(std::move(fields));
    case arrow::Type::SPARSE_UNION:
      return arrow::sparse_union(std::move(fields),
                                 static_cast<const arrow::UnionType&>(type).type_codes());
    case arrow::Type::DENSE_UNION:
      return arrow::dense_union(std::move(fields),
                                static_cast<const arrow::UnionType&>(type).type_codes());
    case arrow::Type::RUN_END_ENCODED:
      return arrow::run_end_encoded(fields[0]->type(), fields[1]->type());
    default:
      return fail({.kind = ErrorKind::UnsupportedOperation,
                   .message = fmt::format("the type {} is not read", type.ToString()),
                   .hint = "leave the column out"});
  }
}

Result<Layout> make_layout(std::shared_ptr<arrow::DataType> type,
                           const arrow::ipc::DictionaryMemo& memo, Path& path, int depth) {
  if (depth > kMaxDepth) {
    return fail({.kind = ErrorKind::Parse,
                 .message = fmt::format("types are nested more than {} deep", kMaxDepth),
                 .hint = "write it with fewer lists and structs in each other"});
  }
  while (type->id() == arrow::Type::EXTENSION) {
    type = static_cast<const arrow::ExtensionType&>(*type).storage_type();
  }
  Layout layout{.stored = type, .given = type, .children = {}};
  if (type->id() == arrow::Type::STRING_VIEW) layout.given = arrow::utf8();
  if (type->id() == arrow::Type::BINARY_VIEW) layout.given = arrow::binary();
  if (type->id() == arrow::Type::DICTIONARY) {
    const auto& dictionary = static_cast<const arrow::DictionaryType&>(*type);
    POLARWAY_TRY(layout.dictionary_id, from_arrow(memo.fields().GetFieldId(path)));
    POLARWAY_TRY(Layout values, make_layout(dictionary.value_type(), memo, path, depth + 1));
    layout.given = arrow::dictionary(dictionary.index_type(), values.given, dictionary.ordered());
    layout.children.push_back(std::move(values));
    return layout;
  }
  for (int i = 0; i < type->num_fields(); ++i) {
    path.push_back(i);
    POLARWAY_TRY(Layout child, make_layout(type->field(i)->type(), memo, path, depth + 1));
    layout.children.push_back(std::move(child));
    path.pop_back();
  }
  if (!layout.children.empty() || type->id() == arrow::Type::STRUCT ||
      type->id() == arrow::Type::SPARSE_UNION || type->id() == arrow::Type::DENSE_UNION) {
    POLARWAY_TRY(layout.given, with_children(*type, layout.children));
  }
  return layout;
}

}  // namespace

Result<std::vector<Column>> find_columns(const arrow::Schema& schema,
                                         const arrow::ipc::DictionaryMemo& memo) {
  std::vector<Column> columns;
  columns.reserve(static_cast<std::size_t>(schema.num_fields()));
  Path path;
  for (int i = 0; i < schema.num_fields(); ++i) {
    const arrow::Field& field = *schema.field(i);
    path.assign(1, i);
    Result<Layout> layout = make_layout(field.type(), memo, path, 1);
    if (!layout) {
      layout.error().where.column = field.name();
      return fail(std::move(layout.error()));
    }
    columns.push_back({given_field(field, layout->given), *std::move(layout)});
  }
  return columns;
}

}  // namespace polarway::ipc
