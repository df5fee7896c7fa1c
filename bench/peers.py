"""What each peer runs for a task: one function per task, as its documentation says is fastest.

Run as `python bench/peers.py PEER TASK INPUT OUTPUT [LIMIT]`; prints nothing. A process of its own
per run, so that its time and memory are its own. LIMIT, in bytes, is for the peer that can be told one.
"""

import sys

TYPES = {
    "id": "Int64", "name": "String", "email": "String", "age": "Int64", "country": "String",
    "balance": "Float64", "score": "Float64", "signup": "Date", "last_seen": "Datetime", "active": "Boolean",
}


def polars(task: str, source: str, target: str, limit: str = "") -> None:
    import polars as pl

    # Asking scan_csv for dates makes it guess the pattern of each value; a format is much faster.
    texts = {n: pl.String if t in ("Date", "Datetime") else getattr(pl, t) for n, t in TYPES.items()}
    frame = pl.scan_csv(source, schema=texts).with_columns(
        pl.col("signup").str.to_date("%Y-%m-%d"),
        pl.col("last_seen").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us"),
    )
    if task == "scan":
        for _ in frame.collect_batches(maintain_order=True):
            pass
    elif task == "filter":
        frame.filter(pl.col("age") > 30).select("name", "email").sink_csv(target)
    elif task == "parquet":
        frame.sink_parquet(target, compression="snappy")
    elif task == "count":
        pl.scan_csv(source).select(pl.len()).collect()


def duckdb(task: str, source: str, target: str, limit: str = "") -> None:
    import duckdb as db

    connection = db.connect(config={"memory_limit": f"{limit}B"} if limit else {})
    names = {"Int64": "BIGINT", "String": "VARCHAR", "Float64": "DOUBLE", "Date": "DATE",
             "Datetime": "TIMESTAMP", "Boolean": "BOOLEAN"}
    columns = ", ".join(f"'{n}': '{names[t]}'" for n, t in TYPES.items())
    table = f"read_csv('{source}', header=true, columns={{{columns}}})"
    if task == "scan":
        for _ in connection.sql(f"FROM {table}").to_arrow_reader(100_000):
            pass
    elif task == "filter":
        connection.sql(f"COPY (SELECT name, email FROM {table} WHERE age > 30) TO '{target}' (FORMAT csv)")
    elif task == "parquet":
        connection.sql(f"COPY (FROM {table}) TO '{target}' (FORMAT parquet, COMPRESSION snappy)")
    elif task == "count":
        connection.sql(f"SELECT count(*) FROM {table}").fetchall()


def pyarrow(task: str, source: str, target: str, limit: str = "") -> None:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as csv
    import pyarrow.parquet as parquet

    names = {"Int64": pa.int64(), "String": pa.string(), "Float64": pa.float64(), "Date": pa.date32(),
             "Datetime": pa.timestamp("us"), "Boolean": pa.bool_()}
    wanted = {"filter": ["name", "email", "age"], "count": ["id"]}.get(task)
    reader = csv.open_csv(
        source,
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types={n: names[t] for n, t in TYPES.items()},
                                           include_columns=wanted),
    )
    if task in ("scan", "count"):
        for _ in reader:
            pass
    elif task == "filter":
        schema = pa.schema([("name", pa.string()), ("email", pa.string())])
        with csv.CSVWriter(target, schema) as writer:
            for batch in reader:
                writer.write(batch.filter(pc.field("age") > 30).select(["name", "email"]))
    elif task == "parquet":
        with parquet.ParquetWriter(target, reader.schema, compression="snappy") as writer:
            for batch in reader:
                writer.write_batch(batch)


if __name__ == "__main__":
    {"polars": polars, "duckdb": duckdb, "pyarrow": pyarrow}[sys.argv[1]](*sys.argv[2:6])
