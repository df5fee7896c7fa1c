#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "formats/ipc/array_reader.h"
#include "formats/ipc/body.h"
#include "formats/ipc/layout.h"
#include "polarway/memory.h"

namespace polarway::ipc {

/// The dictionaries that the wanted columns use. Each holds a lease of its own for as long as
/// somebody has it, a chunk or a later dictionary; chunks pay nothing for them.
class DictionaryStore {
 public:
  explicit DictionaryStore(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)) {}

  /// From now on the dictionaries of this column are wanted. The layout outlives the store.
  void want(const Layout& layout);
  /// Whether any column uses it.
  bool wants(std::int64_t id) const { return values_.contains(id); }
  bool has(std::int64_t id) const { return read_.contains(id); }
  /// Takes a dictionary that is wanted in: a new one, one instead of another, or words more for
  /// one. MemoryLimit when they do not fit, Parse when they are damaged or add to nothing.
  Result<void> add(const MessageMetadata& message, Body& body);
  /// Those that were read so far.
  const Dictionaries& all() const { return read_; }

 private:
  std::shared_ptr<MemoryBudget> budget_;
  std::map<std::int64_t, const Layout*> values_;
  Dictionaries read_;
};

}  // namespace polarway::ipc
