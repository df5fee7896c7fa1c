"""Every command and flag of the program does what its help says."""

import itertools
import json
import re

import polars as pl
import pyarrow.parquet as pq
import pytest
from conftest import COLUMNS, ROOT, environment, leftovers, read_people
from polars.testing import assert_frame_equal

STATS = {
    "bytes_read",
    "records_processed",
    "chunks_read",
    "memory_bytes",
    "peak_memory_bytes",
    "memory_limit_bytes",
    "process_bytes",
    "process_file_bytes",
    "avg_chunk_time_ms",
    "throughput",
    "chunk_size",
    "min_chunk_size",
    "max_chunk_size",
    "rows_rejected",
    "retries",
    "paused_ms",
    "wait",
}
DECISION = {
    "t_ms",
    "chunk",
    "rows",
    "bytes",
    "rows_before",
    "rows_after",
    "usage",
    "limit_bytes",
    "rows_per_second",
    "rule",
    "sentence",
}


def digest_of(run):
    return json.loads(next(line for line in run.out.splitlines() if line.startswith('{"rows"')))


# ---- Help and usage


def test_version_is_the_one_in_the_file(polarway):
    assert (ROOT / "VERSION").read_text().strip() in polarway("--version").out


def test_help_names_every_command(polarway):
    shown = polarway("--help").out
    for command in ("stream", "schema", "head", "count", "sources", "demo"):
        assert re.search(rf"^\s*{command}\b", shown, re.MULTILINE), command
        assert polarway(command, "--help").out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["strem", "a.csv"],
        ["count"],
        ["stream", "a.csv", "--memory-limt", "1GB"],
        ["stream", "a.csv", "--memory-limit", "lots"],
        ["stream", "a.csv", "--memory-limit", "-1"],
        ["stream", "a.csv", "--memory-limit", "0"],
        ["stream", "a.csv", "--chunk-size", "0"],
        ["stream", "a.csv", "--chunk-size", "ten"],
        ["stream", "a.csv", "--limit", "-1"],
        ["stream", "a.csv", "--where", "age >"],
        ["stream", "a.csv", "--select", "age,"],
        ["stream", "a.csv", "--stats", "xml"],
        ["stream", "a.csv", "--progress", "perhaps"],
        ["stream", "a.csv", "--to", "out.xyz"],
        ["stream", "a.csv", "--as", "xml"],
        ["stream", "a.csv", "-o", "delimiter"],
        ["sources", "xml"],
        ["head", "a.csv", "-n", "-1"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_exits_with_2(polarway, write, tmp_path, arguments):
    write("a.csv", "name,age\nAda,36\n")
    run = polarway(*arguments, exits=2)
    assert run.out == ""
    assert run.err.strip()
    assert leftovers(tmp_path, "a.csv") == []


# ---- The small commands


def test_count_prints_one_number(polarway, people, people_rows):
    run = polarway("count", people)
    assert run.out == f"{people_rows.height}\n"
    assert run.err == ""


def test_head_shows_as_many_rows_as_asked(polarway, people, people_rows):
    shown = polarway("head", people, "-n", "3").out
    for name in (COLUMNS[0], COLUMNS[-1]):  # what stands between them may not fit on a line
        assert name in shown
    for number in people_rows["id"].head(3):
        assert re.search(rf"\b{number}\b", shown)
    assert not re.search(rf"\b{people_rows['id'][3]}\b", shown)


def test_schema_is_a_table_or_json(polarway, people):
    table = polarway("schema", people).out
    for name in COLUMNS:
        assert name in table
    fields = json.loads(polarway("schema", people, "--json").out)["fields"]
    assert {field["name"]: field["type"] for field in fields} == {
        "id": "int64",
        "name": "string",
        "email": "string",
        "age": "int64",
        "country": "string",
        "balance": "float64",
        "score": "float64",
        "signup": "date",
        "last_seen": "timestamp[us]",
        "active": "bool",
    }


def test_sources_lists_kinds_and_their_options(polarway):
    assert "csv" in polarway("sources").out
    shown = polarway("sources", "csv").out
    for option in (
        "delimiter",
        "has_header",
        "skip_rows",
        "quote_char",
        "comment_char",
        "null_values",
        "encoding",
        "infer_schema_length",
        "schema",
    ):
        assert option in shown


def test_demo_makes_the_same_people_for_the_same_seed(polarway, tmp_path):
    for name, seed in (("a.csv", 7), ("b.csv", 7), ("c.csv", 8)):
        polarway("demo", "--only-data", tmp_path / name, "--size", "1MB", "--seed", seed)
    a, b, c = ((tmp_path / name).read_bytes() for name in ("a.csv", "b.csv", "c.csv"))
    assert a == b != c
    assert 1_000_000 <= len(a) < 1_010_000
    rows = pl.read_csv(tmp_path / "a.csv")
    assert rows.columns == COLUMNS
    for name in COLUMNS[1:]:
        assert 0.01 < rows[name].null_count() / rows.height < 0.06, name


def test_demo_shows_what_it_did(polarway, tmp_path):
    run = polarway("demo", "--size", "5MB", env=environment(TMPDIR=str(tmp_path)))
    assert "rows" in run.out + run.err


# ---- stream: where the rows go


def test_without_to_a_summary_says_what_was_read(polarway, people, people_rows):
    run = polarway("stream", people)
    assert re.search(rf"\b{people_rows.height:,}\b|\b{people_rows.height}\b", run.out + run.err)


@pytest.mark.parametrize("name, read", [("out.parquet", pl.read_parquet), ("out.csv", read_people)])
def test_to_writes_all_rows(polarway, people, people_rows, tmp_path, name, read):
    polarway("stream", people, "--to", tmp_path / name)
    assert_frame_equal(read(tmp_path / name), people_rows)
    assert leftovers(tmp_path, name) == []


def test_to_format_decides_where_the_name_does_not(polarway, people, people_rows, tmp_path):
    polarway("stream", people, "--to", tmp_path / "out.data", "--to-format", "parquet")
    assert_frame_equal(pl.read_parquet(tmp_path / "out.data"), people_rows)


def test_to_option_is_for_the_output(polarway, write, tmp_path):
    source = write("a.csv", "a,b\n=1+1,2\n")
    assert polarway("stream", source, "--to", "-").out == "a,b\n=1+1,2\n"
    options = ["--to-option", "escape_formulas=true", "--to-option", "delimiter=;"]
    assert polarway("stream", source, "--to", "-", *options).out == "a;b\n'=1+1;2\n"
    out = tmp_path / "out.parquet"
    polarway("stream", source, "--to", out, "--to-option", "compression=zstd")
    assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "ZSTD"
    run = polarway("stream", source, "--to", out, "--to-option", "delimter=;", exits=2)
    assert "delimter" in run.err and "it is an option of csv" not in run.err
    assert "key=value" in polarway("stream", source, "--to", "-", "--to-option", "x", exits=2).err


def test_to_minus_writes_csv_on_stdout_and_nothing_else(polarway, people, people_rows):
    run = polarway("stream", people, "--to", "-")
    assert_frame_equal(read_people(run.out_bytes), people_rows)


def test_an_existing_file_is_replaced_whole(polarway, write, tmp_path):
    source = write("a.csv", "a\n1\n2\n")
    out = write("out.csv", "what was there before, and longer than what comes\n" * 100)
    polarway("stream", source, "--to", out)
    assert out.read_text().split() == ["a", "1", "2"]
    assert leftovers(tmp_path, "a.csv", "out.csv") == []


def test_a_failure_leaves_the_old_file_as_it_was(polarway, write, tmp_path):
    source = write("a.csv", "a,b\n" + "1,2\n" * 100_000 + "1,2,3\n")
    out = write("out.csv", "old\n")
    polarway("stream", source, "--to", out, exits=7)
    assert out.read_text() == "old\n"
    assert leftovers(tmp_path, "a.csv", "out.csv") == []


def test_no_rows_make_a_valid_empty_file(polarway, people, tmp_path):
    polarway("stream", people, "--where", "age > 1000", "--to", tmp_path / "out.parquet")
    rows = pl.read_parquet(tmp_path / "out.parquet")
    assert rows.height == 0
    assert rows.columns == COLUMNS


def test_values_that_need_quotes_survive_csv(polarway, write, tmp_path):
    text = 'plain,"with ""quotes""","a, comma","two\r\nlines","","x"\r\n'
    source = write("a.csv", "a,b,c,d,e,f\r\n" + text)
    polarway("stream", source, "--to", tmp_path / "out.csv")
    assert_frame_equal(pl.read_csv(tmp_path / "out.csv"), pl.read_csv(source))


# ---- stream: which rows


@pytest.mark.parametrize(
    "where, predicate",
    [
        ("age > 30", pl.col("age") > 30),
        (
            "age >= 30 and age < 40 or country = 'DE'",
            ((pl.col("age") >= 30) & (pl.col("age") < 40)) | (pl.col("country") == "DE"),
        ),
        ("not active", ~pl.col("active")),
        ("active = true and score is not null", pl.col("active") & pl.col("score").is_not_null()),
        ("balance * 2 + 1 > 1000.5", pl.col("balance") * 2 + 1 > 1000.5),
        ("-score < -0.5", -pl.col("score") < -0.5),
        ("\"country\" IN ('FR', 'DE')", pl.col("country").is_in(["FR", "DE"])),
        (
            "signup not between '2020-01-01' and '2021-12-31'",
            ~pl.col("signup").is_between(pl.date(2020, 1, 1), pl.date(2021, 12, 31)),
        ),
        ("last_seen > '2024-06-01T00:00:00'", pl.col("last_seen") > pl.datetime(2024, 6, 1)),
        ("name != 'O''Neill' and id <> 7", (pl.col("name") != "O'Neill") & (pl.col("id") != 7)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_where_keeps_what_it_says(polarway, people, people_rows, tmp_path, where, predicate):
    polarway("stream", people, "--where", where, "--to", tmp_path / "out.parquet")
    expected = people_rows.filter(predicate)
    assert expected.height > 0
    assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), expected)


def test_select_and_limit(polarway, people, people_rows, tmp_path):
    polarway(
        "stream",
        people,
        "--select",
        "email, age + 1 as next, name",
        "--where",
        "age is not null",
        "--limit",
        "1234",
        "--to",
        tmp_path / "out.parquet",
    )
    expected = people_rows.filter(pl.col("age").is_not_null()).select(
        "email", next=pl.col("age") + 1, name="name"
    )
    assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), expected.head(1234))


def test_limit_0_reads_no_rows(polarway, people, tmp_path):
    polarway("stream", people, "--limit", "0", "--to", tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").height == 0


def test_as_decides_where_the_name_does_not(polarway, write):
    source = write("data.weird", "a;b\n1;2\n")
    polarway("count", source, exits=2)
    assert polarway("count", source, "--as", "csv").out == "1\n"
    assert "b" in polarway("head", source, "--as", "csv", "-o", "delimiter=;").out


# ---- stream: how


def test_chunk_size_is_where_it_starts_and_max_chunk_size_where_it_ends(polarway, people):
    stats = polarway(
        "stream", people, "--chunk-size", "500", "--max-chunk-size", "700", "--stats", "json"
    ).stats
    assert 0 < stats["min_chunk_size"] <= stats["max_chunk_size"] <= 700


def test_stats_json_is_the_last_line_of_stderr(polarway, people, people_rows):
    run = polarway("stream", people, "--memory-limit", "64MB", "--stats", "json")
    assert run.stats.keys() >= STATS
    assert run.stats["records_processed"] == people_rows.height
    assert run.stats["bytes_read"] == people.stat().st_size
    assert 0 < run.stats["memory_limit_bytes"] <= 64_000_000
    assert 0 < run.stats["process_bytes"] <= 64_000_000
    assert run.stats["process_file_bytes"] > 0
    assert 0 < run.stats["peak_memory_bytes"] <= run.stats["memory_limit_bytes"]


def test_stats_text_is_a_table_on_stderr(polarway, people):
    run = polarway("stream", people, "--stats", "text")
    assert run.out == ""
    for name in ("records_processed", "peak_memory_bytes", "chunk_size"):
        assert name in run.err


def test_what_is_no_result_goes_to_stderr(polarway, people, tmp_path):
    for stats in ("none", "text", "json"):
        run = polarway(
            "stream", people, "--to", tmp_path / "out.csv", "--stats", stats, "--progress", "always"
        )
        assert run.out == ""


def test_progress_is_one_line_drawn_again_when_asked_for(polarway, people, tmp_path):
    quiet = polarway("stream", people, "--to", tmp_path / "out.csv")
    shown = polarway("stream", people, "--to", tmp_path / "out.csv", "--progress", "always")
    assert "\r" not in quiet.err
    assert "\r" in shown.err


def test_chunks_are_sized_by_the_model_unless_told_otherwise(polarway, people, tmp_path):
    def first_rows(*options):
        trace = tmp_path / "trace.jsonl"
        polarway("stream", people, "--memory-limit", "64MB", "--trace", trace, *options)
        return json.loads(trace.read_text().splitlines()[0])["rows_after"]

    model, classic = first_rows("-o", "policy=model"), first_rows("-o", "policy=classic")
    assert first_rows() == model < classic


def test_trace_has_one_decision_a_line(polarway, people, tmp_path):
    trace = tmp_path / "trace.jsonl"
    polarway("stream", people, "--memory-limit", "64MB", "--trace", trace)
    decisions = [json.loads(line) for line in trace.read_text().splitlines()]
    assert decisions
    for before, after in itertools.pairwise(decisions):
        assert after["rows_before"] == before["rows_after"]
        assert after["t_ms"] >= before["t_ms"]
    for decision in decisions:
        assert decision.keys() >= DECISION
        assert decision["rule"] and decision["sentence"]
        assert 0 < decision["limit_bytes"] <= 64_000_000


def test_the_digest_does_not_depend_on_how_the_file_is_read(polarway, people):
    ways = [
        [],
        ["--chunk-size", "1"],
        ["--chunk-size", "7", "--max-chunk-size", "7"],
        ["--chunk-size", "100000"],
        ["--no-parallel"],
        ["--no-prefetch"],
        ["--memory-limit", "48MB"],
        ["--memory-limit", "1GB"],
    ]
    digests = [digest_of(polarway("stream", people, "--digest", *way)) for way in ways]
    for threads in ("1", "2", "7"):
        surroundings = environment(POLARWAY_THREADS=threads)
        digests.append(digest_of(polarway("stream", people, "--digest", env=surroundings)))
    assert all(digest == digests[0] for digest in digests)
    assert [column["name"] for column in digests[0]["columns"]] == COLUMNS


def test_the_digest_does_not_depend_on_locale_and_time_zone(polarway, people):
    digests = [
        digest_of(polarway("stream", people, "--digest", env=environment(LC_ALL=locale, TZ=zone)))
        for locale, zone in (
            ("C", "UTC"),
            ("de_DE.UTF-8", "Pacific/Auckland"),
            ("tr_TR.UTF-8", "Asia/Kolkata"),
        )
    ]
    assert digests[0] == digests[1] == digests[2]


def test_the_digest_adds_up(polarway, people, people_rows):
    digest = digest_of(polarway("stream", people, "--digest"))
    assert digest["rows"] == people_rows.height
    columns = {column["name"]: column for column in digest["columns"]}
    for name in COLUMNS:
        assert columns[name]["nulls"] == people_rows[name].null_count(), name
    for name in ("id", "age", "active"):
        assert columns[name]["sum"] == people_rows[name].sum(), name
    assert columns["balance"]["sum"] == pytest.approx(people_rows["balance"].sum(), rel=1e-9)


def test_the_digest_sees_a_changed_value(polarway, write):
    digests = [
        digest_of(polarway("stream", write(f"{number}.csv", text), "--digest"))["columns"]
        for number, text in enumerate(("a,b\n1,x\n2,y\n", "a,b\n1,x\n2,z\n", "a,b\n2,y\n1,x\n"))
    ]
    assert digests[0][0] == digests[1][0]
    assert digests[0][1] != digests[1][1]
    assert digests[0] == digests[2]
