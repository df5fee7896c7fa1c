#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "polarway/export.h"
#include "polarway/result.h"
#include "polarway/schema.h"

namespace polarway {

/// @cond internal
struct ExprNode;
/// @endcond

/// A value computed from the columns of a row: `col("age") > 30 && col("name").is_not_null()`.
///
/// An immutable tree, cheap to copy, that knows nothing of any schema; names and types are checked
/// when it meets one, before the first row. Nulls follow SQL (Kleene logic): a comparison with
/// null is null, and a filter keeps a row only where its value is true. `/` is float division;
/// integer overflow is an error.
class POLARWAY_EXPORT Expr {
 public:
  /// @cond internal
  explicit Expr(std::shared_ptr<const ExprNode> node) : node_(std::move(node)) {}
  const ExprNode& node() const { return *node_; }
  /// @endcond

  /// @name Comparison, by Polars' names
  /// @{

  /// Numbers compare with numbers, text with text, dates and timestamps with their like or with
  /// text in ISO form. Anything else is a Config error when the schema is known.
  Expr eq(const Expr& other) const;
  Expr ne(const Expr& other) const;
  Expr lt(const Expr& other) const;
  Expr le(const Expr& other) const;
  Expr gt(const Expr& other) const;
  Expr ge(const Expr& other) const;
  template <class T>
    requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
  Expr eq(const T& value) const;
  template <class T>
    requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
  Expr ne(const T& value) const;
  template <class T>
    requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
  Expr lt(const T& value) const;
  template <class T>
    requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
  Expr le(const T& value) const;
  template <class T>
    requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
  Expr gt(const T& value) const;
  template <class T>
    requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
  Expr ge(const T& value) const;
  /// @}

  /// True where the value is null; never null itself.
  Expr is_null() const;
  /// True where the value is not null; never null itself.
  Expr is_not_null() const;
  /// True where the value equals one of `values` (literals). Null stays null.
  Expr is_in(std::vector<Expr> values) const;
  /// `low <= value && value <= high`.
  Expr is_between(const Expr& low, const Expr& high) const;
  /// True where the text matches: in `pattern`, % stands for any text, _ for one character, and
  /// everything else for itself, in its case; % and _ behind `escape`, one character if it is
  /// given, stand for themselves. The whole text must match. Null stays null.
  Expr like(std::string pattern, std::string escape = {}) const;
  /// The value as another type: numbers, bool, string, date and timestamp from each other where
  /// that has one meaning (Config error elsewhere). A value that the type cannot hold exactly is a
  /// Schema error that names it: nothing is rounded, cut or wrapped. Two things are no loss: text
  /// and decimals become the nearest float (integers only exactly), a timestamp becomes the day it
  /// is on.
  Expr cast(const DataType& type) const;
  /// Names the result.
  Expr alias(std::string name) const;

  /// The name the result has in a selection: the alias, the column's name, or the text.
  std::string output_name() const;
  /// The columns it reads, each once, in order of appearance.
  std::vector<std::string> columns() const;
  /// Text that parse_expr() reads back to an equal expression.
  std::string to_string() const;

 private:
  std::shared_ptr<const ExprNode> node_;
};

/// The column of that name.
POLARWAY_EXPORT Expr col(std::string name);

/// @name Literals
/// @{
POLARWAY_EXPORT Expr lit(std::int64_t value);
POLARWAY_EXPORT Expr lit(double value);
POLARWAY_EXPORT Expr lit(bool value);
POLARWAY_EXPORT Expr lit(std::string value);
inline Expr lit(const char* value) { return lit(std::string(value)); }
inline Expr lit(std::string_view value) { return lit(std::string(value)); }
/// Other arithmetic types become int64 or double. Unsigned values above 2^63 - 1 become double.
template <class T>
  requires std::is_arithmetic_v<T>
Expr lit(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    return lit(static_cast<double>(value));
  } else if constexpr (std::is_unsigned_v<T> && sizeof(T) >= sizeof(std::int64_t)) {
    return value > T{INT64_MAX} ? lit(static_cast<double>(value))
                                : lit(static_cast<std::int64_t>(value));
  } else {
    return lit(static_cast<std::int64_t>(value));
  }
}
/// The null literal.
POLARWAY_EXPORT Expr null();
/// @}

/// @cond
template <class T>
  requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
Expr Expr::eq(const T& value) const {
  return eq(lit(value));
}
template <class T>
  requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
Expr Expr::ne(const T& value) const {
  return ne(lit(value));
}
template <class T>
  requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
Expr Expr::lt(const T& value) const {
  return lt(lit(value));
}
template <class T>
  requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
Expr Expr::le(const T& value) const {
  return le(lit(value));
}
template <class T>
  requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
Expr Expr::gt(const T& value) const {
  return gt(lit(value));
}
template <class T>
  requires std::constructible_from<std::string, T> || std::is_arithmetic_v<T>
Expr Expr::ge(const T& value) const {
  return ge(lit(value));
}
/// @endcond

/// @name Operators
/// Each has the meaning of its C++ namesake; one side may be a plain number or text.
/// @{
POLARWAY_EXPORT Expr operator+(const Expr& left, const Expr& right);
POLARWAY_EXPORT Expr operator-(const Expr& left, const Expr& right);
POLARWAY_EXPORT Expr operator*(const Expr& left, const Expr& right);
POLARWAY_EXPORT Expr operator/(const Expr& left, const Expr& right);
POLARWAY_EXPORT Expr operator-(const Expr& value);
POLARWAY_EXPORT Expr operator&&(const Expr& left, const Expr& right);
POLARWAY_EXPORT Expr operator||(const Expr& left, const Expr& right);
POLARWAY_EXPORT Expr operator!(const Expr& value);
/// @}

/// @cond
template <class T>
concept ExprOperand = std::constructible_from<std::string, T> || std::is_arithmetic_v<T>;
#define POLARWAY_EXPR_COMPARISON(op, method)                                                  \
  inline Expr operator op(const Expr& left, const Expr& right) { return left.method(right); } \
  template <ExprOperand T>                                                                    \
  Expr operator op(const Expr& left, const T& right) {                                        \
    return left.method(lit(right));                                                           \
  }                                                                                           \
  template <ExprOperand T>                                                                    \
  Expr operator op(const T& left, const Expr& right) {                                        \
    return lit(left).method(right);                                                           \
  }
POLARWAY_EXPR_COMPARISON(==, eq)
POLARWAY_EXPR_COMPARISON(!=, ne)
POLARWAY_EXPR_COMPARISON(<, lt)
POLARWAY_EXPR_COMPARISON(<=, le)
POLARWAY_EXPR_COMPARISON(>, gt)
POLARWAY_EXPR_COMPARISON(>=, ge)
#undef POLARWAY_EXPR_COMPARISON
#define POLARWAY_EXPR_ARITHMETIC(op)                   \
  template <ExprOperand T>                             \
  Expr operator op(const Expr& left, const T& right) { \
    return left op lit(right);                         \
  }                                                    \
  template <ExprOperand T>                             \
  Expr operator op(const T& left, const Expr& right) { \
    return lit(left) op right;                         \
  }
POLARWAY_EXPR_ARITHMETIC(+)
POLARWAY_EXPR_ARITHMETIC(-)
POLARWAY_EXPR_ARITHMETIC(*)
POLARWAY_EXPR_ARITHMETIC(/)
#undef POLARWAY_EXPR_ARITHMETIC
/// @endcond

/// Reads one expression: `age > 30 and country in ('DE', 'FR')`.
///
/// Grammar, loosest first: `or`; `and`; `not`; comparison (= == != <> < <= > >=), `is [not] null`,
/// `[not] in (...)`, `[not] between A and B`, `[not] like 'PATTERN' [escape 'C']`; `+ -`; `* /`;
/// unary minus; `X::TYPE`, which is `cast(X as TYPE)`; parentheses. Columns are names or
/// "quoted names" (doubled quotes inside); text is in 'single quotes' (doubled inside);
/// numbers, true, false, null, nan, inf as usual. `EXPR as NAME` names the result. Keywords are
/// case-insensitive. A Config error points at the place in the text.
POLARWAY_EXPORT Result<Expr> parse_expr(std::string_view text);

/// Reads a comma-separated list of such expressions, as `--select` takes it.
POLARWAY_EXPORT Result<std::vector<Expr>> parse_exprs(std::string_view text);

}  // namespace polarway
