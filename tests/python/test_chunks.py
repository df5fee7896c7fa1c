"""Chunks reach Polars and other libraries without a copy, and count as long as they are held."""

import gc
import json
import threading

import duckdb
import pandas
import polars as pl
import pyarrow as pa
import pytest
from polarway.errors import MemoryLimitError
from polarway.result import Err
from polarway.streaming import CsvSource


def addresses(arrays):
    """Where the values of these arrays lie."""
    return [array.buffers()[1].address for array in arrays]


def test_polars_shares_the_numbers_of_a_chunk(numbers):
    source = CsvSource(numbers(1000), prefetch=False)
    core = source._stream.read()
    batch = pa.record_batch(core)
    frame = pl.DataFrame(core)
    assert addresses(column.to_arrow() for column in frame) == addresses(batch.columns)


def test_what_is_held_counts_and_what_is_let_go_does_not(numbers):
    source = CsvSource(numbers(200_000), chunk_size=20_000, max_chunk_size=20_000, prefetch=False)
    source.read_chunk().unwrap()
    idle = source.stats().memory_bytes
    held = [source.read_chunk().unwrap() for _ in range(5)]
    with_five = source.stats().memory_bytes
    assert with_five - idle >= sum(chunk.estimated_size() for chunk in held)
    assert source.budget.chunks_held == 5
    # A part of a chunk shares its memory, and holds all of it.
    parts = [chunk.select(pl.col("a").head(10)) for chunk in held]
    held.clear()
    assert source.budget.chunks_held == 5
    assert source.stats().memory_bytes == with_five
    parts.clear()
    assert source.budget.chunks_held == 0
    assert source.stats().memory_bytes <= idle + 1_000_000


def test_text_of_a_held_chunk_counts_too(write):
    path = write("text.csv", "t\n" + "a text that is too long to be kept in a view\n" * 20_000)
    source = CsvSource(path, prefetch=False)
    idle = source.stats().memory_bytes
    held = source.read_chunk().unwrap()
    assert source.stats().memory_bytes - idle >= held["t"].str.len_bytes().sum()


def test_holding_too_much_is_an_error_that_says_so_and_passes(numbers):
    source = CsvSource(numbers(1_000_000), memory_limit="12MB")
    held = []
    for result in source.iter_chunks():
        match result:
            case Err(MemoryLimitError(limit)):
                assert 0 < limit <= 12_000_000
                assert "you hold" in str(result.error)
                break
            case _:
                held.append(result.unwrap())
    else:
        pytest.fail("everything fitted")
    rows = pl.concat(held).height
    held.clear()
    gc.collect()
    assert rows + sum(chunk.height for chunk in source) == 1_000_000


def test_collect_is_refused_before_it_is_too_much(numbers):
    with pytest.raises(MemoryLimitError):
        CsvSource(numbers(1_000_000), memory_limit="12MB").collect()


@pytest.fixture(scope="module")
def many_numbers(tmp_path_factory):
    """The paths, by format, of three million rows of integers."""
    paths = {form: tmp_path_factory.mktemp("many") / f"numbers.{form}" for form in ("csv", "parquet", "ndjson")}
    a = pl.int_range(3_000_000, eager=True)
    frame = pl.DataFrame({"a": a, "b": a * 1000003 % 1000})
    for form, path in paths.items():
        getattr(frame, f"write_{form}")(path)
    return paths


MEMORY_SEEN_AND_COUNTED = """
import json, sys, time
import psutil
from polarway.streaming import {source}

def anonymous():
    memory = psutil.Process().memory_info()
    return memory.rss - memory.shared

source = {source}({path!r}, prefetch=False, parallel=False, chunk_size={rows}, max_chunk_size={rows})
held = [source.read_chunk().unwrap() for _ in range(4)]
time.sleep(0.3)  # what is kept for others to use again is given back
before, counted_before = anonymous(), source.stats().memory_bytes
held += [result.unwrap() for result in source.iter_chunks()]
grown, counted = anonymous() - before, source.stats().memory_bytes - counted_before
time.sleep(0.05)  # the process is measured every 20 ms
print(json.dumps([sum(chunk.height for chunk in held), grown, counted, anonymous(), source.stats().process_bytes]))
"""


@pytest.mark.parametrize("rows", [10_000, 100_000, 140_000])
@pytest.mark.parametrize("form", ["csv", "parquet", "ndjson"])
def test_memory_bytes_are_what_the_process_grew_by(run_python, many_numbers, form, rows):
    """Chunks of numbers that are held are all that grows here, so psutil must see what stats() says."""
    source = {"csv": "CsvSource", "parquet": "ParquetSource", "ndjson": "JsonSource"}[form]
    code = MEMORY_SEEN_AND_COUNTED.format(source=source, path=str(many_numbers[form]), rows=rows)
    height, grown, counted, process, process_counted = json.loads(run_python(code))
    assert height == 3_000_000
    assert counted == pytest.approx(grown, rel=0.05)
    assert process_counted == pytest.approx(process, rel=0.05)


# ---- Other libraries


def test_pyarrow_duckdb_and_pandas_take_a_source_and_take_it_again(numbers):
    path = numbers(50_000)
    source = CsvSource(path, chunk_size=7000)
    expected = pl.read_csv(path)
    for _ in range(2):
        assert pl.from_arrow(pa.table(source)).equals(expected)
        assert duckdb.sql("select count(*), sum(a) from source").fetchall() == [
            (50_000, expected["a"].sum())
        ]
        assert pl.from_pandas(pandas.DataFrame.from_arrow(source)).equals(expected)
        assert pl.DataFrame(source).equals(expected)
    reader = pa.RecordBatchReader.from_stream(source)
    assert reader.schema == pa.schema(source)
    assert sum(batch.num_rows for batch in reader) == 50_000


def test_an_export_shares_the_sources_budget(numbers):
    source = CsvSource(numbers(1_000_000), memory_limit="12MB")
    reader = pa.RecordBatchReader.from_stream(source)
    held = []
    with pytest.raises(MemoryError, match="you hold"):
        held.extend(reader)
    assert held


def test_an_error_in_an_export_is_the_consumers_error(write):
    path = write("broken.csv", "a\n" + "1\n" * 20_000 + "x\n")
    source = CsvSource(path, infer_schema_length=10)
    with pytest.raises(pa.ArrowInvalid, match="row 20001"):
        pa.table(source)
    with pytest.raises(duckdb.Error, match="row 20001"):
        duckdb.sql("select sum(a) from source").fetchall()


def test_a_chunk_outlives_its_source_and_may_die_on_any_thread(numbers):
    chunks = [next(iter(CsvSource(numbers(1000)))) for _ in range(10)]
    gc.collect()
    assert {chunk["a"].sum() for chunk in chunks} == {499_500}
    threads = [threading.Thread(target=chunks.pop) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_chunk_may_be_freed_as_the_last_thing_of_all(run_python, numbers):
    path = numbers(1000)
    code = f"""
import sys
from polarway.streaming import CsvSource
sys.kept = list(CsvSource({str(path)!r}, chunk_size=100))
print(len(sys.kept) > 0)
"""
    assert run_python(code) == "True\n"
