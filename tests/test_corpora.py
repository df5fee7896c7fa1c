"""Hostile and odd files of others: the rows they promise, or an error; no crash and no hang."""

import json
import math

import polars as pl
import pytest
from conftest import leftovers
from corpora import CORPORA, corpus_files

SPECTRUM = CORPORA / "csv-spectrum"
SPECTRUM_FILES = corpus_files("csv-spectrum/csvs", "*.csv")


def expected_rows(path):
    """The rows that the corpus promises for a file: names and texts."""
    text = (SPECTRUM / "json" / f"{path.stem}.json").read_text(encoding="utf-8")
    if path.stem != "location_coordinates":
        return json.loads(text)
    # Its JSON is no list, and has another phone number than the file.
    return [{**json.loads(text), "Contact Phone Number": "2095257564"}]


@pytest.mark.parametrize("path", SPECTRUM_FILES)
def test_csv_spectrum_has_the_rows_its_json_says(polarway, tmp_path, path):
    expected = expected_rows(path)
    names = list(expected[0])
    schema = json.dumps({name: "string" for name in names})
    out = tmp_path / "out.parquet"
    polarway("stream", path, "-o", f"schema={schema}", "--to", out)
    rows = pl.read_parquet(out)
    assert rows.columns == names
    for ours, theirs in zip(rows.iter_rows(named=True), expected, strict=True):
        assert {name: value or "" for name, value in ours.items()} == theirs


@pytest.mark.parametrize("path", SPECTRUM_FILES)
def test_csv_spectrum_reads_with_inferred_types(polarway, path):
    expected = expected_rows(path)
    assert polarway("count", path).out == f"{len(expected)}\n"


@pytest.mark.parametrize("path", corpus_files("arrow-testing/data/csv/fuzzing", "clusterfuzz*"))
@pytest.mark.parametrize("command", ["stream", "count", "head", "schema"])
def test_a_fuzzed_file_ends_as_the_manual_says(polarway, tmp_path, path, command):
    options = ["--to", tmp_path / "out.parquet"] if command == "stream" else []
    run = polarway(
        command,
        path,
        "--as",
        "csv",
        "--memory-limit",
        "64MB",
        *options,
        exits=(0, 2, 3, 6, 7),
        timeout=20,
    )
    if run.code != 0:
        assert path.name in run.err or "out.parquet" in run.err
        assert leftovers(tmp_path) == []


@pytest.mark.parametrize("path", corpus_files("arrow-testing/data/csv", "aggregate_test_100.csv"))
def test_arrows_own_table(polarway, tmp_path, path):
    out = tmp_path / "out.parquet"
    polarway("stream", path, "--to", out)
    ours, theirs = (
        pl.read_parquet(out),
        pl.read_csv(path, infer_schema_length=None, schema_overrides={"c9": pl.Int64}),
    )
    assert ours.columns == theirs.columns
    for name in ours.columns:
        for mine, other in zip(ours[name], theirs[name], strict=True):
            assert mine == other or math.isclose(float(mine), float(other), rel_tol=0), (
                name,
                mine,
                other,
            )
