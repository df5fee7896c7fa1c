"""Sources in processes: their beginning, their end, their forks."""

import os
import subprocess
import sys

import pytest


def test_a_process_ends_well_with_a_source_half_read(run_python, numbers):
    path = numbers(500_000)
    code = f"""
import polarway as pl
source = pl.CsvSource({str(path)!r}, chunk_size=1000)
print(source.read_chunk().map(len).unwrap() > 0)
"""
    assert run_python(code) == "True\n"


def test_a_forked_child_is_told_that_its_source_stayed_behind(run_python, numbers):
    path = numbers(100_000)
    code = f"""
import os
import polarway as pl
source = pl.CsvSource({str(path)!r}, chunk_size=1000)
kept = source.read_chunk().unwrap()
child = os.fork()
if child == 0:
    try:
        source.read_chunk()
        error = source.read_chunk().err()
        assert "forked" in str(error), error
        source.close()
        del source
        assert kept.height > 0
    except BaseException as error:
        print(error)
        os._exit(1)
    raise SystemExit(0)
_, status = os.waitpid(child, 0)
print(status, sum(chunk.height for chunk in source) + kept.height)
"""
    assert run_python(code) == "0 100000\n"


def test_a_forked_child_opens_sources_of_its_own(run_python, numbers):
    path = numbers(100_000)
    code = f"""
import multiprocessing
import polarway as pl

def rows(split):
    return sum(chunk.height for chunk in pl.CsvSource({str(path)!r}, split=split))

source = pl.CsvSource({str(path)!r})
splits = source.splits(2)
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(sum(pool.map(rows, splits)))
"""
    assert run_python(code) == "100000\n"


def test_splits_are_read_in_spawned_processes(tmp_path, numbers):
    path = numbers(100_000)
    script = tmp_path / "spawned.py"
    script.write_text(
        f"""
import multiprocessing
import polarway as pl

def rows(split):
    return sum(chunk.height for chunk in pl.CsvSource({str(path)!r}, split=split))

if __name__ == "__main__":
    splits = pl.CsvSource({str(path)!r}).splits(2)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(sum(pool.map(rows, splits)))
""",
        encoding="utf-8",
    )
    from .conftest import PACKAGES

    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
        check=True,
    )
    assert done.stdout == "100000\n"


@pytest.mark.parametrize(
    "order",
    ["polarway, polars, pyarrow, duckdb, pandas", "duckdb, pandas, pyarrow, polars, polarway"],
)
def test_one_arrow_serves_all_in_any_order_of_imports(run_python, order):
    code = f"""
import {order}
maps = open("/proc/self/maps").read().splitlines()
print({{line.split("/")[-1] for line in maps if "libarrow.so" in line}})
"""
    assert run_python(code).count("libarrow.so") == 1


def test_a_thousand_sources_leave_nothing_behind(run_python, numbers):
    path = numbers(1000)
    code = f"""
import gc, os, psutil
import polarway as pl

process = psutil.Process()

def cycle():
    source = pl.CsvSource({str(path)!r}, memory_limit="16MB")
    chunk = source.read_chunk().unwrap()
    source.iter_chunks()
    assert chunk.height == 1000

def state():
    gc.collect()
    memory = process.memory_info()
    return memory.rss - memory.shared, process.num_threads(), len(os.listdir("/proc/self/fd"))

for _ in range(100):
    cycle()
memory, threads, files = state()
for _ in range(1000):
    cycle()
memory_after, threads_after, files_after = state()
print(threads_after - threads, files_after - files, memory_after - memory < 2_000_000)
"""
    assert run_python(code) == "0 0 True\n"
