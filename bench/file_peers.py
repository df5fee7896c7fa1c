"""What each peer runs for a task on a Parquet, Arrow or JSON file, or a folder of Parquet files, as `peers.py` has it for CSV.

    python bench/file_peers.py PEER TASK TABLE INPUT OUTPUT [--threads N] [--limit BYTES] [--way WAY]

The tasks: `scan` hands out every column in batches, or computes a value from each (way "query"); `pick` does
that with the names and email addresses of those over 30; `sum` adds up every column of numbers.
"""

import argparse
import itertools
import os
import pathlib

from peers import CHUNK_ROWS, HAS_LIMIT, HAS_THREADS, LIMIT_BYTES, arrow_types
from tables import json_types, types_of

PICKED = ["name", "email"]
WAYS = {("polars", "scan"), ("duckdb", "scan"), ("datafusion", "scan")}


def configurations(peer: str, task: str) -> list[list[str]]:
    """The arguments of every configuration worth trying."""
    threads = [["--threads", str(n)] for n in (2, 1)] if peer in HAS_THREADS else [[]]
    limits = [[], ["--limit", str(LIMIT_BYTES)]] if peer in HAS_LIMIT else [[]]
    ways = [["--way", way] for way in ("batches", "query")] if (peer, task) in WAYS else [[]]
    return [[*a, *b, *c] for a, b, c in itertools.product(threads, limits, ways)]


def reads(peer: str, form: str) -> bool:
    return peer in PEERS and (form != "json" or peer in ("polars", "duckdb"))


def form_of(path: str) -> str:
    return pathlib.Path(path).suffix[1:]


def json_header(path: str) -> str:
    """The names of the first record, as a CSV's header has them."""
    import json

    with open(path, encoding="utf-8") as file:
        first = next(line for line in (line.strip("[,\n") for line in file) if line)
    return ",".join(json.loads(first))


def types_told(job: argparse.Namespace) -> dict[str, str]:
    """Of a JSON file."""
    return json_types(types_of(job.table, json_header(job.input)))


def polars(job: argparse.Namespace) -> int | None:
    os.environ["POLARS_MAX_THREADS"] = str(job.threads)
    import polars as pl

    form = form_of(job.input)
    if form == "parquet":
        frame = pl.scan_parquet(job.input)
    elif form == "arrow":
        frame = pl.scan_ipc(job.input)
    else:
        schema = {name: getattr(pl, kind) for name, kind in types_told(job).items()}
        frame = pl.scan_ndjson(job.input, schema=schema) if form == "ndjson" else (
            pl.read_json(job.input, schema=schema).lazy())
    if job.task == "pick":
        frame = frame.filter(pl.col("age") > 30).select(PICKED)
    elif job.task == "sum":
        numbers = pl.selectors.numeric()
        return frame.select(pl.len().alias("rows "), numbers.sum()).collect(engine="streaming")["rows "].item()
    elif job.way == "query":
        kinds = frame.collect_schema()
        value = [pl.col(n).str.len_bytes().sum() if t == pl.String else pl.col(n).max() if t.is_temporal()
                 else pl.col(n).sum() for n, t in kinds.items()]
        return frame.select(pl.len().alias("rows "), *value).collect(engine="streaming")["rows "].item()
    return sum(batch.height for batch in frame.collect_batches(maintain_order=True))


def duckdb(job: argparse.Namespace) -> int | None:
    import duckdb as db

    connection = db.connect(config={"threads": job.threads})
    if job.limit:
        connection.execute(f"SET memory_limit = '{job.limit}B'")
        connection.execute("SET preserve_insertion_order = false")
    form = form_of(job.input)
    if form == "parquet":
        table = f"read_parquet('{job.input}/*.parquet')" if os.path.isdir(job.input) else f"read_parquet('{job.input}')"
    elif form == "arrow":
        import pyarrow.dataset as dataset

        stored = dataset.dataset(job.input, format="ipc")  # found by its name in the query
        assert stored
        table = "stored"
    else:
        names = {"Int64": "BIGINT", "String": "VARCHAR", "Float64": "DOUBLE", "Boolean": "BOOLEAN"}
        columns = ", ".join(f"'{n}': '{names[t]}'" for n, t in types_told(job).items())
        kind = "newline_delimited" if form == "ndjson" else "array"
        table = f"read_json('{job.input}', format='{kind}', columns={{{columns}}})"
    if job.task == "pick":
        query = connection.sql(f"SELECT name, email FROM {table} WHERE age > 30")
        return sum(batch.num_rows for batch in query.to_arrow_reader(CHUNK_ROWS))
    if job.task == "scan" and job.way == "batches":
        return sum(batch.num_rows for batch in connection.sql(f"FROM {table}").to_arrow_reader(CHUNK_ROWS))
    described = connection.sql(f"DESCRIBE FROM {table}").fetchall()
    value = {"VARCHAR": "sum(strlen({}))", "DATE": "max({})", "TIMESTAMP": "max({})", "BOOLEAN": "count_if({})"}
    numbers = ("BIGINT", "DOUBLE")
    values = [value.get(kind, "sum({})").format(f'"{name}"') for name, kind, *_ in described
              if job.task == "scan" or kind in numbers]
    return connection.sql(f"SELECT count(*), {', '.join(values)} FROM {table}").fetchall()[0][0]


def pyarrow(job: argparse.Namespace) -> int | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    pa.set_cpu_count(job.threads)
    form = form_of(job.input)
    if os.path.isdir(job.input):
        import pyarrow.dataset as dataset

        batches = dataset.dataset(job.input).to_batches(batch_size=CHUNK_ROWS, use_threads=job.threads > 1)
    elif form == "parquet":
        import pyarrow.parquet as parquet

        wanted = [*PICKED, "age"] if job.task == "pick" else None
        file = parquet.ParquetFile(job.input, pre_buffer=False)
        batches = file.iter_batches(CHUNK_ROWS, columns=wanted, use_threads=job.threads > 1)
    elif form == "arrow":
        import pyarrow.ipc as ipc

        reader = ipc.open_file(pa.memory_map(job.input))
        batches = (reader.get_batch(number) for number in range(reader.num_record_batches))
    else:
        import pyarrow.json as json

        batches = json.open_json(
            job.input, json.ReadOptions(use_threads=job.threads > 1),
            json.ParseOptions(explicit_schema=pa.schema(arrow_types(types_told(job)).items())))
    if job.task == "pick":
        return sum(batch.filter(pc.field("age") > 30).select(PICKED).num_rows for batch in batches)
    if job.task == "scan":
        return sum(batch.num_rows for batch in batches)
    rows, sums = 0, {}
    for batch in batches:
        rows += batch.num_rows
        for name, column in zip(batch.schema.names, batch.columns):
            if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
                sums[name] = sums.get(name, 0) + (pc.sum(column).as_py() or 0)
    return rows


def datafusion(job: argparse.Namespace) -> int | None:
    import datafusion as df
    import pyarrow as pa

    runtime = df.RuntimeEnvBuilder()
    if job.limit:
        runtime = runtime.with_fair_spill_pool(job.limit)
    context = df.SessionContext(df.SessionConfig().with_target_partitions(job.threads), runtime)
    form = form_of(job.input)
    if form == "parquet":
        context.register_parquet("t", job.input)
    elif form == "ndjson":
        context.register_json("t", job.input, schema=pa.schema(arrow_types(types_told(job)).items()),
                              file_extension=".ndjson")
    else:
        context.register_arrow("t", job.input)
    if job.task == "pick" or (job.task == "scan" and job.way == "batches"):
        query = "SELECT name, email FROM t WHERE age > 30" if job.task == "pick" else "SELECT * FROM t"
        return sum(batch.to_pyarrow().num_rows for stream in context.sql(query).execute_stream_partitioned()
                   for batch in stream)
    value = {"string": "sum(octet_length({}))", "bool": "sum({}::int)"}
    fields = context.table("t").schema()
    values = [
        (value.get(str(field.type).replace("large_", "").replace("_view", ""))
         or ("max({})" if pa.types.is_temporal(field.type) else "sum({})")).format(f'"{field.name}"')
        for field in fields
        if job.task == "scan" or pa.types.is_integer(field.type) or pa.types.is_floating(field.type)]
    return context.sql(f"SELECT count(*) AS rows, {', '.join(values)} FROM t").to_pydict()["rows"][0]


PEERS = {"polars": polars, "duckdb": duckdb, "pyarrow": pyarrow, "datafusion": datafusion}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("task", choices=["scan", "pick", "sum"])
    parser.add_argument("table")
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--way", default="batches")
    job = parser.parse_args()
    rows = PEERS[job.peer](job)
    if rows is not None:
        print(rows)


if __name__ == "__main__":
    main()
