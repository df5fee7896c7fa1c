"""Parquet streams within its limit however large its row groups and values are."""

import polars as pl
import pytest
from limited_run import forget_pages, run_in
from memory_group import memory_group


@pytest.fixture(scope="module")
def one_row_group(tmp_path_factory):
    """A file of 1.2 million rows in one row group, 500 MB before compression."""
    path = tmp_path_factory.mktemp("parquet") / "one.parquet"
    rows = 1_200_000
    ids = pl.select(id=pl.int_range(rows)).lazy()
    texts = {
        f"text{i}": pl.format("{}-{}-{}", "id", pl.col("id").hash(i), pl.lit("x" * 60))
        for i in range(4)
    }
    ids.with_columns(**texts).sink_parquet(path, row_group_size=rows)
    return path


@pytest.mark.long
@pytest.mark.parametrize("limit_mb", [48, 128])
def test_one_large_row_group_streams_within_a_small_limit(one_row_group, tmp_path, limit_mb):
    forget_pages(one_row_group)
    limit_bytes = limit_mb * 1_000_000
    with memory_group(limit_bytes) as group:
        run = run_in(
            group,
            *["stream", one_row_group, "--memory-limit", f"{limit_mb}MB", "--stats", "json"],
            cwd=tmp_path,
        )
    assert run.kills == 0, run.story
    assert run.code == 0, run.story
    assert 0 < run.peak_bytes <= limit_bytes, run.story
    assert run.stats["records_processed"] == 1_200_000


@pytest.mark.long
def test_five_million_equal_values_in_a_small_file_stay_small(tmp_path):
    path = tmp_path / "bomb.parquet"
    rows = 5_000_000
    pl.select(word=pl.repeat("w" * 1000, rows, dtype=pl.Categorical)).write_parquet(
        path, row_group_size=rows
    )
    with memory_group(64_000_000) as group:
        run = run_in(
            group,
            *["stream", path, "--memory-limit", "64MB", "--stats", "json"],
            cwd=tmp_path,
        )
    assert run.kills == 0 and run.code == 0, run.story
    assert run.peak_bytes <= 64_000_000, run.story
    assert run.stats["records_processed"] == rows
