"""What each peer runs for a task: one function per peer, as its documentation says is fastest.

    python bench/peers.py PEER TASK TABLE INPUT OUTPUT [--threads N] [--limit BYTES] [--way WAY]

A process of its own for each run, so that its time and memory are its own. It prints the number of
rows that it saw, if it saw them. Peers are told the types; where there are several ways to do the
same, `configurations` has all of them, and bench/run.py takes the fastest.
"""

import argparse
import gzip
import itertools
import os

from tables import types_of

LIMIT_BYTES = 600_000_000  # for peers that can be told one: enough for all that they do here
CHUNK_ROWS = 100_000

# The ways of a task; what has none is done in one way. "batches" hands out every chunk; "query"
# computes a value from every column, and hands out nothing but that.
WAYS = {
    ("polars", "scan"): ["batches", "query"],
    ("duckdb", "scan"): ["batches", "query"],
    ("duckdb", "parquet"): ["in order", "in any order"],
    ("datafusion", "scan"): ["batches", "query"],
    ("chdb", "scan"): ["discard", "query"],
}
HAS_LIMIT = {"duckdb", "datafusion", "chdb"}
HAS_THREADS = {"polars", "duckdb", "pyarrow", "datafusion", "chdb"}


def configurations(peer: str, task: str) -> list[list[str]]:
    """The arguments of every configuration worth trying."""
    threads = [["--threads", str(n)] for n in (2, 1)] if peer in HAS_THREADS else [[]]
    limits = [[], ["--limit", str(LIMIT_BYTES)]] if peer in HAS_LIMIT else [[]]
    ways = [["--way", way] for way in WAYS[peer, task]] if (peer, task) in WAYS else [[]]
    return [[*a, *b, *c] for a, b, c in itertools.product(threads, limits, ways)]


def reads(peer: str, _form: str) -> bool:
    return peer in PEERS


def header_of(path: str) -> str:
    with gzip.open(path, "rt") if path.endswith(".gz") else open(path) as file:
        return file.readline()


def polars_scan(job: argparse.Namespace, types: dict[str, str]):
    """The table as a LazyFrame. Asking scan_csv for dates makes it guess the pattern of each value; a
    format is much faster."""
    import polars as pl

    texts = {n: pl.String if t in ("Date", "Datetime") else getattr(pl, t) for n, t in types.items()}
    moment = "%Y-%m-%d %H:%M:%S%.f" if job.table == "quoted" else "%Y-%m-%d %H:%M:%S"
    return pl.scan_csv(job.input, schema=texts).with_columns(
        *(pl.col(n).str.to_date("%Y-%m-%d") for n, t in types.items() if t == "Date"),
        *(pl.col(n).str.to_datetime(moment, time_unit="us") for n, t in types.items() if t == "Datetime"),
    )


def polars(job: argparse.Namespace, types: dict[str, str]) -> int | None:
    os.environ["POLARS_MAX_THREADS"] = str(job.threads)
    import polars as pl

    if job.task == "count":
        return pl.scan_csv(job.input).select(pl.len()).collect().item()
    frame = polars_scan(job, types)
    if job.task == "scan" and job.way == "query":
        value = {"Int64": pl.Expr.sum, "Float64": pl.Expr.sum, "Boolean": pl.Expr.sum, "Date": pl.Expr.max,
                 "Datetime": pl.Expr.max, "String": lambda column: column.str.len_bytes().sum()}
        done = frame.select(pl.len().alias("rows "), *(value[t](pl.col(n)) for n, t in types.items()))
        return done.collect(engine="streaming")["rows "].item()
    if job.task == "scan":
        return sum(batch.height for batch in frame.collect_batches(maintain_order=True))
    if job.task == "filter":
        frame.filter(pl.col("age") > 30).select("name", "email").sink_csv(job.output)
    elif job.task == "parquet":
        frame.sink_parquet(job.output, compression="snappy")


def duckdb_table(job: argparse.Namespace, types: dict[str, str]) -> str:
    """What stands behind FROM."""
    names = {"Int64": "BIGINT", "String": "VARCHAR", "Float64": "DOUBLE", "Date": "DATE",
             "Datetime": "TIMESTAMP", "Boolean": "BOOLEAN"}
    columns = ", ".join(f"'{n}': '{names[t]}'" for n, t in types.items())
    return f"read_csv('{job.input}', header=true, columns={{{columns}}})"


def duckdb(job: argparse.Namespace, types: dict[str, str]) -> int | None:
    import duckdb as db

    connection = db.connect(config={"threads": job.threads})
    if job.limit:
        connection.execute(f"SET memory_limit = '{job.limit}B'")
    # What its documentation advises where memory is short; but the filter's rows are to be in order.
    in_order = job.way == "in order" or job.task == "filter" or (job.task != "parquet" and not job.limit)
    connection.execute(f"SET preserve_insertion_order = {'true' if in_order else 'false'}")
    table = duckdb_table(job, types)
    if job.task == "count":
        return connection.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    if job.task == "scan" and job.way == "query":
        value = {"Int64": "sum({})", "Float64": "sum({})", "Date": "max({})", "Datetime": "max({})",
                 "Boolean": "count_if({})", "String": "sum(strlen({}))"}
        values = ", ".join(value[t].format(f'"{n}"') for n, t in types.items())
        return connection.sql(f"SELECT count(*), {values} FROM {table}").fetchall()[0][0]
    if job.task == "scan":
        return sum(batch.num_rows for batch in connection.sql(f"FROM {table}").to_arrow_reader(CHUNK_ROWS))
    if job.task == "filter":
        connection.sql(f"COPY (SELECT name, email FROM {table} WHERE age > 30) TO '{job.output}' (FORMAT csv)")
    elif job.task == "parquet":
        connection.sql(f"COPY (FROM {table}) TO '{job.output}' (FORMAT parquet, COMPRESSION snappy)")


def arrow_types(types: dict[str, str]) -> dict:
    import pyarrow as pa

    names = {"Int64": pa.int64(), "String": pa.string(), "Float64": pa.float64(), "Date": pa.date32(),
             "Datetime": pa.timestamp("us"), "Boolean": pa.bool_()}
    return {n: names[t] for n, t in types.items()}


def pyarrow(job: argparse.Namespace, types: dict[str, str]) -> int | None:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as csv
    import pyarrow.parquet as parquet

    pa.set_cpu_count(job.threads)
    wanted = {"filter": ["name", "email", "age"], "count": [next(iter(types))]}.get(job.task)
    reader = csv.open_csv(
        job.input,
        read_options=csv.ReadOptions(use_threads=job.threads > 1),
        parse_options=csv.ParseOptions(newlines_in_values=job.table == "quoted"),
        convert_options=csv.ConvertOptions(column_types=arrow_types(types), include_columns=wanted),
    )
    if job.task in ("scan", "count"):
        return sum(batch.num_rows for batch in reader)
    if job.task == "filter":
        schema = pa.schema([("name", pa.string()), ("email", pa.string())])
        with csv.CSVWriter(job.output, schema) as writer:
            for batch in reader:
                writer.write(batch.filter(pc.field("age") > 30).select(["name", "email"]))
    elif job.task == "parquet":
        with parquet.ParquetWriter(job.output, reader.schema, compression="snappy") as writer:
            for batch in reader:
                writer.write_batch(batch)


def datafusion(job: argparse.Namespace, types: dict[str, str]) -> int | None:
    import datafusion as df
    import pyarrow as pa

    runtime = df.RuntimeEnvBuilder()
    if job.limit:
        runtime = runtime.with_fair_spill_pool(job.limit)
    context = df.SessionContext(df.SessionConfig().with_target_partitions(job.threads), runtime)
    packed = job.input.endswith(".gz")
    context.register_csv("t", job.input, options=df.CsvReadOptions(
        schema=pa.schema(arrow_types(types).items()), newlines_in_values=job.table == "quoted",
        file_extension=".gz" if packed else ".csv", file_compression_type="gzip" if packed else ""))
    if job.task == "count":
        return context.sql("SELECT count(*) FROM t").to_pydict().popitem()[1][0]
    if job.task == "scan" and job.way == "query":
        value = {"Int64": "sum({})", "Float64": "sum({})", "Date": "max({})", "Datetime": "max({})",
                 "Boolean": "sum({}::int)", "String": "sum(octet_length({}))"}
        values = ", ".join(value[t].format(f'"{n}"') for n, t in types.items())
        return context.sql(f"SELECT count(*) AS rows, {values} FROM t").to_pydict()["rows"][0]
    if job.task == "scan":
        return sum(batch.to_pyarrow().num_rows for stream in context.table("t").execute_stream_partitioned()
                   for batch in stream)
    if job.task == "filter":
        context.sql("SELECT name, email FROM t WHERE age > 30").write_csv(job.output, with_header=True)
    elif job.task == "parquet":
        context.table("t").write_parquet(job.output, compression="snappy", compression_level=None)


def chdb(job: argparse.Namespace, types: dict[str, str]) -> int | None:
    import chdb as db

    names = {"Int64": "Int64", "String": "String", "Float64": "Float64", "Date": "Date32",
             "Datetime": "DateTime64(6, \\'UTC\\')", "Boolean": "Bool"}
    columns = ", ".join(f"`{n}` Nullable({names[t]})" for n, t in types.items())
    table = f"file('{job.input}', 'CSVWithNames', '{columns}')"
    settings = f"SETTINGS max_threads={job.threads}"
    if job.limit:
        settings += f", max_memory_usage={job.limit}"

    def rows_of(query: str) -> int:
        return int(str(db.query(f"{query} {settings}", "CSV")).split(",")[0])

    if job.task == "count":
        return rows_of(f"SELECT count() FROM {table}")
    if job.task == "scan" and job.way == "query":
        value = {"Int64": "sum({})", "Float64": "sum({})", "Date": "max({})", "Datetime": "max({})",
                 "Boolean": "sum({})", "String": "sum(length({}))"}
        values = ", ".join(value[t].format(f"`{n}`") for n, t in types.items())
        return rows_of(f"SELECT count(), {values} FROM {table}")
    if job.task == "scan":
        db.query(f"SELECT * FROM {table} FORMAT Null {settings}")
    elif job.task == "filter":
        db.query(f"SELECT name, email FROM {table} WHERE age > 30 INTO OUTFILE '{job.output}' TRUNCATE "
                 f"FORMAT CSVWithNames {settings}, format_csv_null_representation=''")
    elif job.task == "parquet":
        db.query(f"SELECT * FROM {table} INTO OUTFILE '{job.output}' TRUNCATE FORMAT Parquet "
                 f"{settings}, output_format_parquet_compression_method='snappy'")


def pandas(job: argparse.Namespace, types: dict[str, str]) -> int | None:
    import pandas as pd

    names = {"Int64": "Int64", "String": "str", "Float64": "float64", "Boolean": "boolean"}
    wanted = {"filter": ["name", "email", "age"], "count": [next(iter(types))]}.get(job.task, list(types))
    chunks = pd.read_csv(job.input, chunksize=CHUNK_ROWS, usecols=wanted,
                         dtype={n: names[types[n]] for n in wanted if types[n] in names},
                         parse_dates=[n for n in wanted if types[n] in ("Date", "Datetime")])
    if job.task in ("scan", "count"):
        return sum(len(chunk) for chunk in chunks)
    if job.task == "filter":
        with open(job.output, "w") as file:
            for number, chunk in enumerate(chunks):
                chunk[chunk["age"] > 30][["name", "email"]].to_csv(file, index=False, header=number == 0)
    elif job.task == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as parquet

        schema = pa.schema(arrow_types(types).items())
        with parquet.ParquetWriter(job.output, schema, compression="snappy") as writer:
            for chunk in chunks:
                writer.write_table(pa.Table.from_pandas(chunk, schema, preserve_index=False))


PEERS = {"polars": polars, "duckdb": duckdb, "pyarrow": pyarrow, "datafusion": datafusion, "chdb": chdb,
         "pandas": pandas}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("task", choices=["scan", "filter", "parquet", "count"])
    parser.add_argument("table")
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--way", default="")
    job = parser.parse_args()
    rows = PEERS[job.peer](job, types_of(job.table, header_of(job.input)))
    if rows is not None:
        print(rows)


if __name__ == "__main__":
    main()
