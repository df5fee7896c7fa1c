"""An endpoint in pieces: ranges of pages, and values of a parameter."""

import json
import time

import polarway as pl
import pytest
from .scripted_server import Answer
from .test_scripted_pages import items

NUMBERED = {"pagination": "page_number", "page_size": "10", "total_path": "total"}


def numbered(total, size=10):
    """Pages with numbers and a total."""

    def handler(request):
        page = int(request.query.get("page", 1))
        rows = items((page - 1) * size, min(size, total - (page - 1) * size))
        return Answer({"total": total, "data": rows})

    return handler


COUNTRIES = {"de": 35, "fr": 0, "it": 7, "s e": 23}


def by_country(request):
    """Linked pages, for each country its own."""
    country = request.query["country"].replace("%20", " ")
    first = int(request.query.get("from", 0))
    rows = [{"country": country, "n": n} for n in range(first, min(first + 10, COUNTRIES[country]))]
    more = first + 10 < COUNTRIES[country]
    following = f"?country={request.query['country']}&from={first + 10}" if more else None
    return Answer({"data": rows, "next": following})


PARTITIONED = {"partition_param": "country", "partition_values": ",".join(COUNTRIES)}
ALL = [(country, n) for country, count in COUNTRIES.items() for n in range(count)]


def read(url, split=None, **options):
    frames = list(pl.HttpSource(url, split=split, **options))
    return pl.concat(frames) if frames else None


@pytest.mark.parametrize("count", [1, 2, 3, 7, 100])
def test_splits_over_pages_are_the_whole(scripted, count):
    url = scripted.on(numbered(95)) + "/x"
    splits = pl.HttpSource(url, **NUMBERED).splits(count)
    assert len(splits) == min(count, 10)
    scripted.requests.clear()
    parts = [read(url, split, **NUMBERED)["id"].to_list() for split in splits]
    assert [n for part in parts for n in part] == list(range(95))
    pages = [request.query["page"] for request in scripted.requests]
    assert len(pages) == len(set(pages)) == 10


def test_a_split_of_another_request_is_refused(scripted):
    url = scripted.on(numbered(95)) + "/x"
    split = pl.HttpSource(url, **NUMBERED).splits(2)[1]
    with pytest.raises(pl.SourceError, match="another request"):
        read(url, split, **NUMBERED, params="a: b")


def test_each_value_of_a_parameter_has_its_pages(scripted):
    url = scripted.on(by_country) + "/x"
    frame = read(url, **PARTITIONED)
    assert frame.rows() == ALL


@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_splits_over_values_are_the_whole(scripted, count):
    url = scripted.on(by_country) + "/x"
    splits = pl.HttpSource(url, **PARTITIONED).splits(count)
    assert len(splits) == min(count, 4)
    rows = []
    for split in splits:
        frame = read(url, split, **PARTITIONED, schema='{"country": "string", "n": "int64"}')
        rows += [] if frame is None else frame.rows()
    assert rows == ALL


def test_a_job_that_is_killed_goes_on_in_the_value_where_it_was(polarway, scripted):
    def slow(request):
        time.sleep(0.05)
        return by_country(request)

    url = scripted.on(slow) + "/x"
    out, at = polarway.folder / "out.ndjson", polarway.folder / "at"
    command = ["stream", url, "--chunk-size", "4", "--max-chunk-size", "4", "--to", out]
    command += [part for name, value in PARTITIONED.items() for part in ("-o", f"{name}={value}")]
    command += ["-o", "infer_schema_length=4", "--checkpoint", at, "--checkpoint-every", "0.01"]
    for pause in (0.15, 0.25, 0.35, 0.45):
        process = polarway.start(*command)
        time.sleep(pause)
        process.kill()
        process.communicate(timeout=30)
    polarway(*command)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(row["country"], row["n"]) for row in rows] == ALL


def test_max_pages_is_of_each_value_and_max_records_of_all(scripted):
    url = scripted.on(by_country) + "/x"
    assert read(url, **PARTITIONED, max_pages="1").height == 10 + 0 + 7 + 10
    assert read(url, **PARTITIONED, max_records="36").height == 42


@pytest.mark.parametrize("given", [{"partition_param": "a"}, {"partition_values": "a,b"}])
def test_a_parameter_without_values_is_refused(scripted, given):
    with pytest.raises(pl.SourceError, match="go together"):
        read(scripted.url + "/x", **given)
    assert scripted.requests == []
