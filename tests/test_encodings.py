"""Text in other encodings than UTF-8: decoded exactly, or an error with its byte."""

import codecs
import gzip
import os

import polars as pl
import pytest
from conftest import leftovers
from polars.testing import assert_frame_equal

TEXT = 'id,text\n1,Zürich\n2,"naïve, ÿ"\n3,"two\nlines €"\n'
ROWS = [(1, "Zürich"), (2, "naïve, ÿ"), (3, "two\nlines €")]


@pytest.fixture
def rows(polarway, tmp_path):
    def read(source, *options, **more):
        polarway("stream", source, *options, "--to", tmp_path / "rows.parquet", **more)
        frame = pl.read_parquet(tmp_path / "rows.parquet")
        (tmp_path / "rows.parquet").unlink()
        return frame

    return read


@pytest.fixture
def refused(polarway, tmp_path):
    def read(source, *options, exits=7, **more):
        before = sorted(os.listdir(tmp_path))
        run = polarway(
            "stream", source, *options, "--to", tmp_path / "out.csv", exits=exits, **more
        )
        assert leftovers(tmp_path, *before) == []
        return run.err

    return read


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["bare", "marked"])
def test_utf8_is_the_default_and_its_mark_is_dropped(rows, write, mark):
    frame = rows(write("a.csv", mark + TEXT.encode()))
    assert frame.columns == ["id", "text"] and frame.rows() == ROWS


@pytest.mark.parametrize(
    "name, mark",
    [
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("utf-32-be", codecs.BOM_UTF32_BE),
    ],
)
def test_a_byte_order_mark_tells_utf16_and_utf32(rows, write, name, mark):
    plain = TEXT.encode(name)
    source = write("a.csv", mark + plain)
    said = name.replace("-le", "le").replace("-be", "be")
    for options in ([], ["-o", "encoding=" + name[:6]], ["-o", "encoding=" + said]):
        frame = rows(source, *options)
        assert frame.columns == ["id", "text"] and frame.rows() == ROWS
    assert rows("-", "--as", "csv", stdin=mark + plain).rows() == ROWS
    assert rows(write("b.csv.gz", gzip.compress(mark + plain))).rows() == ROWS
    # Without one the option is needed, and the first character's zeros will do for the order.
    bare = write("c.csv", plain)
    assert rows(bare, "-o", "encoding=" + said).rows() == ROWS
    assert rows(bare, "-o", "encoding=" + name[:6]).rows() == ROWS


@pytest.mark.parametrize("name", ["windows-1252", "cp1252", "iso-8859-15"])
def test_encodings_of_single_bytes(rows, write, name):
    assert rows(write("a.csv", TEXT.encode(name)), "-o", f"encoding={name}").rows() == ROWS


@pytest.mark.parametrize(
    "name, text",
    [
        ("windows-1251", "Привет"),
        ("koi8-r", "Привет"),
        ("shift_jis", "日本語テキスト"),
        ("euc-jp", "日本語テキスト"),
        ("iso-2022-jp", "日本語テキスト"),
        ("gb18030", "中文🎈"),
        ("gbk", "中文"),
        ("big5", "中文"),
        ("euc-kr", "한국어"),
        ("windows-1253", "Ελλάδα"),
        ("utf-7", "Zürich"),
    ],
)
def test_any_encoding_that_iconv_knows(rows, write, name, text):
    data = "".join(f"{n},{text} {n}\n" for n in range(20_000))
    source = write("a.csv", f"n,{text}\n{data}".encode(name))
    frame = rows(source, "-o", f"encoding={name}", "--memory-limit", "48MB")
    assert frame.columns == ["n", text]
    assert frame[text].to_list() == [f"{text} {n}" for n in range(20_000)]


@pytest.mark.parametrize("name", ["utf-16", "utf-32", "latin1"])
def test_a_large_file_has_the_rows_of_utf8(polarway, rows, people, people_rows, write, name):
    source = write("people.csv", people.read_text().encode(name, "replace"))
    options = ["--memory-limit", "48MB", *(["-o", "encoding=latin1"] if name == "latin1" else [])]
    frame = rows(source, *options)
    if name == "latin1":  # which not every name can be written in
        assert frame.height == people_rows.height
    else:
        assert_frame_equal(frame, people_rows)
    stats = polarway("stream", source, *options, "--stats", "json").stats
    assert stats["bytes_read"] == source.stat().st_size
    assert stats["peak_rss_anon_bytes"] < 48_000_000


# ---- What is not valid


def test_text_that_is_not_valid_is_an_error_with_its_byte_in_the_file(refused, write):
    good = "id,text\n1,fine\n2,ab".encode("utf-16-le")
    bad = good + b"\x00\xdc" + "cd\n".encode("utf-16-le")
    said = refused(write("a.csv", bad), "-o", "encoding=utf-16le")
    assert "a.csv" in said and "00 DC" in said and "not valid utf-16le" in said
    assert f"at byte {len(good)} of the text as it was" in said
    said = refused(write("b.csv", b"id,text\n1,a\x81b\n"), "-o", "encoding=windows-1252")
    assert "at byte 11 " in said


def test_text_cut_off_in_a_character_is_an_error(refused, write):
    whole = codecs.BOM_UTF16_LE + "id\n1\n2🎈".encode("utf-16-le")
    for missing in (1, 2, 3):
        said = refused(write("a.csv", whole[:-missing]))
        assert "ends in the middle of a character" in said
        assert f"at byte {len(whole) - 4} " in said


def test_the_row_of_an_error_is_right_and_its_byte_is_that_of_the_utf8_text(refused, write):
    lines = ["id,tëxt"] + [f"{n},é" for n in range(1, 2000)]
    lines[1500] = "1500,é,too many"
    text = "\n".join(lines) + "\n"
    byte = len("\n".join(lines[:1500]).encode()) + 1
    for data in (text.encode("utf-16"), gzip.compress(text.encode("utf-16"))):
        said = refused(write("a.csv", data))
        assert f"row 1500, byte {byte}:" in said, said


def test_a_mark_that_the_option_belies_is_an_error_that_names_both(refused, write):
    source = write("a.csv", codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"))
    for said in ("utf-16le", "latin1", "windows-1252", "utf-32"):
        error = refused(source, "-o", f"encoding={said}")
        assert f"mark of utf-16be, but encoding is {said}" in error
    source = write("b.csv", codecs.BOM_UTF8 + TEXT.encode())
    assert "mark of utf-8" in refused(source, "-o", "encoding=utf-16le")


def test_a_byte_order_that_nothing_tells_is_asked_for(refused, write):
    source = write("a.csv", "中文\n".encode("utf-16-le"))
    assert "encoding=utf-16le or utf-16be" in refused(source, "-o", "encoding=utf-16")


@pytest.mark.parametrize(
    "name, near",
    [("utf-61", "utf-16"), ("windows-125", "windows-1252"), ("shiftjis2", "shift_jis")],
)
def test_an_unknown_encoding_gets_the_nearest_name(refused, write, name, near):
    said = refused(write("a.csv", b"a\n1\n"), "-o", f"encoding={name}", exits=2)
    assert f'no encoding is called "{name}"' in said
    assert "did you mean" in said


def test_nothing_is_left_out_or_replaced_in_silence(refused, write):
    for name in ("ascii//IGNORE", "utf-16//TRANSLIT"):
        assert "no encoding is called" in refused(
            write("a.csv", b"a\n1\n"), "-o", f"encoding={name}", exits=2
        )
    assert "not valid ascii" in refused(write("a.csv", "a\né\n".encode()), "-o", "encoding=ascii")
