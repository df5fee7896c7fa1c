"""A memory cgroup is a limit, too: where more is a kill, the program stays below it."""

import os

import polars as pl
import pytest
from limited_run import forget_pages, run_in
from memory_group import memory_group
from polars.testing import assert_frame_equal

LIMIT = 64_000_000


@pytest.fixture
def group():
    with memory_group(LIMIT) as made:
        yield made


@pytest.mark.parametrize("size", ["100MB", pytest.param("1GB", marks=pytest.mark.long)])
def test_adults_are_the_rows_polars_finds_and_the_group_is_never_exceeded(
    group, make_people, tmp_path, size
):
    people, out = make_people(size), tmp_path / "adults.parquet"
    forget_pages(people)
    run = run_in(
        group,
        "stream",
        people,
        "--memory-limit",
        "64MB",
        "--where",
        "age > 30",
        "--select",
        "name,email",
        "--to",
        out,
        "--stats",
        "json",
    )
    assert run.kills == 0, run.story
    assert run.code == 0, run.story
    assert 0 < run.peak_bytes <= LIMIT
    assert run.peak_bytes <= run.stats["peak_memory_bytes"], "all that is used is accounted for"
    assert run.stats["memory_limit_bytes"] < LIMIT, "the limit keeps a distance to the group's"

    expected = (
        pl.scan_csv(people, infer_schema_length=10_000)
        .filter(pl.col("age") > 30)
        .select("name", "email")
    )
    assert_frame_equal(pl.read_parquet(out), expected.collect())


def test_a_group_smaller_than_the_limit_counts(group, make_people, tmp_path):
    """Whoever asks for more than the group has gets what the group has, and no kill."""
    people = make_people("100MB")
    forget_pages(people)
    run = run_in(
        group,
        "stream",
        people,
        "--memory-limit",
        "8GB",
        "--to",
        tmp_path / "out.parquet",
        "--stats",
        "json",
    )
    assert run.kills == 0, run.story
    assert run.code == 0, run.story
    assert run.peak_bytes <= LIMIT
    assert run.stats["memory_limit_bytes"] < LIMIT


def test_without_a_limit_the_group_is_the_limit(group, make_people, tmp_path):
    people = make_people("100MB")
    run = run_in(group, "stream", people, "--digest", "--stats", "json")
    assert run.kills == 0, run.story
    assert run.code == 0, run.story
    assert run.peak_bytes <= LIMIT
    assert run.stats["memory_limit_bytes"] < LIMIT


def test_a_field_larger_than_the_group_is_an_error_and_no_kill(group, tmp_path):
    with open(tmp_path / "huge.csv", "wb") as file:
        file.write(b"id,text\n1,")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\n")
    run = run_in(group, "stream", tmp_path / "huge.csv", "--to", tmp_path / "out.parquet")
    assert run.kills == 0, run.story
    assert run.code == 6, run.story
    assert os.listdir(tmp_path) == ["huge.csv"]
