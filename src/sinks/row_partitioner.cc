#include "sinks/row_partitioner.h"

#include <arrow/array.h>
#include <arrow/compute/api_vector.h>
#include <arrow/compute/cast.h>
#include <arrow/compute/exec.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/arrow_status.h"
#include "core/leased_batch.h"
#include "core/nearest_name.h"
#include "core/quoted_text.h"

namespace polarway {
namespace {

constexpr std::string_view kNull = "__HIVE_DEFAULT_PARTITION__";

// What a folder's name may not have, or what hive_parts() would take for something else.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        byte >= 0x20 && byte != 0x7F && std::string_view("/%=").find(c) == std::string_view::npos;
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  if (out == "." || out == "..") out.replace(0, 1, "%2E");
  return out;
}

bool has_text(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || arrow::is_floating(type.id()) ||
         arrow::is_decimal(type.id()) || arrow::is_base_binary_like(type.id()) ||
         arrow::is_temporal(type.id()) || type.id() == arrow::Type::BOOL ||
         type.id() == arrow::Type::STRING_VIEW || type.id() == arrow::Type::DICTIONARY;
}

tl::unexpected<SourceError> refused(const std::string& column, std::string message,
                                    std::string hint) {
  return fail({.kind = ErrorKind::Config,
               .where = {.location = {}, .row = {}, .byte_offset = {}, .column = column},
               .message = std::move(message),
               .hint = std::move(hint),
               .memory = {}});
}

}  // namespace

Result<RowPartitioner> RowPartitioner::make(std::shared_ptr<arrow::Schema> schema,
                                            const std::vector<std::string>& keys,
                                            std::shared_ptr<MemoryBudget> budget) {
  RowPartitioner made;
  made.schema_ = std::move(schema);
  made.budget_ = std::move(budget);
  for (const std::string& key : keys) {
    const int column = made.schema_->GetFieldIndex(key);
    if (column < 0) {
      return refused(key, fmt::format("there is no column {} to partition by", shorten(key)),
                     did_you_mean(key, made.schema_->field_names()));
    }
    if (std::find(made.keys_.begin(), made.keys_.end(), column) != made.keys_.end()) {
      return refused(key, "the rows are to be partitioned by it twice", "name it once");
    }
    const arrow::DataType& type = *made.schema_->field(column)->type();
    if (!has_text(type)) {
      return refused(key, fmt::format("the type {} makes no folder's name", type.ToString()),
                     "partition by numbers, texts, dates or booleans");
    }
    made.keys_.push_back(column);
  }
  arrow::FieldVector fields;
  for (int i = 0; i < made.schema_->num_fields(); ++i) {
    if (std::find(made.keys_.begin(), made.keys_.end(), i) != made.keys_.end()) continue;
    made.files_.push_back(i);
    fields.push_back(made.schema_->field(i));
  }
  if (fields.empty()) {
    return refused("", "no column is left for the files", "partition by fewer columns");
  }
  made.file_schema_ = arrow::schema(std::move(fields));
  return made;
}

Result<std::vector<std::string>> RowPartitioner::folders_of(const arrow::RecordBatch& batch) const {
  arrow::compute::ExecContext context(budget_->arrow_pool());
  std::vector<std::string> folders(static_cast<std::size_t>(batch.num_rows()));
  for (const int key : keys_) {
    POLARWAY_TRY(const arrow::Datum cast,
                 from_arrow(arrow::compute::Cast(batch.column(key), arrow::utf8(),
                                                 arrow::compute::CastOptions::Safe(), &context)));
    const std::shared_ptr<arrow::Array> array = cast.make_array();
    const auto& texts = static_cast<const arrow::StringArray&>(*array);
    const std::string name = encoded(schema_->field(key)->name()) + '=';
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      std::string& folder = folders[static_cast<std::size_t>(row)];
      if (!folder.empty()) folder += '/';
      folder += name;
      folder += texts.IsNull(row) ? std::string(kNull) : encoded(texts.GetView(row));
    }
  }
  return folders;
}

Result<std::vector<Partition>> RowPartitioner::partition(const arrow::RecordBatch& batch) const {
  // The copies, and of each row its folder's name and its number.
  constexpr std::int64_t kRowBytes = 128;
  POLARWAY_TRY(
      const MemoryLease lease,
      budget_->reserve(2 * batch_bytes(batch) + kRowBytes * batch.num_rows(), LeaseHolder::Sink));
  POLARWAY_TRY(const std::vector<std::string> folders, folders_of(batch));
  std::unordered_map<std::string_view, std::size_t> places;
  std::vector<std::vector<std::int64_t>> rows;
  std::vector<Partition> partitions;
  for (std::size_t row = 0; row < folders.size(); ++row) {
    const auto [place, is_new] = places.emplace(folders[row], rows.size());
    if (is_new) {
      rows.emplace_back();
      partitions.push_back({.folder = folders[row], .rows = {}});
    }
    rows[place->second].push_back(static_cast<std::int64_t>(row));
  }

  arrow::compute::ExecContext context(budget_->arrow_pool());
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const arrow::Int64Array indices(static_cast<std::int64_t>(rows[i].size()),
                                    arrow::Buffer::Wrap(rows[i]));
    arrow::ArrayVector columns;
    for (const int file : files_) {
      POLARWAY_TRY(
          const arrow::Datum taken,
          from_arrow(arrow::compute::Take(batch.column(file), indices,
                                          arrow::compute::TakeOptions::NoBoundsCheck(), &context)));
      columns.push_back(taken.make_array());
    }
    partitions[i].rows =
        arrow::RecordBatch::Make(file_schema_, indices.length(), std::move(columns));
  }
  return partitions;
}

}  // namespace polarway
