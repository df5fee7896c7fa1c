"""What `cmake --install` lays down works after a move, and a user's project builds on it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BUILD = Path(os.environ.get("POLARWAY", ROOT / "build/release/polarway")).parent
VERSION = (ROOT / "VERSION").read_text().strip()


def run(*command: object, environment: dict[str, str] | None = None) -> str:
    """The command's stdout; its whole output is in the failure if it has one."""
    result = subprocess.run(
        [str(c) for c in command], capture_output=True, text=True, check=False, env=environment
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def consumer(build: Path, *options: str, environment: dict[str, str] | None = None) -> Path:
    """The program of examples/consumer, built in `build` with these options."""
    run("cmake", "-S", ROOT / "examples/consumer", "-B", build, "-G", "Ninja", *options)
    run("cmake", "--build", build, environment=environment)
    return build / "consumer"


@pytest.fixture(scope="module")
def prefix(tmp_path_factory) -> Path:
    """An installed prefix that has been moved since: nothing in it may know where it was."""
    folder = tmp_path_factory.mktemp("install")
    run("cmake", "--install", BUILD, "--prefix", folder / "before")
    return (folder / "before").rename(folder / "after")


@pytest.fixture
def three_rows(tmp_path) -> Path:
    csv = tmp_path / "three.csv"
    csv.write_text("name,age\nAda,36\nGrace,45\nEdsger,72\n")
    return csv


def test_a_moved_program_runs(prefix):
    assert VERSION in run(prefix / "bin/polarway", "--version")


def test_a_project_builds_on_the_moved_package(prefix, tmp_path, three_rows):
    program = consumer(tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    assert run(program, three_rows) == "3 rows\n"


def test_a_project_builds_with_the_sources_inside_it(three_rows):
    # The library is compiled once more here. As it is compiled as in build/release, the compiler
    # cache has most of it; and it is kept under build/, for the next time.
    cache = {"CCACHE_DIR": str(ROOT / ".cache" / "ccache"), **os.environ}
    cache |= {"CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"}
    options = [f"-DPOLARWAY_SOURCE_DIR={ROOT}", "-DCMAKE_BUILD_TYPE=Release"]
    options += ["-DCMAKE_CXX_FLAGS_RELEASE=-O2 -g1 -DNDEBUG"]
    if shutil.which("ccache"):
        options += ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"]
    program = consumer(ROOT / "build/consumer", *options, environment=cache)
    assert run(program, three_rows) == "3 rows\n"
