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


def test_faults_are_looked_for_where_values_are_read(stream):
    """Structure and the filter's columns in all rows; other columns in the rows that it leaves."""
    content = "id,name,age\n1,Ada,36\n2,Grace,forty\n3,Edsger\n4,Alan,old\nx,Emmy,53\n5,Kurt,71\n"
    options = ["ragged=reject", "on_schema_change=reject"]

    def rejected(*arguments):
        done = stream(content, *options, arguments=[*PINNED, *arguments])
        return [row[0] for row in done.rows], [(r["row"], r["fault"]) for r in done.rejects]

    few = ("3", "too few fields")
    assert rejected() == ([1, 5], [("2", "type"), few, ("4", "type"), ("5", "type")])
    assert rejected("--where", "id <> 2") == ([1, 5], [few, ("4", "type"), ("5", "type")])
    assert rejected("--where", "id = 2") == ([], [("2", "type"), few, ("5", "type")])
    assert rejected("--select", "name") == (["Ada", "Grace", "Alan", "Emmy", "Kurt"], [few])
    assert rejected("--select", "id", "--where", "age > 60") == (
        [5], [("2", "type"), few, ("4", "type")])  # fmt: skip


def test_rescued_values_are_null_to_a_filter_and_can_be_asked_for(stream):
    done = stream(
        MISFITS, "on_schema_change=rescue", arguments=[*PINNED, "--where", "age is null"]
    )
    assert [row[:3] for row in done.rows] == [(2, "Grace", None), (None, "Alan", None)]
    done = stream(
        MISFITS, "on_schema_change=rescue",
        arguments=[*PINNED, "--where", "_rescued is not null", "--select", "name"],
    )  # fmt: skip
    assert done.rows == [("Grace",), ("Alan",)]
    done = stream(MISFITS, "on_schema_change=rescue", arguments=[*PINNED, "--select", "_rescued"])
    assert [row[0] is None for row in done.rows] == [True, False, True, False, True]


def test_rejects_are_lines_of_json_where_the_name_says_so(polarway, write, tmp_path):
    for ending in ("ndjson", "jsonl"):
        rejects = tmp_path / f"rejects.{ending}"
        polarway("stream", write("a.csv", RAGGED), "-o", "ragged=reject", "--rejects", rejects)
        few, many = (json.loads(line) for line in rejects.read_text().splitlines())
        assert few == {
            "file": str(tmp_path / "a.csv"), "row": 2, "row_byte": 21, "byte": 21, "column": None,
            "fault": "too few fields", "message": few["message"], "raw": "2,Grace",
        }  # fmt: skip
        assert many["row"] == 3 and many["fault"] == "too many fields"
    err = polarway(
        "stream", write("a.csv", RAGGED), "-o", "ragged=reject", "--rejects", tmp_path / "r.txt",
        exits=2,
    ).err  # fmt: skip
    assert "rejects.csv or rejects.ndjson" in err


def test_most_rejects_of_several_files_are_counted_together(polarway, write, tmp_path):
    write("b.csv", RAGGED)
    sources = [write("a.csv", RAGGED), tmp_path / "b.csv"]
    words = ["-o", "ragged=reject", "-o"]
    run = polarway("stream", *sources, *words, "max_rejects=4", "--stats", "json")
    assert run.stats["rows_rejected"] == 4 and run.stats["records_processed"] == 4
    err = polarway("stream", *sources, *words, "max_rejects=3", exits=7).err
    assert "b.csv" in err and "row 3" in err


def test_rows_beyond_one_reject_too_many_are_not_delivered(polarway, write):
    content = "a\n" + "".join(f"{i}\n" for i in range(50)) + "x\n51\ny\n53\n"
    for chunk in ("1", "7", "1000"):
        for where in ((), ("--where", "a > 24")):
            run = polarway(
                "stream", write("a.csv", content), "-o", "on_schema_change=reject",
                "-o", "max_rejects=1", "-o", 'schema={"a":"int64"}', "--chunk-size", chunk,
                "--max-chunk-size", chunk, "--stats", "json", *where, exits=7,
            )  # fmt: skip
            assert "row 53" in run.err and '"y"' in run.err
            assert run.stats["records_processed"] == (26 if where else 51)
            assert run.stats["rows_rejected"] == 1


def test_a_reject_per_row_takes_no_more_than_its_share(polarway, write, tmp_path):
    content = "a\n" + ("x" * 200 + "\n") * 300_000
    rejects = tmp_path / "r.ndjson"
    run = polarway(
        "stream", write("a.csv", content), "-o", "on_schema_change=reject", "-o",
        'schema={"a":"int64"}', "--rejects", rejects, "--memory-limit", "64MB", "--stats", "json",
    )  # fmt: skip
    assert run.stats["rows_rejected"] == 300_000 and run.stats["records_processed"] == 0
    assert run.stats["peak_memory_bytes"] <= 64_000_000
    assert 0 < len(rejects.read_text().splitlines()) <= 300_000
    assert "300,000 rows rejected" in run.err


def test_options_that_contradict_each_other_are_refused(polarway, write):
    source = write("a.csv", RAGGED)
    for options in (["ragged=pad", "null_padding=true"], ["max_rejects=-1"], ["ragged=perhaps"],
                    ["ragged=reject", "row_index_name=i"], ["on_schema_change=widen"]):
        words = [word for option in options for word in ("-o", option)]
        assert polarway("stream", source, *words, exits=2).err
    source = write("b.csv", "a,_rescued\n1,2\n")
    assert "_rescued" in polarway("stream", source, "-o", "on_schema_change=rescue", exits=2).err


def test_widening_is_refused_with_what_there_is_instead(polarway, write):
    err = polarway("stream", write("a.csv", MISFITS), "-o", "on_schema_change=widen", exits=2).err
    assert "schema_overrides" in err and "rescue" in err


def bad_rows():
    def row(i):
        if i % 300 == 7:
            return f"{i},short"
        if i % 300 == 107:
            return f"{i},wrong,x{i}"
        if i % 300 == 108:
            return f"{i},too,{i},long"
        return f'{i},"a\n{i}",{i / 2}'

    return "id,text,value\n" + "".join(row(i) + "\n" for i in range(3_000))


@pytest.mark.parametrize("where", [(), ("--where", "value > 100")], ids=["all", "filtered"])
@pytest.mark.parametrize("change", ["reject", "rescue"])
def test_rows_and_rejects_do_not_depend_on_chunks_and_threads(stream, change, where):
    content = bad_rows()
    bad = [i for i in range(3_000) if i % 300 in ((7, 107, 108) if change == "reject" else (7, 108))]
    seen = set()
    for chunk in ("1", "7", "65536"):
        for threads in ((), ("--no-parallel",)):
            done = stream(
                content, "ragged=reject", f"on_schema_change={change}",
                'schema={"id":"int64","text":"string","value":"float64"}',
                arguments=["--chunk-size", chunk, "--max-chunk-size", chunk, *threads, *where],
            )  # fmt: skip
            assert [int(reject["row"]) for reject in done.rejects] == [i + 1 for i in bad]
            seen.add((str(done.rows), str(done.rejects)))
    assert len(seen) == 1
    good = [i for i in range(3_000) if i not in bad]
    if where:
        good = [i for i in good if i > 200 and i % 300 != 107]
    assert [row[0] for row in done.rows] == good
