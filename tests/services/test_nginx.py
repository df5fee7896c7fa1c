"""A real web server: files in parts, compressed, behind passwords, slow, redirected, and too often asked."""

import json
import signal
import subprocess
import time

import polars as pl
import pytest
from polars.testing import assert_frame_equal


def rows_of(polarway, url, *options):
    polarway("stream", url, *options, "--to", "out.parquet")
    return pl.read_parquet(polarway.folder / "out.parquet")


@pytest.fixture(scope="module")
def table(rows):
    return pl.DataFrame(rows).with_columns(pl.col("tags").cast(pl.List(pl.String)))


@pytest.mark.parametrize("folder", ["static", "gzip", "brotli", "no-ranges"])
@pytest.mark.parametrize("name", ["data.json", "data.ndjson", "data.csv", "page-1.json"])
def test_everything_is_read_however_it_is_sent(polarway, nginx, table, folder, name):
    frame = rows_of(polarway, f"{nginx.url}/{folder}/{name}")
    assert_frame_equal(frame, table.drop("tags") if name == "data.csv" else table)


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_binary_files_are_read_in_parts(polarway, nginx, people, people_rows, kind):
    there = nginx.static / f"people.{kind}"
    polarway("stream", people, "--to", there)
    run = polarway("stream", f"{nginx.url}/static/people.{kind}", "--select", "id", "--stats", "json")
    assert run.stats["records_processed"] == people_rows.height
    if kind == "parquet":
        assert run.stats["bytes_read"] < there.stat().st_size / 4
    frame = rows_of(polarway, f"{nginx.url}/static/people.{kind}", "--where", "age > 30")
    assert frame.height == people_rows.filter(pl.col("age") > 30).height


def test_a_csv_is_read_within_a_small_budget(polarway, nginx, people, people_rows):
    (nginx.static / "people.csv").write_bytes(people.read_bytes())
    (nginx.static / "people.csv.gz").write_bytes(
        subprocess.run(["gzip", "-1c", people], capture_output=True, check=True).stdout
    )
    for name in ("people.csv", "people.csv.gz"):
        run = polarway(
            "stream", f"{nginx.url}/static/{name}", "--memory-limit", "64MB", "--stats", "json"
        )
        assert run.stats["records_processed"] == people_rows.height
        assert run.stats["peak_memory_bytes"] < 64e6


def test_a_page_larger_than_the_budget_passes_through_it(polarway, nginx):
    there = nginx.static / "large.json"
    with there.open("w") as file:
        file.write('{"meta": {"next": null}, "data": [')
        row = ", ".join(f'"field_{i}": "{i:040}"' for i in range(20))
        for i in range(200):
            file.write("," if i else "")
            file.write(",".join(f'{{"id": {i * 1000 + k}, {row}}}' for k in range(1000)))
        file.write('], "total": 200000}')
    size = there.stat().st_size
    assert size > 200e6
    run = polarway(
        "stream", f"{nginx.url}/static/large.json", "--memory-limit", "64MB", "--stats", "json", timeout=100
    )
    there.unlink()
    assert run.stats["records_processed"] == 200_000
    assert run.stats["peak_memory_bytes"] < 64e6


def test_ten_thousand_tiny_pages_pass_through_a_small_budget(polarway, nginx):
    folder = nginx.static / "tiny"
    folder.mkdir()
    for page in range(1, 10001):
        following = f"{page + 1}.json" if page < 10000 else None
        (folder / f"{page}.json").write_text(json.dumps({"data": [{"id": page}], "next_url": following}))
    run = polarway(
        *("stream", f"{nginx.url}/static/tiny/1.json", "-o", "pagination=json_link", "-o", "next_path=next_url"),
        *("--memory-limit", "64MB", "--stats", "json"),
        timeout=60,
    )
    assert run.stats["records_processed"] == 10000
    assert run.stats["peak_memory_bytes"] < 64e6


@pytest.mark.parametrize(
    ("folder", "credentials"),
    [
        ("basic", {"basic": {"username": "me", "password": "pw"}}),
        ("bearer", {"bearer": {"token": "tok-123"}}),
        ("key", {"api_key": {"key": "k-42"}}),
        ("key", {"api_key": {"key": "k-42", "name": "api_key", "in": "query"}}),
        ("key", {"api_key": {"key": "k-42", "name": "api_key", "in": "cookie"}}),
    ],
)
def test_who_has_the_credentials_is_let_in_and_nobody_else(polarway, nginx, write, table, folder, credentials):
    url = f"{nginx.url}/{folder}/data.json"
    secret = write("secret.json", json.dumps(credentials))
    assert_frame_equal(rows_of(polarway, url, "--credentials", secret), table)
    wrong = write("wrong.json", json.dumps(credentials).replace("pw", "geheim").replace("k-42", "geheim").replace("tok-123", "geheim"))
    for options in ((), ("--credentials", wrong)):
        run = polarway("stream", url, *options, exits=4)
        assert f"{folder}/data.json" in run.err
        assert "geheim" not in run.err


def test_a_server_that_is_asked_too_often_is_waited_for(polarway, nginx):
    run = polarway("stream", f"{nginx.url}/limited/page-1.json", "--stats", "json", timeout=60)
    assert run.stats["records_processed"] == 2000
    assert run.stats["retries"] > 0


def test_redirects_are_followed_and_loops_are_not(polarway, nginx, table):
    assert_frame_equal(rows_of(polarway, f"{nginx.url}/moved/"), table)
    assert_frame_equal(rows_of(polarway, f"{nginx.url}/elsewhere"), table)
    assert "more than 10 times" in polarway("stream", f"{nginx.url}/loop", exits=1).err


def test_a_file_that_is_replaced_while_it_is_read_is_changed(polarway, nginx):
    there = nginx.static / "growing.csv"
    there.write_text("id\n" + "".join(f"{i}\n" for i in range(2_000_000)))
    process = polarway.start("stream", f"{nginx.url}/static/growing.csv", "--to", "out.parquet", "--memory-limit", "64MB", "--chunk-size", "1000", "--max-chunk-size", "1000")
    time.sleep(0.3)
    new = nginx.static / "new.csv"
    new.write_text("id\n" + "".join(f"{i + 1}\n" for i in range(2_000_000)))
    new.rename(there)
    _, err = process.communicate(timeout=60)
    frame = polarway.folder / "out.parquet"
    assert process.returncode == 1 and b"another than before" in err or pl.read_parquet(frame).height == 2_000_000


def test_a_stop_ends_a_wait_at_once(polarway, nginx):
    process = polarway.start("stream", f"{nginx.url}/stall")
    time.sleep(0.7)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130
    assert time.monotonic() - begin < 0.5


def test_a_certificate_is_trusted_only_if_its_authority_is(polarway, tls):
    run = polarway("stream", f"{tls.url}/static/data.json", exits=4)
    assert "certificate is not trusted" in run.err
    run = polarway("stream", f"{tls.url}/static/data.json", "-o", f"ca_file={tls.ca}", "--stats", "json")
    assert run.stats["records_processed"] == 2000
