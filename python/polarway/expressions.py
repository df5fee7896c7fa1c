"""Polars expressions as the library's text, as far as both mean the same.

The library is handed a predicate of which it must at least keep every row that Polars would keep:
what it cannot say is left out of an `and`. Whoever reads applies the whole predicate once more.
"""

from __future__ import annotations

import datetime
import io
import json
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import polars as pl

from .errors import ConfigError

Node = dict[str, Any]
Constant = bool | int | float | str | datetime.date | datetime.datetime


class Said(NamedTuple):
    """A predicate in the library's words."""

    text: str
    exact: bool
    """Whether it is true, false and null for the same rows as Polars' own. Otherwise it may be
    true where that is false or null."""


def text_of_filter(predicate: str | pl.Expr, schema: pl.Schema | None = None) -> str:
    """A filter that was given as text or as an expression: as text. `ConfigError` where there is none."""
    if isinstance(predicate, str):
        return predicate
    said = translated(predicate, schema)
    if said is None or not said.exact:
        raise ConfigError(
            f"the library cannot say the filter {predicate}",
            hint='write it as text, such as "age > 30", or filter the chunks',
        )
    return said.text


def translated(predicate: pl.Expr, schema: pl.Schema | None = None) -> Said | None:
    """What the library can say of the predicate; None where that is nothing.

    >>> translated(pl.col("age") > 30, pl.Schema({"age": pl.Int64}))
    Said(text='"age" > 30', exact=True)
    >>> says_a_part = (pl.col("age") > 30) & pl.col("name").str.contains("x")
    >>> translated(says_a_part, pl.Schema({"age": pl.Int64, "name": pl.String}))
    Said(text='"age" > 30', exact=False)
    """
    try:
        root: Node = json.loads(predicate.meta.serialize(format="json"))
    except pl.exceptions.PolarsError:  # Python functions, for example
        return None
    return _Translator(schema).say(root)


class _Translator:
    def __init__(self, schema: pl.Schema | None) -> None:
        self.schema = schema

    def say(self, node: Any) -> Said | None:
        match node:
            case {"Column": str(name)} if self.type_of(name) == pl.Boolean:
                return Said(_quoted(name), True)
            case {"BinaryExpr": {"left": left, "op": "And" | "LogicalAnd", "right": right}}:
                return self.say_and(self.say(left), self.say(right))
            case {"BinaryExpr": {"left": left, "op": "Or" | "LogicalOr", "right": right}}:
                return _joined("or", self.say(left), self.say(right))
            case {"BinaryExpr": {"left": left, "op": str(op), "right": right}} if op in _FLIPPED:
                return self.say_comparison(left, op, right)
            case {"Function": {"input": [inner], "function": {"Boolean": "Not"}}}:
                said = self.say(inner)
                return Said(f"(not {said.text})", True) if said and said.exact else None
            case {"Function": {"input": [{"Column": name}], "function": {"Boolean": "IsNull"}}}:
                return Said(f"{_quoted(name)} is null", True)
            case {"Function": {"input": [{"Column": name}], "function": {"Boolean": "IsNotNull"}}}:
                return Said(f"{_quoted(name)} is not null", True)
            case {
                "Function": {
                    "input": [{"Column": _} as column, low, high],
                    "function": {"Boolean": {"IsBetween": {"closed": str(closed)}}},
                }
            }:
                above = "Gt" if closed in ("Right", "None") else "GtEq"
                below = "Lt" if closed in ("Left", "None") else "LtEq"
                return self.say_and(
                    self.say_comparison(column, above, low), self.say_comparison(column, below, high)
                )
            case _:
                return None

    def say_and(self, left: Said | None, right: Said | None) -> Said | None:
        if left and right:
            return _joined("and", left, right)
        said = left or right
        return Said(said.text, False) if said else None

    def say_comparison(self, left: Any, op: str, right: Any) -> Said | None:
        if "Column" in right:
            left, op, right = right, _FLIPPED[op], left
        if "Column" not in left:
            return None
        name: str = left["Column"]
        constant = _constant(right)
        dtype = self.type_of(name)
        if constant is None or dtype is None or not _compares_alike(dtype, constant):
            return None
        column, value = _quoted(name), _literal(constant)
        # Polars puts NaN above all numbers; the library finds every comparison with it false.
        if dtype == pl.Float64 and op in _NEGATED:
            return Said(f"(not {column} {_SIGNS[_NEGATED[op]]} {value})", True)
        return Said(f"{column} {_SIGNS[op]} {value}", True)

    def type_of(self, name: str) -> pl.DataType | None:
        return self.schema.get(name) if self.schema is not None else None


_SIGNS = {"Eq": "=", "NotEq": "!=", "Lt": "<", "LtEq": "<=", "Gt": ">", "GtEq": ">="}
_FLIPPED = {"Eq": "Eq", "NotEq": "NotEq", "Lt": "Gt", "LtEq": "GtEq", "Gt": "Lt", "GtEq": "LtEq"}
_NEGATED = {"NotEq": "Eq", "Gt": "LtEq", "GtEq": "Lt"}


def _joined(word: str, left: Said | None, right: Said | None) -> Said | None:
    if left is None or right is None:
        return None
    return Said(f"({left.text} {word} {right.text})", left.exact and right.exact)


def _constant(node: Any) -> Constant | None:
    """The value of an expression without columns; None where it is null or no single value."""
    if not _is_constant(node):
        return None
    try:  # NaN, for example, is written and cannot be read
        expr = pl.Expr.deserialize(io.StringIO(json.dumps(node)), format="json")
        values = pl.select(expr).to_series()
    except pl.exceptions.PolarsError:
        return None
    if values.len() != 1 or values.dtype in (pl.Datetime("ns"), pl.Datetime("ms")):
        return None
    value = values.item()
    return value if isinstance(value, Constant) else None


def _is_constant(node: Any) -> bool:
    match node:
        case {"Literal": _}:
            return True
        case {"Alias": [inner, _]} | {"Cast": {"expr": inner}}:
            return _is_constant(inner)
        case _:
            return False


def _compares_alike(dtype: pl.DataType, constant: Constant) -> bool:
    """Whether the library and Polars compare such a column and such a constant alike."""
    if dtype.is_integer():
        return type(constant) is int and abs(constant) < 2**63
    if dtype == pl.Float64:
        # Beyond 2 ** 53, Polars rounds an integer to the nearest float first.
        if type(constant) is int:
            return abs(constant) <= 2**53
        return type(constant) is float and math.isfinite(constant)
    if dtype == pl.String:
        return isinstance(constant, str) and "\0" not in constant
    if dtype == pl.Boolean:
        return isinstance(constant, bool)
    if dtype == pl.Date:
        return type(constant) is datetime.date
    if dtype == pl.Datetime("us"):
        return type(constant) is datetime.datetime and constant.tzinfo is None
    return False


_LITERALS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    int: str,
    float: repr,
    str: lambda value: "'" + value.replace("'", "''") + "'",
    datetime.date: lambda value: f"'{value.isoformat()}'",
    datetime.datetime: lambda value: f"'{value.isoformat(sep=' ')}'",
}


def _literal(value: Constant) -> str:
    return _LITERALS[type(value)](value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
