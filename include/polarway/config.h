#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "polarway/credentials.h"
#include "polarway/export.h"
#include "polarway/expr.h"
#include "polarway/memory.h"
#include "polarway/result.h"

namespace polarway {

/// A serialisable position from which a stream goes on exactly: the first row after the last chunk
/// that was *delivered*, never of what was read ahead.
struct POLARWAY_EXPORT Checkpoint {
  std::string kind;       ///< The source's kind, such as "csv".
  std::string location;   ///< The source's location.
  std::string position;   ///< The reader's own words; opaque.
  std::int64_t rows = 0;  ///< Rows delivered up to here.

  /// One line of JSON with a checksum over its content.
  std::string to_json() const;
  /// Reads it back. Config error for text that was cut, changed or made by a newer version.
  static Result<Checkpoint> from_json(std::string_view json);
};

/// A serialisable piece of a source. Reading all splits is reading the whole.
struct Split {
  std::string piece;                   ///< The reader's own words; opaque.
  std::int64_t size_bytes = 0;         ///< Of the piece in the source; 0 when not known.
  std::int64_t working_set_bytes = 0;  ///< Upper bound of the memory its reader needs.
};

/// @cond
template <class T>
concept Arithmetic = std::is_arithmetic_v<T>;
/// @endcond

/// What to read and how: declarative, and copied freely.
///
/// The with_* functions change the config in place and return it, so that both a chain and bare
/// statements work. They check nothing: SourceRegistry::create() does, and its Config error names
/// the option. Sizes and counts take any arithmetic type; fractions are dropped.
class POLARWAY_EXPORT SourceConfig {
 public:
  /// A path, a glob, a directory, "-" for standard input, or a URL.
  explicit SourceConfig(std::string location) { locations_.push_back(std::move(location)); }
  /// Several of them, read one after the other as one source: `SourceConfig({"a.csv", "b.csv"})`.
  explicit SourceConfig(std::vector<std::string> locations) : locations_(std::move(locations)) {}
  /// The same.
  explicit SourceConfig(std::initializer_list<std::string> locations) : locations_(locations) {}

// Each setter twice: on a named config it returns a reference, in a chain it passes the temporary
// on.
#define POLARWAY_CONFIG_SETTER(signature, statement) \
  SourceConfig& signature& {                         \
    statement;                                       \
    return *this;                                    \
  }                                                  \
  SourceConfig&& signature&& {                       \
    statement;                                       \
    return std::move(*this);                         \
  }

  /// The most memory the stream may use, in bytes. Default: the preset's (see find_preset()).
  POLARWAY_CONFIG_SETTER(with_memory_limit(Arithmetic auto bytes), memory_limit_ = to_int64(bytes);
                         memory_limit_text_.reset())
  /// The same, as text such as "2GB" (see parse_size()).
  POLARWAY_CONFIG_SETTER(with_memory_limit(std::string size), memory_limit_text_ = std::move(size);
                         memory_limit_.reset())
  /// Rows of the first chunk; later chunks adapt. Default: from a sample of the data.
  POLARWAY_CONFIG_SETTER(with_chunk_size(Arithmetic auto rows), chunk_size_ = to_int64(rows))
  /// The most rows a chunk may have. Default: the preset's, or with_chunk_size() if that is more.
  POLARWAY_CONFIG_SETTER(with_max_chunk_size(Arithmetic auto rows),
                         max_chunk_size_ = to_int64(rows))
  /// Whether to use several threads where the source can. Default true.
  POLARWAY_CONFIG_SETTER(with_parallel(bool on), parallel_ = on)
  /// Whether to read the next chunk while the caller works on this one. Default true.
  POLARWAY_CONFIG_SETTER(with_prefetch(bool on), prefetch_ = on)
  /// One option of the source or of the stream; `polarway sources KIND` lists them.
  POLARWAY_CONFIG_SETTER(with_option(std::string key, std::string value),
                         options_.insert_or_assign(std::move(key), std::move(value)))
  /// Who asks. Never written by to_json().
  POLARWAY_CONFIG_SETTER(with_credentials(Credentials who), credentials_ = std::move(who))
  /// Only these columns, in this order. An empty list asks for rows without columns (a count).
  POLARWAY_CONFIG_SETTER(with_columns(std::vector<std::string> names), columns_ = std::move(names))
  /// Only rows where this is true.
  POLARWAY_CONFIG_SETTER(with_filter(Expr predicate), filter_ = std::move(predicate))
  /// At most this many rows, counted after the filter.
  POLARWAY_CONFIG_SETTER(with_limit(Arithmetic auto rows), limit_ = to_int64(rows))
  /// Goes on after a checkpoint of the same source.
  POLARWAY_CONFIG_SETTER(with_resume(Checkpoint after), resume_ = std::move(after))
  /// Reads one piece, as StreamingSource::splits() gave it.
  POLARWAY_CONFIG_SETTER(with_split(Split piece), split_ = std::move(piece))
  /// Shares a budget with other streams; with_memory_limit() is not used then. Not in to_json().
  POLARWAY_CONFIG_SETTER(with_budget(std::shared_ptr<MemoryBudget> shared),
                         budget_ = std::move(shared))
#undef POLARWAY_CONFIG_SETTER

  /// @name What was set
  /// @{

  /// The first location: what errors and checkpoints call the source. Empty when there is none.
  const std::string& location() const;
  /// All locations, in the order in which they are read.
  const std::vector<std::string>& locations() const { return locations_; }
  /// Bytes; nothing when not set; Config error when the text was no size or the number not > 0.
  Result<std::optional<std::int64_t>> memory_limit() const;
  /// As given to the with_ of the same name; nothing, or the default, when not set.
  std::optional<std::int64_t> chunk_size() const { return chunk_size_; }
  std::optional<std::int64_t> max_chunk_size() const { return max_chunk_size_; }
  bool parallel() const { return parallel_; }
  bool prefetch() const { return prefetch_; }
  const std::map<std::string, std::string>& options() const { return options_; }
  const std::optional<Credentials>& credentials() const { return credentials_; }
  const std::optional<std::vector<std::string>>& columns() const { return columns_; }
  const std::optional<Expr>& filter() const { return filter_; }
  std::optional<std::int64_t> limit() const { return limit_; }
  const std::optional<Checkpoint>& resume() const { return resume_; }
  const std::optional<Split>& split() const { return split_; }
  const std::shared_ptr<MemoryBudget>& budget() const { return budget_; }
  /// @}

  /// Everything but credentials and budget, as one JSON object.
  std::string to_json() const;
  /// Reads it back. Config error for unknown keys and wrong types.
  static Result<SourceConfig> from_json(std::string_view json);

 private:
  // Saturates instead of wrapping: a limit of 1e30 is "no limit", NaN and negatives are refused
  // later.
  template <Arithmetic N>
  static std::int64_t to_int64(N value) {
    if constexpr (std::is_floating_point_v<N>) {
      if (!(value > 0)) return value == 0 ? 0 : -1;
      return value >= N(9.2e18) ? INT64_MAX : static_cast<std::int64_t>(value);
    } else if constexpr (std::is_unsigned_v<N>) {
      return value > std::uint64_t{INT64_MAX} ? INT64_MAX : static_cast<std::int64_t>(value);
    } else {
      return static_cast<std::int64_t>(value);
    }
  }

  std::vector<std::string> locations_;
  std::optional<std::int64_t> memory_limit_;
  std::optional<std::string> memory_limit_text_;  // at most one of the two is set
  std::optional<std::int64_t> chunk_size_;
  std::optional<std::int64_t> max_chunk_size_;
  bool parallel_ = true;
  bool prefetch_ = true;
  std::map<std::string, std::string> options_;
  std::optional<Credentials> credentials_;
  std::optional<std::vector<std::string>> columns_;
  std::optional<Expr> filter_;
  std::optional<std::int64_t> limit_;
  std::optional<Checkpoint> resume_;
  std::optional<Split> split_;
  std::shared_ptr<MemoryBudget> budget_;
};

}  // namespace polarway
