#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "formats/ipc/body.h"
#include "formats/ipc/layout.h"
#include "formats/ipc/metadata.h"
#include "polarway/result.h"

namespace polarway::ipc {

/// A range of an array's values.
struct Rows {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  std::int64_t count() const { return end - begin; }
};

/// Where a column's arrays and buffers begin among those of a record batch.
struct Cursor {
  std::size_t node = 0;
  std::size_t buffer = 0;
  std::size_t view = 0;
};

/// Moves the cursor behind a column. Parse where the batch has fewer arrays or buffers than that.
Result<void> skip_column(const BatchMetadata& metadata, bool has_union_bitmaps,
                         const Layout& layout, Cursor& cursor);

/// The values of each dictionary that was read, by its id.
using Dictionaries = std::map<std::int64_t, std::shared_ptr<arrow::ArrayData>>;

/// Makes arrays of any rows of a record batch, touching only the bytes that those rows need, and
/// believes nothing that the batch says: lengths, offsets, codes and text are checked before they
/// are given out, so that nobody who uses the arrays reads where nothing is.
///
/// What positions depend on (offsets, codes, the types of unions) is copied before it is checked,
/// even from a map: whoever writes to the file meanwhile can falsify values, not positions.
///
/// Errors name no place but the column's row; Parse for what does not fit together. `metadata`,
/// `body` and `dictionaries` outlive it.
class ArrayReader {
 public:
  ArrayReader(const BatchMetadata& metadata, bool has_union_bitmaps, Body& body,
              const Dictionaries& dictionaries, arrow::MemoryPool* pool)
      : metadata_(metadata),
        has_union_bitmaps_(has_union_bitmaps),
        body_(body),
        dictionaries_(dictionaries),
        pool_(pool) {}

  /// What read() will take of the pool for these rows; or, past `enough`, at least that much.
  Result<std::int64_t> measure(const Layout& layout, Cursor cursor, Rows rows, std::int64_t enough);
  /// The rows, as the layout's given type.
  Result<std::shared_ptr<arrow::ArrayData>> read(const Layout& layout, Cursor cursor, Rows rows);

 private:
  using Data = std::shared_ptr<arrow::ArrayData>;
  using Bytes = std::shared_ptr<arrow::Buffer>;
  // Of some values: null where the file has none.
  struct Validity {
    Bytes bits;
    std::int64_t null_count = 0;
  };

  Result<Data> visit(const Layout& layout, Cursor& cursor, Rows rows);
  template <class Offset>
  Result<Data> visit_text_of(const Layout& layout, Cursor& cursor, Rows rows, Data made);
  Result<Data> visit_views(const Layout& layout, Cursor& cursor, Rows rows, Data made);
  template <class Offset>
  Result<Data> visit_list(const Layout& layout, Cursor& cursor, Rows rows, Data made);
  template <class Offset>
  Result<Data> visit_list_view(const Layout& layout, Cursor& cursor, Rows rows, Data made);
  Result<Data> visit_dictionary(const Layout& layout, Cursor& cursor, Rows rows, Data made);
  Result<Data> visit_union(const Layout& layout, Cursor& cursor, Rows rows, Data made);
  Result<Data> visit_runs(const Layout& layout, Cursor& cursor, Rows rows, Data made);
  template <class RunEnd>
  Result<Data> visit_runs_of(const Layout& layout, Cursor& cursor, Rows rows, Data made);

  Result<void> skip(const Layout& layout, Cursor& cursor) const {
    return skip_column(metadata_, has_union_bitmaps_, layout, cursor);
  }
  Result<std::int64_t> length(const Cursor& cursor) const;  // of the array there
  Result<FieldNode> next_node(Cursor& cursor, Rows rows) const;
  Result<std::size_t> next_buffer(Cursor& cursor) const;
  Result<void> check_range(std::size_t buffer, std::int64_t offset, std::int64_t length) const;
  Result<Bytes> allocate(std::int64_t bytes);
  Result<Validity> validity(const FieldNode& node, Cursor& cursor, Rows rows, bool always = false);
  Result<Bytes> bits(std::size_t buffer, Rows rows, bool always = false);
  Result<Bytes> values(std::size_t buffer, Rows rows, std::int64_t width);
  Result<Bytes> copied(std::size_t buffer, Rows rows, std::int64_t width);
  template <class Offset>
  Result<Rows> offsets(std::size_t buffer, Rows rows, std::int64_t limit, Bytes& rebased);
  template <class T>
  Result<T> peek(std::size_t buffer, std::int64_t index);
  bool enough() const { return measuring_ && bytes_ > enough_; }

  const BatchMetadata& metadata_;
  bool has_union_bitmaps_;
  Body& body_;
  const Dictionaries& dictionaries_;
  arrow::MemoryPool* pool_;
  bool measuring_ = false;
  std::int64_t bytes_ = 0;  // while measuring
  std::int64_t enough_ = 0;
};

}  // namespace polarway::ipc
