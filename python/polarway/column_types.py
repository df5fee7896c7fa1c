"""Polars' data types by the names that the library reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from .errors import ConfigError

_PYTHON_TYPES: dict[type, str] = {int: "int64", float: "float64", str: "string", bool: "bool"}


def type_text(dtype: Any) -> str:
    """The library's name of a Polars data type, or of a Python type that Polars takes for one.

    >>> type_text(pl.Datetime("us", "UTC")), type_text(pl.Int64), type_text(str)
    ('timestamp[us, UTC]', 'int64', 'string')
    """
    if isinstance(dtype, str):
        return dtype
    if dtype in _PYTHON_TYPES:
        return _PYTHON_TYPES[dtype]
    if isinstance(dtype, pl.Datetime):
        unit = dtype.time_unit
        return f"timestamp[{unit}, {dtype.time_zone}]" if dtype.time_zone else f"timestamp[{unit}]"
    if dtype == pl.Datetime:
        return "timestamp[us]"
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision}, {dtype.scale})"
    name = str(dtype).lower()
    if name in _NAMED:
        return _NAMED[name]
    raise ConfigError(f"no column of a source can be {dtype}", hint="cast the chunks instead")


_NAMED = {
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    "float32": "float32",
    "float64": "float64",
    "boolean": "bool",
    "string": "string",
    "date": "date",
    "time": "time",
    "binary": "binary",
}


def schema_text(schema: Mapping[str, Any]) -> str:
    """Names and types as the option `schema` takes them."""
    return json.dumps({name: type_text(dtype) for name, dtype in schema.items()})
