"""Generated CSV files of declared types: each value in one of its spellings, and what it is."""

import dataclasses
import datetime as dt
import random
import struct

EPOCH = dt.datetime(1970, 1, 1)


def an_int(rng):
    bits = rng.choice([4, 8, 16, 32, 53, 63])
    value = rng.choice([rng.randrange(-(1 << bits), 1 << bits), 0, -(1 << 63), (1 << 63) - 1])
    spelled = str(value)
    if value >= 0 and rng.random() < 0.1:
        spelled = "+" + spelled
    return spelled, value


def a_float(rng):
    kind = rng.randrange(6)
    if kind == 0:  # any bits but those of NaN and infinity
        value = struct.unpack("<d", rng.randbytes(8))[0]
        value = value if value == value and abs(value) != float("inf") else 0.1
        spelled = repr(value)
    elif kind == 1:
        spelled = f"{rng.uniform(-1000, 1000):.{rng.randrange(1, 18)}f}"
    elif kind == 2:
        spelled = f"{rng.uniform(-1, 1):.{rng.randrange(18)}e}"
    elif kind == 3:
        spelled = f"{rng.randrange(-(1 << 53), 1 << 53)}.{rng.randrange(1000)}"
    elif kind == 4:
        spelled = str(rng.randrange(-(1 << 53), 1 << 53))
    else:
        spelled = rng.choice(["0.0", "-0.0", ".5", "5.", "1E5", "4.9e-324", "inf", "-inf"])
    return spelled, float(spelled)


def a_bool(rng):
    value = rng.random() < 0.5
    return ("true" if value else "false"), value


def a_date(rng):
    value = dt.date(1, 1, 1) + dt.timedelta(days=rng.randrange(3_652_059))
    return value.isoformat(), value


def a_timestamp(rng):
    micros = rng.randrange(-62_135_596_800_000_000, 253_402_300_800_000_000)
    digits = rng.choice([0, 0, 3, 6])
    micros -= micros % 10 ** (6 - digits)
    value = EPOCH + dt.timedelta(microseconds=micros)
    spelled = value.isoformat(sep=rng.choice("T "), timespec="microseconds")
    return spelled[:19] + (f".{value.microsecond:06}"[: digits + 1] if digits else ""), value


def a_text(rng):
    value = "".join(rng.choices(["x", ",", '"', "\n", "é", "1", " ", "€"], k=rng.randrange(1, 9)))
    return value, value


KINDS = {
    "int64": an_int,
    "float64": a_float,
    "bool": a_bool,
    "date": a_date,
    "timestamp[us]": a_timestamp,
    "string": a_text,
}

# What no column of these types can hold as it is written.
MISFITS = {
    "int64": ["9223372036854775808", "1.0", "1e5", "x", "0x1F", "1_000", "--1", "1 2", "+-1"],
    "float64": ["9007199254740993", "1e400", "1e-400", "1,5", "x", "1e", ".", "0x1p3", "1.5f"],
    "bool": ["yes", "1", "tru", "t"],
    "date": ["2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "20240101", "2024-1-1"],
    "timestamp[us]": [
        "2024-01-01T24:00:00",
        "2024-01-01T00:60:00",
        "2024-01-01T00:00:60",
        "2024-01-01T00:00:00.1234567",
        "2024-01-01T00:00:00Z",
    ],
}  # fmt: skip


@dataclasses.dataclass
class TypedCsv:
    types: dict[str, str]  # by column
    text: str
    rows: list[tuple]  # up to the misfit, if there is one
    misfit: tuple | None  # (row from 1, column)


def typed_csv(seed):
    rng = random.Random(seed)
    kinds = rng.choices(list(KINDS), k=rng.choice([1, 3, 6, 12]))
    types = {f"c{i}": kind for i, kind in enumerate(kinds)}
    num_rows = rng.choice([1, 10, 100, 100, 1000])
    spelled_rows, rows = [], []
    for _ in range(num_rows):
        cells = [KINDS[kind](rng) if rng.random() < 0.9 else ("", None) for kind in kinds]
        spelled_rows.append([spelled for spelled, _ in cells])
        rows.append(tuple(value for _, value in cells))

    misfit = None
    checked = [i for i, kind in enumerate(kinds) if kind in MISFITS]
    if checked and rng.random() < 0.2:
        row, column = rng.randrange(num_rows), rng.choice(checked)
        spelled_rows[row][column] = rng.choice(MISFITS[kinds[column]])
        misfit = (row + 1, f"c{column}")
        rows = rows[:row]

    def field(text):
        if any(mark in text for mark in ',"\n') or (text and rng.random() < 0.1):
            return '"' + text.replace('"', '""') + '"'
        return text

    lines = [",".join(types), *(",".join(map(field, cells)) for cells in spelled_rows)]
    return TypedCsv(types, "".join(line + "\n" for line in lines), rows, misfit)
