"""`scan_parquet`, `scan_ipc` and `scan_ndjson` with Polars' signatures."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from .config import Location, SourceConfig
from .errors import ConfigError
from .lazy import scan
from .source import StreamingSource
from .sources import KINDS

if TYPE_CHECKING:
    from .lazy import ScanFrame

__all__ = ["scan_ipc", "scan_ndjson", "scan_parquet"]


def scan_parquet(
    source: Location | Sequence[Location],
    *,
    n_rows: int | None = None,
    row_index_name: str | None = None,
    row_index_offset: int = 0,
    parallel: str = "auto",
    use_statistics: bool = True,  # noqa: ARG001
    hive_partitioning: bool | None = None,
    glob: bool = True,
    hidden_file_prefix: str | Sequence[str] | None = None,
    schema: Mapping[str, Any] | None = None,
    hive_schema: Mapping[str, Any] | None = None,
    try_parse_hive_dates: bool = True,
    low_memory: bool = False,  # noqa: ARG001
    cache: bool = True,  # noqa: ARG001
    storage_options: Mapping[str, Any] | None = None,
    credential_provider: Any = "auto",
    include_file_paths: str | None = None,
    missing_columns: Literal["insert", "raise"] = "raise",
    extra_columns: Literal["ignore", "raise"] = "raise",
    cast_options: Any = None,
    decryption: Any = None,
) -> ScanFrame:
    """Scans Parquet files like Polars' function of that name, but with our reader and its memory limit.

    The arguments mean what they mean in Polars; those that only change how Polars reads mean
    nothing. `ConfigError` for what our reader does not have.

    >>> scan_parquet("people.parquet").with_memory_limit("64MB").select(pl.col("age").max()).collect().item()
    72
    """
    _refuse(
        "scan_parquet",
        hidden_file_prefix=hidden_file_prefix is not None,
        schema=schema is not None,
        hive_schema=hive_schema is not None,
        try_parse_hive_dates=not try_parse_hive_dates,
        storage_options=storage_options is not None,
        credential_provider=credential_provider not in ("auto", None),
        cast_options=cast_options is not None,
        decryption=decryption is not None,
    )
    options = _file_options(source, row_index_name, row_index_offset, glob, include_file_paths, hive_partitioning)
    if missing_columns != "raise":
        options["missing_columns"] = missing_columns
    if extra_columns != "raise":
        options["extra_columns"] = extra_columns
    return _scanned("parquet", source, options, n_rows, parallel=parallel != "none")


def scan_ipc(
    source: Location | Sequence[Location],
    *,
    n_rows: int | None = None,
    row_index_name: str | None = None,
    row_index_offset: int = 0,
    glob: bool = True,
    storage_options: Mapping[str, Any] | None = None,
    credential_provider: Any = "auto",
    hive_partitioning: bool | None = None,
    hive_schema: Mapping[str, Any] | None = None,
    try_parse_hive_dates: bool = True,
    include_file_paths: str | None = None,
) -> ScanFrame:
    """Scans Arrow IPC files like Polars' function of that name, but with our reader and its memory limit.

    The arguments mean what they mean in Polars. `ConfigError` for what our reader does not have.

    >>> scan_ipc("people.arrow").with_memory_limit("64MB").select(pl.col("age").max()).collect().item()
    72
    """
    _refuse(
        "scan_ipc",
        hive_schema=hive_schema is not None,
        try_parse_hive_dates=not try_parse_hive_dates,
        storage_options=storage_options is not None,
        credential_provider=credential_provider not in ("auto", None),
    )
    options = _file_options(source, row_index_name, row_index_offset, glob, include_file_paths, hive_partitioning)
    return _scanned("ipc", source, options, n_rows)


def scan_ndjson(
    source: Location | Sequence[Location],
    *,
    schema: Mapping[str, Any] | None = None,
    schema_overrides: Mapping[str, Any] | None = None,
    infer_schema_length: int | None = 100,
    batch_size: int | None = 1024,  # noqa: ARG001
    n_rows: int | None = None,
    low_memory: bool = False,  # noqa: ARG001
    row_index_name: str | None = None,
    row_index_offset: int = 0,
    ignore_errors: bool = False,
    storage_options: Mapping[str, Any] | None = None,
    credential_provider: Any = "auto",
    include_file_paths: str | None = None,
) -> ScanFrame:
    """Scans JSON, a record a line, like Polars' function of that name, but with our reader and its limit.

    The arguments mean what they mean in Polars, and texts stay texts; those that only change how
    Polars reads mean nothing. `ConfigError` for what our reader does not have.

    >>> scan_ndjson("people.ndjson").with_memory_limit("64MB").select(pl.col("age").max()).collect().item()
    72
    """
    _refuse(
        "scan_ndjson",
        ignore_errors=ignore_errors,
        storage_options=storage_options is not None,
        credential_provider=credential_provider not in ("auto", None),
    )
    options = _file_options(source, row_index_name, row_index_offset, True, include_file_paths, False)
    options["try_parse_dates"] = False
    options["infer_schema_length"] = "full" if infer_schema_length is None else infer_schema_length
    if schema is not None:
        options["schema"] = schema
    if schema_overrides is not None:
        options["schema_overrides"] = schema_overrides
    return _scanned("json", source, options, n_rows)


def _file_options(
    source: Any,
    row_index_name: str | None,
    row_index_offset: int,
    glob: bool,
    include_file_paths: str | None,
    hive_partitioning: bool | None,
) -> dict[str, Any]:
    if isinstance(source, bytes) or hasattr(source, "read"):
        raise ConfigError("our scans read files, not bytes", hint="Polars' own do, or write them to a file")
    options: dict[str, Any] = {}
    if row_index_name is not None:
        options |= {"row_index_name": row_index_name, "row_index_offset": row_index_offset}
    if not glob:
        options["glob"] = False
    if include_file_paths is not None:
        options["include_file_paths"] = include_file_paths
    if hive_partitioning is None:  # as Polars has it: for a directory
        hive_partitioning = isinstance(source, (str, os.PathLike)) and os.path.isdir(source)  # pyright: ignore[reportUnknownArgumentType]
    if hive_partitioning:
        options["hive_partitioning"] = True
    return options


def _scanned(
    kind: str, source: Any, options: dict[str, Any], n_rows: int | None, *, parallel: bool = True
) -> ScanFrame:
    made: type[StreamingSource] = KINDS[kind]
    frame = scan(made, SourceConfig(source, options=options, parallel=parallel))
    return frame if n_rows is None else frame.head(n_rows)  # type: ignore[return-value]  # pyright: ignore


def _refuse(function: str, **arguments: object) -> None:
    for name, is_asked_for in arguments.items():
        if is_asked_for:
            raise ConfigError(
                f"{function}() has no {name}", hint=f"polars.{function}() has it, without a memory limit"
            )
