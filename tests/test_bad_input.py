"""What bad input gets: a clear error with its place, and never half an output."""

import os
import re
import resource
import shutil
import signal
import subprocess

import polars as pl
import pytest
from conftest import PROGRAM, Run, environment, leftovers, skip_or_fail


@pytest.fixture
def refuses(polarway, tmp_path):
    """Streams a source into a file; expects this exit code, these words, and no output."""

    def stream(source, code, *words, options=(), out="out.parquet", **more):
        before = sorted(os.listdir(tmp_path))
        run = polarway("stream", source, "--to", tmp_path / out, *options, exits=code, **more)
        for word in words:
            assert word in run.err, f"{word!r} is not in: {run.err}"
        assert run.err.startswith("polarway: ") or "\npolarway: " in run.err
        assert "terminate called" not in run.err
        assert sorted(os.listdir(tmp_path)) == before, "something was left behind"
        return run

    return stream


def place(run):
    """(row, byte) that the error names; None for what it does not."""
    row = re.search(r"\brow ([\d,]+)", run.err)
    byte = re.search(r"\bbyte ([\d,]+)", run.err)
    return tuple(int(found[1].replace(",", "")) if found else None for found in (row, byte))


def assert_place(run, content, row, line):
    """The error names that data row, and a byte inside the line `line` (from 0) of the content."""
    named_row, named_byte = place(run)
    lines = content.splitlines(keepends=True)
    start = sum(len(text) for text in lines[:line])
    assert named_row == row, run.err
    assert named_byte is not None and start <= named_byte <= start + len(lines[line]), run.err


# ---- Files


def test_a_missing_file(refuses, polarway, tmp_path):
    refuses(tmp_path / "nowhere.csv", 3, "nowhere.csv")
    for command in ("count", "head", "schema"):
        assert "nowhere.csv" in polarway(command, tmp_path / "nowhere.csv", exits=3).err


def without_privileges():
    """The words before a command that take root's right to go through closed doors."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        skip_or_fail("root may read everything, and there is no setpriv to take that right away")
    taken = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={taken}", f"--inh-caps={taken}"]


def run_without_privileges(*arguments):
    done = subprocess.run(
        [*without_privileges(), PROGRAM, *arguments],
        capture_output=True,
        timeout=60,
        env=environment(),
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def test_a_folder_without_permission(program, write, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "a.csv").write_text("a\n1\n")
    closed.chmod(0)
    try:
        run = run_without_privileges("stream", closed / "a.csv", "--to", tmp_path / "out.parquet")
        assert run.code == 1, run.err
        assert "a.csv" in run.err and "ermission" in run.err

        run = run_without_privileges(
            "stream", write("b.csv", "a\n1\n"), "--to", closed / "out.parquet"
        )
        assert run.code == 1, run.err
        assert "out.parquet" in run.err and "ermission" in run.err
    finally:
        closed.chmod(0o755)
    assert leftovers(tmp_path, "closed", "b.csv") == []
    assert leftovers(closed, "a.csv") == []


def test_a_file_without_permission(program, write, tmp_path):
    source = write("a.csv", "a\n1\n")
    source.chmod(0)
    run = run_without_privileges("count", source)
    assert run.code == 1, run.err
    assert "a.csv" in run.err and "ermission" in run.err


def test_a_target_folder_that_is_not_there(polarway, write, tmp_path):
    run = polarway(
        "stream", write("a.csv", "a\n1\n"), "--to", tmp_path / "nowhere" / "out.csv", exits=3
    )
    assert "nowhere" in run.err


def test_a_target_that_is_a_folder(polarway, write, tmp_path):
    (tmp_path / "out.csv").mkdir()
    run = polarway("stream", write("a.csv", "a\n1\n"), "--to", tmp_path / "out.csv", exits=2)
    assert "out.csv" in run.err
    assert os.listdir(tmp_path / "out.csv") == []
    assert leftovers(tmp_path, "a.csv", "out.csv") == []


# ---- Nothing, or nearly nothing


def test_zero_bytes(refuses, write):
    refuses(write("empty.csv", ""), 3, "empty.csv")


def test_a_header_without_rows_is_no_error(polarway, write, tmp_path):
    for number, header in enumerate(("name,age\n", "name,age", "name,age\r\n", "\ufeffname,age\n")):
        source = write(f"{number}.csv", header)
        assert polarway("count", source).out == "0\n"
        polarway("stream", source, "--to", tmp_path / "out.parquet")
        rows = pl.read_parquet(tmp_path / "out.parquet")
        assert rows.height == 0
        assert rows.columns == ["name", "age"]


# ---- Rows that are not rows


def test_a_quote_that_is_never_closed(refuses, write):
    content = 'name,age\nAda,36\n"Grace,45\n' + "Edsger,72\n" * 10
    run = refuses(write("open.csv", content), 7, "open.csv", "quote")
    assert_place(run, content, 2, 2)


def test_a_quote_that_is_never_closed_before_the_memory_ends(refuses, write):
    content = 'name,age\nAda,36\n"Grace,45\n' + "Edsger,72\n" * 10_000_000
    run = refuses(write("open.csv", content), 6, "quote", options=["--memory-limit", "48MB"])
    assert_place(run, content[:100], 2, 2)


@pytest.mark.parametrize(
    "ragged, found", [("Grace", "1"), ("Grace,45,extra,more", "4")], ids=["too few", "too many"]
)
def test_a_ragged_row(refuses, write, ragged, found):
    content = "name,age\nAda,36\n" + ragged + "\nEdsger,72\n"
    run = refuses(write("ragged.csv", content), 7, "ragged.csv", "2", found)
    assert_place(run, content, 2, 2)


def test_a_ragged_row_far_down_names_its_row(refuses, write):
    content = "name,age\n" + "Ada,36\n" * 300_000 + "Grace\n" + "Edsger,72\n" * 10
    run = refuses(write("ragged.csv", content), 7, "ragged.csv")
    assert place(run) == (300_001, 9 + 7 * 300_000)


def test_a_value_that_does_not_fit_a_pinned_schema(refuses, write):
    content = "name,age\nAda,36\nGrace,forty-five\n"
    run = refuses(
        write("pinned.csv", content),
        7,
        "pinned.csv",
        "age",
        "forty-five",
        "int64",
        options=["-o", 'schema={"name": "string", "age": "int64"}'],
    )
    assert_place(run, content, 2, 2)


def test_a_value_that_does_not_fit_the_inferred_schema(refuses, write):
    content = "name,age\n" + "Ada,36\n" * 200_000 + "Grace,forty-five\n"
    run = refuses(write("late.csv", content), 7, "late.csv", "age", "forty-five")
    assert place(run)[0] == 200_001
    assert 9 + 7 * 200_000 <= place(run)[1] <= len(content)


@pytest.mark.parametrize(
    "text, kind",
    [
        ("9223372036854775808", "int64"),
        ("1.5", "int64"),
        ("1_000", "int64"),
        ("0x1F", "int64"),
        ("1,5", "int64"),
        ("abc", "float64"),
        ("1.5.5", "float64"),
        ("maybe", "bool"),
        ("2024-02-30", "date"),
        ("0000-00-00", "date"),
        ("2024-13-01", "date"),
        ("2024-01-01T25:00:00", "timestamp[us]"),
        ("300000-01-01T00:00:00", "timestamp[us]"),
    ],
)
def test_no_value_is_bent_to_fit_its_type(refuses, write, text, kind):
    content = f'id,value\n1,"{text}"\n'
    run = refuses(
        write("a.csv", content),
        7,
        "a.csv",
        "value",
        text,
        options=["-o", f'schema={{"id": "int64", "value": "{kind}"}}'],
    )
    assert place(run)[0] == 1


def test_a_long_text_is_shortened_in_the_error(refuses, write):
    run = refuses(
        write("a.csv", "age\n" + "x" * 100_000 + "\n"), 7, options=["-o", 'schema={"age": "int64"}']
    )
    assert "xxxx" in run.err
    assert len(run.err) < 1000


# ---- Large things


def test_a_field_larger_than_the_limit(refuses, tmp_path):
    source = tmp_path / "huge.csv"
    with open(source, "wb") as file:
        file.write(b"id,text\n1,small\n2,")
        for _ in range(64):
            file.write(b"x" * 1_000_000)
        file.write(b"\n3,small\n")
    run = refuses(source, 6, "huge.csv", options=["--memory-limit", "48MB"])
    assert place(run)[0] == 2
    assert re.search(r"\d+(\.\d+)? ?MB", run.err), "the error says what it would take"


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_line_longer_than_the_chunk(polarway, tmp_path, quote):
    source = tmp_path / "long.csv"
    long = quote + "x" * 3_000_000 + quote
    source.write_text(f"id,text\n1,a\n2,{long}\n3,b\n")
    polarway(
        "stream",
        source,
        "--memory-limit",
        "64MB",
        "--chunk-size",
        "1",
        "--to",
        tmp_path / "out.parquet",
    )
    rows = pl.read_parquet(tmp_path / "out.parquet")
    assert rows["text"].str.len_bytes().to_list() == [1, 3_000_000, 1]
    assert rows["id"].to_list() == [1, 2, 3]


def test_a_limit_below_the_floor(refuses, polarway, people):
    run = refuses(people, 6, options=["--memory-limit", "1MB"])
    assert re.search(r"\d+(\.\d+)? ?MB", run.err), "the error names the floor"
    assert "limit" in run.err
    refuses(people, 6, options=["--memory-limit", "1"])


# ---- Bytes


@pytest.mark.parametrize("quote", ["", '"'])
def test_nul_bytes_are_kept_or_refused_but_never_end_a_text(polarway, write, tmp_path, quote):
    content = f"id,text\n1,{quote}be\0fore{quote}\n2,{quote}\0{quote}\n3,x\n".encode()
    source = write("nul.csv", content)
    run = polarway("stream", source, "--to", tmp_path / "out.parquet")
    assert "nul.csv" not in run.err
    assert pl.read_parquet(tmp_path / "out.parquet")["text"].to_list() == ["be\0fore", "\0", "x"]


def test_nothing_but_nul_bytes(polarway, write):
    run = polarway("count", write("nul.csv", b"\0" * 100_000))
    assert run.out == "0\n"  # a header without a line's end


BAD_UTF8 = {
    "a lone byte": b"\xff",
    "cut short": b"\xc3",
    "overlong": b"\xc0\xaf",
    "surrogate": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
}


@pytest.mark.parametrize("bad", BAD_UTF8.values(), ids=BAD_UTF8.keys())
def test_invalid_utf8_is_an_error_with_its_offset(refuses, write, bad):
    content = b"id,text\n1,fine\n2,ab" + bad + b"cd\n3,fine\n"
    run = refuses(write("bytes.csv", content), 7, "bytes.csv", "text", "utf-8-lossy")
    row, byte = place(run)
    assert row == 2
    assert content.index(b"2,ab") <= byte <= content.index(bad)


def test_invalid_utf8_is_replaced_when_asked(polarway, write, tmp_path):
    source = write("bytes.csv", b"id,text\n1,fine\n2,ab\xffcd\n")
    polarway("stream", source, "-o", "encoding=utf-8-lossy", "--to", tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["text"].to_list() == ["fine", "ab\ufffdcd"]


def test_latin1_is_read_when_declared(polarway, write, tmp_path):
    source = write("bytes.csv", "id,text\n1,Zürich\n2,naïve ÿ\n".encode("latin-1"))
    polarway("stream", source, "-o", "encoding=latin1", "--to", tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["text"].to_list() == ["Zürich", "naïve ÿ"]


# ---- Disk full


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 1 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here; the file size limit stands in for it")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_full_disk(polarway, people, small_disk, name):
    run = polarway("stream", people, "--to", small_disk / name, exits=1)
    assert name in run.err and "pace" in run.err  # No space left on device
    assert os.listdir(small_disk) == []


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_file_that_may_not_grow(polarway, people, tmp_path, name):
    def limit_files_to_1_mb():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    run = polarway(
        "stream", people, "--to", tmp_path / name, exits=1, preexec_fn=limit_files_to_1_mb
    )
    assert name in run.err
    assert leftovers(tmp_path) == []


def test_full_standard_output(program, people):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [program, "stream", people, "--to", "-"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env=environment(),
            check=False,
        )
    assert done.returncode == 1
    assert "pace" in done.stderr


# ---- Options and names


def test_an_unknown_option_gets_the_nearest_name(refuses, write):
    refuses(write("a.csv", "a\n1\n"), 2, "delimeter", "delimiter", options=["-o", "delimeter=;"])


@pytest.mark.parametrize(
    "option, word",
    [
        ("delimiter=", "delimiter"),
        ("delimiter=\n", "delimiter"),
        ('delimiter="', "quote"),
        ("has_header=maybe", "maybe"),
        ("skip_rows=-1", "negative"),
        ("skip_rows=many", "many"),
        ("encoding=klingon", "klingon"),
        ("schema={", "schema"),
        ('schema={"a": "int65"}', "int65"),
        ("infer_schema_length=1e3", "1e3"),
        ("quote_char=ab", "ab"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_by_name(refuses, write, option, word):
    refuses(write("a.csv", "a\n1\n"), 2, option.split("=")[0], word, options=["-o", option])


@pytest.mark.parametrize(
    "options", [["--where", "agee > 30"], ["--select", "name,agee"], ["--where", "a.age > 3"]]
)
def test_an_unknown_column_gets_the_nearest_name(refuses, write, options):
    refuses(write("a.csv", "name,age\nAda,36\n"), 2, "age", options=options)


def test_an_unknown_column_is_named_with_those_there_are(refuses, write):
    refuses(
        write("a.csv", "name,age\nAda,36\n"),
        2,
        "salary",
        'there are "name", "age"',
        options=["--where", "salary > 30"],
    )


@pytest.mark.parametrize(
    "where", ["name > 30", "age = 'x'", "age and true", "not name", "name + 1 = 2"]
)
def test_types_that_do_not_fit_are_found_before_the_first_row(refuses, write, where):
    refuses(write("a.csv", "name,age\nAda,36\n"), 2, options=["--where", where])


def test_an_overflow_is_an_error_and_not_another_number(refuses, write):
    refuses(write("a.csv", "n\n1\n9223372036854775807\n"), 7, options=["--select", "n + 1 as m"])


def test_skipping_more_rows_than_there_are(polarway, write):
    run = polarway("count", write("a.csv", "a,b\n1,2\n"), "-o", "skip_rows=10", exits=3)
    assert "a.csv" in run.err


# ---- The file changes while it is read


@pytest.mark.parametrize("use_mmap", ["false", "true"])
def test_a_file_cut_short_while_it_is_read_is_an_error(polarway, make_people, tmp_path, use_mmap):
    source = tmp_path / "shrinks.csv"
    shutil.copy(make_people("20MB"), source)
    small = ["--memory-limit", "48MB", "--chunk-size", "100", "--max-chunk-size", "100"]
    mapping = ["-o", f"use_mmap={use_mmap}"]
    process = polarway.start("stream", source, "--to", "-", *small, *mapping)
    process.stdout.read(1)  # it has begun, and waits for its reader
    os.truncate(source, 10_000_000)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, f"{process.returncode}: {len(out)} bytes, {err.decode()}"
    assert b"shrinks.csv" in err
