"""JSON: the same rows as Python's json and Polars read, whatever the layout, and out again."""

import gzip
import json
import math
import random

import polars as pl
import pytest
from conftest import environment, leftovers
from corpora import corpus_files

# What RFC 8259 leaves open, and we read: integers and floats beyond any number type are text;
# UTF-16 says so by its mark; a mark of UTF-8 is passed over. All else of the suite's i_ is refused:
# lone surrogates, what is no UTF-8, and 500 arrays within each other.
READ = {
    "i_number_double_huge_neg_exp",
    "i_number_huge_exp",
    "i_number_neg_int_huge_exp",
    "i_number_pos_double_huge_exp",
    "i_number_real_neg_overflow",
    "i_number_real_pos_overflow",
    "i_number_real_underflow",
    "i_number_too_big_neg_int",
    "i_number_too_big_pos_int",
    "i_number_very_big_negative_int",
    "i_string_UTF-16LE_with_BOM",
    "i_structure_UTF-8_BOM_empty_object",
}


@pytest.mark.parametrize("path", corpus_files("json-test-suite/test_parsing", "*.json"))
@pytest.mark.parametrize("options", [[], ["-o", "infer_schema_length=0"]], ids=["", "no_sample"])
def test_the_suite_is_accepted_and_refused_as_its_names_say(polarway, path, options):
    is_read = path.stem[0] == "y" or path.stem in READ
    if is_read and options:
        return  # without a sample, and no schema, no field has a column
    run = polarway(
        "stream",
        path,
        "--as",
        "json",
        *options,
        exits=0 if is_read else (3, 7),
        timeout=20,
    )
    if not is_read:
        assert path.name in run.err


# Own cases of the same kind: they run everywhere.
ACCEPTED = [
    b'[]', b'[ ] ', b'{}', b'[{}]', b'"text"', b'42', b'null', b'[true,false,null]', b'[-0]',
    b'[1E22,1e-2,1.5e+3]', b'["\\u00e9\\ud83d\\ude00\\/\\b\\f"]', b'{"":0}', b'{"a":1,"a":2}',
    b'\xef\xbb\xbf[1]', b'{"a":[[[[]]]]}', '["\u2028\U0010fffe"]'.encode(), b'["\x7f"]', b'[1]\n\n',
]
REFUSED = [
    b'', b' ', b'[', b']', b'[1,]', b'[,1]', b'[1,,2]', b'[1 2]', b'[1]]', b'[1]x', b'[1', b'["',
    b'["\\x"]', b'["\\u12"]', b'["\\ud800"]', b'["\t"]', b'["\xff"]', b'[01]', b'[+1]', b'[1.]',
    b'[.5]', b'[0x1]', b'[NaN]', b'[Infinity]', b'[-]', b'[nul]', b'[True]', b"['a']", b'{"a"}',
    b'{"a":}', b'{"a":1,}', b'{,"a":1}', b'{a:1}', b'{1:1}', b'{"a" 1}', b'{"a":1 "b":2}',
    b'{"a":1}}', b'{"a":[1}', b'{"a":1]', b'[{"a":1]}', b'{"a":/**/1}', b'[1]//', b'\x00',
    b'[\x0c1]', b'[\xa01]',
]


@pytest.mark.parametrize("text", ACCEPTED, ids=repr)
def test_what_is_json_is_read(polarway, write, text):
    polarway("stream", write("a.json", text))


@pytest.mark.parametrize("text", REFUSED, ids=repr)
def test_what_is_no_json_is_refused(polarway, write, text):
    run = polarway("stream", write("a.json", text), exits=(3, 7))
    assert "a.json" in run.err


def random_value(rng, depth=0):
    """A value of JSON; objects and lists within each other."""
    kind = rng.randrange(8 if depth < 3 else 6)
    if kind == 0:
        return None
    if kind == 1:
        return rng.random() < 0.5
    if kind == 2:
        return rng.randrange(-(2**63), 2**63)
    if kind == 3:
        return rng.choice([rng.random() * 10.0 ** rng.randrange(-30, 30), 0.1, -2.5, 1e300])
    if kind < 6:
        letters = 'ab "\\/\n\té漢\U0001f600\x01{}[],:'
        return "".join(rng.choice(letters) for _ in range(rng.randrange(40)))
    if kind == 6:
        return [random_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice("abcdé"): random_value(rng, depth + 1) for _ in range(rng.randrange(4))}


def full_value(shape):
    """Has everything that values of this shape can have, once."""
    if isinstance(shape, dict):
        return {key: full_value(value) for key, value in shape.items()}
    if isinstance(shape, list):
        return [full_value(value) for value in shape[:1]]
    return shape


def shaped_value(rng, shape):
    """A value like another one: of the same types, nulls aside."""
    if rng.random() < 0.1 or shape is None:
        return None
    if isinstance(shape, dict):
        return {key: shaped_value(rng, value) for key, value in shape.items() if rng.random() < 0.9}
    if isinstance(shape, list):
        return [shaped_value(rng, shape[0]) for _ in range(rng.randrange(4))] if shape else []
    while True:
        value = random_value(rng, 9)
        if type(value) is type(shape):
            return value


def filled(value, shape):
    """With all fields that there are: those that are not in the text are null."""
    if isinstance(shape, dict) and isinstance(value, dict):
        return {key: filled(value.get(key), part) for key, part in shape.items()}
    if isinstance(shape, list) and isinstance(value, list) and shape:
        return [filled(item, shape[0]) for item in value]
    return value


def records_of(seed, count):
    rng = random.Random(seed)
    while True:
        shape = random_value(rng)
        if isinstance(shape, dict) and shape and "{}" not in json.dumps(shape):
            break
    return shape, [full_value(shape), *(shaped_value(rng, shape) or {} for _ in range(count))]


@pytest.mark.parametrize("seed", range(20))
def test_rows_are_those_that_pythons_json_reads(polarway, tmp_path, seed):
    shape, records = records_of(seed, 300)
    ascii_only = seed % 2 == 0
    lines = [json.dumps(record, ensure_ascii=ascii_only) for record in records]
    texts = {
        "a.ndjson": "\n".join(lines),
        "b.json": "[" + ",\n".join(lines) + "]",
        "c.json": "".join(lines),
        "d.json": json.dumps(records, indent=2),
    }
    expected = [filled(record, shape) for record in records]
    for name, text in texts.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        out = tmp_path / "out.ndjson"
        polarway("stream", path, "--max-chunk-size", 7 if seed % 3 == 0 else 1000, "--to", out)
        with open(out, encoding="utf-8") as written:
            ours = [json.loads(line) for line in written]
        assert ours == expected, name


@pytest.mark.parametrize("seed", range(100, 110))
def test_rows_and_types_are_those_that_polars_reads(polarway, tmp_path, seed):
    _, records = records_of(seed, 200)
    path = tmp_path / "a.ndjson"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    theirs = pl.read_ndjson(path, infer_schema_length=None)
    out = tmp_path / "out.parquet"
    # A column without values is text here, and null there.
    polarway("stream", path, "--to", out)
    ours = pl.read_parquet(out)
    assert ours.columns == theirs.columns
    for name in ours.columns:
        if "Null" not in str(theirs[name].dtype):
            assert ours[name].dtype == theirs[name].dtype
        assert ours[name].to_list() == theirs[name].to_list()


def test_what_is_written_reads_back_as_it_was(polarway, people, tmp_path):
    first, again = tmp_path / "people.ndjson", tmp_path / "again.ndjson"
    polarway("stream", people, "--limit", "20000", "--to", first)
    digests = []
    schema = polarway("schema", people, "--json").out.strip()
    for source in ([people], [first, "-o", f"schema={schema}"]):
        run = polarway("stream", *source, "--limit", "20000", "--digest")
        digests.append(run.out)
    assert digests[0] == digests[1]
    polarway("stream", first, "-o", f"schema={schema}", "--to", again)
    assert first.read_bytes() == again.read_bytes()
    assert leftovers(tmp_path, "people.ndjson", "again.ndjson") == []


def test_ndjson_goes_to_standard_output(polarway, write):
    path = write("a.csv", "a,b\n1,x\n2,\n")
    out = polarway("stream", path, "--to", "-", "--to-format", "ndjson").out
    assert out == '{"a":1,"b":"x"}\n{"a":2,"b":null}\n'


def test_the_name_tells_the_kind_also_of_what_is_compressed(polarway, write):
    lines = b'{"a":1}\n{"a":2}\n'
    for name in ("a.ndjson", "a.jsonl", "a.json"):
        assert polarway("count", write(name, lines)).out == "2\n"
        assert polarway("count", write(f"{name}.gz", gzip.compress(lines))).out == "2\n"


def test_what_the_first_bytes_say_counts_where_the_name_says_nothing(polarway, write):
    for text in (b' [{"a":1},{"a":2}]', b'{"a":1}\n{"a":2}\n'):
        assert polarway("count", write("table", text)).out == "2\n"
        assert polarway("count", write("table.log", text)).out == "2\n"


def test_many_files_are_one_table(polarway, tmp_path):
    for year in (2023, 2024):
        folder = tmp_path / "data" / f"year={year}"
        folder.mkdir(parents=True)
        for part in range(2):
            lines = "".join(json.dumps({"n": n, "y": year}) + "\n" for n in range(3))
            (folder / f"{part}.ndjson").write_text(lines, encoding="utf-8")
    run = polarway(
        "stream", tmp_path / "data", "-o", "include_file_paths=path", "-o", "row_index_name=row",
        "--to", "-", "--to-format", "ndjson",
    )  # fmt: skip
    rows = [json.loads(line) for line in run.out.splitlines()]
    assert [row["row"] for row in rows] == list(range(12))
    assert {row["year"] for row in rows} == {2023, 2024}
    assert all(row["path"].endswith(".ndjson") and row["y"] == row["year"] for row in rows)


def test_a_field_that_a_later_file_lacks_is_null(polarway, write, tmp_path):
    write("a.ndjson", '{"a":1,"b":2}\n')
    write("b.ndjson", '{"a":3}\n')
    run = polarway("stream", f"{tmp_path}/*.ndjson", "--to", "-", "--to-format", "ndjson")
    assert run.out == '{"a":1,"b":2}\n{"a":3,"b":null}\n'


def test_filters_and_projections_are_those_of_any_table(polarway, write):
    path = write("a.json", json.dumps([{"a": i, "b": {"c": i}, "d": str(i)} for i in range(1000)]))
    run = polarway("stream", path, "--where", "a >= 998", "--select", "d", "--to", "-")
    assert run.out == "d\n998\n999\n"


def test_numbers_that_no_type_holds_are_text(polarway, write):
    path = write("a.ndjson", '{"a":123456789012345678901234567890}\n{"a":0.1}\n')
    run = polarway("stream", path, "--to", "-", "--to-format", "ndjson")
    assert run.out == '{"a":"123456789012345678901234567890"}\n{"a":"0.1"}\n'


def test_floats_are_the_nearest(polarway, write, tmp_path):
    rng = random.Random(3)
    texts = [repr(rng.random() * 10.0 ** rng.randrange(-300, 300)) for _ in range(5000)]
    path = write("a.json", "[" + ",".join(texts) + "]")
    polarway("stream", path, "--to", tmp_path / "out.parquet")
    ours = pl.read_parquet(tmp_path / "out.parquet")["value"].to_list()
    assert all(math.isclose(a, float(b), rel_tol=0) for a, b in zip(ours, texts, strict=True))


def test_records_that_grow_a_thousandfold_are_exact(polarway, write, tmp_path):
    records = [{"a": "x" * size, "n": size} for size in (10, 100_000, 3, 1_000_000, 5, 5_000_000)]
    text = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
    polarway("stream", write("a.ndjson", text), "--to", tmp_path / "out.ndjson")
    assert (tmp_path / "out.ndjson").read_text(encoding="utf-8") == text


def test_deep_json_is_an_error_and_no_crash(polarway, write):
    for text in ("[" * 50_000, '{"a":' * 50_000, "[" * 50_000 + "]" * 50_000):
        for name in ("a.json", "a.ndjson"):
            run = polarway("stream", write(name, text), exits=7, timeout=20)
            assert "max_depth" in run.err or "ends within" in run.err or "JSON" in run.err


def test_an_error_names_file_record_byte_field_and_the_way_out(polarway, write):
    path = write("a.ndjson", '{"a":{"b":[1]}}\n{"a":{"b":[2,"x"]}}\n')
    run = polarway("stream", path, "-o", "infer_schema_length=1", exits=7)
    for part in ("a.ndjson", "row 2", "byte 29", "a.b[1]", '"\\"x\\""', "int64", "schema"):
        assert part in run.err, part


def wrapped(records):
    """Records within a document, and much else around them."""
    return {
        "meta": {"items": [1, "]"], "note": "x" * 100_000},
        "data": {"total": len(records), "items": records, "next": {"page": 2}},
        "links": [[], {"items": []}],
    }


@pytest.mark.parametrize("indent", [None, 2])
def test_records_within_a_document_are_those_of_their_array(polarway, write, tmp_path, indent):
    _, records = records_of(5, 2000)
    array = write("a.json", json.dumps(records, indent=indent))
    document = write("b.json", json.dumps(wrapped(records), indent=indent))
    outs = []
    for source, options in ((array, []), (document, ["-o", "records_path=data.items"])):
        out = tmp_path / "out.ndjson"
        polarway("stream", source, *options, "--to", out)
        outs.append(out.read_bytes())
        assert polarway("count", source, *options).out == f"{len(records)}\n"
    assert outs[0] == outs[1]


def test_a_path_that_leads_nowhere_says_what_is_there(polarway, write):
    path = write("a.json", json.dumps(wrapped([])))
    run = polarway("stream", path, "-o", "records_path=data.rows", exits=2)
    for part in ("a.json", "data.rows", '"data" has total (number)', "items (array)"):
        assert part in run.err, part
    run = polarway("stream", write("a.ndjson", "{}\n"), "-o", "records_path=data", exits=2)
    assert "records_path" in run.err


def test_an_array_within_a_document_larger_than_the_limit_is_streamed(polarway, tmp_path):
    path = tmp_path / "a.json"
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"skipped":["' + "x" * 30_000_000 + '"],"r":[')
        for n in range(300_000):
            out.write(("," if n else "") + json.dumps({"n": n, "text": "y" * 100}))
        out.write('],"tail":"' + "z" * 30_000_000 + '"}')
    run = polarway(
        "stream", path, "-o", "records_path=r", "--memory-limit", "48MB", "--stats", "json"
    )
    assert run.stats["records_processed"] == 300_000


LATE = (
    '{"id":1,"name":"Ada","age":36}\n{"id":2,"name":"Grace","age":"forty"}\n'
    '{"id":3,"name":["Edsger"],"age":72,"late":{"x":[1.50]}}\n{"id":4,"name":"Alan","age":41}\n'
)


def test_what_does_not_fit_is_rescued_as_it_is_written(polarway, write, tmp_path):
    out = tmp_path / "out.parquet"
    short = ["-o", "infer_schema_length=1", "-o", "on_schema_change=rescue"]
    polarway("stream", write("a.ndjson", LATE), *short, "--to", out)
    assert pl.read_parquet(out).rows() == [
        (1, "Ada", 36, None),
        (2, "Grace", None, '{"age":"forty"}'),
        (3, None, 72, '{"name":["Edsger"],"late":{"x":[1.50]}}'),
        (4, "Alan", 41, None),
    ]
    run = polarway("stream", tmp_path / "a.ndjson", *short, "--where", "_rescued is not null",
                   "--select", "id", "--to", "-")  # fmt: skip
    assert run.out == "id\n2\n3\n"


def test_later_files_are_rescued_too(polarway, write, tmp_path):
    write("a.ndjson", '{"a":1}\n')
    write("b.ndjson", '{"a":"x"}\n')
    run = polarway("stream", f"{tmp_path}/*.ndjson", "-o", "on_schema_change=rescue", "--to", "-",
                   "--to-format", "ndjson")  # fmt: skip
    rows = [json.loads(line) for line in run.out.splitlines()]
    assert rows[0] == {"a": 1, "_rescued": None}
    assert rows[1]["a"] is None and json.loads(rows[1]["_rescued"])["a"] == "x"


def test_widening_is_refused_with_what_there_is_instead(polarway, write):
    path = write("a.ndjson", LATE)
    err = polarway("stream", path, "-o", "on_schema_change=widen", exits=2).err
    assert "on_schema_change=widen" in err and "rescue" in err


def test_row_numbers_and_records_that_may_be_left_out_exclude_each_other(polarway, write):
    path = write("a.ndjson", LATE)
    options = ["-o", "row_index_name=n", "-o", "on_schema_change=reject"]
    assert "row_index_name" in polarway("stream", path, *options, exits=2).err


@pytest.mark.parametrize("options", [[], ["-o", "flatten=true"]], ids=["", "flatten"])
def test_rows_are_the_same_for_any_number_of_threads(polarway, write, tmp_path, options):
    _, records = records_of(11, 8_000)
    texts = {"a.ndjson": "\n".join(map(json.dumps, records)), "b.json": json.dumps(records)}
    outs = set()
    for name, text in texts.items():
        path = write(name, text)
        for threads in ("1", "2", "5"):
            out = tmp_path / "out.ndjson"
            environ = environment(POLARWAY_THREADS=threads)
            polarway("stream", path, *options, "--to", out, env=environ)
            outs.add(out.read_bytes())
    assert len(outs) == 1
