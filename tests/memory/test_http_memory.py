"""Pages are no unit of memory: neither one that is larger than the limit, nor thousands of tiny ones."""

import pytest
from conftest import Polarway
from limited_run import run_in
from memory_group import memory_group
from services.conftest import start_nginx

LIMIT_MB = 64
MB = 1_000_000


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    service = start_nginx(tmp_path_factory.mktemp("nginx"), rows=[])
    yield service
    service.stop()


@pytest.fixture(scope="module")
def elements(make_people, tmp_path_factory):
    """20 MB of people as the elements of a JSON array, and how many they are."""
    folder = tmp_path_factory.mktemp("elements")
    Polarway(folder)("stream", make_people("20MB"), "--to", "part.ndjson")
    lines = (folder / "part.ndjson").read_bytes().rstrip(b"\n")
    return lines.replace(b"\n", b",\n"), lines.count(b"\n") + 1


def run_within(url, folder, *options):
    with memory_group(LIMIT_MB * MB) as group:
        run = run_in(
            group,
            *["stream", url, "--memory-limit", f"{LIMIT_MB}MB", *options, "--stats", "json"],
            cwd=folder,
        )
    assert run.kills == 0, run.story
    assert run.code == 0, run.story
    assert 0 < run.peak_bytes <= LIMIT_MB * MB, run.story
    return run


@pytest.mark.parametrize("size", [300 * MB, pytest.param(2_000 * MB, marks=pytest.mark.long)])
@pytest.mark.parametrize("to", [None, "out.parquet"])
def test_one_page_of_any_size_streams(nginx, elements, tmp_path, size, to):
    part, count = elements
    copies = size // len(part) + 1
    page = nginx.static / "large.json"
    with page.open("wb") as file:
        file.write(b'{"meta": {"page": 1}, "data": [')
        for copy in range(copies):
            file.write(part if copy == 0 else b",\n" + part)
        file.write(b'], "next": null}')
    run = run_within(f"{nginx.url}/static/large.json", tmp_path, *(["--to", to] if to else []))
    page.unlink()
    assert run.stats["records_processed"] == copies * count


def test_ten_thousand_tiny_pages_make_few_chunks(nginx, tmp_path):
    pages = 10_000
    folder = nginx.static / "tiny"
    folder.mkdir()
    for page in range(pages):
        following = f'"./{page + 1}.json"' if page + 1 < pages else "null"
        (folder / f"{page}.json").write_text(f'{{"data": [{{"id": {page}}}], "next": {following}}}')
    run = run_within(f"{nginx.url}/static/tiny/0.json", tmp_path)
    assert run.stats["records_processed"] == pages
    assert run.stats["chunks_read"] < pages / 50
