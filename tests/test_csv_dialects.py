"""CSV as it comes: other marks, line ends, comments, lines before the header; through the program."""

import csv
import io
import json
import random

import polars as pl
import pytest


@pytest.fixture
def rows_of(polarway, write):
    """rows_of(content, "delimiter=;", ...) gives the rows as lists of text, the header first; null
    and empty text are both ''."""

    def read(content, *options):
        arguments = [word for option in options for word in ("-o", option)]
        run = polarway("stream", write("a.csv", content), *arguments, "--to", "-")
        return list(csv.reader(io.StringIO(run.out, newline="")))

    return read


@pytest.fixture
def refused(polarway, write):
    """What the program says of a file that it cannot read, or of options that make no sense."""

    def read(content, *options, exits=7):
        arguments = [word for option in options for word in ("-o", option)]
        run = polarway("stream", write("a.csv", content), *arguments, exits=exits)
        count = polarway("count", write("a.csv", content), *arguments, exits=(0, exits))
        return run.err, count

    return read


def test_delimiters_of_several_bytes(rows_of):
    content = 'id||name||note\n1||"a||b"||x\n2|||c||"say ""hi"""\n'
    assert rows_of(content, "delimiter=||") == [
        ["id", "name", "note"],
        ["1", "a||b", "x"],
        ["2", "|c", 'say "hi"'],
    ]
    assert rows_of("a§b\n1§2\n", "sep=§") == [["a", "b"], ["1", "2"]]
    assert rows_of("a\x1fb\n1\x1f2\n", r"delimiter=\x1f") == [["a", "b"], ["1", "2"]]


def test_escapes_as_python_reads_them(rows_of):
    content = 'a,b\n"say \\"hi\\"",x\\,y\n"c:\\\\dir","a""b"\n'
    python = csv.reader(io.StringIO(content, newline=""), escapechar="\\")
    assert rows_of(content, "escape_char=\\") == list(python)


def test_no_quotes(rows_of):
    assert rows_of('a\tb\n"x\t5" pipe\n', "delimiter=tab", "quote_char=none") == [
        ["a", "b"],
        ['"x', '5" pipe'],
    ]


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r", "|", "\0"])
@pytest.mark.parametrize("ends", [True, False], ids=["ended", "not ended"])
def test_line_ends(rows_of, eol, ends):
    lines = ["a,b", "1,x", '2,"y' + eol + 'z"', "", "3,w"]
    content = eol.join(lines) + (eol if ends else "")
    spelled = {"|": ["eol_char=|"], "\0": [r"eol_char=\0"]}.get(eol, [])
    assert rows_of(content, *spelled) == [["a", "b"], ["1", "x"], ["2", "y" + eol + "z"], ["3", "w"]]


def test_line_ends_of_two_kinds_in_one_file(rows_of, polarway, write):
    content = "a,b\r\n1,x\n2,y\r\n\r\n\n3,z"
    assert rows_of(content) == [["a", "b"], ["1", "x"], ["2", "y"], ["3", "z"]]
    assert polarway("count", write("a.csv", content)).out == "3\n"


def test_comments_of_several_bytes_whatever_is_in_them(rows_of):
    content = '// it\'s "odd\na,b\n1,2\n// x,"y\n/,"// no comment"\n//\n'
    assert rows_of(content, "comment_prefix=//") == [["a", "b"], ["1", "2"], ["/", "// no comment"]]


def test_a_comment_mark_in_quotes_is_text(rows_of):
    content = 'a,b\n1,"x\n#y"\n"#2",z\n'
    assert rows_of(content, "comment_char=#") == [["a", "b"], ["1", "x\n#y"], ["#2", "z"]]


def test_lines_and_rows_before_the_header(rows_of):
    assert rows_of('say "hi\n\n\na,b\n1,2\n', "skip_lines=2") == [["a", "b"], ["1", "2"]]
    content = '\n\n"made\nby",me\n\na,b\n1,2\n'
    assert rows_of(content, "skip_rows=2") == [["a", "b"], ["1", "2"]]
    for name in ("skip_rows", "skip_lines"):
        simple = "one\ntwo\na,b\n1,2\n"
        ours = rows_of(simple, f"{name}=2")
        polars = pl.read_csv(simple.encode(), truncate_ragged_lines=True, **{name: 2})
        assert ours[0] == polars.columns and len(ours) == 1 + len(polars)


def test_skipping_more_than_there_is_or_less_than_nothing(refused):
    for name in ("skip_rows", "skip_lines"):
        assert "nothing in it" in refused("a,b\n1,2\n", f"{name}=3", exits=3)[0]
        assert "negative" in refused("a,b\n1,2\n", f"{name}=-1", exits=2)[0]


@pytest.mark.parametrize(
    "options",
    [
        ['delimiter="'],
        ["delimiter=|", "quote_char=|"],
        ['delimiter=|"|'],
        [r"delimiter=\n"],
        ["delimiter=;", "eol_char=;"],
        ["delimiter="],
        ["delimiter=0123456789abcdef"],
        ["escape_char=,"],
        ["comment_char=,"],
        ['comment_char="#'],
        ["eol_char=ab"],
    ],
)
def test_marks_that_cannot_be_told_apart_are_refused_when_it_is_opened(refused, options):
    err, _ = refused("a,b\n1,2\n", *options, exits=2)
    assert options[0].split("=")[0] in err


def test_nul_bytes_are_bytes(polarway, write, tmp_path):
    polarway("stream", write("a.csv", b'a,b\n1,x\0y\n2,"\0,\0"\n\0,\0\n'), "--to", tmp_path / "o.parquet")
    rows = pl.read_parquet(tmp_path / "o.parquet")
    assert rows.rows() == [("1", "x\0y"), ("2", "\0,\0"), ("\0", "\0")]
    assert polarway("count", write("b.csv", b"a\n" + b"\0" * 1000)).out == "1\n"


def test_a_quote_that_is_never_closed_is_found_within_max_line_size(polarway, tmp_path):
    source = tmp_path / "open.csv"
    with open(source, "w") as file:
        file.write('id,text\n1,"x\n')
        for _ in range(20):
            file.write("2,yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n" * 50_000)
    for command in ("stream", "count"):
        run = polarway(command, source, "-o", "max_line_size=64KiB", "--memory-limit", "64MB", exits=7)
        assert "row 1" in run.err and "byte 8" in run.err and "quote" in run.err
    run = polarway("stream", source, "--memory-limit", "48MB", exits=6)
    assert "row 1" in run.err and "quote" in run.err


def test_max_line_size_is_for_rows_that_end_too(polarway, write):
    content = "a,b\n1,2\n3," + "x" * 100 + "\n5,6\n"
    for command in ("stream", "count"):
        run = polarway(command, write("a.csv", content), "-o", "max_line_size=100", exits=7)
        assert "row 2" in run.err and "byte 8" in run.err and "max_line_size" in run.err
        polarway(command, write("a.csv", content), "-o", "max_line_size=102")


def test_a_quoted_line_end_in_the_header_and_a_header_of_a_megabyte(rows_of, polarway, write):
    assert rows_of('"a\nb",c\n1,2\n') == [["a\nb", "c"], ["1", "2"]]
    names = [f"column_of_some_length_{i}" for i in range(40_000)]
    content = ",".join(names) + "\n" + ",".join("1" for _ in names) + "\n"
    assert len(content) > 1_000_000
    assert polarway("count", write("wide.csv", content), "--memory-limit", "512MB").out == "1\n"


def test_a_last_line_cut_in_mid_field_is_told_from_one_without_an_end(rows_of, refused):
    assert rows_of("a,b\n1,2\n3,4") == [["a", "b"], ["1", "2"], ["3", "4"]]
    for cut in ("3", '3,"4', '3,"4"x'):
        err, _ = refused("a,b\n1,2\n" + cut)
        assert "row 2" in err


def hostile(rng):
    """A table in a dialect of its own: its text, the options, and its rows."""
    delimiter = rng.choice([",", ";", "\t", "||", "<>", "|~|", "§"])
    eol = rng.choice(["\n", "\r\n"])
    alphabet = ["a", "b", "1", " ", "\n", "\r\n", '"', "'", "\\", "#", "é", "\0", *delimiter]
    columns = rng.randint(2, 5)
    rows = [
        ["".join(rng.choice(alphabet) for _ in range(rng.randint(0, 12))) for _ in range(columns)]
        for _ in range(rng.randint(0, 40))
    ]
    header = [f"c{i}" for i in range(columns)]

    def cell(text):
        bare = not any(mark in text for mark in ('"', "\n", "\r", *delimiter)) and text
        return text if bare and rng.random() < 0.5 else '"' + text.replace('"', '""') + '"'

    text = "".join(delimiter.join(map(cell, row)) + eol for row in [header, *rows])
    if rng.random() < 0.5:
        text = text.removesuffix(eol)
    return text, [f"delimiter={delimiter}"], [header, *rows]


@pytest.mark.parametrize("seed", range(40))
def test_hostile_tables_come_through_as_they_are(polarway, write, tmp_path, seed):
    text, options, rows = hostile(random.Random(seed))
    schema = "{" + ",".join(f'"{name}":"string"' for name in rows[0]) + "}"
    arguments = [word for option in [*options, f"schema={schema}"] for word in ("-o", option)]
    source = write("a.csv", text.encode())
    polarway("stream", source, *arguments, "--chunk-size", "7", "--to", tmp_path / "o.parquet")
    got = pl.read_parquet(tmp_path / "o.parquet").rows()
    assert [list(row) for row in got] == rows[1:]
    assert polarway("count", source, *arguments).out == f"{len(rows) - 1}\n"


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        ("a,b\n", ["a", "b"], 0),
        ("a,b", ["a", "b"], 0),
        ("n\n1\n\n2\n", ["n"], 3),  # of one column, an empty line is a row
        (" \n  \n", [" "], 1),
        ("a,a,a\n1,2,3\n", ["a", "a_duplicated_0", "a_duplicated_1"], 1),
        ("a,,b,\n1,2,3,4\n", ["a", "column_2", "b", "column_4"], 1),
        (",\n,\n", ["column_1", "column_2"], 1),
    ],
)
def test_a_poor_header_still_makes_a_table(polarway, tmp_path, text, columns, rows):
    path = tmp_path / "poor.csv"
    path.write_text(text)
    schema = json.loads(polarway("schema", path, "--json").out)
    assert [field["name"] for field in schema["fields"]] == columns
    assert polarway("count", path).out == f"{rows}\n"


@pytest.mark.parametrize("text", ["", "\n", "\n\r\n\n", "\ufeff"])
def test_nothing_at_all_is_an_empty_source(polarway, tmp_path, text):
    path = tmp_path / "none.csv"
    path.write_text(text, encoding="utf-8", newline="")
    for command in ("schema", "count", "stream"):
        assert "nothing in it" in polarway(command, path, exits=3).err
