"""What a CSV of a few bytes means: the cases that the suites of csv-spectrum, Arrow, PapaParse and the
W3C's tabular data agree to test, and those in which readers differ, written as our own facts.

A case has bytes, options, and rows or an error. Its columns are text unless it names their types, so
that what is compared is where fields end. `None` is null, which is what nothing at all stands for.
"""

import dataclasses
import datetime as dt
import math

import pytest
from read_tables import Job, read_tables


@dataclasses.dataclass
class Case:
    name: str
    bytes: bytes
    rows: list[tuple] = dataclasses.field(default_factory=list)
    columns: list[str] | None = None  # where the names are what matters
    error: tuple | None = None  # kind, row (from 1, data only; None before the first)
    options: dict = dataclasses.field(default_factory=dict)
    types: list[str] | None = None  # None: as text; []: as inferred; else declared


def case(name, text, *rows, columns=None, error=None, types=None, **options):
    data = text if isinstance(text, bytes) else text.encode()
    return Case(name, data, list(rows), columns, error, options, types)


QUOTES = [
    case("a field in quotes", 'a,b\n"x",y\n', ("x", "y")),
    case("all fields in quotes", '"a","b"\n"x","y"\n', ("x", "y"), columns=["a", "b"]),
    case("a delimiter in quotes", 'a,b\n"x,y",z\n', ("x,y", "z")),
    case("a LF in quotes", 'a,b\n"x\ny",z\n', ("x\ny", "z")),
    case("a CRLF in quotes", 'a,b\r\n"x\r\ny",z\r\n', ("x\r\ny", "z")),
    case("a CR in quotes", 'a,b\n"x\ry",z\n', ("x\ry", "z")),
    case("line ends alone in quotes", 'a,b\n"\n",z\n"\r\n\n",y\n', ("\n", "z"), ("\r\n\n", "y")),
    case("a doubled quote", 'a,b\n"x""y",z\n', ('x"y', "z")),
    case("a doubled quote at the start", 'a,b\n"""y",z\n', ('"y', "z")),
    case("a doubled quote at the end", 'a,b\n"x""",z\n', ('x"', "z")),
    case("nothing but doubled quotes", 'a,b\n"""",""""""\n', ('"', '""')),
    case("a doubled quote before a delimiter", 'a,b\n"x"",y",z\n', ('x",y', "z")),
    case("a doubled quote before a line end", 'a,b\n"x""\ny",z\n', ('x"\ny', "z")),
    case("JSON in a field", 'a,b\n1,"{""k"": [1, ""é""]}"\n', ("1", '{"k": [1, "é"]}')),
    case("the empty field in quotes is text", 'a,b\n"",x\n', ("", "x")),
    case("the empty field is null", "a,b\n,x\n", (None, "x")),
    case("blanks stand for themselves", "a,b\n x , y\t\n", (" x ", " y\t")),
    case("blanks before a quote make it text", 'a,b\n "x",y\n', (' "x"', "y")),
    case("a quote in the middle is text", 'a,b\n5" pipe,x"y"z\n', ('5" pipe', 'x"y"z')),
    case("a quote at the end is text", 'a,b\nx",y\n', ('x"', "y")),
    case("text behind a closing quote", 'a,b\n1,2\n"x"y,z\n', ("1", "2"), error=("Parse", 2)),
    case("a blank behind a closing quote", 'a,b\n"x" ,z\n', error=("Parse", 1)),
    case("a quote that is never closed", 'a,b\n1,2\n3,"x\n4,5\n', ("1", "2"), error=("Parse", 2)),
    case("a quote that opens at the very end", 'a,b\n1,2\n3,"', ("1", "2"), error=("Parse", 2)),
    case("no final line end behind a quote", 'a,b\nx,"y"', ("x", "y")),
    case("another quote", "a,b\n'x,\"y''s',z\n", ('x,"y\'s', "z"), quote_char="'"),
    case("no quote", 'a,b\n"x,y"\n', ('"x', 'y"'), quote_char="none"),
    case("no quote and a lone one", 'a,b\n",x\ny,"\n', ('"', "x"), ("y", '"'), quote_char="none"),
]

LINE_ENDS = [
    case("LF", "a,b\n1,2\n3,4\n", ("1", "2"), ("3", "4")),
    case("CRLF", "a,b\r\n1,2\r\n3,4\r\n", ("1", "2"), ("3", "4")),
    case("CR", "a,b\r1,2\r3,4\r", ("1", "2"), ("3", "4")),
    case("CR and no final one", "a,b\r1,2\r3,4", ("1", "2"), ("3", "4")),
    case("CR with CRs in quotes", 'a,b\r"1\r1",2\r', ("1\r1", "2")),
    case("LF and CRLF", "a,b\n1,2\r\n3,4\n", ("1", "2"), ("3", "4")),
    case("no final one", "a,b\n1,2\n3,4", ("1", "2"), ("3", "4")),
    case("no final one behind a delimiter", "a,b\n1,2\n3,", ("1", "2"), ("3", None)),
    case("a CR alone among LFs is text", "a,b\n1\r1,2\n", ("1\r1", "2")),
    case("two CRs before a LF: one is text", "a,b\n1,2\r\r\n", ("1", "2\r")),
    case("a CR alone at the end of a last line", "a,b\n1,2\r", ("1", "2")),
    case("blank lines", "\n\na,b\n\n1,2\n\r\n\n3,4\n\n", ("1", "2"), ("3", "4")),
    case("a line of blanks is a short row", "a,b\n1,2\n  \n", ("1", "2"), error=("Parse", 2)),
    case("blank lines of one column are null", "a\n1\n\n2\n", ("1",), (None,), ("2",)),
    case("a last blank line of one column", "a\n1\n\n", ("1",), (None,)),
    case("blank lines before a first row without a header", "\n\n1\n\n", ("1",), (None,),
         has_header="false"),
    case("one column, nothing in quotes", 'a\n""\n\n', ("",), (None,)),
    case("other spaces end no line", "a,b\n1\x0b\x0c2,\x85\u20283\n", ("1\x0b\x0c2", "\x85\u20283")),
]  # fmt: skip

SHAPES = [
    case("a header alone", "a,b\n", columns=["a", "b"]),
    case("a header alone, without its end", "a,b", columns=["a", "b"]),
    case("nothing", "", error=("EmptySource", None)),
    case("blank lines alone", "\n\r\n\n", error=("EmptySource", None)),
    case("a byte order mark alone", b"\xef\xbb\xbf", error=("EmptySource", None)),
    case("one field", "a\nx\n", ("x",)),
    case("all fields empty", "a,b,c\n,,\n", (None, None, None)),
    case("a delimiter at every line's end", "a,b,\n1,2,\n", ("1", "2", None),
         columns=["a", "b", "column_3"]),
    case("too few fields", "a,b,c\n1,2,3\n4,5\n", ("1", "2", "3"), error=("Parse", 2)),
    case("too many fields", "a,b\n1,2\n3,4,5\n6,7\n", ("1", "2"), error=("Parse", 2)),
    case("one field too many, and empty", "a,b\n1,2,\n", error=("Parse", 1)),
    case("no header", "1,2\n3,4\n", ("1", "2"), ("3", "4"), columns=["column_1", "column_2"],
         has_header="false"),
    case("no header, quoted line end", '"1\n1",2\n', ("1\n1", "2"), has_header="false"),
    case("a header with a line end", '"a\nb",c\n1,2\n', ("1", "2"), columns=["a\nb", "c"]),
    case("a header with doubled quotes", '"a ""b""",c\n1,2\n', ("1", "2"), columns=['a "b"', "c"]),
    case("a header with blanks", " a , b \n1,2\n", ("1", "2"), columns=[" a ", " b "]),
    case("names that occur twice", "a,a,b,a\n1,2,3,4\n", ("1", "2", "3", "4"),
         columns=["a", "a_duplicated_0", "b", "a_duplicated_1"]),
    case("names that are empty", 'a,,""\n1,2,3\n', ("1", "2", "3"),
         columns=["a", "column_2", "column_3"]),
    case("numbers as names", "1,2\n3,4\n", ("3", "4"), columns=["1", "2"]),
    case("a wide table", ",".join(f"c{i}" for i in range(500)) + "\n" + "," * 499 + "\n",
         (None,) * 500),
    case("a long field", "a,b\n" + "x" * 40_000 + ",y\n", ("x" * 40_000, "y")),
    case("a long field in quotes", 'a,b\n"' + 'x"",\n' * 9_000 + '",y\n', ('x",\n' * 9_000, "y")),
]  # fmt: skip

DIALECTS = [
    case("semicolons", "a;b\n1,5;2\n", ("1,5", "2"), delimiter=";"),
    case("tabs", "a\tb\n1 ,\t\n", ("1 ,", None), delimiter="\\t"),
    case("tabs in quotes", 'a\tb\n"1\t1"\t2\n', ("1\t1", "2"), delimiter="tab"),
    case("bars", "a|b\n1|2\n", ("1", "2"), delimiter="|"),
    case("colons", "a:b\n1:2\n", ("1", "2"), sep=":"),
    case("blanks", "a b\n1  2\n", error=("Parse", 1), delimiter=" "),
    case("unit separators", "a\x1fb\n1,\x1f2\n", ("1,", "2"), delimiter="\x1f"),
    case("a letter", "axb\n1x2\n", ("1", "2"), delimiter="x"),
    case("a comment", "# one, \"two\na,b\n1,2\n", ("1", "2"), comment_char="#"),
    case("comments everywhere", "#\na,b\n#x\n1,2\n#,,,\n3,4\n#end", ("1", "2"), ("3", "4"),
         comment_char="#"),
    case("a comment mark in quotes", 'a,b\n"#1",2\n', ("#1", "2"), comment_char="#"),
    case("a comment mark within a line", "a,b\n1,#2\n", ("1", "#2"), comment_char="#"),
    case("a blank before a comment mark", "a,b\n #1,2\n", (" #1", "2"), comment_char="#"),
    case("a comment mark behind a quoted line end", 'a,b\n"1\n#2",3\n', ("1\n#2", "3"),
         comment_char="#"),
    case("no comments unless asked", "a,b\n#1,2\n", ("#1", "2")),
    case("rows left out", "made,by,us\nx\na,b\n1,2\n", ("1", "2"), columns=["a", "b"],
         skip_rows="2"),
    case("more rows left out than there are", "a,b\n1,2\n", error=("EmptySource", None),
         skip_rows="3"),
    case("texts that mean null", "a,b\nNA,-\nn/a,NAN\n", (None, None), ("n/a", "NAN"),
         null_values="NA,-"),
    case("an alias of an option", "a;b\n1;2\n", ("1", "2"), separator=";"),
    case("the delimiter as quote", "a,b\n", error=("Config", None), quote_char=","),
    case("a line end as delimiter", "a,b\n", error=("Config", None), delimiter="\n"),
    case("a comment mark that quotes", "a,b\n", error=("Config", None), comment_char='"'),
    case("a negative number of rows", "a,b\n", error=("Config", None), skip_rows="-1"),
]  # fmt: skip

TEXT = [
    case("a byte order mark", b"\xef\xbb\xbfa,b\n1,2\n", ("1", "2"), columns=["a", "b"]),
    case("a byte order mark before a quote", b'\xef\xbb\xbf"a,",b\n1,2\n', ("1", "2"),
         columns=["a,", "b"]),
    case("a byte order mark within", "a,b\n1,\ufeff2\n", ("1", "\ufeff2")),
    case("characters of one to four bytes", "é,b\naé,€𝄞\n", ("aé", "€𝄞"), columns=["é", "b"]),
    case("a NUL", b"a,b\n1\x002,\x00\n", ("1\x002", "\x00")),
    case("a byte that is no UTF-8", b"a,b\n1,2\n3,\xff\n", ("1", "2"), error=("Parse", 2)),
    case("a surrogate", b"a,b\n\xed\xa0\x80,1\n", error=("Parse", 1)),
    case("an overlong form", b"a,b\n\xc0\xaf,1\n", error=("Parse", 1)),
    case("a character that is cut", b"a,b\n1,\xe2\x82", error=("Parse", 1)),
    case("a character that a delimiter cuts", b"a,b\n\xe2,\x82\n", error=("Parse", 1)),
    case("what is no UTF-8, replaced", b"a,b\n\xff,\xe2\x82\n", ("\ufffd", "\ufffd"),
         encoding="utf-8-lossy"),
    case("Latin-1", b"\xe4,b\n\xe9t\xe9,\xff\n", ("été", "ÿ"), columns=["ä", "b"],
         encoding="latin1"),
    case("formulas are data", 'a,b\n=1+1,"@x"\n', ("=1+1", "@x")),
]  # fmt: skip

UTC = dt.UTC
TYPES = [
    case("integers", "a\n-1\n+2\n9223372036854775807\n-9223372036854775808\n", (-1,), (2,),
         (2**63 - 1,), (-(2**63),), types=[]),
    case("an integer too large is text", "a\n1\n9223372036854775808\n", ("1",),
         ("9223372036854775808",), types=[]),
    case("a declared integer too large", "a\n1\n9223372036854775808\n", (1,),
         error=("Schema", 2), types=["int64"]),
    case("floats", "a\n1.5\n-.5\n5.\n1e3\n1E-2\n", (1.5,), (-0.5,), (5.0,), (1000.0,), (0.01,),
         types=[]),
    case("floats at their ends", "a\n1.7976931348623157e308\n5e-324\n-0.0\n",
         (1.7976931348623157e308,), (5e-324,), (-0.0,), types=[]),
    case("infinity and what is no number", "a\ninf\n-inf\nnan\n", (math.inf,), (-math.inf,),
         (math.nan,), types=["float64"]),
    case("an integer no float holds", "a\n0.5\n9007199254740993\n", (0.5,), error=("Schema", 2),
         types=["float64"]),
    case("an exponent in an integer column", "a\n1\n1e5\n", (1,), error=("Schema", 2),
         types=["int64"]),
    case("leading zeros are text", "a\n007\n8\n", ("007",), ("8",), types=[]),
    case("a comma is no decimal point", 'a\n"1,5"\n', ("1,5",), types=[]),
    case("underscores are text", "a\n1_000\n", ("1_000",), types=[]),
    case("hexadecimals are text", "a\n0x1F\n", ("0x1F",), types=[]),
    case("truth", "a,b\ntrue,FALSE\nFalse,True\n", (True, False), (False, True), types=[]),
    case("words that are no truth", "a,b\nyes,1\nno,0\n", ("yes", 1), ("no", 0), types=[]),
    case("dates", "a\n2024-02-29\n1970-01-01\n0001-01-01\n9999-12-31\n", (dt.date(2024, 2, 29),),
         (dt.date(1970, 1, 1),), (dt.date(1, 1, 1),), (dt.date(9999, 12, 31),), types=[]),
    case("a day that is none is text", "a\n2023-02-29\n", ("2023-02-29",), types=[]),
    case("a declared day that is none", "a\n2024-02-29\n2024-02-30\n", (dt.date(2024, 2, 29),),
         error=("Schema", 2), types=["date"]),
    case("dates of other countries are text", "a\n31.12.2024\n12/31/2024\n", ("31.12.2024",),
         ("12/31/2024",), types=[]),
    case("timestamps", "a\n2024-02-29T12:00:00\n2024-02-29 12:00:00.000001\n2024-02-29 12:00\n",
         (dt.datetime(2024, 2, 29, 12),), (dt.datetime(2024, 2, 29, 12, 0, 0, 1),),
         (dt.datetime(2024, 2, 29, 12),), types=[]),
    case("timestamps with a zone", "a\n2024-01-01T00:00:00Z\n2024-01-01T00:00:00+01:30\n",
         (dt.datetime(2024, 1, 1, tzinfo=UTC),), (dt.datetime(2023, 12, 31, 22, 30, tzinfo=UTC),),
         types=[]),
    case("a 25th hour", "a\n2024-01-01T25:00:00\n", error=("Schema", 1), types=["timestamp[us]"]),
    case("a leap second", "a\n2016-12-31T23:59:60\n", error=("Schema", 1),
         types=["timestamp[us]"]),
    case("nanoseconds in microseconds", "a\n2024-01-01T00:00:00.0000001\n", error=("Schema", 1),
         types=["timestamp[us]"]),
    case("numbers in quotes are numbers", 'a,b\n"1","2.5"\n', (1, 2.5), types=[]),
    case("blanks around a number", "a,b\n 1 ,\t2.5\n", (1, 2.5), types=["int64", "float64"]),
    case("an empty column is text", "a,b\n,1\n,2\n", (None, 1), (None, 2), types=[]),
    case("nulls in every type", "a,b,c,d,e\n1,1.5,true,2024-01-01,x\n,,,,\n",
         (1, 1.5, True, dt.date(2024, 1, 1), "x"), (None,) * 5, types=[]),
    case("a schema of a column that is not there", "a\n1\n", error=("Schema", None),
         schema='{"b":"int64"}', types=[]),
]  # fmt: skip

CASES = [*QUOTES, *LINE_ENDS, *SHAPES, *DIALECTS, *TEXT, *TYPES]


def job_of(case, path):
    path.write_bytes(case.bytes)
    options = dict(case.options)
    if case.types:
        names = case.bytes.decode().split("\n")[0].split(",")
        pairs = zip(names, case.types, strict=True)
        options["schema"] = "{" + ",".join(f'"{name}":"{type}"' for name, type in pairs) + "}"
    # The start of a file that ends lines with CR must be in the first block.
    block_bytes = 0 if b"\r" in case.bytes else 3
    return Job(path, options, text=case.types is None, block_bytes=block_bytes)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """What each case gave, by its name, all from one process."""
    folder = tmp_path_factory.mktemp("conformance")
    jobs = [job_of(case, folder / f"{i}.csv") for i, case in enumerate(CASES)]
    return dict(zip((case.name for case in CASES), read_tables(jobs), strict=True))


def spelled(rows):
    """With NaN equal to NaN, and -0.0 other than 0.0."""
    return [tuple(repr(value) if isinstance(value, float) else value for value in row) for row in rows]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
def test_a_csv_has_the_rows_it_means(tables, case):
    table = tables[case.name]
    place = table.error and (table.error["kind"], table.error["row"])
    assert place == case.error, table.error
    assert spelled(table.rows) == spelled(case.rows)
    if case.columns:
        assert table.names == case.columns
    assert table.deviates is None


def test_every_case_has_a_name_of_its_own():
    assert len({case.name for case in CASES}) == len(CASES) >= 80
