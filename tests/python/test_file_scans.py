"""scan_parquet, scan_ipc and scan_ndjson have Polars' signatures, and never a row more or less."""

import datetime
import inspect

import polars
import polarway as pl
import pytest
from polarway.errors import ConfigError, MemoryLimitError

ROWS = pl.DataFrame(
    {
        "i": [None, *range(999)],
        "f": [0.5 * n if n % 7 else float("nan") for n in range(1000)],
        "s": [None if n % 5 == 0 else f"text {n}" for n in range(1000)],
        "b": [n % 3 == 0 for n in range(1000)],
        "d": [datetime.date(2020, 1, 1) + datetime.timedelta(days=n) for n in range(1000)],
        "l": [[n, None] if n % 2 else None for n in range(1000)],
    }
)
IN_JSON = ROWS.with_columns(pl.col("d").cast(pl.String), pl.col("f").fill_nan(None))
SCANS = {
    "parquet": (pl.scan_parquet, polars.scan_parquet, ROWS),
    "arrow": (pl.scan_ipc, polars.scan_ipc, ROWS),
    "ndjson": (pl.scan_ndjson, polars.scan_ndjson, IN_JSON),
}
forms = pytest.mark.parametrize("form", SCANS)


@pytest.fixture
def stored(tmp_path):
    """stored(form) is a file of that form with the rows that SCANS has."""

    def store(form, name="rows"):
        path = tmp_path / f"{name}.{form}"
        frame = SCANS[form][2]
        writers = {"parquet": frame.write_parquet, "arrow": frame.write_ipc, "ndjson": frame.write_ndjson}
        writers[form](path)
        return path

    return store


@forms
def test_signatures_are_polars_own(form):
    ours, theirs = (inspect.signature(scan).parameters for scan in SCANS[form][:2])
    public = {name: parameter for name, parameter in theirs.items() if not name.startswith("_")}
    assert list(ours) == list(public)
    for name in ours:
        assert (ours[name].default, ours[name].kind) == (public[name].default, public[name].kind)


@forms
def test_rows_are_those_of_polars(stored, form):
    scan, _, rows = SCANS[form]
    frame = scan(stored(form))
    assert type(frame) is polars.LazyFrame
    assert frame.collect().equals(rows)


@forms
@pytest.mark.parametrize(
    "query",
    [
        lambda frame: frame.filter(pl.col("i") > 500),
        lambda frame: frame.filter(pl.col("s").is_null()).select("i", "l"),
        lambda frame: frame.filter(pl.col("f") > 100).head(7),
        lambda frame: frame.head(7).filter(pl.col("b")),
        lambda frame: frame.select(pl.len()),
        lambda frame: frame.group_by("b").agg(pl.col("i").sum()).sort("b"),
    ],
)
def test_queries_give_what_polars_gives(stored, form, query):
    scan, _, rows = SCANS[form]
    ours = query(scan(stored(form)).with_memory_limit("64MB")).collect()
    assert ours.equals(query(rows.lazy()).collect())


@forms
def test_arguments_mean_what_they_mean_in_polars(stored, tmp_path, form):
    scan, theirs, _ = SCANS[form]
    stored(form, "a"), stored(form, "b")
    arguments = {"n_rows": 1500, "row_index_name": "row", "row_index_offset": 5, "include_file_paths": "file"}
    files = [tmp_path / f"a.{form}", tmp_path / f"b.{form}"]
    assert scan(files, **arguments).collect().equals(theirs(files, **arguments).collect())


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_directory_has_its_hive_columns_as_in_polars(stored, tmp_path, form):
    scan, theirs, _ = SCANS[form]
    for year in (2023, 2024):
        folder = tmp_path / "tree" / f"year={year}"
        folder.mkdir(parents=True)
        stored(form, year).rename(folder / f"part.{form}")
    ours = scan(tmp_path / "tree").select("year", "i").collect()
    assert ours.equals(theirs(tmp_path / "tree").select("year", "i").collect())


def test_what_our_readers_do_not_have_is_refused_by_name(stored):
    for form, argument in [
        ("parquet", {"schema": {"i": pl.Int64}}),
        ("parquet", {"storage_options": {}}),
        ("arrow", {"hive_schema": {"year": pl.Int64}}),
        ("ndjson", {"ignore_errors": True}),
    ]:
        with pytest.raises(ConfigError, match=next(iter(argument))):
            SCANS[form][0](stored(form), **argument)


@forms
def test_a_limit_that_is_too_small_is_a_memory_limit_error(stored, form):
    frame = SCANS[form][0](stored(form)).with_memory_limit(1000)
    with pytest.raises((MemoryLimitError, pl.exceptions.ComputeError), match="memory"):
        frame.collect()
