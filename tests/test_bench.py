"""The bench against the peers: that its data stays the same, that it runs, and that it notices what
is wrong. What it measures is not looked at: that depends on the machine."""

import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.request

import into
import pages
import pyarrow as pa
import pytest
import verify
from conftest import PROGRAM, ROOT, environment, skip_or_fail
from peers import arrow_types
from tables import TYPES, types_of

MAKER = PROGRAM.parent / "bench" / "make_data"

# Of 1,000 rows with seed 7. Who changes a table makes every figure that was published unrepeatable.
HASHES = {
    "people": "016bf4929d8ec1de69d56cd710d8ed3fab70a7e8d131842648c4e0211c2cdb59",
    "taxi": "d99aab321707156327b8f00c69139286cfabbd7315cef1df30b6dbde8f7e479d",
    "quoted": "d3faf26828b678ef9596d1a71787eb5ebae0c736f82f355e4621fd22f94b282e",
    "wide": "bd7864d6b685b30e764b466bb5efeb863a591ff1b55ac17155fa10b54a1a00e8",
    "narrow": "3640f71d27fad0e118bfc3ee4b1a257a8cd8c13e750375c1896a986b7344a81e",
    "people --shuffle-columns --columns 12 --quoted 1": "5842683456c4eeb1393356bc258c8b59b6238756b7ed8760483ec20a1b70fd14",
}


def make(path, table, *arguments):
    if not MAKER.exists():
        pytest.fail(f"{MAKER} is not there: run `make checks`")
    subprocess.run([MAKER, table, path, *arguments], check=True, capture_output=True, timeout=60)
    return path


@pytest.mark.parametrize("arguments", HASHES)
def test_a_table_is_the_same_on_every_machine(tmp_path, arguments):
    path = make(tmp_path / "table.csv", *arguments.split(), "--rows", "1000")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == HASHES[arguments]


def test_the_people_are_those_of_the_demo(polarway, tmp_path):
    ours = make(tmp_path / "table.csv", "people", "--size", "200KB", "--seed", "3")
    polarway("demo", "--only-data", tmp_path / "demo.csv", "--size", "200KB", "--seed", "3")
    assert ours.read_bytes() == (tmp_path / "demo.csv").read_bytes()


@pytest.mark.parametrize("table", TYPES)
def test_a_table_has_the_types_that_peers_are_told(polarway, tmp_path, table):
    path = make(tmp_path / f"{table}.csv", table, "--rows", "1000", "--shuffle-columns")
    types = arrow_types(types_of(table, path.open().readline()))
    wanted = verify.contents_of(verify.csv_batches(path, types), types, hashed=False)
    assert wanted.rows == 1000
    found = polarway("stream", path, "--digest").out
    assert verify.differences(verify.digested(found), wanted, set()) == []
    assert [column["type"] for column in json.loads(found)["columns"]] == [
        str(kind).replace("double", "float64").replace("date32[day]", "date") for kind in types.values()
    ]


def test_the_bench_runs_and_everyone_is_right(tmp_path):
    """Ours and one peer for each task; the folder of the harness is the test's."""
    tasks = ["scan:quoted", "filter:people", "parquet:people", "count:people"]
    command = [sys.executable, ROOT / "bench" / "run.py", "--size", "1MB", "--tune-size", "1MB", "--runs", "1"]
    command += ["--tasks", *tasks, "--peers", "duckdb", "--maker", MAKER, "--dir", tmp_path / "bench"]
    command += ["--program", PROGRAM, "--avx2-program", PROGRAM]
    command += ["--seed", "8", "--shuffle-columns", "--quoted", "1"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env=environment(), check=False
    )
    assert done.returncode == 0, done.stderr
    assert "All were right." in done.stdout, done.stdout

    rows = json.loads((tmp_path / "bench" / "figures.json").read_text())
    assert [row["who"] for row in rows if row["case"] == "scan:quoted"] == ["polarway", "polarway, AVX2", "duckdb"]
    assert {row["case"] for row in rows} == set(tasks)
    for row in rows:
        assert row["right"], row
        assert row["wall"] > 0, row
        if row["who"] != "wc -l":
            assert row["anon"] > 1, row
        if row["who"].startswith("polarway"):
            assert row["ratio"] > 0, row
            assert row["goal"], row
            assert row["verdict"].startswith(("met", "missed (")), row
    assert done.stdout.strip() == (tmp_path / "bench" / "figures.md").read_text().strip()
    assert str(tmp_path) not in done.stdout
    assert not [name for name in os.listdir(tmp_path / "bench") if name.startswith("out.")]


def test_pages_are_read_by_everyone(tmp_path):
    if absent := pages.absent(has_latency=True):
        skip_or_fail(f"{absent} is not installed: tools/setup.sh --test does it")
    tasks = ["links:people", "pages:people.latency"]
    command = [sys.executable, ROOT / "bench" / "run.py", "--size", "2500rows", "--tune-size", "1500rows"]
    command += ["--runs", "1", "--tasks", *tasks, "--peers", "requests+pandas", "duckdb", "--maker", MAKER]
    command += ["--dir", tmp_path / "bench", "--program", PROGRAM, "--seed", "8", "--shuffle-columns"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env=environment(), check=False
    )
    assert done.returncode == 0, done.stderr
    assert "All were right." in done.stdout, done.stdout
    rows = json.loads((tmp_path / "bench" / "figures.json").read_text())
    assert [(row["case"], row["who"]) for row in rows] == [
        (task, who) for task in tasks for who in ("polarway", "requests+pandas")
    ]
    assert all(row["right"] and row["ratio"] > 0 for row in rows if row["who"] == "polarway"), rows
    folder = next((tmp_path / "bench").glob("people-2500rows-*.pages"))
    sizes = {path.name: len(json.loads(path.read_text())["data"]) for path in folder.iterdir()}
    assert sizes == {"1.json": 1000, "2.json": 1000, "3.json": 500, "behind.json": 0}


def test_pages_come_with_their_latency(tmp_path):
    if absent := pages.absent(has_latency=True):
        skip_or_fail(f"{absent} is not installed: tools/setup.sh --test does it")
    folder = pages.pages_of("people", make(tmp_path / "people.csv", "people", "--rows", "1500"))
    with pages.served("people", folder, has_latency=True) as url:
        begin = time.monotonic()
        with urllib.request.urlopen(f"{url}?page=2") as answer:
            page = json.loads(answer.read())
        assert time.monotonic() - begin >= pages.LATENCY_MS / 1000
    assert len(page["data"]) == 500
    assert page["next"] is None
    assert page["total"] == 1500


def test_what_came_out_replaces_what_a_document_had(tmp_path):
    document = tmp_path / "document.md"
    begin, end = into.marks("figures")
    document.write_text(f"before\n{begin}old\n{end}between\n{into.marks('limits')[0]}kept\n")
    into.put_into(document, "figures", "new\n")
    assert document.read_text() == f"before\n{begin}\nnew\n\n{end}between\n{into.marks('limits')[0]}kept\n"
    with pytest.raises(SystemExit):
        into.put_into(document, "limits", "new\n")


def test_the_page_has_room_for_all_that_is_written_into_it():
    page = (ROOT / "docs" / "PERFORMANCE.md").read_text()
    for name in ("figures", "phases", "limits"):
        begin, end = into.marks(name)
        assert page.index(begin) < page.index(end)


# ---- What is wrong is noticed


KINDS = {"n": pa.int64(), "x": pa.float64(), "text": pa.string(), "at": pa.timestamp("us")}


def contents(n, x=(0.1, 0.2, None), text=("a", "", "ccc"), at=(1, 2, 3)):
    arrays = [pa.array(values, kind) for values, kind in zip((n, x, text, at), KINDS.values(), strict=True)]
    batch = pa.record_batch(arrays, list(KINDS))
    # In two batches, as hashes must not depend on where batches end.
    return verify.contents_of([batch.slice(0, 1), batch.slice(1)], KINDS, hashed=True)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (contents([1, 2, 4]), "n: the sum is 7, not 6"),
        (contents([1, 2, 3], x=(0.1, None, 0.2)), "other order"),
        (contents([1, 2, 3], x=(0.1, 0.2, 1e-15)), "x: the sum is"),
        (contents([1, 2, 3], x=(0.1, 0.2, 0.0)), "x: 0 nulls instead of 1"),
        (contents([2, 1, 3]), "other order"),
        (contents([1, 2, 3], text=("", "a", "ccc")), "other order"),
        (contents([1, 2, 3], text=("a", None, "ccc")), "text: 1 nulls instead of 0"),
        (contents([1, 2, 3], at=(1, 2, 4)), "at: the sum is 7, not 6"),
    ],
)
def test_a_difference_is_found_and_named(other, said):
    found = verify.differences(other, contents([1, 2, 3]), set())
    assert found[0].startswith(said), found


def test_what_is_the_same_has_no_differences():
    assert verify.differences(contents([1, 2, 3]), contents([1, 2, 3]), set()) == []


def test_sums_are_exact():
    total = verify.ExactSum()
    total.add(pa.array([1e100, 1.0, -1e100, 2.0**-1074]).to_numpy())
    total.add(pa.array([-1.0, 0.0, -3.5]).to_numpy())
    assert total.value() == -3.5
    huge = 2**62
    assert contents([huge, huge, huge]).sums["n"] == 3 * huge
