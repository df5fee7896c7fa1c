"""The knobs of memory and speed: presets, --enforce-limit, and those that the guide's
troubleshooting names. What costs time is shown by bench/knobs.py; here is what can be counted."""

import re
import subprocess
import time
from pathlib import Path

import pytest

MB = 1_000_000


def peak(polarway, *arguments):
    """The most anonymous memory of a run."""
    return polarway("stream", *arguments, "--stats", "json").stats["peak_rss_anon_bytes"]


# ---- Presets


@pytest.mark.parametrize(
    "preset, limit, rows",
    [("b1s", 600 * MB, 5_000), ("b2s", 2500 * MB, 20_000), ("b4ms", 10_000 * MB, 100_000)],
)
def test_a_preset_is_a_limit_and_a_largest_chunk(polarway, people, preset, limit, rows):
    for arguments in (["--preset", preset], ["-o", f"preset={preset}"]):
        stats = polarway("stream", people, *arguments, "--stats", "json").stats
        assert 0 < stats["memory_limit_bytes"] <= limit  # less where the machine has less
        assert 0 < stats["max_chunk_size"] <= rows
        assert stats["chunk_size"] <= rows


def test_what_is_said_beside_a_preset_goes_before_it(polarway, people):
    stats = polarway(
        "stream",
        people,
        "--preset",
        "b1s",
        "--memory-limit",
        "64MB",
        "--chunk-size",
        "9000",
        "--stats",
        "json",
    ).stats
    assert stats["memory_limit_bytes"] <= 64 * MB
    assert stats["max_chunk_size"] == 9000


def test_an_unknown_preset_is_refused_with_those_there_are(polarway, people):
    run = polarway("stream", people, "--preset", "b3s", exits=2)
    assert "b1s" in run.err


# ---- --enforce-limit


def data_limit(pid):
    """The soft RLIMIT_DATA of a process in bytes, or None."""
    line = re.search(r"^Max data size +(\S+)", Path(f"/proc/{pid}/limits").read_text(), re.M)
    return None if line[1] == "unlimited" else int(line[1])


@pytest.mark.parametrize("enforced", [True, False])
def test_enforce_limit_has_the_kernel_refuse_what_is_beyond(polarway, people, enforced):
    arguments = ["--enforce-limit"] if enforced else []
    process = polarway.start(
        "stream", "-", "--as", "csv", "--memory-limit", "64MB", *arguments, stdin=subprocess.PIPE
    )
    try:
        time.sleep(0.05)
        deadline = time.monotonic() + 30
        while enforced and data_limit(process.pid) is None:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.01)
        before = data_limit(process.pid)
        out, err = process.communicate(people.read_bytes(), timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    if enforced:
        # What was mapped and untouched at the start, thread stacks and slack come on top.
        assert 64 * MB < before < 64 * MB + 100 * MB
    else:
        assert before is None


@pytest.mark.parametrize("limit", range(2, 40, 4))
def test_an_enforced_limit_ends_right_or_in_an_error(polarway, people, people_rows, tmp_path, limit):
    run = polarway(
        "stream",
        people,
        "--memory-limit",
        f"{limit}MB",
        "--enforce-limit",
        "--to",
        "out.parquet",
        "--stats",
        "json",
        exits=(0, 6),
    )
    assert (tmp_path / "out.parquet").exists() == (run.code == 0)
    if run.code == 0:
        assert run.stats["records_processed"] == people_rows.height


# ---- The guide's "Out of Memory" list: each of them lowers the memory


def test_a_smaller_limit_takes_less(polarway, make_people):
    people = make_people("60MB")
    assert (
        peak(polarway, people, "--memory-limit", "32MB", "--to", "small.parquet")
        < peak(polarway, people, "--memory-limit", "512MB", "--to", "large.parquet") * 0.8
    )


def test_a_smaller_chunk_takes_less(polarway, people):
    arguments = ["--memory-limit", "1GB", "--no-prefetch", "-o", "min_chunk_bytes=64KiB"]
    small = ["--chunk-size", "1000", "--max-chunk-size", "1000"]
    large = ["--chunk-size", "100000", "--max-chunk-size", "100000"]
    assert peak(polarway, people, *arguments, *small) < peak(polarway, people, *arguments, *large)


def test_without_prefetch_it_takes_less(polarway, people):
    arguments = ["--memory-limit", "1GB", "--chunk-size", "50000", "-o", "prefetch_depth=4"]
    assert (
        peak(polarway, people, *arguments, "--no-prefetch", "--to", "-")
        < peak(polarway, people, *arguments, "--to", "-")
    )


def test_without_parallel_it_takes_less(polarway, people):
    arguments = ["--memory-limit", "1GB", "--no-prefetch", "--chunk-size", "10000"]
    arguments += ["--max-chunk-size", "10000"]
    assert (
        peak(polarway, people, *arguments, "--no-parallel") < peak(polarway, people, *arguments)
    )


# ---- Memory mapping, which is a way to read and takes none


@pytest.mark.parametrize("use_mmap", ["false", "true"])
def test_use_mmap_reads_through_a_mapping_a_window_at_a_time(polarway, make_people, use_mmap):
    people = make_people("60MB")
    arguments = ["--memory-limit", "64MB", "--stats", "json", "-o", f"use_mmap={use_mmap}"]
    process = polarway.start("stream", people, "--to", "-", *arguments)
    process.stdout.read(1)  # it has begun, and waits for its reader
    maps = Path(f"/proc/{process.pid}/maps").read_text().splitlines()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    spans = [line.split()[0].split("-") for line in maps if line.endswith(str(people))]
    mapped = sum(int(end, 16) - int(begin, 16) for begin, end in spans)
    assert 0 < mapped <= 4 << 20 if use_mmap == "true" else mapped == 0


def test_with_use_mmap_the_rows_are_the_same_and_memory_is_no_more(polarway, make_people):
    people = make_people("60MB")
    # On one thread the peak is the same from run to run: how many threads hold a piece of a
    # block at once is the scheduler's choice.
    arguments = ["--memory-limit", "64MB", "--no-parallel", "--no-prefetch"]
    arguments += ["--chunk-size", "10000", "--max-chunk-size", "10000", "--to", "-"]
    read, mapped = (
        polarway("stream", people, "--stats", "json", "-o", f"use_mmap={use}", *arguments)
        for use in ("false", "true")
    )
    assert mapped.out_bytes == read.out_bytes
    assert mapped.stats["peak_rss_anon_bytes"] < read.stats["peak_rss_anon_bytes"] + 1 * MB
