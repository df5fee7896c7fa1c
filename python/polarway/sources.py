"""The sources that there are: one class for each kind that the library's registry knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import _core
from .config import Location, SourceConfig
from .errors import SourceError, UnsupportedSourceError
from .memory import MemoryBudget
from .result import Err, Ok, Result
from .source import StreamingSource

_CLASS_NAMES = {
    "csv": "CsvSource",
    "json": "JsonSource",
    "parquet": "ParquetSource",
    "ipc": "IpcSource",
    "filesystem": "FilesystemSource",
    "s3": "S3Source",
    "http": "HttpSource",
    "dynamodb": "DynamoDbSource",
    "kafka": "KafkaSource",
}


def _class_for(kind: dict[str, Any]) -> type[StreamingSource]:
    name: str = kind["name"]
    class_name = _CLASS_NAMES.get(name, f"{name.title().replace('_', '')}Source")
    options = "\n".join(f"    {o['name']}: {o['meaning']}" for o in kind["options"])
    return type(
        class_name,
        (StreamingSource,),
        {
            "kind": name,
            "__module__": __name__,
            "__doc__": f"{kind['description']}\n\nOptions, as keyword arguments:\n\n{options}\n",
        },
    )


_REGISTERED = _core.kinds()
_ALIASES: dict[str, list[str]] = {kind["name"]: kind["aliases"] for kind in _REGISTERED}
KINDS: dict[str, type[StreamingSource]] = {kind["name"]: _class_for(kind) for kind in _REGISTERED}
"""The classes by the names of their kinds."""

if TYPE_CHECKING:

    class CsvSource(StreamingSource):
        """Comma-separated values and their kin."""




def open(  # noqa: A001
    location: Location | Sequence[Location], **arguments: Any
) -> StreamingSource:
    """Opens a source of any kind, which the location tells: its scheme, its ending, its files.

    >>> with open("people.csv", memory_limit="64MB") as source:
    ...     [chunk.height for chunk in source]
    [3]
    """
    return StreamingSource(location, **arguments)


class SourceRegistry:
    """The factory of sources, by the names of their kinds.

    >>> SourceRegistry().create("csv", SourceConfig("people.csv")).unwrap().read_chunk().map(len)
    Ok(3)
    """

    def create(
        self, kind: str, config: SourceConfig, budget: MemoryBudget | None = None
    ) -> Result[StreamingSource, SourceError]:
        """Opens a source of that kind, or of one that has it for another name."""
        for made in KINDS.values():
            if kind == made.kind or kind in _ALIASES[made.kind]:
                return _opened(made, config, budget)
        known = ", ".join(KINDS)
        return Err(
            UnsupportedSourceError(f'no kind of source is called "{kind}"', hint=f"there are {known}")
        )

    def create_for(
        self, config: SourceConfig, budget: MemoryBudget | None = None
    ) -> Result[StreamingSource, SourceError]:
        """Opens what the location tells."""
        return _opened(StreamingSource, config, budget)

    def kinds(self) -> list[str]:
        """The names of the kinds that there are, sorted."""
        return sorted(KINDS)


def _opened(
    made: type[StreamingSource], config: SourceConfig, budget: MemoryBudget | None
) -> Result[StreamingSource, SourceError]:
    try:
        return Ok(made.from_config(config, budget))
    except SourceError as error:
        return Err(error)


_ADDED = [made.__name__ for made in KINDS.values() if made.__name__ != "CsvSource"]

__all__: list[str] = ["CsvSource", "SourceRegistry", "open"]
__all__ += _ADDED  # pyright: ignore[reportUnsupportedDunderAll]
globals().update({made.__name__: made for made in KINDS.values()})
