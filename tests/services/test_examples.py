"""The guide's HTTP snippets, in C++ and in Python."""

import os
import subprocess
import sys

import pytest
from conftest import PROGRAM

from .scripted_server import Answer


def pages(request):
    assert request.headers.get("authorization") in (None, "Bearer token123")
    page = int(request.query.get("page", 1))
    following = f"?page={page + 1}" if page < 3 else None
    return Answer({"data": [{"id": page * 10 + i} for i in range(10)], "next": following})


@pytest.mark.parametrize("name", ["http_api", "http_tuning"])
def test_an_example_runs(scripted, name):
    program = PROGRAM.parent / "examples" / name
    if not program.exists():
        pytest.skip("examples are not built")
    done = subprocess.run(
        [program, scripted.on(pages) + "/data"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert sum(int(line.split()[1]) for line in done.stdout.splitlines()) == 30
    assert len(scripted.requests) == 3
    done = subprocess.run([program, "nowhere"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.startswith("Config: ")


def in_python(code, **environment):
    path = os.environ.get("PYTHONPATH", str(PROGRAM.parent / "python"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": path, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_source_works_in_python_and_shows_no_secret(scripted):
    url = scripted.on(pages) + "/data"
    out = in_python(
        f"""
import pickle
import polarway as pl
who = {{"bearer": {{"token": "token123"}}}}
with pl.HttpSource({url!r}, credentials=who, memory_limit="64MB", chunk_size=7, max_chunk_size=7) as source:
    first = next(iter(source))
    at = source.checkpoint()
    rest = source.collect()
    print(first.height + rest.height, "token123" in repr(source.config) + str(source.metadata()))
    config = source.config.as_given()
    print("token123" in config.to_json() or b"token123" in pickle.dumps(config))
with pl.HttpSource({url!r}, credentials=who, resume=at) as source:
    again = source.collect()
    print(again.equals(rest), again["id"].to_list()[0])
other = pl.HttpSource.create({url!r}, credentials=who, resume=at, params="x: 1")
print("another request" in str(other))
print(pl.open({url!r}, credentials=who).collect()["id"].sum())
bad = pl.HttpSource.create({url!r}, credentials={{"barer": {{"token": "geheim"}}}})
print(bad.is_err(), "geheim" in str(bad))
"""
    )
    total = sum(page * 10 + i for page in (1, 2, 3) for i in range(10))
    assert out.split() == ["30", "False", "False", "True", "17", "True", str(total), "True", "False"]
