"""The bench of the chunk-size policies: that it runs, and what of it does not depend on the clock."""

import json
import subprocess
import sys

import pytest
from conftest import PROGRAM, ROOT, environment

LIMIT = 64_000_000


@pytest.fixture(scope="module")
def figures(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("policies")
    table = folder / "policies.md"
    command = [sys.executable, ROOT / "bench" / "policies.py", "--quick", "--limits", "64MB"]
    command += ["--program", PROGRAM, "--dir", folder, "--out", table]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env=environment(), check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, table.read_text(), json.loads(table.with_suffix(".json").read_text())


def test_the_table_has_a_row_for_each_policy_and_for_the_best_fixed_size(figures):
    shown, table, results = figures
    assert shown == table
    head, rule, *rows = table.splitlines()
    assert set(rule) == set("| -")
    assert {line.count("|") for line in (head, rule, *rows)} == {head.count("|")}
    ways = [row.split("|")[2].strip().split(" ")[0] for row in rows]
    assert ways == ["classic", "model", "best"] * 3
    assert {result["data"] for result in results} == {"people", "narrow-first", "wide-first"}


def test_nothing_overshoots_its_limit(figures):
    for result in figures[2]:
        assert result["limit_bytes"] <= LIMIT
        assert result["peak_bytes"] <= result["limit_bytes"], result
        assert result["peak_usage"] <= 1, result
        assert result["trace_usage"] <= 1, result


def test_the_model_follows_rows_of_another_width_within_two_chunks(figures):
    """From the third chunk on, none is as far off as rows that are 100 times wider or narrower make
    it. Between these bounds the clock has its say."""
    steps = [
        step
        for result in figures[2]
        if result["way"] == "model" and result["data"] != "people"
        for step in result["steps"]
        if step["least_bytes"] > 0
    ]
    assert len(steps) >= 4
    for step in steps:
        assert step["least_bytes"] >= 100_000, step  # the small chunks that ask weigh 128 KiB
        assert step["most_bytes"] <= LIMIT / 10, step
