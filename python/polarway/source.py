"""A source being read, chunk by chunk, within its memory limit."""

from __future__ import annotations

import asyncio
import html
import weakref
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, TypeVar

import polars as pl

from . import _core
from .config import Checkpoint, Location, Size, SourceConfig, Split
from .errors import SourceError, UnsupportedOperationError
from .memory import MemoryBudget
from .progress import watched
from .result import End, Err, Ok, Result
from .stats import Decision, Reject, SourceMetadata, StreamingStats

__all__ = ["LiveConfig", "StreamingSource"]

S = TypeVar("S", bound="StreamingSource")


def size_in_bytes(size: Size) -> int:
    """A size as a number: "2GB" is 2_000_000_000, "2GiB" is 2 ** 31.

    >>> size_in_bytes("64MB"), size_in_bytes(1e6)
    (64000000, 1000000)
    """
    return _core.parse_size(size) if isinstance(size, str) else int(size)


class LiveConfig:
    """The config of an open source. What can change while it is read changes it at once.

    >>> source = CsvSource("people.csv", chunk_size=1000)
    >>> source.config.chunk_size //= 2
    >>> source.config.chunk_size
    500
    """

    def __init__(self, stream: _core.Stream, config: SourceConfig) -> None:
        self._stream = stream
        self._config = config
        self._asked: tuple[int, int] | None = None  # rows, and chunks that were read before

    @property
    def chunk_size(self) -> int:
        """Rows the next chunks aim at; values below 1 count as 1."""
        stats = StreamingStats.from_json(self._stream.stats())
        if self._asked is not None and self._asked[1] == stats.chunks_read:
            return self._asked[0]  # counters learn of it with the next chunk
        return stats.chunk_size

    @chunk_size.setter
    def chunk_size(self, rows: int) -> None:
        rows = max(1, int(rows))
        self._stream.set_chunk_size(rows)
        self._asked = rows, StreamingStats.from_json(self._stream.stats()).chunks_read

    @property
    def memory_limit(self) -> int:
        """The limit in force, in bytes; may be set as text, too.

        `MemoryLimitError` when it is below what the source needs.
        """
        return self._stream.budget().limit_bytes

    @memory_limit.setter
    def memory_limit(self, limit: Size) -> None:
        self._stream.set_memory_limit(size_in_bytes(limit))

    def as_given(self) -> SourceConfig:
        """The config that the source was made of: to keep, to pickle, to open it again."""
        return self._config

    def __getattr__(self, name: str) -> Any:
        return getattr(self._config, name)

    def __repr__(self) -> str:
        return f"<live {self._config!r}>"


class StreamingSource:
    """A table that is read in chunks, each a Polars DataFrame, within a memory limit.

    >>> with CsvSource("people.csv", memory_limit="64MB") as source:
    ...     total = sum(chunk["age"].sum() for chunk in source)
    >>> total
    153

    Iteration raises what goes wrong (a `SourceError`); `read_chunk()` and `iter_chunks()` give it as
    a `Result`. After a retryable error (`error.retryable`) the next read goes on at the first row
    that was not delivered; other errors repeat.

    A chunk's bytes count against the limit as long as anything refers to them: the chunk itself,
    or frames that share its columns. Threads may share a source; they take turns.
    """

    kind: ClassVar[str] = ""
    """The registry's name of this kind of source; empty: as the location tells."""

    def __init__(
        self,
        location: Location | Sequence[Location],
        *,
        memory_limit: Size | None = None,
        chunk_size: int | None = None,
        max_chunk_size: int | None = None,
        parallel: bool = True,
        prefetch: bool = True,
        columns: Sequence[str] | None = None,
        filter: str | pl.Expr | None = None,
        limit: int | None = None,
        resume: Checkpoint | None = None,
        split: Split | None = None,
        credentials: Mapping[str, Mapping[str, str | None]] | None = None,
        budget: MemoryBudget | None = None,
        progress: bool | None = None,
        **options: Any,
    ) -> None:
        """Opens it. The arguments are `SourceConfig`'s; any other is an option of the kind.

        `budget` shares one memory limit among several sources. `progress` shows a bar while chunks
        are iterated over; by default on a terminal and in notebooks, where tqdm is installed.
        """
        config = SourceConfig(
            location,
            memory_limit=memory_limit,
            chunk_size=chunk_size,
            max_chunk_size=max_chunk_size,
            parallel=parallel,
            prefetch=prefetch,
            columns=columns,
            filter=filter,
            limit=limit,
            resume=resume,
            split=split,
            credentials=credentials,
            options=options,
        )
        self._open(config, budget)
        self._progress = progress

    _progress: bool | None = None

    def _open(self, config: SourceConfig, budget: MemoryBudget | None) -> None:
        self._stream = _core.open(self.kind, config.to_json(), budget, config.credentials_json())
        self.config = LiveConfig(self._stream, config)
        """The config, live: `source.config.chunk_size //= 2` works in mid-stream."""
        _open_streams.add(self._stream)

    @classmethod
    def from_config(cls: type[S], config: SourceConfig, budget: MemoryBudget | None = None) -> S:
        """Opens what the config says."""
        source = cls.__new__(cls)
        source._open(config, budget)
        return source

    @classmethod
    def create(
        cls: type[S], location: Location | Sequence[Location], **arguments: Any
    ) -> Result[S, SourceError]:
        """Opens it like the class itself, but gives a `Result`.

        >>> CsvSource.create("people.csv").and_then(lambda source: source.read_chunk()).map(len)
        Ok(3)
        >>> CsvSource.create("nowhere.csv").map_err(lambda error: error.message)
        Err('cannot open: No such file or directory')
        """
        try:
            return Ok(cls(location, **arguments))
        except SourceError as error:
            return Err(error)

    def unwrap(self: S) -> S:
        """The source itself, as `create(...).unwrap()` has it."""
        return self

    # ---- Reading

    def read_chunk(self) -> Result[pl.DataFrame, SourceError]:
        """The next chunk: `Ok(chunk)` with at least one row, `Ok(None)` at the end, or `Err`.

        >>> match CsvSource("people.csv").read_chunk():
        ...     case Ok(Some(chunk)):
        ...         print(chunk.height)
        ...     case Ok(None):
        ...         print("the end")
        ...     case Err(error):
        ...         raise error
        3

        What is mapped over the end is not called: it stays `Ok(None)`.
        """
        try:
            chunk = self._read()
        except SourceError as error:
            return Err(error)
        return End() if chunk is None else Ok(chunk)  # type: ignore[return-value]  # pyright: ignore

    def iter_chunks(self) -> Iterator[Result[pl.DataFrame, SourceError]]:
        """The chunks, each as a `Result`; ends behind the last, or behind the first `Err`."""
        return watched(self._results(), self, self._progress)

    def _results(self) -> Iterator[Result[pl.DataFrame, SourceError]]:
        while True:
            try:
                chunk = self._read()
            except SourceError as error:
                yield Err(error)
                return
            if chunk is None:
                return
            yield Ok(chunk)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """The chunks from here on. Raises `SourceError`."""
        return watched(self._chunks(), self, self._progress)

    def _chunks(self) -> Iterator[pl.DataFrame]:
        while (chunk := self._read()) is not None:
            yield chunk

    async def __aiter__(self) -> AsyncIterator[pl.DataFrame]:
        """The chunks from here on, for `async for`: other tasks run while one is waited for."""
        loop = asyncio.get_running_loop()
        while True:
            reading = loop.run_in_executor(None, self._read)
            try:
                chunk = await asyncio.shield(reading)
            except asyncio.CancelledError:
                self._stream.stop_reading()
                await asyncio.wait([reading])
                raise
            if chunk is None:
                return
            yield chunk

    def _read(self) -> pl.DataFrame | None:
        chunk = self._stream.read()
        return None if chunk is None else pl.DataFrame(chunk)

    def collect(self) -> pl.DataFrame:
        """All remaining rows as one frame. `MemoryLimitError` as soon as they do not fit."""
        return pl.DataFrame(self._stream.collect())

    # ---- What it is, and how it goes

    def metadata(self) -> SourceMetadata:
        """Schema, size and abilities."""
        return SourceMetadata(schema=self.schema, **self._stream.metadata())

    @property
    def schema(self) -> pl.Schema:
        """Names and types of the columns."""
        return pl.Schema(self._stream.schema())

    def stats(self) -> StreamingStats:
        """Counters so far. May be asked from any thread at any time."""
        return StreamingStats.from_json(self._stream.stats())

    def decisions(self) -> list[Decision]:
        """What was decided about the chunk size, and why; the last 10,000."""
        return [Decision.from_json(line) for line in self._stream.decisions()]

    def has_more(self) -> bool:
        """False once the end or a final error was reached."""
        return self._stream.has_more()

    def take_rejects(self) -> list[Reject]:
        """Rows that were left out since the last call. All are counted in `stats()`."""
        return [Reject(**reject) for reject in self._stream.take_rejects()]

    @property
    def budget(self) -> MemoryBudget:
        """The budget that pays for it; give it to other sources to share it."""
        return self._stream.budget()

    # ---- Changing course

    def set_memory_limit(self: S, limit: Size) -> Result[S, SourceError]:
        """Changes the limit in mid-stream, and gives the source for the next step of a chain.

        `MemoryLimitError` when it is below what the source needs, `ConfigError` when it is no size.
        """
        try:
            self._stream.set_memory_limit(size_in_bytes(limit))
        except SourceError as error:
            return Err(error)
        return Ok(self)

    def set_chunk_size(self: S, rows: int) -> Result[S, SourceError]:
        """Rows the next chunks aim at, from now on; gives the source for the next step of a chain."""
        self.config.chunk_size = rows
        return Ok(self)

    def reset(self) -> None:
        """Starts again at the first row. `UnsupportedOperationError` where the source cannot."""
        self._stream.reset()

    def seek(self, checkpoint: Checkpoint) -> None:
        """Goes on after a checkpoint of this source."""
        self._stream.seek(checkpoint.json)

    def checkpoint(self) -> Checkpoint:
        """The position after the last chunk delivered."""
        return Checkpoint(self._stream.checkpoint())

    def commit(self) -> None:
        """Tells the source that everything delivered so far is done with."""
        self._stream.commit()

    def splits(self, max_splits: int) -> list[Split]:
        """Up to `max_splits` pieces for other readers, which together are the whole source."""
        return [Split(*piece) for piece in self._stream.splits(max_splits)]

    def close(self) -> None:
        """Stops reading and gives the memory back. Chunks stay good. May be called twice."""
        self._stream.close()

    def __enter__(self: S) -> S:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # ---- For other libraries

    def __arrow_c_schema__(self) -> object:
        """Arrow's PyCapsule interface: the schema of the chunks."""
        return self._stream.schema().__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:  # noqa: ARG002
        """Arrow's PyCapsule interface: all rows, from the first, read anew within the same budget.

        So `pyarrow.table(source)`, `duckdb.from_arrow(source)` and `pandas.DataFrame.from_arrow(source)`
        work, and work again. `UnsupportedOperationError` where the source cannot be read twice.
        """
        if not self._stream.metadata()["seekable"]:
            raise UnsupportedOperationError(
                "this source can be read only once",
                hint="give the chunks, which have __arrow_c_stream__, too",
            )
        config = self.config.as_given()
        opened = _core.open(self.kind, config.to_json(), self.budget, config.credentials_json())
        return opened.arrow_c_stream()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.config.location!r}>"

    def _repr_html_(self) -> str:
        """For notebooks: what it is, and how far it has come."""
        stats = self.stats()
        size = self.metadata().size_bytes
        of_size = f" of {size:,}" if size is not None else ""
        facts = {
            "rows": f"{stats.records_processed:,} in {stats.chunks_read:,} chunks",
            "bytes read": f"{stats.bytes_read:,}{of_size}",
            "memory": f"{stats.memory_bytes:,} of {stats.memory_limit_bytes:,} bytes",
            **{name: str(dtype) for name, dtype in self.schema.items()},
        }
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(fact)}</td></tr>"
            for name, fact in facts.items()
        )
        return f"<table><caption>{html.escape(repr(self))}</caption>{rows}</table>"

    def __reduce__(self) -> Any:
        raise TypeError(
            "an open source cannot be pickled: pickle source.config.as_given(), a split or a checkpoint"
        )


_open_streams: weakref.WeakSet[_core.Stream] = weakref.WeakSet()


def close_all() -> None:
    """Closes what is open still. Called at the interpreter's end, while threads can be joined."""
    for stream in list(_open_streams):
        stream.close()
