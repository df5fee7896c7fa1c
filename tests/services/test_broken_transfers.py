"""Transfers that break, by tools made to break them: toxiproxy and WireMock."""

import json
import random
import time

import polars as pl
import pytest

FAST = ("-o", "retry_delay_ms=1")


def rows_of(polarway, url, *options):
    polarway("stream", url, *FAST, *options, "--to", "out.parquet")
    return pl.read_parquet(polarway.folder / "out.parquet")


@pytest.mark.parametrize(
    "toxic",
    [
        {"type": "latency", "attributes": {"latency": 20, "jitter": 10}},
        {"type": "slicer", "attributes": {"average_size": 1000, "size_variation": 500, "delay": 10}},
        {"type": "bandwidth", "attributes": {"rate": 2000}},
    ],
    ids=lambda toxic: toxic["type"],
)
def test_a_bad_line_loses_nothing(polarway, nginx, toxiproxy, rows, toxic):
    url = toxiproxy.proxy(nginx.port, toxic)
    assert rows_of(polarway, url + "/static/page-1.json")["id"].to_list() == [row["id"] for row in rows]


def test_a_file_whose_line_breaks_every_half_megabyte_goes_on_where_it_broke(
    polarway, nginx, toxiproxy, people, people_rows
):
    (nginx.static / "broken.csv").write_bytes(people.read_bytes())
    url = toxiproxy.proxy(nginx.port, {"type": "limit_data", "attributes": {"bytes": 500_000}})
    run = polarway("stream", url + "/static/broken.csv", *FAST, "--stats", "json")
    assert run.stats["records_processed"] == people_rows.height
    assert run.stats["bytes_read"] < 1.2 * people.stat().st_size


def test_a_page_whose_line_breaks_for_ever_is_a_network_error(polarway, nginx, toxiproxy):
    url = toxiproxy.proxy(nginx.port, {"type": "limit_data", "attributes": {"bytes": 20_000}})
    run = polarway("stream", url + "/static/data.json", *FAST, exits=5)
    assert "after 4 tries" in run.err


@pytest.mark.parametrize(
    "toxic",
    [
        {"type": "reset_peer", "attributes": {"timeout": 0}},
        {"type": "timeout", "stream": "upstream", "attributes": {"timeout": 100}},
    ],
    ids=lambda toxic: toxic["type"],
)
def test_a_line_that_gives_nothing_is_a_network_error(polarway, nginx, toxiproxy, toxic):
    url = toxiproxy.proxy(nginx.port, toxic)
    polarway("stream", url + "/static/data.json", *FAST, exits=5)


def test_half_of_all_lines_reset_loses_nothing(polarway, nginx, toxiproxy, rows):
    toxic = {"type": "limit_data", "toxicity": 0.5, "attributes": {"bytes": 9_000}}
    url = toxiproxy.proxy(nginx.port, toxic)
    frame = rows_of(polarway, url + "/static/page-1.json", "-o", "retry_attempts=50", "-o", "keepalive=false")
    assert frame["id"].to_list() == [row["id"] for row in rows]


def test_a_killed_job_goes_on_at_its_record(polarway, nginx, toxiproxy, rows, tmp_path):
    latency = {"type": "latency", "attributes": {"latency": 60}}
    url = toxiproxy.proxy(nginx.port, latency) + "/static/page-1.json"
    out, at = tmp_path / "out.ndjson", tmp_path / "at"
    command = ["stream", url, "--chunk-size", "37", "--max-chunk-size", "37", "--to", out]
    command += ["-o", "infer_schema_length=50", "--checkpoint", at, "--checkpoint-every", "0.01"]
    chance = random.Random(11)
    ended = 0
    for _ in range(20):
        process = polarway.start(*command)
        time.sleep(chance.uniform(0.1, 0.5))
        process.kill()
        process.communicate(timeout=30)
        if process.returncode == 0:
            break
        ended += 1
    polarway(*command)
    assert ended > 3
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [row["id"] for row in rows]


def test_503_then_429_then_200(polarway, wiremock):
    states = [("Started", 503, "two"), ("two", 429, "three"), ("three", 200, "three")]
    for state, status, following in states:
        wiremock.stub(
            scenarioName="s",
            requiredScenarioState=state,
            newScenarioState=following,
            request={"method": "GET", "urlPath": "/x"},
            response={
                "status": status,
                "headers": {"Retry-After": "1", "Content-Type": "application/json"},
                "body": json.dumps([{"id": 1}, {"id": 2}]),
            },
        )
    run = polarway("stream", wiremock.url + "/x", *FAST, "--stats", "json")
    assert run.stats["records_processed"] == 2
    assert run.stats["retries"] == 2


@pytest.mark.parametrize(
    "fault", ["CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE"]
)
def test_each_fault_is_tried_again_and_then_a_network_error(polarway, wiremock, fault):
    wiremock.stub(request={"urlPath": "/x"}, response={"fault": fault})
    run = polarway("stream", wiremock.url + "/x", *FAST, exits=5)
    assert "after 4 tries" in run.err


def test_a_cursor_is_followed(polarway, wiremock):
    following = {None: "a", "a": "b", "b": None}
    for at, behind in following.items():
        query = {"cursor": {"absent": True} if at is None else {"equalTo": at}}
        wiremock.stub(
            request={"urlPath": "/x", "queryParameters": query},
            response={"jsonBody": {"items": [{"id": f"{at}x"}], "nextCursor": behind}},
        )
    assert rows_of(polarway, wiremock.url + "/x")["id"].to_list() == ["Nonex", "ax", "bx"]
