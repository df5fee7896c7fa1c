"""What a table is, by pyarrow's reading of it: rows, and of every column the nulls, the sum and, where
order matters, a hash. What ours and the peers make of it is held against that.
"""

import collections
import dataclasses
import fractions
import hashlib
import json
import math
import pathlib
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as parquet
from peers import arrow_types


class ExactSum:
    """A sum of doubles, rounded once, at the end: of equal exponents, mantissas are added as integers."""

    LOW_BITS = 26

    def __init__(self) -> None:
        self.by_exponent: collections.Counter[int] = collections.Counter()

    def add(self, values: np.ndarray) -> None:
        fraction, exponent = np.frexp(values)
        mantissa = (fraction * 2.0**53).astype(np.int64)
        lowest = int(exponent.min())
        # In two halves, since bincount() adds doubles: of a batch's rows, these sums are exact.
        high = np.bincount(exponent - lowest, weights=mantissa >> self.LOW_BITS)
        low = np.bincount(exponent - lowest, weights=mantissa & ((1 << self.LOW_BITS) - 1))
        for i in np.flatnonzero((high != 0) | (low != 0)):
            self.by_exponent[lowest + int(i)] += (int(high[i]) << self.LOW_BITS) + int(low[i])

    def value(self) -> float:
        return float(sum((fractions.Fraction(2) ** (exponent - 53) * mantissa
                          for exponent, mantissa in self.by_exponent.items()), fractions.Fraction(0)))


class Column:
    """Grows with every batch."""

    def __init__(self, kind: pa.DataType, hashed: bool) -> None:
        self.kind = kind
        self.nulls = 0
        self.whole = 0
        self.real = ExactSum()
        # Of texts, the bytes and the lengths apart: batches may end anywhere.
        self.hash = hashlib.sha256() if hashed else None
        self.lengths = hashlib.sha256()

    def add(self, array: pa.Array) -> None:
        self.nulls += array.null_count
        if pa.types.is_string(self.kind):
            # Readers differ in whether an empty text is null; the bytes are the same.
            array = array.cast(pa.string()).fill_null("")
            offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
            self.whole += int(offsets[-1]) - int(offsets[0])
            if self.hash and array.buffers()[2]:
                self.hash.update(memoryview(array.buffers()[2])[offsets[0] : offsets[-1]])
                self.lengths.update(np.diff(offsets))
            return
        if pa.types.is_floating(self.kind):
            values = array.fill_null(0).to_numpy(zero_copy_only=False)
            if len(values):
                self.real.add(values)
        else:
            if pa.types.is_timestamp(self.kind):
                array = array.cast(pa.timestamp("us", getattr(array.type, "tz", None)))
            if pa.types.is_date32(self.kind):
                array = array.cast(pa.date32()).cast(pa.int32())
            values = array.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
            # In halves: a batch of timestamps can add up to more than 64 bits.
            self.whole += (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())
        if self.hash:
            self.hash.update(np.ascontiguousarray(values))


@dataclasses.dataclass
class Contents:
    """Sums by column name; hashes too if they were asked for."""

    rows: int
    nulls: dict[str, int]
    sums: dict[str, float]
    hashes: dict[str, str]


def contents_of(batches: Iterable[pa.RecordBatch], types: dict[str, pa.DataType], hashed: bool) -> Contents:
    columns = {name: Column(kind, hashed) for name, kind in types.items()}
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        for name, column in columns.items():
            column.add(batch.column(name))
    return Contents(
        rows,
        {name: column.nulls for name, column in columns.items()},
        {name: column.real.value() if pa.types.is_floating(column.kind) else column.whole
         for name, column in columns.items()},
        {name: column.hash.hexdigest() + column.lengths.hexdigest() for name, column in columns.items() if column.hash},
    )


def csv_batches(path: pathlib.Path, types: dict[str, pa.DataType]) -> csv.CSVStreamingReader:
    return csv.open_csv(
        path, read_options=csv.ReadOptions(block_size=4 << 20),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True,
                                           quoted_strings_can_be_null=False))


def expected(task: str, source: pathlib.Path, types: dict[str, str]) -> Contents:
    """Of what the task makes from `source`."""
    kinds = arrow_types(types)
    batches = csv_batches(source, kinds)
    if task in ("filter", "pick", "groups"):
        kinds = {name: kinds[name] for name in ("name", "email")}
        batches = (batch.filter(pc.field("age") > 30) for batch in batches)
    elif task == "sum":
        kinds = {name: kind for name, kind in kinds.items() if types[name] in ("Int64", "Float64")}
    return contents_of(batches, kinds, hashed=task in ("filter", "parquet"))


def written(task: str, output: pathlib.Path, types: dict[str, str]) -> Contents:
    """Of an output file."""
    kinds = arrow_types(types)
    if task == "filter":
        kinds = {name: kinds[name] for name in ("name", "email")}
        return contents_of(csv_batches(output, kinds), kinds, hashed=True)
    with parquet.ParquetFile(output) as file:
        return contents_of(file.iter_batches(), kinds, hashed=True)


def digested(digest: str) -> Contents:
    """Of what `polarway stream --digest` printed."""
    found = json.loads(next(line for line in digest.splitlines() if line.startswith('{"rows"')))
    return Contents(found["rows"], {column["name"]: column["nulls"] for column in found["columns"]},
                    {column["name"]: column["sum"] for column in found["columns"]}, {})


def differences(found: Contents, wanted: Contents, texts: set[str], rounding: float = 4e-16) -> list[str]:
    """In words; none if they are the same. The nulls of the columns in `texts` may differ, and sums by
    `rounding`: a digest's is within 1 ulp."""
    if found.rows != wanted.rows:
        return [f"{found.rows} rows instead of {wanted.rows}"]
    if list(found.sums) != list(wanted.sums):
        return ["other columns"]
    wrong = [f"{name}: the sum is {found.sums[name]}, not {total}" for name, total in wanted.sums.items()
             if not math.isclose(found.sums[name], total, rel_tol=rounding)]
    wrong += [f"{name}: {found.nulls[name]} nulls instead of {nulls}" for name, nulls in wanted.nulls.items()
              if name not in texts and found.nulls[name] != nulls]
    if not wrong and found.hashes and wanted.hashes and found.hashes != wanted.hashes:
        wrong.append("other order")
    return wrong
