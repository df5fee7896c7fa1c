"""Files that change while they are read, that are no files, that have odd names, that break."""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from conftest import environment, skip_or_fail

# So little is read at a time that most of the file is unread when the first row has come out.
SLOWLY = ["--memory-limit", "48MB", "--chunk-size", "100", "--max-chunk-size", "100"]


@pytest.fixture(params=["false", "true"], ids=["read", "mapped"])
def while_it_is_read(request, polarway, make_people, tmp_path):
    """while_it_is_read(change) streams a copy of the people to standard output, applies `change` to
    the file when the first byte has come, and gives exit code, output and errors."""

    def run(change):
        source = tmp_path / "moving.csv"
        shutil.copy(make_people("20MB"), source)
        process = polarway.start(
            "stream", source, "--to", "-", "-o", f"use_mmap={request.param}", *SLOWLY, bufsize=0
        )
        first = process.stdout.read(1)
        change(source)
        out, err = process.communicate(timeout=60)
        return process.returncode, first + out, err.decode()

    return run


@pytest.fixture(scope="module")
def people_text(make_people, program):
    """What comes out when nothing happens."""
    source = make_people("20MB")
    command = [program, "stream", source, "--to", "-", *SLOWLY]
    return subprocess.run(command, capture_output=True, check=True, env=environment()).stdout


def test_a_file_that_grows_has_the_rows_it_had_when_it_was_opened(while_it_is_read, people_text):
    def grow(source):
        with open(source, "ab") as file:
            file.write(source.read_bytes()[-1_000_000:] + b"and half a row")

    assert while_it_is_read(grow)[:2] == (0, people_text)


def test_a_file_that_is_replaced_is_read_on_as_it_was(while_it_is_read, people_text, write):
    def replace(source):
        os.replace(write("other.csv", "x\n1\n"), source)

    assert while_it_is_read(replace)[:2] == (0, people_text)


def test_a_file_that_is_deleted_is_read_to_its_end(while_it_is_read, people_text):
    assert while_it_is_read(os.unlink)[:2] == (0, people_text)


def test_a_file_that_is_rewritten_in_place_is_an_error_and_no_mix(while_it_is_read):
    def rewrite(source):
        size = source.stat().st_size
        with open(source, "r+b") as file:
            file.write((b"9" * 99 + b"\n") * (size // 100) + b"9" * (size % 100))

    code, out, err = while_it_is_read(rewrite)
    assert code == 1
    assert b"999999999999999999999999" not in out
    assert re.search(r"moving\.csv, .*byte [\d,]+: the file was rewritten while it was read", err)


def test_what_is_no_file_is_read_as_a_stream_or_refused_by_name(polarway, tmp_path):
    limits = "/proc/self/limits"  # whose size is said to be 0
    lines = Path(limits).read_text().splitlines()
    whole_lines = ["-o", "delimiter=\x01", "-o", "quote_char="]
    counted = polarway("count", limits, "--as", "csv", *whole_lines)
    assert counted.out == f"{len(lines) - 1}\n"
    assert "/dev/null: there is nothing in it" in polarway(
        "count", "/dev/null", "--as", "csv", exits=3
    ).err

    with socket.socket(socket.AF_UNIX) as listener:
        old = Path.cwd()
        os.chdir(tmp_path)  # a socket's path has room for 107 bytes
        try:
            listener.bind("socket.csv")
        finally:
            os.chdir(old)
        assert "socket.csv: cannot open" in polarway("count", tmp_path / "socket.csv", exits=1).err


def test_what_never_ends_a_line_stops_at_the_limit(polarway, tmp_path):
    sparse = tmp_path / "sparse.csv"
    sparse.touch()
    try:
        os.truncate(sparse, 1 << 40)
    except OSError:
        os.truncate(sparse, 1 << 33)
    for path in ("/dev/zero", sparse):
        for command in ("count", "stream"):
            run = polarway(command, path, "--as", "csv", "--memory-limit", "64MB", exits=(6, 7))
            assert "longer than" in run.err and str(path) in run.err


NAMES = {
    "a line end": b"two\nlines.csv",
    "spaces": b" a b .csv",
    "percent": b"%2e%2e%2fescape.csv",
    "no text": b"\xff\xfe.csv",
    "a dash": b"-o.csv",
    "glob characters": b"[a]*?.csv",
    "a tilde": b"~.csv",
    "quotes": b"'\"$(x)`.csv",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_file_of_any_name_is_read_and_named_as_it_is(program, tmp_path, name):
    path = os.path.join(os.fsencode(tmp_path), name)
    Path(os.fsdecode(path)).write_text("a,b\n1,2\n3,4\n")

    def run(*arguments, code=0):
        command = [program, *arguments]
        done = subprocess.run(
            command, capture_output=True, cwd=tmp_path, env=environment(), timeout=60, check=False
        )
        assert done.returncode == code, done.stderr
        return done

    whole = ["-o", "glob=false"]
    assert run("count", path, *whole).stdout == b"2\n"
    assert run("count", b"file://" + path, *whole).stdout == b"2\n"
    if name.startswith(b"-"):
        assert run("count", *whole, "--", name).stdout == b"2\n"
    assert run("stream", path, *whole, "--to", path + b".out.csv").stdout == b""
    assert Path(os.fsdecode(path + b".out.csv")).read_text() == "a,b\n1,2\n3,4\n"

    Path(os.fsdecode(path)).write_text("a,b\n1,2\n3\n")
    told = run("stream", path, *whole, code=7).stderr
    shown = name.replace(b"\n", b"\\n").replace(b'"', b'\\"')
    assert shown.replace(b"\xff\xfe", b"\\xFF\\xFE") in told, told


@pytest.fixture(scope="module")
def failing_pread(tmp_path_factory):
    """failing_pread(how) is an environment in which reading a file fails like that."""
    library = tmp_path_factory.mktemp("preload") / "failing_pread.so"
    source = Path(__file__).parent / "support" / "failing_pread.c"
    if not shutil.which("cc"):
        skip_or_fail("there is no C compiler")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return lambda how: environment(LD_PRELOAD=str(library), PREAD_FAILS=how)


@pytest.mark.parametrize("how", ["interrupted", "short"])
def test_reads_that_are_interrupted_or_short_change_nothing(polarway, write, failing_pread, how):
    rows = "".join(f"{i},name {i}\n" for i in range(5_000))
    source = write("a.csv", "id,name\n" + rows)
    run = polarway("stream", source, "--to", "-", env=failing_pread(how))
    assert run.out == "id,name\n" + rows


def test_a_broken_read_is_an_error_with_its_byte_and_no_output(
    polarway, write, failing_pread, tmp_path
):
    source = write("a.csv", "id,name\n" + "".join(f"{i},name {i}\n" for i in range(500_000)))
    run = polarway("stream", source, "--to", tmp_path / "out.csv", exits=1,
                   env=failing_pread("broken:3000000"))
    assert "a.csv" in run.err and "Input/output error" in run.err
    row, byte = map(int, re.search(r"row (\d+), byte (\d+): cannot read", run.err).groups())
    assert 3_000_000 - 30 < byte <= 3_000_000, "where the row begins that could not be read"
    assert len("id,name\n" + "".join(f"{i},name {i}\n" for i in range(row - 1))) == byte
    assert not (tmp_path / "out.csv").exists()
