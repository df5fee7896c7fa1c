"""`scan_csv` with Polars' signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from .config import Location, SourceConfig
from .errors import ConfigError
from .lazy import scan
from .sources import CsvSource

if TYPE_CHECKING:
    from .lazy import ScanFrame

__all__ = ["scan_csv"]


def scan_csv(
    source: Location | Sequence[Location],
    *,
    has_header: bool = True,
    separator: str = ",",
    comment_prefix: str | None = None,
    quote_char: str | None = '"',
    skip_rows: int = 0,
    skip_lines: int = 0,
    schema: Mapping[str, Any] | None = None,
    schema_overrides: Mapping[str, Any] | Sequence[Any] | None = None,
    null_values: str | Sequence[str] | Mapping[str, str] | None = None,
    empty_string_is_null: bool = True,
    ignore_errors: bool = False,
    with_column_names: Callable[[list[str]], list[str]] | None = None,
    infer_schema: bool = True,
    infer_schema_length: int | None = 100,
    infer_schema_files: int = 10,
    n_rows: int | None = None,
    encoding: str = "utf8",
    low_memory: bool = False,  # noqa: ARG001
    skip_rows_after_header: int = 0,
    row_index_name: str | None = None,
    row_index_offset: int = 0,
    try_parse_dates: bool = False,
    eol_char: str = "\n",
    new_columns: Sequence[str] | None = None,
    truncate_ragged_lines: bool | None = None,
    raise_if_empty: bool | None = None,
    decimal_comma: bool = False,
    glob: bool = True,
    storage_options: Mapping[str, Any] | None = None,
    credential_provider: Any = "auto",
    include_file_paths: str | None = None,
    extra_columns: Literal["ignore", "raise"] | None = None,
    missing_columns: Literal["insert", "raise"] | None = None,
) -> ScanFrame:
    """Scans CSV files like Polars' function of that name, but with our reader and its memory limit.

    The arguments mean what they mean in Polars; `low_memory` means nothing, as memory is always
    kept low. `ConfigError` for what our reader does not have: sources that are no files,
    `ignore_errors`, `with_column_names`, `truncate_ragged_lines`, `raise_if_empty=False`,
    `storage_options`. The types of the columns are looked at here and now, not when the query
    runs, and a row with too few fields is an error where Polars makes them null.

    >>> frame = scan_csv("people.csv").with_adaptive_streaming().with_memory_limit("64MB")
    >>> frame.filter(pl.col("age") > 40).select("name").collect()["name"].to_list()
    ['Grace', 'Edsger']
    """
    _refuse(
        ignore_errors=ignore_errors,
        with_column_names=with_column_names is not None,
        truncate_ragged_lines=truncate_ragged_lines,
        raise_if_empty=raise_if_empty is False,
        storage_options=storage_options is not None,
        credential_provider=credential_provider not in ("auto", None),
        infer_schema_files=infer_schema_files < 1,
    )
    if schema_overrides is not None and not isinstance(schema_overrides, Mapping):
        if new_columns is None or len(new_columns) < len(schema_overrides):
            raise ConfigError(
                "schema_overrides is a list, and there are no new_columns to go with it",
                hint='name the columns: schema_overrides={"age": pl.Int64}',
            )
        schema_overrides = dict(zip(new_columns, schema_overrides, strict=False))
    options: dict[str, Any] = {
        "has_header": has_header,
        "delimiter": separator,
        "comment_char": comment_prefix,
        "quote_char": quote_char,
        "skip_rows": skip_rows,
        "skip_lines": skip_lines,
        "schema": schema,
        "schema_overrides": schema_overrides,
        "null_values": null_values if not isinstance(null_values, str) else [null_values],
        "missing_utf8_is_empty_string": not empty_string_is_null,
        "infer_schema": infer_schema,
        "infer_schema_length": "full" if infer_schema_length is None else infer_schema_length,
        "encoding": {"utf8": "utf-8", "utf8-lossy": "utf-8-lossy"}.get(encoding, encoding),
        "skip_rows_after_header": skip_rows_after_header,
        "row_index_name": row_index_name,
        "row_index_offset": row_index_offset,
        "try_parse_dates": try_parse_dates,
        "eol_char": None if eol_char == "\n" else eol_char,
        "new_columns": new_columns,
        "decimal_comma": decimal_comma,
        "glob": glob,
        "include_file_paths": include_file_paths,
        "extra_columns": extra_columns,
        "missing_columns": missing_columns,
    }
    given = {name: value for name, value in options.items() if value is not None}
    if quote_char is None:
        given["quote_char"] = None
    config = SourceConfig(_files(source), options=given)
    if not has_header and schema is None and new_columns is None:
        # Polars counts columns without a name from 0, the library from 1.
        with CsvSource.from_config(config) as opened:
            given["new_columns"] = [f"column_{i}" for i in range(len(opened.schema))]
    frame = scan(CsvSource, config)
    return frame if n_rows is None else frame.head(n_rows)  # type: ignore[return-value]  # pyright: ignore


def _refuse(**arguments: object) -> None:
    for name, is_asked_for in arguments.items():
        if is_asked_for:
            raise ConfigError(
                f"scan_csv() has no {name}", hint="polars.scan_csv() has it, without a memory limit"
            )


def _files(source: Any) -> Any:
    if isinstance(source, bytes) or hasattr(source, "read"):
        raise ConfigError(
            "scan_csv() reads files, not bytes", hint="polars.scan_csv() does, or write them to a file"
        )
    return source
