"""Rows longer than a chunk, and longer than the limit."""

import re

import polars as pl
from conftest import leftovers
from limited_run import run_in
from memory_group import memory_group
from polars.testing import assert_frame_equal


def texts(*runs):
    """A frame of rows with a text, by (how many rows, bytes of the text), in that order."""
    lengths = [length for rows, length in runs for _ in range(rows)]
    return pl.DataFrame({"id": range(len(lengths)), "text": ["x" * length for length in lengths]})


def stream_within(limit_mb, source, out):
    with memory_group(limit_mb * 1_000_000) as group:
        run = run_in(group, "stream", source, "--memory-limit", f"{limit_mb}MB", "--to", out)
    assert run.kills == 0, run.story
    assert run.peak_bytes <= limit_mb * 1_000_000, run.story
    return run


def check_exact(limit_mb, frame, folder, out):
    source = folder / "rows.csv"
    frame.write_csv(source)
    run = stream_within(limit_mb, source, folder / out)
    assert run.code == 0, run.story
    read = pl.read_parquet if out.endswith(".parquet") else pl.read_csv
    assert_frame_equal(read(folder / out), frame)


def test_a_row_longer_than_the_limit_is_an_error_with_its_number_and_its_size(tmp_path):
    texts((100_000, 5), (1, 90_000_000), (1, 5)).write_csv(tmp_path / "rows.csv")
    run = stream_within(64, tmp_path / "rows.csv", tmp_path / "out.parquet")
    assert run.code == 6, run.story
    said = re.search(r"row 100001\b.*\blonger than (\d+) bytes", run.err)
    assert said, run.err
    assert 1_000_000 < int(said[1]) < 64_000_000, "the part of the row that there was room for"
    assert leftovers(tmp_path, "rows.csv") == []


def test_a_row_longer_than_a_chunk_and_shorter_than_the_limit_is_exact(tmp_path):
    frame = texts((100_000, 5), (1, 4_000_000), (10, 5))
    check_exact(64, frame, tmp_path, "out.csv")
    check_exact(128, frame, tmp_path, "out.parquet")  # which takes six times the row


def test_rows_a_thousand_times_as_wide_after_a_million_narrow_ones_are_exact(tmp_path):
    wide = [(1, 20 * factor) for factor in range(100, 1001, 100)]
    frame = texts((1_000_000, 20), *wide * 50, (10, 20))
    check_exact(64, frame, tmp_path, "out.csv")
    check_exact(64, frame, tmp_path, "out.parquet")
