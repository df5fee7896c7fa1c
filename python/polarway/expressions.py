"""Filters as text, which is how the library reads them."""

from __future__ import annotations

import polars as pl

from .errors import ConfigError


def text_of_filter(predicate: str | pl.Expr) -> str:
    """The predicate as the library's text."""
    if isinstance(predicate, str):
        return predicate
    raise ConfigError("this filter is a Polars expression", hint='write it as text: "age > 30"')
