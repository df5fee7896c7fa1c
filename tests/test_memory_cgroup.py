"""The limit holds where it counts: in a memory cgroup of its size, where more is a kill."""

import os
import subprocess
import threading
import time
import uuid
from pathlib import Path

import polars as pl
import pytest
from conftest import PROGRAM, Polarway, Run, environment, skip_or_fail
from polars.testing import assert_frame_equal

LIMIT = 64_000_000


class MemoryGroup:
    """A memory cgroup, of version 1 or 2, whatever this machine has."""

    def __init__(self, limit_bytes):
        self.version, parent = find_memory_controller()
        self.folder = parent / f"polarway-test-{uuid.uuid4().hex[:8]}"
        self.folder.mkdir()
        try:
            if self.version == 1:
                self.write("memory.limit_in_bytes", limit_bytes)
            else:
                self.write("memory.max", limit_bytes)
                if (self.folder / "memory.swap.max").exists():
                    self.write("memory.swap.max", 0)
        except OSError:
            self.remove()
            raise

    def write(self, name, value):
        (self.folder / name).write_text(str(value))

    def read(self, name):
        """A file of the group: a number, or a dict of them by name."""
        lines = (self.folder / name).read_text().splitlines()
        if len(lines) == 1 and " " not in lines[0]:
            return int(lines[0])
        return {key: int(value) for key, value in (line.split() for line in lines)}

    def kills(self):
        return self.read("memory.oom_control" if self.version == 1 else "memory.events")["oom_kill"]

    def peak_bytes(self):
        name = "memory.max_usage_in_bytes" if self.version == 1 else "memory.peak"
        return self.read(name) if (self.folder / name).exists() else None

    def times_full(self):
        """How often the kernel took pages back: no fault, since file pages fill any group."""
        return (
            self.read("memory.failcnt") if self.version == 1 else self.read("memory.events")["max"]
        )

    def enter(self):
        """Moves the calling process into the group."""
        self.write("cgroup.procs", os.getpid())

    def remove(self):
        for _ in range(100):  # the last process may still be on its way out
            try:
                return self.folder.rmdir()
            except OSError:
                time.sleep(0.05)


def find_memory_controller():
    """(version, the folder of our own group) of the hierarchy that limits memory."""
    mounts = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place, _, kind = line.partition(" - ")
        fields, (kind, _, options) = place.split(), kind.split(" ", 2)
        if kind == "cgroup" and "memory" in options.split()[-1].split(","):
            mounts[1] = fields[4]
        elif kind == "cgroup2":
            mounts[2] = fields[4]
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if 1 in mounts and "memory" in controllers.split(","):
            own = Path(mounts[1] + path)
            return 1, own if own.is_dir() else Path(mounts[1])
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        if 2 in mounts and line.startswith("0::"):
            own = Path(mounts[2] + line[3:])
            for folder in (own, own.parent, Path(mounts[2])):
                control = folder / "cgroup.subtree_control"
                if control.exists() and "memory" in control.read_text().split():
                    return 2, folder
    raise OSError("no hierarchy that limits memory")


@pytest.fixture
def group():
    try:
        made = MemoryGroup(LIMIT)
    except OSError as error:
        skip_or_fail(f"NOT PROVEN HERE: no memory cgroup can be made ({error})")
    print(f"memory cgroup v{made.version}: {made.folder}")
    yield made
    made.remove()


class Sampler(threading.Thread):
    """Looks 1,000 times a second how much anonymous and shared memory a process has."""

    def __init__(self, pid):
        super().__init__()
        self.status = open(f"/proc/{pid}/status", "rb", buffering=0)
        self.peak_bytes = self.samples = 0
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.001):
            try:
                self.status.seek(0)
                lines = self.status.read(4096).split(b"\n")
            except ProcessLookupError:
                break
            used = sum(
                int(line.split()[1]) * 1024
                for line in lines
                if line.startswith((b"RssAnon:", b"RssShmem:"))
            )
            self.peak_bytes = max(self.peak_bytes, used)
            self.samples += used > 0

    def stop(self):
        self.done.set()
        self.join()
        self.status.close()


def forget_pages(path):
    """Drops the file from the page cache, so that reading it again is charged to the group."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def run_in(group, *arguments):
    """Runs the program inside the group; gives the Run and the largest memory seen from outside."""
    process = subprocess.Popen(
        [str(PROGRAM), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=group.enter,
    )
    sampler = Sampler(process.pid)
    sampler.start()
    try:
        out, err = process.communicate(timeout=900)
    finally:
        process.kill()
        sampler.stop()
    return Run(process.returncode, out, err), sampler


@pytest.mark.parametrize("size", ["200MB", pytest.param("1GB", marks=pytest.mark.long)])
def test_adults_are_the_rows_polars_finds_and_the_group_is_never_exceeded(
    group, make_people, tmp_path, size
):
    people, out = make_people(size), tmp_path / "adults.parquet"
    forget_pages(people)
    run, sampler = run_in(
        group,
        "stream",
        people,
        "--memory-limit",
        "64MB",
        "--where",
        "age > 30",
        "--select",
        "name,email",
        "--to",
        out,
        "--stats",
        "json",
    )
    print(
        f"{sampler.samples} samples, at most {sampler.peak_bytes:,} bytes; the group at most "
        f"{group.peak_bytes():,}, full {group.times_full()} times; {run.err}"
    )

    assert group.kills() == 0
    assert run.code == 0, run.err
    assert 0 < sampler.peak_bytes <= LIMIT
    assert sampler.peak_bytes <= run.stats["peak_rss_anon_bytes"] * 1.1 + 1_000_000, (
        "the program knows what it uses"
    )
    assert run.stats["memory_limit_bytes"] < LIMIT, "the limit keeps a distance to the group's"

    expected = (
        pl.scan_csv(people, infer_schema_length=10_000)
        .filter(pl.col("age") > 30)
        .select("name", "email")
    )
    assert_frame_equal(pl.read_parquet(out), expected.collect())


def test_a_group_smaller_than_the_limit_counts(group, make_people, tmp_path):
    """Whoever asks for more than the group has gets what the group has, and no kill."""
    people = make_people("200MB")
    forget_pages(people)
    run, sampler = run_in(
        group,
        "stream",
        people,
        "--memory-limit",
        "8GB",
        "--to",
        tmp_path / "out.parquet",
        "--stats",
        "json",
    )
    assert group.kills() == 0
    assert run.code == 0, run.err
    assert sampler.peak_bytes <= LIMIT
    assert run.stats["memory_limit_bytes"] < LIMIT


def test_without_a_limit_the_group_is_the_limit(group, make_people, tmp_path):
    people = make_people("200MB")
    run, sampler = run_in(group, "stream", people, "--digest", "--stats", "json")
    assert group.kills() == 0
    assert run.code == 0, run.err
    assert sampler.peak_bytes <= LIMIT
    assert run.stats["memory_limit_bytes"] < LIMIT


def test_a_field_larger_than_the_group_is_an_error_and_no_kill(group, tmp_path):
    with open(tmp_path / "huge.csv", "wb") as file:
        file.write(b"id,text\n1,")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\n")
    run, _ = run_in(group, "stream", tmp_path / "huge.csv", "--to", tmp_path / "out.parquet")
    assert group.kills() == 0
    assert run.code == 6, run.err
    assert os.listdir(tmp_path) == ["huge.csv"]


@pytest.mark.long
def test_memory_does_not_grow_with_the_file(program, make_people, tmp_path):
    peaks = []
    for size in ("200MB", "1GB"):
        run = Polarway(tmp_path)(
            "stream",
            make_people(size),
            "--memory-limit",
            "64MB",
            "--stats",
            "json",
            "--to",
            tmp_path / "out.parquet",
            timeout=600,
        )
        peaks.append(run.stats["peak_memory_bytes"])
    assert peaks[1] <= peaks[0] + 2_000_000
