"""Arrow IPC: what others wrote comes out value for value, hostile files end as the manual says."""

import datetime
import decimal
import os

import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pytest
from conftest import leftovers
from corpora import corpus_files

GOLD = "arrow-testing/data/arrow-ipc-stream/integration"
# A loaded machine is slow to start a program: twice the two seconds that a file may take, and more.
SECONDS = 20


def is_view(type_):
    return type_ in (pa.string_view(), pa.binary_view())


def given(type_):
    """The type as which a column is given out: text in views has offsets."""
    if isinstance(type_, pa.BaseExtensionType):
        return given(type_.storage_type)
    if is_view(type_):
        return pa.string() if type_ == pa.string_view() else pa.binary()
    return type_


def read_arrow(path):
    with open(path, "rb") as file:
        is_file = file.read(6) == b"ARROW1"
    opened = pa.ipc.open_file if is_file else pa.ipc.open_stream
    with pa.OSFile(str(path)) as source:
        return opened(source).read_all()


def storage(column):
    if isinstance(column.type, pa.BaseExtensionType):
        chunks = [chunk.storage for chunk in column.chunks]
        return pa.chunked_array(chunks, column.type.storage_type)
    return column


def as_given(table):
    """The table of another reader, with our types."""
    columns = []
    for column in map(storage, table.columns):
        plain = column.cast(given(column.type)) if is_view(column.type) else column
        columns.append(plain)
    return columns


def check_same(ours, theirs):
    assert ours.schema.names == theirs.schema.names
    for name, mine, other in zip(ours.schema.names, map(storage, ours.columns), as_given(theirs)):
        assert mine.type == other.type, name
        mine.validate(full=True)
        assert mine.to_pylist() == other.to_pylist(), name


def every_type():
    day = datetime.date(2026, 11, 26)
    noon = datetime.datetime(2026, 11, 26, 12, 0, 1, 500)
    number = decimal.Decimal("12.34")
    columns = {
        "null": pa.nulls(3),
        "bool": pa.array([True, None, False]),
        **{
            str(type_): pa.array([1, None, 3], type_)
            for type_ in (
                pa.int8(), pa.int16(), pa.int32(), pa.int64(),
                pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
                pa.float16(), pa.float32(), pa.float64(),
            )
        },
        "string": pa.array(["a", None, "Zoë"]),
        "large_string": pa.array(["a", None, ""], pa.large_string()),
        "string_view": pa.array(["a", None, "more than twelve bytes"], pa.string_view()),
        "binary": pa.array([b"\xff", None, b""]),
        "fixed": pa.array([b"abc", None, b"def"], pa.binary(3)),
        "date32": pa.array([day, None, day]),
        "date64": pa.array([day, None, day], pa.date64()),
        "time": pa.array([noon.time(), None, noon.time()]),
        **{
            f"ts_{unit}": pa.array([1, None, 3], pa.timestamp(unit, "Europe/Berlin"))
            for unit in ("s", "ms", "us", "ns")
        },
        "duration": pa.array([1, None, 3], pa.duration("ms")),
        "decimal": pa.array([number, None, -number]),
        "decimal256": pa.array([number, None, -number], pa.decimal256(50, 2)),
        "list": pa.array([[1, None], None, []]),
        "large_list": pa.array([["a"], None, []], pa.large_list(pa.string())),
        "fixed_list": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int32(), 2)),
        "struct": pa.array([{"x": 1, "y": ["a"]}, None, {"x": None, "y": []}]),
        "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int32())),
        "dictionary": pa.array(["u", None, "v"]).dictionary_encode(),
        "uuid": pa.ExtensionArray.from_storage(
            pa.uuid(), pa.array([b"0123456789abcdef", None, b"fedcba9876543210"], pa.binary(16))
        ),
    }
    return pa.table(columns)


@pytest.mark.parametrize("codec", ["none", "lz4", "zstd"])
@pytest.mark.parametrize("mapped", ["false", "true"])
def test_every_type_comes_out_as_it_went_in(polarway, tmp_path, codec, mapped):
    table = every_type()
    whole = pa.concat_tables([table] * 400).combine_chunks()
    source, out = tmp_path / "in.arrow", tmp_path / "out.arrow"
    options = pa.ipc.IpcWriteOptions(compression=None if codec == "none" else codec)
    with pa.ipc.new_file(source, whole.schema, options=options) as writer:
        writer.write_table(whole, max_chunksize=500)
    polarway(
        "stream", source, "--to", out, "--to-option", f"compression={codec}",
        "-o", f"use_mmap={mapped}", "--chunk-size", "77", "--max-chunk-size", "77",
    )
    check_same(read_arrow(out), whole)
    assert read_arrow(out).schema.field("uuid").type == pa.uuid()
    assert leftovers(tmp_path, "in.arrow", "out.arrow") == []


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_what_polars_writes_is_what_polars_reads_of_it(polarway, tmp_path, people_rows, compression):
    frame = people_rows.with_columns(
        pl.col("country").cast(pl.Categorical).alias("code"), tags=pl.concat_list("name", "email")
    )
    source, out = tmp_path / "in.arrow", tmp_path / "out.arrow"
    frame.write_ipc(source, compression=compression)
    polarway("stream", source, "--to", out, "--memory-limit", "96MB")
    back = pl.read_ipc(out)
    assert back.equals(frame)
    assert polarway("count", source).out == f"{frame.height}\n"


@pytest.mark.parametrize("name", ["in.arrows", "in.arrow"])
def test_a_pipe_has_the_rows_of_the_file(polarway, tmp_path, name):
    table = every_type().select(["int64", "string", "dictionary", "list"])
    source = tmp_path / name
    new = pa.ipc.new_stream if name.endswith("s") else pa.ipc.new_file
    with new(source, table.schema) as writer:
        for _ in range(5):
            writer.write_table(table)
    polarway("stream", "-", "--as", "arrow", "--to", tmp_path / "out.arrow", stdin=source.read_bytes())
    check_same(read_arrow(tmp_path / "out.arrow"), read_arrow(source))


def test_the_first_bytes_tell_the_kind_when_the_name_is_wrong(polarway, tmp_path):
    table = pa.table({"x": [1, 2, 3]})
    for name in ("people.csv", "people", "people.dat"):
        with pa.ipc.new_file(tmp_path / name, table.schema) as writer:
            writer.write_table(table)
        run = polarway("stream", tmp_path / name, "--to", "-")
        assert run.out == "x\n1\n2\n3\n"
        assert f"{name} is read as ipc, as its first bytes say" in run.err


def test_the_kind_filesystem_is_that_of_the_files_and_several_are_refused(polarway, tmp_path, write):
    table = pa.table({"x": [1, 2, 3]})
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a.arrow", "b.arrow"):
        with pa.ipc.new_file(folder / name, table.schema) as writer:
            writer.write_table(table)
    for location in (folder, folder / "*.arrow"):
        assert polarway("count", location, "--as", "filesystem").out == "6\n"
        assert polarway("count", location).out == "6\n"
    (folder / "c.csv").write_text("x\n1\n")
    run = polarway("count", folder, "--as", "file", exits=2)
    assert "there are files of several kinds: csv, ipc" in run.err
    run = polarway("count", folder / "a.arrow", folder / "c.csv", exits=2)
    assert "c.csv: this is csv" in run.err


def test_a_batch_larger_than_the_limit_streams_and_keeps_little(polarway, tmp_path):
    rows = 12_000_000
    table = pa.table({"i": pa.array(range(rows)), "x": pa.array(range(rows), pa.float64())})
    source = tmp_path / "one.arrow"
    with pa.ipc.new_file(source, table.schema) as writer:
        writer.write_table(table)  # in one batch of 192 MB
    for mapped in ("false", "true"):
        run = polarway(
            "stream", source, "-o", f"use_mmap={mapped}", "--memory-limit", "48MB", "--stats", "json"
        )
        assert run.stats["records_processed"] == rows
        assert run.stats["peak_memory_bytes"] < 48_000_000
        # Few pages of the map are in use at a time, though they cost no memory of ours.
        assert mapped == "false" or run.stats["chunks_read"] >= 192_000_000 // (8 << 20)


def test_a_file_that_is_cut_off_while_it_is_mapped_ends_as_changed(polarway, tmp_path):
    rows = 4_000_000
    table = pa.table({"i": pa.array(range(rows)), "s": pa.array(["text"] * rows)})
    source = tmp_path / "moving.arrow"
    with pa.ipc.new_file(source, table.schema) as writer:
        writer.write_table(table)
    process = polarway.start(
        "stream", source, "--to", "-", "-o", "use_mmap=true", "--chunk-size", "100",
        "--max-chunk-size", "100", bufsize=0,
    )
    process.stdout.read(1)
    os.truncate(source, source.stat().st_size // 2)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert b"moving.arrow" in err and b"became shorter while it was read" in err, err


@pytest.mark.parametrize("path", corpus_files(GOLD, "*/*.arrow_file") + corpus_files(GOLD, "*/*.stream"))
def test_gold_files_are_exact(polarway, tmp_path, path):
    out = tmp_path / "out.arrow"
    if "bigendian" in path.parent.name:
        run = polarway("stream", path, "--as", "ipc", "--to", out, exits=2)
        assert "its numbers are big-endian" in run.err
        return
    if path.stem == "generated_decimal" and path.parent.name in ("0.14.1", "1.0.0-littleendian"):
        # Invented with more digits than the type has, which outputs would cut.
        run = polarway("stream", path, "--as", "ipc", "--to", out, exits=7)
        assert "digits of its type" in run.err
        return
    theirs = read_arrow(path)
    if len(theirs.schema) == 0:
        pytest.skip("a table without columns is not written")
    polarway("stream", path, "--as", "ipc", "--to", out, timeout=SECONDS)
    ours = read_arrow(out)
    assert ours.num_rows == theirs.num_rows
    for index, name in enumerate(theirs.schema.names):
        mine, other = storage(ours.column(index)), as_given(theirs)[index]
        assert ours.schema.names[index] == name
        mine.validate()  # in full even the files are not: they have halves of days
        assert mine.equals(other), name  # not as Python objects, which cannot hold all of them


FUZZED = corpus_files("arrow-testing/data/arrow-ipc-file", "*fuzz*") + corpus_files(
    "arrow-testing/data/arrow-ipc-stream", "*-*"
)


@pytest.mark.parametrize("path", FUZZED)
def test_a_fuzzed_file_ends_as_the_manual_says(polarway, tmp_path, path):
    out = tmp_path / "out.arrow"
    for mapped in ("false", "true"):
        options = ["--as", "ipc", "-o", f"use_mmap={mapped}", "--memory-limit", "256MB"]
        run = polarway(
            "stream", path, *options, "--to", out, "--limit", "100000",
            exits=(0, 1, 2, 3, 6, 7), timeout=SECONDS,
        )
        if run.code == 0:
            read_arrow(out).validate(full=True)
            out.unlink()
        else:
            assert path.name in run.err
        assert leftovers(tmp_path) == []


@pytest.mark.parametrize("name", ["arrow.py_extension_type", "arrow.uuid", "arrow.json", "arrow.fixed_shape_tensor", "x" * 70_000])
@pytest.mark.parametrize("data", [b"cos\nsystem\n(S'true'\ntR.", b"\xff\xfe\0", b"{", b"[" * 50_000, b""])
def test_nothing_is_done_with_the_metadata_of_a_foreign_type(polarway, tmp_path, name, data):
    """Those that libarrow knows by name it checks against their storage; no other code is run."""
    source, out = tmp_path / "in.arrow", tmp_path / "out.arrow"
    metadata = {b"ARROW:extension:name": name.encode(), b"ARROW:extension:metadata": data}
    field = pa.field("n", pa.int64(), metadata=metadata)
    with pa.ipc.new_file(source, pa.schema([field])) as writer:
        writer.write_batch(pa.record_batch([pa.array([1, 2, 3])], schema=pa.schema([field])))
    is_known = name in ("arrow.uuid", "arrow.json", "arrow.fixed_shape_tensor")
    run = polarway("stream", source, "--to", out, exits=7 if is_known else 0)
    if is_known:
        assert "in.arrow" in run.err
        return
    for path in (source, out):
        assert polarway("stream", path, "--to", "-").out == "n\n1\n2\n3\n"


def test_rows_without_end_in_no_bytes_are_refused(polarway, tmp_path):
    """A batch of nulls takes no bytes: it may say that it has 2^62 rows."""
    source = tmp_path / "in.arrow"
    schema = pa.schema([pa.field("nothing", pa.null())])
    with pa.ipc.new_file(source, schema) as writer:
        writer.write_batch(pa.record_batch([pa.nulls(123_456_789)], schema=schema))
    good = source.read_bytes()
    assert polarway("count", source).out == "123456789\n"
    rows = (123_456_789).to_bytes(8, "little")
    source.write_bytes(good.replace(rows, (2**62).to_bytes(8, "little")))
    for command in ("count", "stream"):
        run = polarway(command, source, exits=7)
        assert "4611686018427387904 rows" in run.err
