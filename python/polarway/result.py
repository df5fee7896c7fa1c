"""Values that may be errors: what a function gives instead of raising.

A `Result[T, E]` is `Ok(value)` or `Err(error)`. Both have the same methods, so that a chain of
steps reads from top to bottom and stops at the first error by itself:

>>> def parse(text: str) -> Result[int, ValueError]:
...     return as_result(ValueError)(int)(text)
>>> parse("20").map(lambda n: n + 1)
Ok(21)
>>> parse("x").map(lambda n: n + 1).unwrap_or(0)
0

They also match:

>>> match parse("20"):
...     case Ok(number):
...         print(number)
...     case Err(error):
...         print("failed:", error)
20
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterable
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    Literal,
    NoReturn,
    ParamSpec,
    TypeAlias,
    TypeVar,
)

__all__ = ["Err", "Ok", "Result", "Some", "UnwrapError", "as_result", "do", "sequence"]

T_co = TypeVar("T_co", covariant=True)
E_co = TypeVar("E_co", covariant=True)
T = TypeVar("T")
E = TypeVar("E")
U = TypeVar("U")
F = TypeVar("F")
P = ParamSpec("P")
X = TypeVar("X", bound=BaseException)


class UnwrapError(Exception):
    """The other half was asked for: `Err("no").unwrap()`, `Ok(1).unwrap_err()`.

    `result` is what was unwrapped.
    """

    def __init__(self, message: str, result: Result[Any, Any]) -> None:
        super().__init__(message)
        self.result: Final = result


class Ok(Generic[T_co]):
    """The result of what went well: `value`."""

    __slots__ = ("value",)
    __match_args__ = ("value",)

    value: T_co

    def __init__(self, value: T_co) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Ok({self.value!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ok):
            return NotImplemented
        theirs: Ok[Any] = other  # pyright: ignore[reportUnknownVariableType]
        return bool(self.value == theirs.value)

    def __hash__(self) -> int:
        return hash((Ok, self.value))

    def is_ok(self) -> Literal[True]:
        """Whether it is an `Ok`."""
        return True

    def is_err(self) -> Literal[False]:
        """Whether it is an `Err`."""
        return False

    def ok(self) -> T_co:
        """The value, or None where there is an error."""
        return self.value

    def err(self) -> None:
        """The error, or None where there is a value."""

    def unwrap(self) -> T_co:
        """The value. Of an `Err`, the error is raised."""
        return self.value

    def expect(self, message: str) -> T_co:  # noqa: ARG002
        """The value. Of an `Err`, an `UnwrapError` that begins with `message` is raised."""
        return self.value

    def unwrap_err(self) -> NoReturn:
        """The error. Of an `Ok`, an `UnwrapError` is raised."""
        raise UnwrapError(f"unwrap_err() of {self!r}", self)

    def unwrap_or(self, default: object) -> T_co:  # noqa: ARG002
        """The value, or `default`."""
        return self.value

    def unwrap_or_else(self, op: Callable[[Any], object]) -> T_co:  # noqa: ARG002
        """The value, or what `op` makes of the error."""
        return self.value

    def map(self, op: Callable[[T_co], U]) -> Ok[U]:
        """`Ok` of what `op` makes of the value; an `Err` stays as it is."""
        return Ok(op(self.value))

    def map_or(self, default: object, op: Callable[[T_co], U]) -> U:  # noqa: ARG002
        """What `op` makes of the value, or `default`."""
        return op(self.value)

    def map_or_else(self, default_op: Callable[[Any], object], op: Callable[[T_co], U]) -> U:  # noqa: ARG002
        """What `op` makes of the value, or `default_op` of the error."""
        return op(self.value)

    def map_err(self, op: Callable[[Any], object]) -> Ok[T_co]:  # noqa: ARG002
        """`Err` of what `op` makes of the error; an `Ok` stays as it is."""
        return self

    def and_then(self, op: Callable[[T_co], Result[U, F]]) -> Result[U, F]:
        """The result that `op` makes of the value; an `Err` stays as it is."""
        return op(self.value)

    def or_else(self, op: Callable[[Any], object]) -> Ok[T_co]:  # noqa: ARG002
        """The result that `op` makes of the error; an `Ok` stays as it is."""
        return self

    def inspect(self, op: Callable[[T_co], object]) -> Ok[T_co]:
        """Calls `op` with the value, if there is one, and gives the result on."""
        op(self.value)
        return self

    def inspect_err(self, op: Callable[[Any], object]) -> Ok[T_co]:  # noqa: ARG002
        """Calls `op` with the error, if there is one, and gives the result on."""
        return self

    def match(self, *, ok: Callable[[T_co], U], err: Callable[[Any], object]) -> U:  # noqa: ARG002
        """What `ok` makes of the value, or `err` of the error."""
        return ok(self.value)

    def __iter__(self) -> Generator[Result[T_co, Any], Any, T_co]:
        """For `do()`: `yield from result` is its value."""
        value: T_co = yield self
        return value


class Err(Generic[E_co]):
    """The result of what failed: `error`."""

    __slots__ = ("error",)
    __match_args__ = ("error",)

    error: E_co

    def __init__(self, error: E_co) -> None:
        self.error = error

    def __repr__(self) -> str:
        return f"Err({self.error!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Err):
            return NotImplemented
        theirs: Err[Any] = other  # pyright: ignore[reportUnknownVariableType]
        return bool(self.error == theirs.error)

    def __hash__(self) -> int:
        return hash((Err, self.error))

    def is_ok(self) -> Literal[False]:
        """Whether it is an `Ok`."""
        return False

    def is_err(self) -> Literal[True]:
        """Whether it is an `Err`."""
        return True

    def ok(self) -> None:
        """The value, or None where there is an error."""

    def err(self) -> E_co:
        """The error, or None where there is a value."""
        return self.error

    def unwrap(self) -> NoReturn:
        """The value. Of an `Err`, the error is raised (an `UnwrapError` if it is no exception)."""
        if isinstance(self.error, BaseException):
            raise self.error
        raise UnwrapError(f"unwrap() of {self!r}", self)

    def expect(self, message: str) -> NoReturn:
        """The value. Of an `Err`, an `UnwrapError` that begins with `message` is raised."""
        cause = self.error if isinstance(self.error, BaseException) else None
        raise UnwrapError(f"{message}: {self.error}", self) from cause

    def unwrap_err(self) -> E_co:
        """The error. Of an `Ok`, an `UnwrapError` is raised."""
        return self.error

    def unwrap_or(self, default: U) -> U:
        """The value, or `default`."""
        return default

    def unwrap_or_else(self, op: Callable[[E_co], U]) -> U:
        """The value, or what `op` makes of the error."""
        return op(self.error)

    def map(self, op: Callable[[Any], object]) -> Err[E_co]:  # noqa: ARG002
        """`Ok` of what `op` makes of the value; an `Err` stays as it is."""
        return self

    def map_or(self, default: U, op: Callable[[Any], object]) -> U:  # noqa: ARG002
        """What `op` makes of the value, or `default`."""
        return default

    def map_or_else(self, default_op: Callable[[E_co], U], op: Callable[[Any], object]) -> U:  # noqa: ARG002
        """What `op` makes of the value, or `default_op` of the error."""
        return default_op(self.error)

    def map_err(self, op: Callable[[E_co], F]) -> Err[F]:
        """`Err` of what `op` makes of the error; an `Ok` stays as it is."""
        return Err(op(self.error))

    def and_then(self, op: Callable[[Any], object]) -> Err[E_co]:  # noqa: ARG002
        """The result that `op` makes of the value; an `Err` stays as it is."""
        return self

    def or_else(self, op: Callable[[E_co], Result[U, F]]) -> Result[U, F]:
        """The result that `op` makes of the error; an `Ok` stays as it is."""
        return op(self.error)

    def inspect(self, op: Callable[[Any], object]) -> Err[E_co]:  # noqa: ARG002
        """Calls `op` with the value, if there is one, and gives the result on."""
        return self

    def inspect_err(self, op: Callable[[E_co], object]) -> Err[E_co]:
        """Calls `op` with the error, if there is one, and gives the result on."""
        op(self.error)
        return self

    def match(self, *, ok: Callable[[Any], object], err: Callable[[E_co], U]) -> U:  # noqa: ARG002
        """What `ok` makes of the value, or `err` of the error."""
        return err(self.error)

    def __iter__(self) -> Generator[Err[E_co], Any, NoReturn]:
        """For `do()`: `yield from result` ends the block with the error."""
        yield self
        raise AssertionError("do() goes on after an Err")


Result: TypeAlias = Ok[T] | Err[E]


class End(Ok[None]):
    """The `Ok(None)` behind the last chunk.

    There is nothing to map: what would work on a chunk is not called, so that a chain which was
    written for chunks comes through the end, too.

    >>> End().map(lambda chunk: chunk.height)
    Ok(None)
    >>> End().map_or(0, lambda chunk: chunk.height)
    0
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None)

    def map(self, op: Callable[[Any], object]) -> Any:  # noqa: ARG002
        return self

    def map_or(self, default: Any, op: Callable[[Any], object]) -> Any:  # noqa: ARG002
        return default

    def and_then(self, op: Callable[[Any], object]) -> Any:  # noqa: ARG002
        return self

    def inspect(self, op: Callable[[Any], object]) -> End:  # noqa: ARG002
        return self


if TYPE_CHECKING:

    class Some:
        __match_args__ = ("value",)
        value: Any

        def __new__(cls, value: T) -> T: ...  # type: ignore[misc]  # pyright: ignore
else:

    class _NotNone(type):
        def __instancecheck__(cls, value):
            return value is not None

        def __call__(cls, value):
            if value is None:
                raise TypeError("Some(None): None is the value that is not there")
            return value

    # A subclass of a built-in type takes the whole subject as its one positional pattern.
    class Some(tuple, metaclass=_NotNone):
        """The pattern for a value that is there; optional values are `T | None`.

        `case Ok(Some(chunk))` matches the `Ok` of everything but None, and `case Ok(None)` the rest.

        >>> match Ok(3):
        ...     case Ok(Some(number)):
        ...         print(number)
        ...     case Ok(None):
        ...         print("nothing")
        3
        """


def sequence(results: Iterable[Result[T, E]]) -> Result[list[T], E]:
    """All values in their order, or the first error. Stops at it: what comes behind is not asked.

    >>> sequence([Ok(1), Ok(2)])
    Ok([1, 2])
    >>> sequence([Ok(1), Err("no"), Err("neither")])
    Err('no')
    """
    values: list[T] = []
    for result in results:
        if isinstance(result, Err):
            return result
        values.append(result.value)
    return Ok(values)


def do(block: Callable[[], Generator[Result[Any, E], Any, T]]) -> Result[T, E]:
    """Runs a generator function in which `yield from result` is the value of that result.

    The first error ends it. What the function returns is the value of the whole.

    >>> @do
    ... def total():
    ...     first = yield from Ok(1)
    ...     second = yield from Ok(2)
    ...     return first + second
    >>> total
    Ok(3)
    """
    generator = block()
    try:
        result = next(generator)
        while isinstance(result, Ok):
            result = generator.send(result.value)
    except StopIteration as end:
        return Ok(end.value)
    generator.close()
    return result


def as_result(*exceptions: type[X]) -> Callable[[Callable[P, T]], Callable[P, Result[T, X]]]:
    """Makes a function that raises into one that gives a `Result`.

    Exceptions other than those named go on as they are.

    >>> @as_result(ZeroDivisionError)
    ... def divide(a: int, b: int) -> float:
    ...     return a / b
    >>> divide(1, 2)
    Ok(0.5)
    >>> divide(1, 0)
    Err(ZeroDivisionError('division by zero'))
    """
    if not exceptions or not all(
        isinstance(kind, type) and issubclass(kind, BaseException)  # pyright: ignore
        for kind in exceptions
    ):
        raise TypeError("as_result() takes the exception types that become errors")

    def decorate(function: Callable[P, T]) -> Callable[P, Result[T, X]]:
        @functools.wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> Result[T, X]:
            try:
                return Ok(function(*args, **kwargs))
            except exceptions as error:
                return Err(error)

        return wrapped

    return decorate
