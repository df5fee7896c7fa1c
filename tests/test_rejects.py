"""Rows that do not fit: mended, left out with their place and their fault, or rescued."""

import csv
import json

import polars as pl
import pytest

RAGGED = "id,name,age\n1,Ada,36\n2,Grace\n3,Edsger,72,x\n4,Alan,41\n"
MISFITS = "id,name,age\n1,Ada,36\n2,Grace,forty\n3,Edsger,72\nx,Alan,old\n5,Kurt,71\n"
PINNED = ["-o", 'schema={"id":"int64","name":"string","age":"int64"}']


@pytest.fixture
def stream(polarway, write, tmp_path):
    """stream(content, "key=value", ...) gives the rows and the run; rejects lie in rejects.csv."""

    def run(content, *options, arguments=(), exits=0):
        words = [word for option in options for word in ("-o", option)]
        out, rejects = tmp_path / "out.parquet", tmp_path / "rejects.csv"
        for old in (out, rejects):
            old.unlink(missing_ok=True)
        source = write("a.csv", content)
        done = polarway(
            "stream", source, *words, *arguments, "--to", out, "--rejects", rejects, "--stats",
            "json", exits=exits,
        )  # fmt: skip
        done.rows = pl.read_parquet(out).rows() if out.exists() else None
        with open(rejects, newline="") as file:
            done.rejects = list(csv.DictReader(file))
        if not done.code:
            assert done.stats["rows_rejected"] == len(done.rejects)
        count = polarway("count", source, *words, exits=(0, 7))
        if not done.code and "on_schema_change" not in " ".join(options):
            assert count.out == f"{len(done.rows)}\n"
        return done

    return run


def test_ragged_rows_are_an_error_with_both_numbers(polarway, write):
    for command in ("stream", "count"):
        err = polarway(command, write("a.csv", RAGGED), exits=7).err
        assert "row 2" in err and "byte 21" in err and "2 fields" in err and "3 columns" in err


@pytest.mark.parametrize("option", ["ragged=truncate", "truncate_ragged_lines=true"])
def test_truncate_drops_extra_fields_and_fills_missing_ones(stream, option):
    done = stream(RAGGED, option)
    assert done.rows == [(1, "Ada", 36), (2, "Grace", None), (3, "Edsger", 72), (4, "Alan", 41)]
    polars = pl.read_csv(RAGGED.encode(), truncate_ragged_lines=True)
    assert done.rows == polars.rows()
    assert done.rejects == []


@pytest.mark.parametrize("option", ["ragged=pad", "null_padding=true"])
def test_pad_fills_missing_fields_and_refuses_extra_ones(stream, option):
    assert stream("a,b,c\n1\n2,x\n3,y,z\n", option).rows == [
        (1, None, None), (2, "x", None), (3, "y", "z")]  # fmt: skip
    assert "row 3" in stream(RAGGED, option, exits=7).err


def test_rejects_have_their_place_their_fault_and_their_text(stream):
    done = stream(RAGGED, "ragged=reject")
    assert done.rows == [(1, "Ada", 36), (4, "Alan", 41)]
    few, many = done.rejects
    assert few["row"] == "2" and few["byte"] == few["row_byte"] == "21" and few["raw"] == "2,Grace"
    assert few["fault"] == "too few fields" and few["file"].endswith("a.csv")
    assert many["row"] == "3" and many["fault"] == "too many fields" and "4 fields" in many["message"]
    assert "2 rows rejected: 1 too few fields, 1 too many fields" in done.err
    assert "row 2" in done.err


def test_rows_behind_rejects_keep_their_numbers(stream):
    content = RAGGED + "5,Kurt,71\n6,Emmy,x\n"
    err = stream(content, "ragged=reject", 'schema={"age":"int64"}', exits=7).err
    assert "row 6" in err and f"byte {len(content) - 2}" in err


def test_rows_that_are_too_long_are_rejected_too(stream):
    content = "a,b\n1,2\n3," + "x" * 50 + "\n5,6\n"
    done = stream(content, "ragged=reject", "max_line_size=20", 'schema={"b":"string"}')
    assert done.rows == [(1, "2"), (5, "6")]
    assert [reject["fault"] for reject in done.rejects] == ["too long"]


def test_misfits_are_an_error_unless_asked(polarway, write):
    err = polarway("stream", write("a.csv", MISFITS), *PINNED, exits=7).err
    assert "row 2" in err and "age" in err and "forty" in err


def test_misfits_are_rejected_once_a_row(stream):
    done = stream(MISFITS, "on_schema_change=reject", arguments=PINNED)
    assert done.rows == [(1, "Ada", 36), (3, "Edsger", 72), (5, "Kurt", 71)]
    forty, old = done.rejects
    assert (forty["row"], forty["column"], forty["fault"]) == ("2", "age", "type")
    assert forty["byte"] == str(MISFITS.index("forty"))
    assert forty["row_byte"] == str(MISFITS.index("2,Grace"))
    assert (old["row"], old["column"], old["raw"]) == ("4", "id", "x,Alan,old")
    assert "2 rows rejected: 2 type" in done.err


def test_misfits_are_rescued_as_json(stream):
    done = stream(MISFITS, "on_schema_change=rescue", arguments=PINNED)
    rescued = [json.loads(row[3]) if row[3] else None for row in done.rows]
    assert [row[:3] for row in done.rows] == [
        (1, "Ada", 36), (2, "Grace", None), (3, "Edsger", 72), (None, "Alan", None),
        (5, "Kurt", 71)]  # fmt: skip
    assert rescued == [None, {"age": "forty"}, None, {"id": "x", "age": "old"}, None]
    assert done.rejects == []


def test_text_that_is_no_utf8_is_rejected(stream):
    content = b"a,b\n1,ok\n2,\xff\xfe\n3,fine\n"
    done = stream(content, "on_schema_change=reject")
    assert done.rows == [(1, "ok"), (3, "fine")]
    assert done.rejects[0]["fault"] == "encoding" and done.rejects[0]["column"] == "b"
    assert done.rejects[0]["raw"] == r"2,\xff\xfe"


def test_text_behind_a_closing_quote_is_rejected(stream):
    done = stream('a,b\n1,"x"\n2,"y"z\n3,w\n', "on_schema_change=reject")
    assert done.rows == [(1, "x"), (3, "w")]
    assert done.rejects[0]["fault"] == "quotes"


def test_ignore_errors_counts_and_keeps_nothing(polarway, write, tmp_path):
    content = MISFITS + "7,Emmy\n"
    out = tmp_path / "out.parquet"
    run = polarway(
        "stream", write("a.csv", content), *PINNED, "-o", "ignore_errors=true", "--to", out,
        "--stats", "json",
    )  # fmt: skip
    assert pl.read_parquet(out)["id"].to_list() == [1, 3, 5]
    assert run.stats["rows_rejected"] == 3 and "3 rows rejected" in run.err


def test_more_rejects_than_allowed_are_an_error(stream):
    assert len(stream(RAGGED, "ragged=reject", "max_rejects=2").rejects) == 2
    done = stream(RAGGED, "ragged=reject", "max_rejects=1", exits=7)
    assert "max_rejects=1" in done.err and "row 3" in done.err and len(done.rejects) == 1
    done = stream(MISFITS, "on_schema_change=reject", "max_rejects=0", arguments=PINNED, exits=7)
    assert "max_rejects=0" in done.err and "row 2" in done.err


def test_filters_see_no_rejected_row(stream):
    done = stream(
        MISFITS, "on_schema_change=reject", arguments=[*PINNED, "--where", "id > 1 or age is null"]
    )
    assert done.rows == [(3, "Edsger", 72), (5, "Kurt", 71)]
    assert [reject["row"] for reject in done.rejects] == ["2", "4"]


def test_options_that_contradict_each_other_are_refused(polarway, write):
    source = write("a.csv", RAGGED)
    for options in (["ragged=pad", "null_padding=true"], ["max_rejects=-1"], ["ragged=perhaps"]):
        words = [word for option in options for word in ("-o", option)]
        assert polarway("stream", source, *words, exits=2).err
    source = write("b.csv", "a,_rescued\n1,2\n")
    assert "_rescued" in polarway("stream", source, "-o", "on_schema_change=rescue", exits=2).err


@pytest.mark.parametrize("chunk", ["1", "7", "1000"])
@pytest.mark.parametrize("threads", [(), ("--no-parallel",)], ids=["threads", "one thread"])
def test_one_bad_row_in_a_hundred_whatever_the_chunks_and_threads(stream, chunk, threads):
    def row(i):
        if i % 300 == 7:
            return f"{i},short"
        if i % 300 == 107:
            return f"{i},wrong,x{i}"
        return f'{i},"a\n{i}",{i / 2}'

    content = "id,text,value\n" + "".join(row(i) + "\n" for i in range(3_000))
    done = stream(
        content, "ragged=reject", "on_schema_change=reject",
        arguments=["--chunk-size", chunk, "--max-chunk-size", chunk, *threads],
    )  # fmt: skip
    good = [i for i in range(3_000) if i % 300 not in (7, 107)]
    assert done.rows == [(i, f"a\n{i}", i / 2) for i in good]
    bad = [i for i in range(3_000) if i % 300 in (7, 107)]
    assert sorted(int(reject["row"]) for reject in done.rejects) == [i + 1 for i in bad]
