"""A column of values that are all different does not grow a dictionary without end."""

import os
import threading

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from limited_run import run_in
from memory_group import memory_group

LIMIT = 64_000_000
DIGITS = 96
BATCH = 100_000


def feed(fd, rows):
    with open(fd, "wb") as pipe:
        pipe.write(b"key\n")
        for start in range(0, rows, BATCH):
            pipe.writelines(b"key-%096d\n" % row for row in range(start, min(start + BATCH, rows)))


def keys(start, rows):
    numbers = pc.cast(pa.array(range(start, start + rows)), pa.string())
    return pc.binary_join_element_wise("key-", pc.utf8_lpad(numbers, DIGITS, "0"), "")


@pytest.mark.parametrize("rows", [1_000_000, pytest.param(20_000_000, marks=pytest.mark.long)])
def test_distinct_long_strings_to_parquet_stay_within_the_limit(rows, tmp_path):
    out = tmp_path / "out.parquet"
    reading_end, writing_end = os.pipe()
    feeder = threading.Thread(target=feed, args=(writing_end, rows))
    feeder.start()
    with memory_group(LIMIT) as group, open(reading_end, "rb") as pipe:
        run = run_in(
            group,
            *["stream", "-", "--as", "csv", "--memory-limit", "64MB", "--to", out],
            stdin=pipe,
        )
    feeder.join()
    assert (run.code, run.kills) == (0, 0), run.story
    assert 0 < run.peak_bytes <= LIMIT, run.story
    found = 0
    for batch in pq.ParquetFile(out).iter_batches(BATCH):
        assert batch["key"].cast(pa.string()).equals(keys(found, len(batch)))
        found += len(batch)
    assert found == rows
