"""The program keeps to its limit whatever the input's size, and its peak does not grow with it."""

import polars as pl
import pytest
from conftest import ROOT
from limited_run import MIB, run_in
from memory_group import memory_group
from people_pipe import PeoplePipe

GB = 1_000_000_000
PEAKS = ROOT / "build" / "memory" / "peaks.md"

# In groups this small, the preset chosen by RAM keeps chunks to 5,000 rows; the second job takes
# that bound away, so that it is the sizer that has to stop by itself.
JOBS = {
    "every value, no output": [],
    "every value, chunks unbounded": ["--max-chunk-size", "1000000"],
    "age to Parquet": ["--select", "age", "--to", "out.parquet"],
    "every column to Parquet": ["--to", "out.parquet"],
}
LIMITS_MB = [64, 128, 300, 600]


@pytest.fixture(scope="module")
def people_pipe(make_people):
    return PeoplePipe(make_people("64MB"))


@pytest.fixture(scope="module")
def peaks():
    """Rows for docs/MEMORY.md: what is put in here is a file when the tests are over."""
    rows = []
    yield rows
    if rows:
        PEAKS.parent.mkdir(parents=True, exist_ok=True)
        head = ["| limit | job | input | peak | of the limit |", "| --- | --- | --- | --- | --- |"]
        PEAKS.write_text("\n".join([*head, *rows]) + "\n")


def peak_of(job, limit_mb, size_bytes, people_pipe, folder):
    """Runs the job in a group of the limit's size, checks all it promises, and gives its peak."""
    limit_bytes = limit_mb * 1_000_000
    with memory_group(limit_bytes) as group, people_pipe.open(size_bytes) as pipe:
        run = run_in(
            group,
            *["stream", "-", "--as", "csv", "--memory-limit", f"{limit_mb}MB", *JOBS[job]],
            *["--stats", "json"],
            stdin=pipe,
            cwd=folder,
        )
    assert run.kills == 0, run.story
    assert run.code == 0, run.story
    assert 0 < run.peak_bytes <= limit_bytes, run.story
    assert run.stats["records_processed"] == people_pipe.rows(size_bytes)
    if "--to" in JOBS[job]:
        ages = pl.scan_parquet(folder / "out.parquet").select(
            pl.len(), pl.col("age").sum().alias("sum"), pl.col("age").null_count().alias("nulls")
        )
        copies = people_pipe.copies(size_bytes)
        expected = [len(people_pipe.ages), people_pipe.ages.sum(), people_pipe.ages.null_count()]
        assert list(ages.collect().row(0)) == [copies * figure for figure in expected]
    print(f"{limit_mb} MB, {job}, {size_bytes:,} bytes: {run.story}")
    return run.peak_bytes


@pytest.mark.parametrize("limit_mb", [64, 300])
@pytest.mark.parametrize("job", ["every value, no output", "every column to Parquet"])
def test_the_peak_is_within_the_limit(job, limit_mb, people_pipe, tmp_path):
    peak_of(job, limit_mb, 128_000_000, people_pipe, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("limit_mb", LIMITS_MB)
@pytest.mark.parametrize("job", ["every value, no output", "age to Parquet"])
def test_ten_times_the_input_takes_no_more_memory(job, limit_mb, people_pipe, peaks, tmp_path):
    """A run ten times as long meets ten times as many moments in which all threads hold the most
    they ever do, so what it is held against is the highest of several short runs."""
    short, long = highest_peaks(job, limit_mb, people_pipe, peaks, tmp_path)
    assert long - short <= MIB


@pytest.mark.long
@pytest.mark.parametrize("limit_mb", LIMITS_MB)
def test_chunks_as_large_as_pays_stay_below_the_limit(limit_mb, people_pipe, peaks, tmp_path):
    """How large they are follows what chunks were seen to cost, so peaks differ from run to run."""
    highest_peaks("every value, chunks unbounded", limit_mb, people_pipe, peaks, tmp_path)


def highest_peaks(job, limit_mb, people_pipe, peaks, folder):
    """Of four runs of 1 GB, and of one of 10."""
    found = []
    for size_gb, runs in ((1, 4), (10, 1)):
        found.append(
            max(peak_of(job, limit_mb, size_gb * GB, people_pipe, folder) for _ in range(runs))
        )
        peaks.append(peak_row(job, limit_mb, size_gb, found[-1]))
    return found


@pytest.mark.long
@pytest.mark.parametrize("limit_mb", LIMITS_MB)
def test_every_column_of_a_gigabyte_to_parquet(limit_mb, people_pipe, peaks, tmp_path):
    job = "every column to Parquet"
    peaks.append(peak_row(job, limit_mb, 1, peak_of(job, limit_mb, GB, people_pipe, tmp_path)))


def peak_row(job, limit_mb, size_gb, peak_bytes):
    share = peak_bytes / limit_mb / 10_000
    return f"| {limit_mb} MB | {job} | {size_gb} GB | {peak_bytes / 1e6:.1f} MB | {share:.0f} % |"
