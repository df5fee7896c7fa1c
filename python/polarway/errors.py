"""What can go wrong, by what the caller can do next.

Each kind is a class of its own under `SourceError`, and also the built-in exception that says the
same: `except MemoryError` catches a `MemoryLimitError`.
"""

from __future__ import annotations

import io
from typing import Any, ClassVar

__all__ = [
    "AuthError",
    "CancelledError",
    "ChangedError",
    "CloudError",
    "ConfigError",
    "DatabaseError",
    "EmptySourceError",
    "IoError",
    "KafkaError",
    "MemoryLimitError",
    "NetworkError",
    "NotFound",
    "ParseError",
    "SchemaError",
    "SourceError",
    "SourceTimeoutError",
    "UnsupportedOperationError",
    "UnsupportedSourceError",
]


class SourceError(Exception):
    """One failure: the fact, its place and the way out. It never contains a secret.

    >>> NetworkError("the connection was reset").retryable
    True
    """

    __match_args__ = ("message",)

    kind: ClassVar[str] = "Other"
    """The kind's name, as C++ and the program have it."""
    retryable: ClassVar[bool] = False
    """Whether the next read goes on at the first row that was not delivered. Otherwise the error
    repeats for ever."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        location: str = "",
        row: int | None = None,
        byte_offset: int | None = None,
        column: str = "",
        text: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        """The fact, in one sentence without a full stop."""
        self.hint = hint
        """The way out; may be empty."""
        self.location = location
        """File path, URL, table or topic; empty when it is not known."""
        self.row = row
        """Data row, counted from 1; a header is not a row."""
        self.byte_offset = byte_offset
        """In the text as it is read, from 0."""
        self.column = column
        """The column's name."""
        place = f"{location}: " if location else ""
        self.text = text or place + message + (f" ({hint})" if hint else "")
        """All of it in one line: what `str(error)` gives."""

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[Any, ...]:
        facts = {name: fact for name, fact in self.__dict__.items() if name != "__notes__"}
        return (_rebuilt, (type(self), facts))


def _rebuilt(kind: type[SourceError], facts: dict[str, Any]) -> SourceError:
    return kind(**facts)


class IoError(SourceError, OSError):
    """The operating system refused a read or a write."""

    kind = "Io"


class NetworkError(SourceError, ConnectionError):
    """A connection failed; the next read tries again."""

    kind = "Network"
    retryable = True


class SourceTimeoutError(SourceError, TimeoutError):
    """Nothing came in time; the next read tries again."""

    kind = "Timeout"
    retryable = True


class AuthError(SourceError, PermissionError):
    """Credentials are missing, wrong or not enough."""

    kind = "Auth"


class ConfigError(SourceError, ValueError):
    """An option, a column name or an expression is not valid."""

    kind = "Config"


class NotFound(SourceError, FileNotFoundError):
    """No such file, bucket, table, topic or column of the source."""

    kind = "NotFound"


class ChangedError(SourceError, OSError):
    """The source is not what it was when it was opened."""

    kind = "Changed"


class UnsupportedSourceError(SourceError, ValueError):
    """No registered kind reads this location."""

    kind = "UnsupportedSource"


class UnsupportedOperationError(SourceError, io.UnsupportedOperation):
    """This source cannot do that (reset a pipe, split a stream)."""

    kind = "UnsupportedOperation"


class MemoryLimitError(SourceError, MemoryError):
    """The next step needs more memory than the limit leaves.

    The next read tries again: let go of chunks, or raise the limit, before.
    """

    __match_args__ = ("limit",)
    kind = "MemoryLimit"
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        limit: int = 0,
        used: int = 0,
        needed: int = 0,
        holdings: dict[str, int] | None = None,
        **place: Any,
    ) -> None:
        super().__init__(message, **place)
        self.limit = limit
        """The limit in force, in bytes."""
        self.used = used
        """Used by everyone when the request came, in bytes."""
        self.needed = needed
        """What the request asked for on top, in bytes."""
        self.holdings = holdings or {}
        """Who used it, in bytes: "the reader", "the queue", "you", ..."""


class EmptySourceError(SourceError, ValueError):
    """Zero bytes, or no file matches. (A header without rows is no error.)"""

    kind = "EmptySource"


class ParseError(SourceError, ValueError):
    """The bytes are not what the format says they are."""

    kind = "Parse"


class SchemaError(SourceError, ValueError):
    """The data do not fit the schema."""

    kind = "Schema"


class CloudError(SourceError):
    """An object store refused."""

    kind = "Cloud"


class DatabaseError(SourceError):
    """A database refused."""

    kind = "Database"


class KafkaError(SourceError):
    """A broker refused."""

    kind = "Kafka"


class CancelledError(SourceError):
    """A stop was requested; the next read goes on."""

    kind = "Cancelled"
    retryable = True


_KINDS: list[type[SourceError]] = [SourceError, *SourceError.__subclasses__()]
_BY_KIND = {kind.kind: kind for kind in _KINDS}


def from_core(kind: str, **facts: Any) -> SourceError:
    """The error of that kind. The extension calls it for every failure of the library."""
    return _BY_KIND[kind](**facts)
