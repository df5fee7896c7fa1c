"""What a source tells of itself: counters, decisions, metadata."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import polars as pl

__all__ = ["Decision", "Reject", "SourceMetadata", "StreamingStats", "WaitTimes"]


@dataclass(frozen=True)
class WaitTimes:
    """Where the time of a stream went besides decoding, in milliseconds."""

    source_ms: float
    """The caller waited for the next chunk to be read."""
    memory_ms: float
    """Waited for memory to be given back."""
    consumer_ms: float
    """Chunks waited for the caller."""


@dataclass(frozen=True)
class StreamingStats:
    """Counters of a source since it was opened."""

    bytes_read: int
    """Of the source as stored."""
    records_processed: int
    """Rows delivered."""
    chunks_read: int
    """Chunks delivered."""
    memory_bytes: int
    """Used now: the source's own, and the chunks that someone still holds."""
    peak_memory_bytes: int
    """The most of that seen."""
    memory_limit_bytes: int
    """The limit in force."""
    process_bytes: int
    """RssAnon + RssShmem of the process, 20 ms ago at most."""
    process_file_bytes: int
    """And RssFile: pages of files, which no limit counts."""
    avg_chunk_time_ms: float
    """Reading and decoding one chunk."""
    throughput: float
    """Rows delivered per second since the first read."""
    chunk_size: int
    """Rows the next chunk aims at."""
    min_chunk_size: int
    """Rows of the smallest chunk delivered (but the last)."""
    max_chunk_size: int
    """Rows of the largest chunk delivered."""
    rows_rejected: int
    """Rows left out; see `take_rejects()`."""
    retries: int
    """Requests that were sent again."""
    paused_ms: float
    """Reading ahead was paused for memory."""
    wait: WaitTimes
    """By cause."""

    @classmethod
    def from_json(cls, text: str) -> StreamingStats:
        """Reads what the library writes."""
        facts: dict[str, Any] = json.loads(text)
        facts["wait"] = WaitTimes(**facts["wait"])
        return cls(**facts)


@dataclass(frozen=True)
class Decision:
    """One decision about the chunk size, and why."""

    t_ms: float
    """Since the source was opened."""
    chunk: int
    """The chunk it followed, from 0."""
    rows: int
    """What that chunk had, before any filter."""
    bytes: int
    """What their values took."""
    rows_before: int
    """Chunk size until now."""
    rows_after: int
    """Chunk size from now on."""
    usage: float
    """Of the memory limit, 0 to 1 (more in an overdraft)."""
    limit_bytes: int
    """The limit."""
    rows_per_second: float
    """Of the chunk just read."""
    rule: str
    """"start", "shrink", "grow", "keep", "pause", "resume", ..."""
    sentence: str
    """The same for people, with the figures."""

    @classmethod
    def from_json(cls, text: str) -> Decision:
        """Reads what the library writes."""
        return cls(**json.loads(text))


@dataclass(frozen=True)
class SourceMetadata:
    """What is known of a source before its first row."""

    schema: pl.Schema
    """Of the chunks: columns, in order."""
    size_bytes: int | None
    """Of the source as stored."""
    num_records: int | None
    """Rows, when known without reading."""
    bytes_per_row: float | None
    """Arrow bytes of an average row, from a sample."""
    seekable: bool
    """Resumes from a checkpoint; can be reset."""
    parallelizable: bool
    """Gains from several threads."""
    splittable: bool
    """`splits()` works."""
    ordered: bool
    """Rows come in the source's own order, every time."""
    bounded: bool
    """It has an end."""
    notes: tuple[str, ...]
    """What its user should know."""


@dataclass(frozen=True)
class Reject:
    """A row that was left out because it could not be read, and why."""

    message: str
    """What was wrong."""
    raw: bytes
    """The row's text, shortened to 1 KiB."""
    location: str
    """The file."""
    row: int | None
    """Data row, counted from 1."""
    byte_offset: int | None
    """The field's, in the text as it is read; the row's, if no field is to blame."""
    column: str
    """The column's name."""
    row_byte_offset: int | None
    """Where the row begins."""
    fault: str
    """What was wrong, in a word or two: `"too few fields"`, `"type"`."""
