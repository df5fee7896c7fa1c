"""JSON of any size streams within a small limit, one record held at a time."""

import json

import pytest
from conftest import Polarway
from limited_run import run_in
from memory_group import memory_group

LIMIT_MB = 64


@pytest.fixture(scope="module")
def records(make_people, tmp_path_factory):
    """About 300 MB: as lines, and as one array."""
    folder = tmp_path_factory.mktemp("json")
    part = folder / "part.ndjson"
    Polarway(folder)("stream", make_people("20MB"), "--to", part)
    lines = part.read_bytes()
    count = lines.count(b"\n")
    copies = 300_000_000 // len(lines)
    paths = {"ndjson": folder / "people.ndjson", "json": folder / "people.json"}
    elements = lines.rstrip(b"\n").replace(b"\n", b",\n")
    with open(paths["ndjson"], "wb") as flat, open(paths["json"], "wb") as array:
        array.write(b"[")
        for copy in range(copies):
            flat.write(lines)
            array.write((b",\n" if copy else b"") + elements)
        array.write(b"]\n")
    yield paths, count * copies
    for path in paths.values():
        path.unlink()


@pytest.mark.parametrize("kind", ["ndjson", "json"])
@pytest.mark.parametrize("to", [None, "out.parquet", "out.ndjson"])
def test_three_hundred_megabytes_stay_within_64(kind, to, records, tmp_path):
    paths, count = records
    with memory_group(LIMIT_MB * 1_000_000) as group:
        run = run_in(
            group,
            *["stream", paths[kind], "--memory-limit", f"{LIMIT_MB}MB"],
            *(["--to", to] if to else []),
            *["--stats", "json"],
            cwd=tmp_path,
        )
    assert run.kills == 0, run.story
    assert run.code == 0, run.story
    assert 0 < run.peak_bytes <= LIMIT_MB * 1_000_000, run.story
    assert run.stats["records_processed"] == count


def test_a_record_larger_than_the_limit_is_an_error_with_its_number_and_size(tmp_path):
    path = tmp_path / "wide.ndjson"
    path.write_text('{"a":"x"}\n' + json.dumps({"a": "x" * 100_000_000}) + "\n", encoding="utf-8")
    with memory_group(LIMIT_MB * 1_000_000) as group:
        run = run_in(group, "stream", path, "--memory-limit", f"{LIMIT_MB}MB", cwd=tmp_path)
    assert run.kills == 0, run.story
    assert run.code == 6, run.story
    assert "row 2" in run.story and "wide.ndjson" in run.story
