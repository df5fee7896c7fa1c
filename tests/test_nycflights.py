"""Real data: every value that Polarway reads is the value that Polars reads."""

import functools

import polars as pl
import pytest
from polars.testing import assert_frame_equal

TABLES = ["flights", "planes", "weather", "airports"]
ROWS = {"flights": 336_776, "planes": 3_322, "weather": 26_115, "airports": 1_458}
READ = ["--memory-limit", "48MB", "-o", "null_values=NA"]


@functools.cache
def read_by_polars(path):
    """Types inferred from all rows; only timestamps are named, whose inference takes minutes."""
    rows = pl.read_csv(path, null_values="NA", infer_schema_length=None)
    if "time_hour" not in rows.columns:
        return rows
    return rows.with_columns(pl.col("time_hour").str.to_datetime(time_unit="us", time_zone="UTC"))


def assert_same(ours, theirs):
    """Same columns in the same order, and the same values once the types are."""
    assert ours.columns == theirs.columns
    for name in ours.columns:
        if ours[name].dtype == pl.Int64 and theirs[name].dtype == pl.Float64:
            ours = ours.with_columns(pl.col(name).cast(pl.Float64, strict=True))
        elif ours[name].dtype == pl.Float64 and theirs[name].dtype == pl.Int64:
            theirs = theirs.with_columns(pl.col(name).cast(pl.Float64, strict=True))
    assert_frame_equal(ours, theirs, check_exact=True)


@pytest.mark.parametrize("table", TABLES)
def test_every_value_is_what_polars_reads(polarway, flights_2013, tmp_path, table):
    out = tmp_path / "out.parquet"
    stats = polarway("stream", flights_2013[table], *READ, "--to", out, "--stats", "json").stats
    assert_same(pl.read_parquet(out), read_by_polars(flights_2013[table]))
    assert stats["records_processed"] == ROWS[table]
    assert 0 < stats["peak_memory_bytes"] <= stats["memory_limit_bytes"] <= 48_000_000


@pytest.mark.parametrize("table", TABLES)
def test_count_is_the_number_of_rows(polarway, flights_2013, table):
    assert polarway("count", flights_2013[table]).out.strip() == str(ROWS[table])


@pytest.mark.parametrize("table", TABLES)
def test_head_shows_the_first_rows(polarway, flights_2013, table):
    shown = polarway("head", flights_2013[table], "-n", "3", "-o", "null_values=NA").out
    first = read_by_polars(flights_2013[table]).head(3)
    assert first.columns[0] in shown
    for value in first.to_series(0):
        assert str(value) in shown


@pytest.mark.parametrize("table", TABLES)
def test_the_inferred_schema_can_be_pinned(polarway, flights_2013, tmp_path, table):
    schema = polarway("schema", flights_2013[table], "--json", "-o", "null_values=NA").out.strip()
    inferred, pinned = tmp_path / "inferred.parquet", tmp_path / "pinned.parquet"
    polarway("stream", flights_2013[table], *READ, "--to", inferred)
    polarway("stream", flights_2013[table], *READ, "-o", f"schema={schema}", "--to", pinned)
    assert_frame_equal(pl.read_parquet(pinned), pl.read_parquet(inferred))


FLIGHTS = [
    ("dep_delay > 60", pl.col("dep_delay") > 60),
    ("dep_delay > 60 and carrier = 'UA'", (pl.col("dep_delay") > 60) & (pl.col("carrier") == "UA")),
    ("dep_time is null", pl.col("dep_time").is_null()),
    (
        "not dep_time is null and arr_delay is null",
        pl.col("dep_time").is_not_null() & pl.col("arr_delay").is_null(),
    ),
    ("origin in ('JFK', 'LGA')", pl.col("origin").is_in(["JFK", "LGA"])),
    ("origin not in ('JFK', 'LGA')", ~pl.col("origin").is_in(["JFK", "LGA"])),
    ("distance between 200 and 300", pl.col("distance").is_between(200, 300)),
    ("arr_delay - dep_delay < -30", pl.col("arr_delay") - pl.col("dep_delay") < -30),
    ("distance / air_time * 60 >= 550", pl.col("distance") / pl.col("air_time") * 60 >= 550),
    ("arr_delay <= 0 or dep_delay != 0", (pl.col("arr_delay") <= 0) | (pl.col("dep_delay") != 0)),
    (
        "time_hour >= '2013-12-31T00:00:00Z'",
        pl.col("time_hour") >= pl.datetime(2013, 12, 31, time_zone="UTC"),
    ),
]


@pytest.mark.parametrize("where, predicate", FLIGHTS, ids=[where for where, _ in FLIGHTS])
def test_where_keeps_the_rows_that_polars_keeps(polarway, flights_2013, tmp_path, where, predicate):
    out = tmp_path / "out.parquet"
    polarway("stream", flights_2013["flights"], *READ, "--where", where, "--to", out)
    expected = read_by_polars(flights_2013["flights"]).filter(predicate)
    assert 0 < expected.height < ROWS["flights"]
    assert_same(pl.read_parquet(out), expected)


def test_select_computes_what_polars_computes(polarway, flights_2013, tmp_path):
    out = tmp_path / "out.parquet"
    polarway(
        "stream",
        flights_2013["flights"],
        *READ,
        "--where",
        "arr_delay > 120",
        "--select",
        "carrier, flight, arr_delay - dep_delay as lost, distance / air_time * 60 as mph, "
        "month * 100 + day as day",
        "--to",
        out,
    )
    expected = (
        read_by_polars(flights_2013["flights"])
        .filter(pl.col("arr_delay") > 120)
        .select(
            "carrier",
            "flight",
            lost=pl.col("arr_delay") - pl.col("dep_delay"),
            mph=pl.col("distance") / pl.col("air_time") * 60,
            day=pl.col("month") * 100 + pl.col("day"),
        )
    )
    assert_same(pl.read_parquet(out), expected)


def test_select_takes_columns_in_any_order(polarway, flights_2013, tmp_path):
    out = tmp_path / "out.parquet"
    polarway(
        "stream", flights_2013["weather"], *READ, "--select", "time_hour,temp,origin", "--to", out
    )
    assert_same(
        pl.read_parquet(out),
        read_by_polars(flights_2013["weather"]).select("time_hour", "temp", "origin"),
    )


def test_limit_counts_after_the_filter(polarway, flights_2013, tmp_path):
    out = tmp_path / "out.parquet"
    polarway(
        "stream",
        flights_2013["flights"],
        *READ,
        "--where",
        "month = 7",
        "--limit",
        "1000",
        "--to",
        out,
    )
    assert_same(
        pl.read_parquet(out),
        read_by_polars(flights_2013["flights"]).filter(pl.col("month") == 7).head(1000),
    )


def test_csv_out_and_in_again_is_the_same_table(polarway, flights_2013, tmp_path):
    copy, first, second = (
        tmp_path / "copy.csv",
        tmp_path / "first.parquet",
        tmp_path / "second.parquet",
    )
    polarway("stream", flights_2013["planes"], *READ, "--to", copy)
    polarway("stream", flights_2013["planes"], *READ, "--to", first)
    polarway("stream", copy, "--memory-limit", "48MB", "--to", second)
    assert_frame_equal(pl.read_parquet(first), pl.read_parquet(second))
