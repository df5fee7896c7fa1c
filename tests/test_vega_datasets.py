"""Real files that others wrote: Parquet, Arrow, JSON and CSV, value for value as Polars, Python's json and
Python's csv read them."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT
from polars.testing import assert_frame_equal

DATA = ROOT / ".cache" / "npm" / "node_modules" / "vega-datasets" / "data"
READ = ["--memory-limit", "64MB"]


def names(pattern):
    return sorted(path.name for path in DATA.glob(pattern)) or pytest.fail(f"run tools/setup.sh --test: {DATA}")


def records(path):
    """The objects of a file that is an array of objects; None for another."""
    read = json.loads(path.read_text(encoding="utf-8-sig"))
    return read if isinstance(read, list) and all(isinstance(record, dict) for record in read) else None


def same_value(ours, theirs):
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and all(same_value(ours.get(key), theirs.get(key)) for key in {*ours, *theirs})
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same_value, ours, theirs))
    if isinstance(ours, str) and not isinstance(theirs, str):
        ours = json.loads(ours)  # in a column of several kinds, what is no text is as it was written
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    return ours == theirs


@pytest.mark.parametrize("mmap", ["auto", "true"])
@pytest.mark.parametrize("name", ["flights-3m.parquet", "flights-200k.arrow"])
def test_columns_are_as_polars_reads_them(polarway, tmp_path, name, mmap):
    polarway("stream", DATA / name, *READ, "-o", f"use_mmap={mmap}", "--to", tmp_path / "out.parquet")
    theirs = pl.read_parquet(DATA / name) if name.endswith("parquet") else pl.read_ipc(DATA / name)
    assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), theirs, check_exact=True)
    assert polarway("count", DATA / name).out == f"{theirs.height}\n"


@pytest.mark.parametrize("name", [name for name in names("*.json") if records(DATA / name)])
def test_records_are_as_python_reads_them(polarway, tmp_path, name):
    wanted = records(DATA / name)
    polarway("stream", DATA / name, *READ, "-o", "infer_schema_length=full", "-o", "try_parse_dates=false",
             "--to", tmp_path / "out.ndjson")
    lines = (tmp_path / "out.ndjson").read_text().splitlines()
    assert len(lines) == len(wanted)
    for ours, theirs in zip(map(json.loads, lines), wanted):
        assert same_value(ours, theirs), f"{ours}\n{theirs}"


@pytest.mark.parametrize("name", names("*.csv"))
def test_fields_are_as_python_reads_them(polarway, tmp_path, name):
    text = (DATA / name).read_text(encoding="utf-8-sig")
    header, *wanted = [row for row in csv.reader(text.splitlines(keepends=True)) if row]
    polarway("stream", DATA / name, *READ, "-o", "infer_schema_length=0", "-o", "missing_utf8_is_empty_string=true",
             "--to", tmp_path / "out.ndjson")
    lines = [json.loads(line) for line in (tmp_path / "out.ndjson").read_text().splitlines()]
    assert [list(line.values()) for line in lines] == wanted
    assert not lines or list(lines[0]) == header


@pytest.mark.parametrize("name", names("*.*"))
@pytest.mark.parametrize("command", ["schema", "head", "count"])
def test_every_file_is_read_or_refused_with_its_name(polarway, name, command):
    run = polarway(command, DATA / name, *READ, exits=(0, 2, 7), timeout=60)
    assert run.code == 0 or name in run.err


def test_the_format_is_found_by_the_first_bytes(polarway, tmp_path):
    for name in ["flights-3m.parquet", "flights-200k.arrow", "movies.json"]:
        bare = tmp_path / Path(name).stem
        bare.symlink_to(DATA / name)
        assert polarway("count", bare).out == polarway("count", DATA / name).out
