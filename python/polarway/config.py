"""What to read and how: `SourceConfig`, and what goes into one."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import polars as pl

from . import _core
from .errors import ConfigError
from .expressions import text_of_filter
from .column_types import schema_text

__all__ = ["Checkpoint", "SourceConfig", "Split"]

Location: TypeAlias = str | os.PathLike[str]
Size: TypeAlias = int | float | str


@dataclass(frozen=True)
class Checkpoint:
    """A position from which a source goes on exactly, in this process or another.

    It is one line of JSON with a checksum; whatever else is known of it is read from there.
    """

    json: str
    kind: str = field(init=False)
    location: str = field(init=False)
    rows: int = field(init=False)

    def __post_init__(self) -> None:
        kind, location, rows = _core.check_checkpoint(self.json)
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "location", location)
        object.__setattr__(self, "rows", rows)


@dataclass(frozen=True)
class Split:
    """A piece of a source. Reading all splits is reading the whole."""

    piece: str
    """The reader's own words; opaque."""
    size_bytes: int = 0
    """Of the piece in the source; 0 when not known."""
    working_set_bytes: int = 0
    """Upper bound of the memory its reader needs."""


@dataclass
class SourceConfig:
    """What to read and how. Nothing is checked before a source is made of it.

    >>> config = SourceConfig("data.csv", memory_limit="64MB", options={"delimiter": ";"})
    >>> SourceConfig.from_json(config.to_json()) == config
    True
    """

    location: Location | Sequence[Location]
    """A path, a glob, a directory, "-" for standard input, a URL; or several, read as one."""
    memory_limit: Size | None = None
    """The most memory the source may use: bytes, or text such as "2GB"."""
    chunk_size: int | None = None
    """Rows of the first chunk; later chunks adapt."""
    max_chunk_size: int | None = None
    """The most rows a chunk may have."""
    parallel: bool = True
    """Whether to use several threads where the source can."""
    prefetch: bool = True
    """Whether to read the next chunk while the caller works on this one."""
    columns: Sequence[str] | None = None
    """Only these columns, in this order."""
    filter: str | pl.Expr | None = None
    """Only rows where this is true: text such as "age > 30", or a Polars expression."""
    limit: int | None = None
    """At most this many rows, counted after the filter."""
    resume: Checkpoint | None = None
    """Goes on after a checkpoint of the same source."""
    split: Split | None = None
    """Reads one piece, as `splits()` gave it."""
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    """Options of the source and of the stream; `polarway sources csv` lists them."""
    credentials: Mapping[str, Mapping[str, str | None]] | None = field(default=None, repr=False)
    """Who asks: `{"bearer": {"token": ...}}`, or `basic`, `api_key`, `oauth2`. Never shown, and neither in
    `to_json()` nor in a pickle."""

    def to_json(self) -> str:
        """All of it as one JSON object, as C++ and `from_json()` read it."""
        facts: dict[str, Any] = {"location": _location_json(self.location)}
        for name in ("memory_limit", "chunk_size", "max_chunk_size", "parallel", "prefetch"):
            if (value := getattr(self, name)) is not None:
                facts[name] = value
        if self.options:
            facts["options"] = {key: option_text(value) for key, value in self.options.items()}
        if self.columns is not None:
            facts["columns"] = list(self.columns)
        if self.filter is not None:
            facts["filter"] = text_of_filter(self.filter)
        if self.limit is not None:
            facts["limit"] = self.limit
        if self.resume is not None:
            facts["resume"] = self.resume.json
        if self.split is not None:
            facts["split"] = dataclasses.asdict(self.split)
        return json.dumps(facts)

    def credentials_json(self) -> str | None:
        """The credentials as C++ reads them, for the call that opens a source and nothing else."""
        return None if self.credentials is None else json.dumps(self.credentials)

    @classmethod
    def from_json(cls, text: str) -> SourceConfig:
        """Reads it back. `ConfigError` for unknown keys and wrong types."""
        facts: dict[str, Any] = json.loads(_core.check_config(text))
        facts["location"] = _location_of(facts["location"])
        if "resume" in facts:
            facts["resume"] = Checkpoint(facts["resume"])
        if "split" in facts:
            facts["split"] = Split(**facts["split"])
        return cls(**facts)

    def __getstate__(self) -> str:
        return self.to_json()

    def __setstate__(self, state: str) -> None:
        self.__dict__.update(SourceConfig.from_json(state).__dict__)


def _location_json(location: Location | Sequence[Location]) -> Any:
    if not isinstance(location, (str, os.PathLike)):
        return [_location_json(one) for one in location]
    raw = os.fsencode(location)  # a file's name may be any bytes
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"hex": raw.hex()}


def _location_of(facts: Any) -> str | list[str]:
    if isinstance(facts, list):
        return [os.fsdecode(_location_bytes(one)) for one in facts]  # pyright: ignore[reportUnknownVariableType]
    return os.fsdecode(_location_bytes(facts))


def _location_bytes(facts: Any) -> bytes:
    return os.fsencode(facts) if isinstance(facts, str) else bytes.fromhex(facts["hex"])


def option_text(value: object) -> str:
    """An option's value as the library takes it: text.

    >>> option_text(True), option_text(3), option_text(["NA", "-"]), option_text(None)
    ('true', '3', '["NA", "-"]', 'none')
    >>> option_text({"age": pl.Int64})
    '{"age": "int64"}'
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, Mapping):
        types = list(value.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if types and all(not isinstance(one, (str, list)) for one in types):  # pyright: ignore[reportUnknownVariableType]
            return schema_text(value)  # pyright: ignore[reportUnknownArgumentType]
        return json.dumps(dict(value))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, Sequence):
        return json.dumps(list(value))  # pyright: ignore[reportUnknownArgumentType]
    raise ConfigError(f"an option cannot be {value!r}", hint="give text, a number, a bool or a list")
