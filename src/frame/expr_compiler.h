#pragma once

#include <arrow/type_fwd.h>

#include <vector>

#include "frame/expr_node.h"
#include "frame/expr_step.h"
#include "frame/typed_expr.h"
#include "polarway/result.h"

namespace polarway {

/// Turns an expression into Arrow's words, for rows that have the columns of `inputs`, in that
/// order: all columns it reads must be there. Config error for types that do not fit each other; it
/// shows the part of the expression where they meet.
///
/// What Arrow has no function for becomes steps, appended to `steps` in the order in which they are
/// to be taken: the result of the k-th is an input, too, behind the columns and earlier results.
///
/// The result is not yet bound. It refers to literals of `root`, which must outlive it.
Result<TypedExpr> compile(const ExprNode& root, const arrow::Schema& inputs,
                          std::vector<ExprStep>& steps);

/// A boolean, or null as one. Config error for anything else.
Result<TypedExpr> as_condition(const TypedExpr& value, const ExprNode& source);

}  // namespace polarway
