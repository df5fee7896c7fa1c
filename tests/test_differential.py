"""Generated files of hostile dialects: our rows are those that were written, those of Python's csv,
and those of Polars and DuckDB where these two agree with each other; in chunks of any size, on one
thread and on two.

Where readers differ on purpose, ours keeps to these rules, and the generator writes no file in which
others would be compared with it about them:

- A line without anything in it is no row, unless the table has one column: then it is a null, as a
  writer of that column would have it. Before the first row of a file it is nothing in any case.
- A lone CR ends lines only where the file has no LF at its start. Python's csv, and others, end a
  line at any CR.
- Text behind a closing quote is an error. Python's csv appends it to the field.
- What a declared type cannot hold exactly is an error with its row and column. Others round it, make
  it null or take part of it.
"""

import csv
import io
import json

import duckdb
import polars as pl
import pytest
from hostile_csv import hostile_csv
from read_tables import Job, read_tables
from typed_csv import typed_csv

csv.field_size_limit(1 << 30)

FILES = 500
MANY_FILES = 10_000


def rows_of_python(file):
    """Rows as Python's csv has them: it knows no null, no comments and no rows to skip."""
    reader = csv.reader(
        io.StringIO(file.plain_text, newline=""),
        delimiter=file.delimiter,
        quotechar=file.quote,
        quoting=csv.QUOTE_MINIMAL if file.quote else csv.QUOTE_NONE,
        strict=True,
    )
    if len(file.names) == 1:
        rows = [tuple(row) or ("",) for row in reader]
    else:
        rows = [tuple(row) for row in reader if row]
    return rows[1:] if file.header else rows


def rows_of_polars(file, path):
    try:
        table = pl.read_csv(
            path,
            separator=file.delimiter,
            quote_char=file.quote,
            eol_char="\r" if file.line_end == "\r" else "\n",
            comment_prefix=file.comment,
            has_header=file.header,
            skip_lines=file.skip_rows,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        return None
    return table.rows()


def rows_of_duckdb(connection, file, path):
    options = {
        "delim": file.delimiter,
        "quote": file.quote or "",
        "escape": file.quote or "",
        "header": file.header,
        "skip": file.skip_rows,
        "allow_quoted_nulls": False,
        "auto_detect": False,
        "columns": {f"c{i}": "VARCHAR" for i in range(len(file.names))},
    }
    if file.comment:
        options["comment"] = file.comment
    words = ", ".join(f"{name} = {value!r}" for name, value in options.items())
    try:
        return connection.execute(f"from read_csv($path, {words})", {"path": str(path)}).fetchall()
    except duckdb.Error:
        return None


def without_nulls(rows):
    return [tuple(value or "" for value in row) for row in rows]


def check_files(seeds, folder):
    """Reads and compares the files of these seeds; says how many Polars and DuckDB agreed about."""
    files = {seed: hostile_csv(seed) for seed in seeds}
    jobs = []
    for seed, file in files.items():
        path = folder / f"{seed}.csv"
        path.write_bytes(file.bytes)
        # A file that ends lines with CR is known by its start, which must be in the first block.
        block_bytes = 0 if "\r" in file.text else 1 + seed % 150
        jobs.append(Job(path, file.options, text=True, block_bytes=block_bytes))
    tables = read_tables(jobs)

    agreed = 0
    connection = duckdb.connect(config={"threads": 1})
    for (seed, file), table in zip(files.items(), tables, strict=True):
        path = folder / f"{seed}.csv"
        assert table.error is None, f"seed {seed}: {table.error}\n{file.text[:3000]!r}"
        assert table.deviates is None, f"seed {seed}: {table.deviates}\n{file.text[:3000]!r}"
        assert table.names == file.names, f"seed {seed}"
        assert table.rows == file.rows, f"seed {seed}: {file.text[:3000]!r}"
        assert without_nulls(table.rows) == rows_of_python(file), f"seed {seed}: Python's csv"
        polars = rows_of_polars(file, path)
        if polars is not None and polars == rows_of_duckdb(connection, file, path):
            agreed += 1
            # Of a name with a bare quote in it both take the rows behind it for the rest of the name.
            bare = file.header and file.quote and any(file.quote in name for name in file.names)
            assert bare or table.rows == polars, f"seed {seed}: Polars and DuckDB agree on {polars}"
        path.unlink()
    return agreed


def test_hostile_files_have_the_rows_that_others_read(tmp_path):
    assert check_files(range(FILES), tmp_path) > 0.4 * FILES


@pytest.mark.long
@pytest.mark.parametrize("start", range(0, MANY_FILES, 1000))
def test_many_hostile_files_have_the_rows_that_others_read(tmp_path, start):
    assert check_files(range(1_000_000 + start, 1_000_000 + start + 1000), tmp_path) > 0.4 * 1000


POLARS_TYPES = {
    "int64": pl.Int64,
    "float64": pl.Float64,
    "bool": pl.Boolean,
    "date": pl.Date,
    "timestamp[us]": pl.Datetime("us"),
    "string": pl.String,
}


def typed_rows_of_polars(file, path):
    schema = {name: POLARS_TYPES[kind] for name, kind in file.types.items()}
    try:
        return pl.read_csv(path, schema=schema).rows()
    except pl.exceptions.PolarsError:
        return None


def exact(rows):
    """With -0.0 other than 0.0."""
    return [tuple(repr(value) if isinstance(value, float) else value for value in row) for row in rows]


def check_typed_files(seeds, folder):
    """Reads and compares the files of these seeds; says how many Polars read, too."""
    files = {seed: typed_csv(seed) for seed in seeds}
    jobs = []
    for seed, file in files.items():
        path = folder / f"{seed}.csv"
        path.write_text(file.text, encoding="utf-8", newline="")
        jobs.append(Job(path, {"schema": json.dumps(file.types)}, block_bytes=1 + seed % 150))
    agreed = 0
    for (seed, file), table in zip(files.items(), read_tables(jobs), strict=True):
        path = folder / f"{seed}.csv"
        place = table.error and (table.error["row"], table.error["column"])
        assert place == file.misfit, f"seed {seed}: {table.error}"
        assert table.error is None or table.error["kind"] == "Schema", f"seed {seed}"
        assert table.deviates is None, f"seed {seed}: {table.deviates}"
        assert exact(table.rows) == exact(file.rows), f"seed {seed}"
        polars = typed_rows_of_polars(file, path)
        if polars is not None and file.misfit is None:
            agreed += 1
            assert exact(table.rows) == exact(polars), f"seed {seed}: Polars"
        path.unlink()
    return agreed


def test_declared_types_have_the_values_that_polars_reads(tmp_path):
    assert check_typed_files(range(100), tmp_path) > 30


@pytest.mark.long
def test_many_declared_types_have_the_values_that_polars_reads(tmp_path):
    assert check_typed_files(range(1_000_000, 1_002_000), tmp_path) > 600
