"""Files that expand to a thousand times their size: bounded memory, bounded time, and an error."""

import gzip
import re
import time

import pytest
from conftest import leftovers
from limited_run import run_in
from memory_group import memory_group

LIMIT_MB = 64


def bomb(piece, copies):
    """A gzip file of as many members, each of a piece."""
    return gzip.compress(piece, 9) * copies


def run_within_limit(*arguments):
    with memory_group(LIMIT_MB * 1_000_000) as group:
        run = run_in(group, *arguments, "--memory-limit", f"{LIMIT_MB}MB", timeout=300)
    assert run.kills == 0, run.story
    return run


@pytest.mark.parametrize("piece", [bytes(10_000_000), b"0" * 10_000_000], ids=["NUL", "text"])
def test_three_gigabytes_of_one_line_stop_at_the_limit(write, tmp_path, piece):
    source = write("bomb.csv.gz", gzip.compress(b"a,b\n1,2\n") + bomb(piece, 300))
    assert source.stat().st_size < 4_000_000
    started = time.monotonic()
    run = run_within_limit("stream", source, "--to", tmp_path / "out.parquet")
    assert run.code in (6, 7), run.story
    assert "row 2" in run.err
    assert time.monotonic() - started < 60
    assert leftovers(tmp_path, "bomb.csv.gz") == []


def test_rows_without_end_stop_at_the_ratio_and_it_is_named(write):
    source = write("bomb.csv.gz", gzip.compress(b"a,b\n") + bomb(b"1,2\n" * 2_500_000, 50))
    run = run_within_limit("count", source, "-o", "max_expansion=500")
    assert run.code == 7, run.story
    said = re.search(r"the gzip data expand (\d+) times", run.err)
    assert said and int(said[1]) >= 500, run.err
    assert "set max_expansion above 500" in run.err
    run = run_within_limit("count", source, "-o", "max_expansion=none")
    assert run.out == "125000000\n", run.story


def test_a_bomb_that_no_limit_is_set_for_can_be_stopped(polarway, write):
    source = write("bomb.csv.gz", gzip.compress(b"a,b\n") + bomb(b"1,2\n" * 2_500_000, 5000))
    process = polarway.start("count", source, "-o", "max_expansion=none")
    try:
        time.sleep(0.5)
        assert process.poll() is None, process.stderr.read()
        sent = time.monotonic()
        process.terminate()
        assert process.wait(timeout=10) == 143
        took = time.monotonic() - sent
    finally:
        process.kill()
        process.communicate()
    assert took < 1, "200 ms is what is promised; the rest is for a busy machine"
