"""A machine that gives no more threads gets its rows on the one there is."""

import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

import polars as pl
import pytest
from conftest import PROGRAM, environment, read_people
from polars.testing import assert_frame_equal

NOBODYS_UID = 61_234  # limits on threads bind no superuser: a user without processes is needed


@pytest.fixture
def public_folder():
    """A folder where another user can read and write; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="polarway-test-") as folder:
        os.chmod(folder, 0o777)
        yield Path(folder)


def copy_of_program(folder):
    """The program and its libraries where every user can read them."""
    listed = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        words = line.split()
        if len(words) > 2 and words[1] == "=>" and not words[2].startswith(("/lib", "/usr/lib")):
            shutil.copy(words[2], folder / words[0])
    return shutil.copy(PROGRAM, folder / "polarway")


def run_without_threads(folder, *arguments):
    superuser = os.geteuid() == 0
    other = {"user": NOBODYS_UID, "group": NOBODYS_UID, "extra_groups": []} if superuser else {}
    return subprocess.run(
        [folder / "polarway", *arguments],
        **other,
        cwd=folder,
        env=environment(LD_LIBRARY_PATH=str(folder)),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (1, 1)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_program_that_can_start_no_thread_gives_the_same_rows(people, people_rows, public_folder):
    copy_of_program(public_folder)
    shutil.copy(people, public_folder / "people.csv")
    os.chmod(public_folder / "people.csv", 0o644)

    done = run_without_threads(public_folder, "stream", "people.csv", "--to", "out.parquet")
    assert done.returncode == 0, done.stderr
    assert_frame_equal(pl.read_parquet(public_folder / "out.parquet"), people_rows)

    done = run_without_threads(public_folder, "stream", "people.csv", "--to", "-")
    assert done.returncode == 0, done.stderr
    assert_frame_equal(read_people(done.stdout.encode()), people_rows)

    done = run_without_threads(public_folder, "count", "people.csv")
    assert (done.returncode, done.stdout) == (0, f"{people_rows.height}\n"), done.stderr
