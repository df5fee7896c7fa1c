#include "formats/ipc/dictionary_store.h"

#include <arrow/array/array_base.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/data.h>
#include <arrow/array/util.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <utility>

#include "core/arrow_status.h"
#include "core/leased_batch.h"
#include "formats/ipc/damaged.h"

namespace polarway::ipc {

void DictionaryStore::want(const Layout& layout) {
  if (layout.dictionary_id >= 0 || layout.stored->id() == arrow::Type::DICTIONARY) {
    values_.emplace(layout.dictionary_id, &layout.children[0]);
  }
  for (const Layout& child : layout.children) want(child);
}

Result<void> DictionaryStore::add(const MessageMetadata& message, Body& body) {
  const std::int64_t id = message.dictionary_id;
  const Layout& layout = *values_.at(id);
  const auto before = read_.find(id);
  if (message.is_delta && before == read_.end()) {
    return damaged(fmt::format("words are added to dictionary {}, which is not there", id));
  }
  ArrayReader reader(message.batch, message.has_union_bitmaps, body, read_, budget_->arrow_pool());
  const Rows rows{0, message.batch.num_rows};
  POLARWAY_TRY(const std::int64_t bytes, reader.measure(layout, {}, rows, INT64_MAX));
  POLARWAY_TRY(MemoryLease lease, budget_->reserve(bytes, LeaseHolder::Reader));
  POLARWAY_TRY(std::shared_ptr<arrow::ArrayData> words, reader.read(layout, {}, rows));
  if (message.is_delta) {
    // Chunks may show the words before, so that the longer dictionary is another one.
    const std::int64_t old_bytes = data_bytes(*before->second);
    POLARWAY_CHECK(lease.grow(bytes + 2 * old_bytes));
    POLARWAY_TRY(auto longer, from_arrow(arrow::Concatenate(
                                  {arrow::MakeArray(before->second), arrow::MakeArray(words)},
                                  budget_->arrow_pool())));
    words = longer->data();
  }
  read_[id] = share_lease(words, std::move(lease));
  return {};
}

}  // namespace polarway::ipc
