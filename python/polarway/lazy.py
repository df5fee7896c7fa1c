"""Polars LazyFrames over our sources.

`scan_source()` and its kin give an ordinary `polars.LazyFrame`. Polars tells the source which
columns the query needs, which rows and how many of them, and pulls chunks from it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import polars as pl
from polars.io.plugins import register_io_source

from .config import Location, Size, SourceConfig
from .errors import ConfigError
from .expressions import translated
from .source import StreamingSource, size_in_bytes

__all__ = ["scan_source"]


@dataclass(frozen=True)
class Scan:
    """What a LazyFrame that was just made reads from."""

    source: type[StreamingSource]
    config: SourceConfig
    schema: pl.Schema

    def lazy_frame(self) -> ScanFrame:
        """A LazyFrame that reads it."""
        frame = register_io_source(
            self.read,
            schema=self.schema,
            validate_schema=True,
            explain_name=f"polarway.{self.source.kind or 'source'}",
        )
        frame._polarway_scan = self  # type: ignore[attr-defined]  # pyright: ignore
        return cast("ScanFrame", frame)

    def read(
        self,
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,  # noqa: ARG002
    ) -> Iterator[pl.DataFrame]:
        """What Polars calls for each run of a query. The chunks are as large as memory has it."""
        columns = self.config.columns if with_columns is None else with_columns
        wanted = columns
        # Polars counts n_rows before it filters, the library afterwards: one of the two is left out.
        said = translated(predicate, self.schema) if predicate is not None and n_rows is None else None
        if predicate is not None and wanted is not None:
            wanted = list(dict.fromkeys([*wanted, *predicate.meta.root_names()]))
        config = dataclasses.replace(
            self.config, columns=wanted, filter=said.text if said else None, limit=n_rows
        )
        with self.source.from_config(config) as source:
            for chunk in source:
                kept = chunk if predicate is None else chunk.filter(predicate)
                yield kept if columns is None else kept.select(columns)


def scan(source: type[StreamingSource], config: SourceConfig) -> ScanFrame:
    """Looks at the source's schema, and makes a LazyFrame of it."""
    with source.from_config(config) as opened:
        return Scan(source, config, opened.schema).lazy_frame()


def scan_source(
    location: Location | Sequence[Location],
    *,
    memory_limit: Size | None = None,
    n_rows: int | None = None,
    **options: Any,
) -> ScanFrame:
    """Scans a source of any kind, which the location tells.

    >>> scan_source("people.csv", memory_limit="64MB").filter(pl.col("age") > 40).collect().height
    2
    """
    config = SourceConfig(location, memory_limit=memory_limit, options=options)
    frame = scan(StreamingSource, config)
    return frame if n_rows is None else cast("ScanFrame", frame.head(n_rows))


def scan_of(frame: pl.LazyFrame, method: str) -> Scan:
    """The scan behind a frame that nothing was done to yet."""
    found = frame.__dict__.get("_polarway_scan")
    if not isinstance(found, Scan):
        raise ConfigError(
            f"{method}() is for what a scan has just given",
            hint=f'write pl.scan_csv("data.csv").{method}(...) before the other steps',
        )
    return found


class _FrameMethod:
    """A method of pl.LazyFrame: Polars makes one of these of the frame, which is called then."""

    def __init__(self, frame: pl.LazyFrame) -> None:
        self.frame = frame


@pl.api.register_lazyframe_namespace("with_adaptive_streaming")
class _WithAdaptiveStreaming(_FrameMethod):
    def __call__(self, **options: Any) -> ScanFrame:
        found = scan_of(self.frame, "with_adaptive_streaming")
        merged = {**found.config.options, **options}
        chunk_size = merged.pop("chunk_size", found.config.chunk_size)
        config = dataclasses.replace(found.config, options=merged, chunk_size=chunk_size)
        return dataclasses.replace(found, config=config).lazy_frame()


@pl.api.register_lazyframe_namespace("with_memory_limit")
class _WithMemoryLimit(_FrameMethod):
    def __call__(self, limit: Size) -> ScanFrame:
        found = scan_of(self.frame, "with_memory_limit")
        config = dataclasses.replace(found.config, memory_limit=size_in_bytes(limit))
        return dataclasses.replace(found, config=config).lazy_frame()


if TYPE_CHECKING:

    class ScanFrame(pl.LazyFrame):
        """What a scan gives: at run time a plain `polars.LazyFrame`, to which ours adds methods."""

        def with_adaptive_streaming(
            self, *, chunk_size: int | None = None, **options: Any
        ) -> ScanFrame:
            """Sets options of the stream, such as `policy` and `chunk_size`.

            Chunks adapt to the memory in any case; this says how.
            """
            ...

        def with_memory_limit(self, limit: Size) -> ScanFrame:
            """The most memory that reading may use, chunks in Polars' hands included."""
            ...
