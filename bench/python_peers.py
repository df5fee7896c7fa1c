"""What a Python program runs for a task, with Polarway's package and with others.

    python bench/python_peers.py WHO TASK TABLE INPUT OUTPUT [--threads N] [--way WAY]

The tasks, on `people`: `chunks` works on one chunk of rows after the other, with the same expression in a
frame of the library's own; `groups` is a query over the whole file.
"""

import argparse
import os
import sys
from pathlib import Path

from peers import CHUNK_ROWS, HAS_THREADS, duckdb_table, header_of, polars_scan
from tables import types_of

LIMIT = "200MB"


def configurations(peer: str, _task: str) -> list[list[str]]:
    """The arguments of every configuration worth trying."""
    return [["--threads", str(n)] for n in (2, 1)] if peer in HAS_THREADS else [[]]


def reads(peer: str, _form: str) -> bool:
    return peer in PEERS


def over_thirty(chunk):
    """The rows, and a value that takes work: of one chunk."""
    import polars as pl

    found = chunk.lazy().filter(pl.col("age") > 30).select(pl.len().alias("n"), pl.col("balance").sum()).collect()
    return chunk.height, found["balance"].item()


def grouped(frame):
    import polars as pl

    query = frame.filter(pl.col("age") > 30).group_by("country").agg(pl.col("balance").mean(), pl.len())
    return query.collect(engine="streaming")["len"].sum()


def polarway(job: argparse.Namespace, _types: dict[str, str]) -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "build" / "release" / "python"))
    import polarway as pl

    if job.task == "groups":
        return grouped(pl.scan_csv(job.input).with_adaptive_streaming().with_memory_limit(LIMIT))
    return sum(over_thirty(chunk)[0] for chunk in pl.CsvSource(job.input, memory_limit=LIMIT))


def polars(job: argparse.Namespace, types: dict[str, str]) -> int:
    frame = polars_scan(job, types)
    if job.task == "groups":
        return grouped(frame)
    return sum(over_thirty(batch)[0] for batch in frame.collect_batches(maintain_order=True))


def duckdb(job: argparse.Namespace, types: dict[str, str]) -> int:
    import duckdb as db

    connection = db.connect(config={"threads": job.threads})
    table = duckdb_table(job, types)
    if job.task == "groups":
        query = f"SELECT country, avg(balance), count(*) n FROM {table} WHERE age > 30 GROUP BY country"
        return sum(row[2] for row in connection.sql(query).fetchall())
    import polars as pl

    reader = connection.sql(f"FROM {table}").to_arrow_reader(CHUNK_ROWS)
    return sum(over_thirty(pl.DataFrame(batch))[0] for batch in reader)


def pandas(job: argparse.Namespace, _types: dict[str, str]) -> int:
    import pandas as pd

    rows, total, groups = 0, 0.0, {}
    for chunk in pd.read_csv(job.input, chunksize=CHUNK_ROWS, parse_dates=["signup", "last_seen"]):
        adults = chunk[chunk["age"] > 30]
        if job.task == "groups":
            for country, part in adults.groupby("country", dropna=False)["balance"].agg(["sum", "size"]).iterrows():
                groups[country] = groups.get(country, 0) + int(part["size"])
        else:
            rows += len(chunk)
            total += adults["balance"].sum()
    return sum(groups.values()) if job.task == "groups" else rows


PEERS = {"polars": polars, "duckdb": duckdb, "pandas": pandas}
OURS = {"polarway": polarway}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("who", choices=PEERS | OURS)
    parser.add_argument("task", choices=["chunks", "groups"])
    parser.add_argument("table")
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--threads", type=int, default=2)
    job = parser.parse_args()
    if job.who == "polars":
        os.environ["POLARS_MAX_THREADS"] = str(job.threads)
    print((PEERS | OURS)[job.who](job, types_of(job.table, header_of(job.input))))


if __name__ == "__main__":
    main()
