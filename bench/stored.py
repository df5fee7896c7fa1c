"""The tables in other forms than CSV: Parquet, Arrow IPC, NDJSON and JSON, as pyarrow and Python write them.

`people.128k.parquet` is `people` in row groups of 128k rows, `people.many.parquet` a folder of small files;
what else there is, WRITERS has.
"""

import json
import pathlib
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc
import pyarrow.parquet as parquet
import verify
from peers import arrow_types, header_of
from tables import json_types, types_of

Batches = Iterator[pa.RecordBatch]


def write_parquet(rows_per_group: int | None) -> Callable[[Batches, pa.Schema, pathlib.Path], None]:
    """`None`: one row group, which takes the memory of the whole table to make."""

    def write(batches: Batches, schema: pa.Schema, path: pathlib.Path) -> None:
        with parquet.ParquetWriter(path, schema, compression="snappy") as writer:
            pending: list[pa.RecordBatch] = []
            rows = 0
            for batch in batches:
                pending.append(batch)
                rows += batch.num_rows
                while rows_per_group and rows >= rows_per_group:
                    table = pa.Table.from_batches(pending, schema)
                    writer.write_table(table.slice(0, rows_per_group), row_group_size=rows_per_group)
                    pending = table.slice(rows_per_group).to_batches()
                    rows -= rows_per_group
            if rows:
                writer.write_table(pa.Table.from_batches(pending, schema), row_group_size=rows)

    return write


def write_many(rows_per_file: int) -> Callable[[Batches, pa.Schema, pathlib.Path], None]:
    def write(batches: Batches, schema: pa.Schema, path: pathlib.Path) -> None:
        path.mkdir()
        table = pa.Table.from_batches(batches, schema)
        for number, first in enumerate(range(0, table.num_rows, rows_per_file)):
            parquet.write_table(table.slice(first, rows_per_file), path / f"{number:06}.parquet", compression="snappy")

    return write


def write_arrow(batches: Batches, schema: pa.Schema, path: pathlib.Path) -> None:
    with ipc.new_file(path, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def lines(batches: Batches) -> Iterator[str]:
    """A row is an object, null where there is no value."""
    for batch in batches:
        for row in batch.to_pylist():
            yield json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def write_ndjson(batches: Batches, _: pa.Schema, path: pathlib.Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines(batches))


def write_json(batches: Batches, _: pa.Schema, path: pathlib.Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number, line in enumerate(lines(batches)):
            file.write(f"{',' if number else '['}\n{line}")
        file.write("\n]\n")


WRITERS = {
    "128k.parquet": write_parquet(128 << 10),
    "1m.parquet": write_parquet(1 << 20),
    "one.parquet": write_parquet(None),
    "many.parquet": write_many(3000),
    "arrow": write_arrow,
    "ndjson": write_ndjson,
    "json": write_json,
}


def types_in(form: str, types: dict[str, str]) -> dict[str, str]:
    return json_types(types) if form in ("ndjson", "json") else types


def store(table: str, source: pathlib.Path, form: str, path: pathlib.Path) -> None:
    """Writes what the CSV file `source` has to `path`."""
    types = arrow_types(types_in(form, types_of(table, header_of(str(source)))))
    batches = verify.csv_batches(source, types)
    WRITERS[form]((pa.RecordBatch.from_arrays(
        [pc.cast(batch.column(name), kind) for name, kind in types.items()], schema=pa.schema(types.items()))
        for batch in batches), pa.schema(types.items()), path)
