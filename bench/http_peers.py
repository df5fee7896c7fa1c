"""What each peer runs to read all pages of an API (`pages.py` has it), and to make a typed frame of each.

    python bench/http_peers.py PEER TASK TABLE URL COLUMNS [--connections N] [--way WAY] [--json WAY]

The tasks: `links` goes from page to page, as each says at its end where the next one is; `pages` knows after
the first how many there are, and may ask for several at a time. Printed are the number of records, and the sum
of their ages.
"""

import argparse
import asyncio
import dataclasses
import io
import itertools
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from tables import json_types, types_of

CONNECTIONS = (1, 4, 16)


@dataclasses.dataclass
class Page:
    """What is left of a page when its frame was made."""

    records: int
    ages: int
    following: str | None
    total: int


def configurations(peer: str, task: str) -> list[list[str]]:
    """The arguments of every configuration worth trying. orjson is faster than what `Response.json()` calls."""
    ways = [["--way", "threads", "--connections", str(n)] for n in CONNECTIONS] if task == "pages" else [[]]
    if task == "pages" and peer == "dlt":
        ways[0] = ["--way", "paginate"]
    if task == "pages" and peer == "httpx+polars":
        ways += [["--way", "async", "--connections", str(n)] for n in CONNECTIONS[1:]]
    parsers = [["--json", parser] for parser in ("orjson", "polars")] if peer.endswith("+polars") else [[]]
    return [[*a, *b] for a, b in itertools.product(ways, parsers)]


def reads(peer: str, _form: str) -> bool:
    return peer in PEERS


# ---- Frames


def polars_page(records: list[dict], types: dict[str, str]) -> tuple[int, int]:
    import polars as pl

    frame = pl.DataFrame(records, schema={name: getattr(pl, kind) for name, kind in types.items()})
    return frame.height, frame["age"].sum()


def pandas_page(records: list[dict], types: dict[str, str]) -> tuple[int, int]:
    import pandas as pd

    names = {"Int64": "Int64", "String": "str", "Float64": "float64", "Boolean": "boolean"}
    frame = pd.DataFrame(records).astype({name: names[kind] for name, kind in types.items()})
    return len(frame), int(frame["age"].sum())


def parsed_by_polars(types: dict[str, str]) -> Callable[[bytes], Page]:
    import polars as pl

    record = pl.Struct({name: getattr(pl, kind) for name, kind in types.items()})
    schema = {"data": pl.List(record), "next": pl.String, "total": pl.Int64}

    def page(body: bytes) -> Page:
        answer = pl.read_json(io.BytesIO(body), schema=schema)
        frame = answer["data"][0].struct.unnest()
        return Page(frame.height, frame["age"].sum(), answer["next"][0], answer["total"][0])

    return page


def parsed_by_orjson(types: dict[str, str], make: Callable) -> Callable[[bytes], Page]:
    import orjson

    def page(body: bytes) -> Page:
        answer = orjson.loads(body)
        return Page(*make(answer["data"], types), answer["next"], answer["total"])

    return page


# ---- Pages


def numbers_behind(first: Page) -> Iterable[int]:
    return range(2, -(-first.total // first.records) + 1)


def in_threads(job: argparse.Namespace, first: Page, get: Callable[[int], Page]) -> Iterator[Page]:
    with ThreadPoolExecutor(job.connections) as pool:
        yield from pool.map(get, numbers_behind(first))


def all_pages(job: argparse.Namespace, get: Callable[[str], Page]) -> Iterator[Page]:
    page = get(job.url)
    yield page
    if job.task == "pages":
        yield from in_threads(job, page, lambda number: get(f"{job.url}?page={number}"))
    else:
        while page.following:
            page = get(urllib.parse.urljoin(job.url, page.following))
            yield page


def with_requests(job: argparse.Namespace, page_of: Callable[[bytes], Page]) -> Iterator[Page]:
    import requests

    def get(url: str) -> Page:
        answer = session.get(url)
        answer.raise_for_status()
        return page_of(answer.content)

    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=job.connections))
        yield from all_pages(job, get)


def with_httpx(job: argparse.Namespace, page_of: Callable[[bytes], Page]) -> Iterator[Page]:
    import httpx

    if job.way == "async":
        yield from asyncio.run(with_httpx_async(job, page_of))
        return

    def get(url: str) -> Page:
        return page_of(client.get(url).raise_for_status().content)

    with httpx.Client() as client:
        yield from all_pages(job, get)


async def with_httpx_async(job: argparse.Namespace, page_of: Callable[[bytes], Page]) -> list[Page]:
    import httpx

    turns = asyncio.Semaphore(job.connections)

    async def get(**options: dict) -> Page:
        async with turns:
            answer = await client.get(job.url, **options)
            return page_of(answer.raise_for_status().content)

    async with httpx.AsyncClient() as client:
        first = await get()
        return [first, *await asyncio.gather(*(get(params={"page": number}) for number in numbers_behind(first)))]


def dlt(job: argparse.Namespace, types: dict[str, str]) -> Iterator[Page]:
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator, PageNumberPaginator

    base_url, _, path = job.url.rpartition("/")
    client = RESTClient(base_url, data_selector="data")

    def get(**options: dict) -> Page:
        answer = client.get(path, **options).json()
        return Page(*polars_page(answer["data"], types), answer["next"], answer["total"])

    if job.way == "threads":
        first = get()
        yield first
        yield from in_threads(job, first, lambda number: get(params={"page": number}))
        return
    # Without a total, which it would parse each page a second time for: it stops at an empty page.
    by_number = PageNumberPaginator(base_page=1, page_param="page", total_path=None)
    paginator = by_number if job.task == "pages" else JSONLinkPaginator("next")
    for records in client.paginate(path, paginator=paginator):
        yield Page(*polars_page(records, types), None, 0)


def requests_polars(job: argparse.Namespace, types: dict[str, str]) -> Iterator[Page]:
    return with_requests(job, parsers(job, types))


def httpx_polars(job: argparse.Namespace, types: dict[str, str]) -> Iterator[Page]:
    return with_httpx(job, parsers(job, types))


def parsers(job: argparse.Namespace, types: dict[str, str]) -> Callable[[bytes], Page]:
    return parsed_by_polars(types) if job.json == "polars" else parsed_by_orjson(types, polars_page)


def requests_pandas(job: argparse.Namespace, types: dict[str, str]) -> Iterator[Page]:
    return with_requests(job, parsed_by_orjson(types, pandas_page))


PEERS = {"dlt": dlt, "requests+polars": requests_polars, "requests+pandas": requests_pandas,
         "httpx+polars": httpx_polars}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("task", choices=["links", "pages"])
    parser.add_argument("table")
    parser.add_argument("url")
    parser.add_argument("columns")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--way", choices=["paginate", "threads", "async"], default="paginate")
    parser.add_argument("--json", choices=["orjson", "polars"], default="orjson")
    job = parser.parse_args()
    types = json_types(types_of(job.table, job.columns))
    records = ages = 0
    for page in PEERS[job.peer](job, types):
        records += page.records
        ages += page.ages
    print(records, ages)


if __name__ == "__main__":
    main()
