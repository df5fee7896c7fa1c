"""Parquet that is damaged, cut off, hostile, or of another kind: an error that says where, never a
crash, a hang, or a breach of the limit. Whatever rows come before are good."""

import struct

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import corpus_files
from differential.read_tables import Job, read_tables
from parquet_tables import flat_table, nested_table

@pytest.mark.parametrize("path", corpus_files("arrow-testing/data/parquet/fuzzing") + corpus_files("parquet-testing/bad_data"))
@pytest.mark.parametrize("command", ["stream", "schema"])
def test_a_hostile_file_ends_as_the_manual_says(polarway, path, command):
    options = ["--digest"] if command == "stream" else []
    run = polarway(
        command,
        path,
        "--as",
        "parquet",
        "--memory-limit",
        "64MB",
        *options,
        exits=(0, 2, 3, 6, 7),
        timeout=20,
    )
    if run.code != 0:
        assert path.name in run.err


def small_files(folder):
    flat = flat_table(40, 0.2).select(["int32", "text", "country", "bool", "dec19", "at_us"])
    for name, table, options in (
        ("plain", flat, {"use_dictionary": False, "compression": "none"}),
        ("snappy", flat, {"compression": "snappy", "data_page_version": "2.0"}),
        ("checked", flat, {"compression": "zstd", "write_page_checksum": True}),
        ("nested", nested_table(20).select(["list", "point"]), {"compression": "none"}),
        (
            "deltas",
            flat.select(["int32", "text"]),
            {
                "use_dictionary": False,
                "compression": "none",
                "column_encoding": {"int32": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY"},
            },
        ),
    ):
        path = folder / f"{name}.parquet"
        pq.write_table(table, path, store_schema=False, **options)
        yield path


@pytest.mark.long
def test_any_byte_flipped_gives_an_error_or_the_same_rows_for_every_chunk(tmp_path):
    jobs = []
    for path in list(small_files(tmp_path)):
        good = path.read_bytes()
        for at in range(len(good)):
            damaged = tmp_path / f"{path.stem}-{at}"
            damaged.write_bytes(good[:at] + bytes([good[at] ^ (1 << at % 8)]) + good[at + 1 :])
            jobs.append(Job(damaged, {}, kind="parquet"))
    for table in read_tables(jobs):
        assert table.deviates is None


@pytest.mark.long
def test_a_file_cut_anywhere_is_refused(tmp_path):
    jobs = []
    for path in list(small_files(tmp_path)):
        good = path.read_bytes()
        for size in range(len(good)):
            cut = tmp_path / f"{path.stem}-{size}"
            cut.write_bytes(good[:size])
            jobs.append(Job(cut, {}, kind="parquet"))
    for table in read_tables(jobs):
        assert table.error["kind"] in ("Parse", "EmptySource")


def write(path, table=None, **options):
    pq.write_table(table or pa.table({"id": list(range(1000))}), path, **options)
    return path.read_bytes()


def test_a_wrong_checksum_is_an_error_with_its_place(polarway, tmp_path):
    path = tmp_path / "x.parquet"
    good = write(path, compression="none", use_dictionary=False, write_page_checksum=True)
    at = good.index(struct.pack("<q", 500))
    path.write_bytes(good[:at] + b"\xff" + good[at + 1 :])
    run = polarway("stream", path, exits=7)
    assert "checksum" in run.err and "row group 0" in run.err and "id" in run.err


@pytest.mark.parametrize("size", [0, 2**31 - 1, 2**32 - 1])
def test_a_footer_that_lies_about_its_size_is_refused(polarway, tmp_path, size):
    path = tmp_path / "x.parquet"
    good = write(path)
    path.write_bytes(good[:-8] + struct.pack("<I", size) + b"PAR1")
    assert "footer" in polarway("stream", path, exits=7).err


def test_a_missing_magic_is_refused_at_either_end(polarway, tmp_path):
    path = tmp_path / "x.parquet"
    good = write(path)
    for bad in (b"XXXX" + good[4:], good[:-4] + b"XXXX"):
        path.write_bytes(bad)
        assert "Parquet" in polarway("stream", path, exits=7).err


def test_an_encrypted_file_is_refused_by_name(polarway, tmp_path):
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PARE" + b"\0" * 100 + b"PARE")
    assert "encrypted" in polarway("stream", path, exits=(2, 3, 4, 5)).err


def test_a_pipe_is_refused_and_says_why(polarway, tmp_path):
    path = tmp_path / "x.parquet"
    good = write(path)
    run = polarway("stream", "-", "--as", "parquet", stdin=good, exits=(2, 3, 4, 5))
    assert "pipe" in run.err


def test_nothing_is_an_empty_source_and_beside_files_no_rows(polarway, tmp_path):
    empty = tmp_path / "x.parquet"
    empty.touch()
    assert "there is nothing in it" in polarway("stream", empty, exits=3).err
    assert "there is nothing in it" in polarway("stream", "-", "--as", "parquet", stdin=b"", exits=3).err
    write(tmp_path / "a.parquet")
    write(tmp_path / "z.parquet")
    assert polarway("count", tmp_path).out.strip() == "2000"


# ---- Files made by hand: thrift's compact protocol, as far as it is needed


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def integer(number):
    """An i32 or i64, zigzag."""
    return varint(number * 2 if number >= 0 else -number * 2 - 1)


def page_header(size, *, says=None, stored=None, values=1000, encoding=0):
    """Of a data page of version 1 of `size` bytes, all of whose numbers may be wrong."""
    inner = b"".join(b"\x15" + integer(n) for n in (values, encoding, 3, 3)) + b"\0"
    outer = (0, size if says is None else says, size if stored is None else stored)
    return b"".join(b"\x15" + integer(n) for n in outer) + b"\x2c" + inner + b"\0"


def one_page(path, **lies):
    """A required column of 1,000 numbers in one page, with another header, and a good column."""
    fields = [pa.field("id", pa.int64(), nullable=False), pa.field("good", pa.int64(), nullable=False)]
    numbers = pa.array(range(1000), pa.int64())
    table = pa.table([numbers, numbers], schema=pa.schema(fields))
    good = write(path, table, compression="none", use_dictionary=False, write_statistics=False)
    body = struct.pack("<1000q", *range(1000))
    at = good.index(body)
    # What stands behind keeps its place in the file.
    page = (page_header(len(body), **lies) + body)[: at - 4 + len(body)]
    path.write_bytes(good[:4] + page.ljust(at - 4 + len(body), b"\0") + good[at + len(body) :])


@pytest.mark.parametrize(
    "lies",
    [
        {"values": 10**9},
        {"says": 2**31 - 1},
        {"says": 2**31 - 1, "stored": 2**31 - 1},
        {"stored": 2**31 - 1},
        {"stored": 0},
        {"says": -1},
        {"values": -1},
    ],
    ids=str,
)
def test_a_page_that_lies_about_its_sizes_is_refused_and_takes_no_memory(polarway, tmp_path, lies):
    path = tmp_path / "x.parquet"
    one_page(path, **lies)
    run = polarway("stream", path, "--memory-limit", "48MB", "--select", "id", exits=(6, 7))
    assert "id" in run.err and "row group 0" in run.err
    assert polarway("stream", path, "--select", "good", "--stats", "json").stats["records_processed"] == 1000


def test_an_encoding_that_nobody_knows_is_named_and_other_columns_are_read(polarway, tmp_path):
    path = tmp_path / "x.parquet"
    one_page(path, encoding=42)
    run = polarway("stream", path, exits=2)
    assert "id" in run.err and "42" in run.err
    assert polarway("stream", path, "--select", "good", "--stats", "json").stats["records_processed"] == 1000


@pytest.mark.parametrize("codec", [3, 20])  # LZO, and none that there is
def test_a_codec_that_is_not_read_is_named_and_other_columns_are_read(polarway, tmp_path, codec):
    path = tmp_path / "x.parquet"
    numbers = list(range(1000))
    good = write(path, pa.table({"id": numbers, "good": numbers}), compression="snappy")
    # The path in the schema, and then the codec.
    place = good.rindex(b"\x19\x18\x02id\x15\x02") + 6
    path.write_bytes(good[: place - 1] + b"\x15" + integer(codec) + good[place + 1 :])
    run = polarway("stream", path, "--select", "id", exits=(2, 7))
    assert "x.parquet" in run.err and ("id" in run.err or "footer" in run.err)
    if run.code == 2:
        assert polarway("count", path).out == "1000\n"
        assert polarway("stream", path, "--select", "good", "--stats", "json").stats["records_processed"] == 1000


def test_a_moment_of_96_bits_out_of_range_is_an_error_with_its_row(polarway, tmp_path):
    path = tmp_path / "x.parquet"
    moments = pa.array([0, 1, 2, 3], pa.timestamp("ns"))
    good = write(path, pa.table({"at": moments}), compression="none", use_dictionary=False,
                 use_deprecated_int96_timestamps=True, write_statistics=False)
    at = good.index(struct.pack("<qI", 2, 2_440_588))
    path.write_bytes(good[: at + 8] + b"\xff" * 4 + good[at + 12 :])
    run = polarway("stream", path, exits=7)
    assert "row 3" in run.err and "at" in run.err


def test_text_that_is_not_utf8_is_an_error_with_its_row(polarway, tmp_path):
    for dictionary in (False, True):
        path = tmp_path / "x.parquet"
        good = write(path, pa.table({"t": ["one", "two", "three", "four"]}), compression="none",
                     use_dictionary=dictionary, write_statistics=False)
        at = good.index(b"three")
        path.write_bytes(good[:at] + b"\xff" + good[at + 1 :])
        run = polarway("stream", path, exits=7)
        assert "not UTF-8" in run.err and "row 3" in run.err and "column t" in run.err.replace("'", "").replace('"', "")


def test_wide_decimals_are_read_and_the_widest_are_exact(polarway, tmp_path):
    path, out = tmp_path / "x.parquet", tmp_path / "out.parquet"
    table = pa.table({"d": pa.array([10**75, -(10**75), None], pa.decimal256(76, 0))})
    write(path, table)
    polarway("stream", path, "--to", out)
    assert pq.read_table(out)["d"].to_pylist() == table["d"].to_pylist()


def differing(folder, **tables):
    paths = []
    for name, table in tables.items():
        paths.append(folder / f"{name}.parquet")
        pq.write_table(table, paths[-1])
    return paths


def test_files_of_one_table_are_matched_by_name_and_differences_name_the_file(polarway, tmp_path):
    first = pa.table({"id": [1], "name": ["a"]})
    for name, other, says in (
        ("missing", pa.table({"id": [2]}), "name"),
        ("case", pa.table({"id": [2], "Name": ["b"]}), "ame"),
        ("type", pa.table({"id": ["x"], "name": ["b"]}), "id"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        differing(folder, a=first, b=other)
        run = polarway("stream", folder, "--to", "-", exits=(2, 7))
        assert "b.parquet" in run.err and says in run.err, name
    folder = tmp_path / "order"
    folder.mkdir()
    differing(folder, a=first, b=pa.table({"name": ["b"], "id": [2]}))
    assert polarway("stream", folder, "--to", "-").out == "id,name\n1,a\n2,b\n"


def test_thousands_of_files_take_the_memory_of_one_and_a_bad_one_is_named(polarway, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    one = write(tmp_path / "one.parquet", pa.table({"id": [1], "name": ["a"]}))
    for number in range(3000):
        (folder / f"{number:04}.parquet").write_bytes(one)
    few = polarway("stream", folder / "000?.parquet", "--memory-limit", "48MB", "--stats", "json").stats
    many = polarway("stream", folder, "--memory-limit", "48MB", "--stats", "json").stats
    assert many["records_processed"] == 3000
    assert many["peak_memory_bytes"] < few["peak_memory_bytes"] + 4_000_000
    (folder / "1500.parquet").write_bytes(one[:-20])
    run = polarway("stream", folder, exits=7)
    assert "1500.parquet" in run.err


@pytest.mark.long
def test_very_many_row_groups_or_columns_are_read_or_refused_with_the_size_of_the_footer(polarway, tmp_path):
    groups = tmp_path / "groups.parquet"
    schema = pa.schema([pa.field("id", pa.int64())])
    with pq.ParquetWriter(groups, schema) as writer:
        for number in range(20_000):
            writer.write_batch(pa.record_batch([[number]], schema=schema))
    columns = tmp_path / "columns.parquet"
    pq.write_table(pa.table({f"c{number}": [number] for number in range(10_000)}), columns)
    for path, rows in ((groups, 20_000), (columns, 1)):
        run = polarway("stream", path, "--memory-limit", "512MB", "--stats", "json", timeout=120)
        assert run.stats["records_processed"] == rows
        run = polarway("stream", path, "--memory-limit", "16MB", exits=(0, 6), timeout=120)
        if run.code == 6:
            assert "footer" in run.err or "columns" in run.err or "memory" in run.err


def test_a_hundred_megabytes_of_metadata_are_refused_by_the_size_of_the_footer(polarway, tmp_path):
    path = tmp_path / "x.parquet"
    table = pa.table({"id": [1]}).replace_schema_metadata({"k": "v" * 100_000_000})
    pq.write_table(table, path)
    run = polarway("stream", path, "--memory-limit", "64MB", exits=(6, 7))
    assert "footer" in run.err


def test_a_file_that_is_replaced_while_it_is_read_is_an_error_and_no_mix(polarway, tmp_path):
    path = tmp_path / "moving.parquet"
    ones = pa.table({"n": pa.array([111_111] * 2_000_000, pa.int64())})
    options = {"use_dictionary": False, "compression": "none", "data_page_size": 8_000}
    size = len(write(path, ones, **options))
    twos = pa.table({"n": pa.array([222_222] * 2_000_000, pa.int64())})
    other = write(tmp_path / "other.parquet", twos, **options)
    assert len(other) == size
    process = polarway.start("stream", path, "--to", "-", "--chunk-size", "1000", "--max-chunk-size", "1000", bufsize=0)
    process.stdout.read(1)
    with open(path, "r+b") as file:
        file.write(other)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert b"222222" not in out
    assert b"moving.parquet" in err and b"while it was read" in err, err
