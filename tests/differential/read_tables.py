"""Many tables in one process: see read_tables.cc."""

import dataclasses
import functools
import json
import os
import subprocess

import pyarrow as pa
from conftest import PROGRAM, environment, skip_or_fail

READER = PROGRAM.parent / "polarway_read_tables"


@dataclasses.dataclass
class Table:
    """What a job has given: the rows up to the error, if there is one."""

    error: dict | None  # kind, row, byte, column, message
    deviates: str | None  # how rows depend on chunks or threads, if they do
    arrow: pa.Table  # the rows; without columns where it did not come to any

    @property
    def names(self) -> list[str]:
        return self.arrow.column_names

    @property
    def types(self) -> list[str]:
        return [str(field.type) for field in self.arrow.schema]

    @functools.cached_property
    def rows(self) -> list[tuple]:
        """As Python's values, which not every value of a damaged file can be."""
        return list(zip(*(column.to_pylist() for column in self.arrow.columns), strict=True))


class Job:
    """A file of that kind at `path`, read with these options. Of a CSV, `text`: every column as
    text; `block_bytes`: also in blocks of that size."""

    def __init__(self, path, options, *, kind="csv", text=False, block_bytes=0, **config):
        self.line = {
            "kind": kind,
            "config": {"location": str(path), "options": options, **config},
            "text": text,
            "block_bytes": block_bytes,
            "out": f"{path}.arrow",
        }


def read_tables(jobs):
    """A Table for each job."""
    if not READER.exists():
        skip_or_fail(f"{READER} is not there: build with -DPOLARWAY_BUILD_TESTS=ON")
    jobs = list(jobs)
    done = subprocess.run(
        [READER],
        input="".join(json.dumps(job.line) + "\n" for job in jobs),
        capture_output=True,
        text=True,
        timeout=600,  # for a machine with much else to do: it takes seconds
        env=environment(POLARWAY_THREADS="2"),
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"job {len(answers)}: {done.stderr[-2000:]}"
    return [read_back(job, answer) for job, answer in zip(jobs, answers, strict=True)]


def read_back(job, answer):
    out, rows = job.line["out"], pa.table({})
    if os.path.exists(out):
        with pa.ipc.open_stream(out) as stream:
            rows = stream.read_all()
        os.remove(out)
    return Table(answer["error"], answer["deviates"], rows)
