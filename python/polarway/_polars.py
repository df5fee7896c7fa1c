"""Polars' names, but for those that are ours."""

import polars
from polars import *  # pyright: ignore[reportWildcardImportFromLibrary]

OURS = {"scan_csv", "scan_ipc", "scan_ndjson", "scan_parquet"}

__all__ = [name for name in polars.__all__ if name not in OURS]  # pyright: ignore[reportUnsupportedDunderAll]
