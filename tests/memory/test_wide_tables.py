"""Columns cost memory, too, before the first row is there."""

import json

import polars as pl
import pytest
from conftest import leftovers
from limited_run import run_in
from memory_group import memory_group

ROWS = 5


def write_wide(path, num_columns):
    """Every column is called c and its number; row r has (number * r) mod 10 in it."""
    with open(path, "w") as file:
        file.write(",".join(f"c{number}" for number in range(num_columns)) + "\n")
        for row in range(ROWS):
            file.write(",".join(str(number * row % 10) for number in range(num_columns)) + "\n")


def run_within(limit_mb, source, *arguments, command="stream", timeout=300):
    with memory_group(limit_mb * 1_000_000) as group:
        run = run_in(
            group,
            *[command, source, "--memory-limit", f"{limit_mb}MB", *arguments],
            timeout=timeout,
        )
    assert run.kills == 0, run.story
    assert run.peak_bytes <= limit_mb * 1_000_000, run.story
    return run


def test_ten_thousand_columns_are_exact_in_64_mb(tmp_path):
    source, out = tmp_path / "wide.csv", tmp_path / "out.csv"
    write_wide(source, 10_000)
    assert run_within(64, source).code == 0
    run = run_within(64, source, "--to", out)
    assert run.code == 0, run.story
    assert out.read_bytes() == source.read_bytes()


def test_ten_thousand_columns_to_parquet_are_exact_or_too_many(tmp_path):
    """Parquet holds a page of every column at once: there may be no room, but that is said."""
    source, out = tmp_path / "wide.csv", tmp_path / "out.parquet"
    write_wide(source, 10_000)
    codes = []
    for limit_mb in (64, 300, 600):
        run = run_within(limit_mb, source, "--to", out)
        codes.append(run.code)
        if run.code == 0:
            assert pl.read_parquet(out).equals(pl.read_csv(source, infer_schema_length=None))
            out.unlink()
        else:
            assert run.code == 6, run.story
            assert leftovers(tmp_path, "wide.csv") == []
    assert codes == sorted(codes, reverse=True), "what succeeds at a limit succeeds at larger ones"
    assert codes[-1] == 0, "600 MB are enough"


@pytest.mark.parametrize("limit_mb", [64, 600])
@pytest.mark.parametrize("out", [None, "out.csv"])
def test_a_million_columns_are_exact_or_too_many_and_no_kill(limit_mb, out, tmp_path):
    source = tmp_path / "wide.csv"
    write_wide(source, 1_000_000)
    arguments = ["--to", tmp_path / out] if out else []
    run = run_within(limit_mb, source, *arguments)
    if run.code == 0 and out:
        assert (tmp_path / out).read_bytes() == source.read_bytes()
    elif run.code != 0:
        assert run.code == 6, run.story
        assert "memory limit" in run.err
        assert leftovers(tmp_path, "wide.csv") == []


@pytest.mark.parametrize("command", ["stream", "schema", "count", "head"])
def test_a_million_columns_are_refused_by_their_number_before_they_are_made(command, tmp_path):
    source = tmp_path / "wide.csv"
    write_wide(source, 1_000_000)
    run = run_within(64, source, command=command)
    assert run.code == 6, run.story
    assert run.out == ""
    assert "1000000 columns" in run.err


def test_the_digest_of_ten_thousand_columns_is_exact(tmp_path):
    source = tmp_path / "wide.csv"
    write_wide(source, 10_000)
    columns = json.loads(run_within(64, source, "--digest").out)["columns"]
    assert [column["name"] for column in columns] == [f"c{i}" for i in range(10_000)]
    assert [column["sum"] for column in columns] == [
        sum(i * row % 10 for row in range(ROWS)) for i in range(10_000)
    ]
