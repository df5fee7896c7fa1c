"""What the tests of the Python package share."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "build" / "release" / "python"

PEOPLE = "name,age\nAda,36\nGrace,45\nEdsger,72\n"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder to work in, with the files that the examples name."""
    for name in ("people.csv", "data.csv", "file1.csv", "file2.csv", "file3.csv", "large_file.csv"):
        (tmp_path / name).write_text(PEOPLE, encoding="utf-8")
    people = polars.read_csv(tmp_path / "people.csv")
    people.write_parquet(tmp_path / "people.parquet")
    people.write_ipc(tmp_path / "people.arrow")
    people.write_ndjson(tmp_path / "people.ndjson")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def numbers(tmp_path):
    """numbers(rows) is a CSV with columns a, b, c of integers, floats and integers."""

    def make(rows):
        path = tmp_path / f"numbers-{rows}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("a,b,c\n")
            file.writelines(f"{i},{i / 8},{i * 1000003 % 1000}\n" for i in range(rows))
        return path

    return make


@pytest.fixture
def run_python(tmp_path):
    """run_python(code) runs it in a fresh interpreter, and gives what it prints."""

    def run(code, *, timeout=120, exits=0):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(PACKAGES)},
            check=False,
        )
        assert done.returncode == exits, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def pytest_configure():
    if not list((PACKAGES / "polarway").glob("_core.*.so")):
        pytest.exit("the extension is not built: cmake --preset release -DPOLARWAY_BUILD_PYTHON=ON")


@pytest.fixture
def command():
    """command("git") is its path; where it is not installed, the test fails."""

    def find(name):
        path = shutil.which(name)
        assert path, f"{name} is not installed: tools/setup.sh --test"
        return path

    return find
