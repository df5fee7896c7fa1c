"""A filter on Parquet leaves the rows that it is true for, in files of all writers, and what cannot
have such a row is not even read: row groups by their statistics and bloom filters, pages by their
index."""

import math

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROWS = 60_000


@pytest.fixture(scope="module")
def frame():
    number = pl.int_range(ROWS, eager=True)
    return pl.DataFrame(
        {
            "id": number,
            "code": (number * 2) % 9_973,
            "ratio": pl.Series([math.nan if i % 97 == 5 else (i % 1000) / 8 - 20 for i in range(ROWS)]),
            "word": pl.Series([None if i % 11 == 3 else f"word {i * 7919 % ROWS:06}" for i in range(ROWS)]),
            "at": pl.datetime_range(
                pl.datetime(2026, 1, 1), pl.datetime(2026, 1, 1) + pl.duration(seconds=ROWS - 1), "1s", eager=True
            ),
            "price": (number % 5_000).cast(pl.Decimal(12, 2)),
            "text": pl.Series([f"{i}-" + "x" * 40 for i in range(ROWS)]),
        }
    )


@pytest.fixture(scope="module")
def files(frame, tmp_path_factory):
    """The same rows, as several writers write them."""
    folder = tmp_path_factory.mktemp("filters")
    table = frame.to_arrow().cast(
        pa.schema([(f.name, pa.string() if pa.types.is_large_string(f.type) or f.type == pa.string_view() else f.type) for f in frame.to_arrow().schema])
    )
    paths = {name: folder / f"{name}.parquet" for name in ("arrow", "blooms", "bare", "polars", "duckdb")}
    # Plain, so that what is read is pages, and no dictionary.
    options = {"row_group_size": 20_000, "data_page_size": 16_000, "write_batch_size": 500, "use_dictionary": False,
               "compression": "none"}
    pq.write_table(table, paths["arrow"], write_page_index=True, **options)
    bloom = {name: {"ndv": 20_000, "fpp": 0.01} for name in ("id", "code", "word")}
    pq.write_table(table, paths["blooms"], bloom_filter_options=bloom, **options)
    pq.write_table(table, paths["bare"], write_statistics=False, **options)
    frame.write_parquet(paths["polars"], row_group_size=20_000, data_page_size=16_000)
    with duckdb.connect() as db:
        db.register("t", table)
        db.execute(f"COPY t TO '{paths['duckdb']}' (FORMAT parquet, ROW_GROUP_SIZE 20480)")
    return paths


WRITERS = ("arrow", "blooms", "bare", "polars", "duckdb")

FILTERS = {
    "id >= 59000": pl.col("id") >= 59_000,
    "id between 100 and 120 or id = 45678": pl.col("id").is_between(100, 120) | (pl.col("id") == 45_678),
    "id < 0": pl.col("id") < 0,
    "code = 9971": pl.col("code") == 9_971,
    "code in (1, 3, 5)": pl.col("code").is_in([1, 3, 5]),
    "ratio > 104.8": pl.col("ratio") > 104.8,  # NaN, too
    "ratio < -19.9": pl.col("ratio") < -19.9,
    "word = 'word 000007'": pl.col("word") == "word 000007",
    "word is null and id > 50000": pl.col("word").is_null() & (pl.col("id") > 50_000),
    "word > 'word 0599' and id < 30000": (pl.col("word") > "word 0599") & (pl.col("id") < 30_000),
    "at > '2026-01-01T16:30:00'": pl.col("at") > pl.datetime(2026, 1, 1, 16, 30),
    "price = 17.00 or price > 4998.5": (pl.col("price") == 17) | (pl.col("price") > pl.lit("4998.5").cast(pl.Decimal(12, 2))),
    "text like '1234%'": pl.col("text").str.starts_with("1234"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_filter_leaves_the_rows_that_it_is_true_for(polarway, files, frame, tmp_path, writer):
    out = tmp_path / "out.arrow"
    for text, expr in FILTERS.items():
        for select in (["text", "id"], ["ratio", "word", "price", "at"]):
            polarway("stream", files[writer], "--where", text, "--select", ",".join(select), "--to", out)
            ours = pl.read_ipc(out)
            expected = frame.filter(expr).select(select)
            assert ours.equals(expected.cast(ours.schema)), text


def bytes_read(polarway, path, where, rows):
    run = polarway("stream", path, "--where", where, "--select", "text", "--stats", "json")
    assert run.stats["records_processed"] == rows
    return run.stats["bytes_read"]


def test_row_groups_are_passed_over_by_their_statistics(polarway, files):
    size = files["arrow"].stat().st_size
    for writer in ("arrow", "blooms", "polars", "duckdb"):
        assert bytes_read(polarway, files[writer], "id < 0", 0) < size / 50, writer


def test_pages_are_passed_over_by_their_index(polarway, files):
    indexed = bytes_read(polarway, files["arrow"], "id between 30000 and 30010", 11)
    assert indexed < bytes_read(polarway, files["blooms"], "id between 30000 and 30010", 11) / 3
    assert indexed < bytes_read(polarway, files["arrow"], "id + 0 = 30000", 1) / 3


def test_row_groups_are_passed_over_by_bloom_filters(polarway, files):
    where = "word in ('word 000007x', 'word 1')"
    assert bytes_read(polarway, files["blooms"], where, 0) < bytes_read(polarway, files["bare"], where, 0) / 2
    where = "word = 'word 000007'"
    assert bytes_read(polarway, files["blooms"], where, 1) < bytes_read(polarway, files["bare"], where, 1)


def test_pages_of_other_columns_are_passed_over_where_no_row_is_left(polarway, files):
    """Without any statistics: the filter's column is read, and of the others what is needed."""
    everything = polarway("stream", files["bare"], "--select", "text,id", "--stats", "json").stats["bytes_read"]
    assert bytes_read(polarway, files["bare"], "id = 31234", 1) < everything / 2


def test_a_filter_over_several_files_is_that_of_their_rows(polarway, files, frame, tmp_path):
    out = tmp_path / "out.arrow"
    polarway("stream", files["arrow"], files["polars"], "--where", "id > 59990", "--to", out)
    expected = frame.filter(pl.col("id") > 59_990)
    ours = pl.read_ipc(out)
    assert ours.equals(pl.concat([expected, expected]).cast(ours.schema))


def test_numbered_rows_keep_their_numbers(polarway, files, frame):
    run = polarway("stream", files["arrow"], "-o", "row_index_name=row", "--where", "id > 59990", "--select", "row",
                   "--to", "-")
    assert run.out.splitlines()[1:] == [str(i) for i in frame.filter(pl.col("id") > 59_990)["id"]]
