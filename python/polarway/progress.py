"""Progress bars: on a terminal and in notebooks, where tqdm is installed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .source import StreamingSource

__all__ = ["watched"]

T = TypeVar("T")

PATIENCE_SECONDS = 0.5
"""What is read in less time has no bar."""


def is_wanted(progress: bool | None) -> bool:
    """`None` is yes where somebody looks: a terminal, a notebook."""
    if progress is not None:
        return progress
    return sys.stderr.isatty() or "ipykernel" in sys.modules


def watched(items: Iterator[T], source: StreamingSource, progress: bool | None) -> Iterator[T]:
    """The items, with a bar of the bytes that the source has read. Without tqdm there is none,
    unless it is asked for: then ImportError."""
    if not is_wanted(progress):
        return items
    try:
        tqdm: Callable[..., Any] = importlib.import_module("tqdm.auto").tqdm
    except ImportError:
        if progress:
            raise
        return items
    return _with_bar(items, source, tqdm)


def _with_bar(items: Iterator[T], source: StreamingSource, tqdm: Callable[..., Any]) -> Iterator[T]:
    bar = tqdm(
        total=source.metadata().size_bytes,
        unit="B",
        unit_scale=True,
        desc=str(source.config.location),
        delay=PATIENCE_SECONDS,
        leave=False,
    )
    try:
        for item in items:
            stats = source.stats()
            bar.set_postfix_str(
                f"{stats.records_processed:,} rows, {stats.memory_bytes / 1e6:.0f} of "
                f"{stats.memory_limit_bytes / 1e6:.0f} MB",
                refresh=False,
            )
            bar.update(stats.bytes_read - bar.n)
            yield item
    finally:
        bar.close()
