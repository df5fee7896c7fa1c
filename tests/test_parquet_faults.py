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


def test_an_empty_file_is_an_empty_source(polarway, tmp_path):
    path = tmp_path / "x.parquet"
    path.touch()
    assert "empty" in polarway("stream", path, exits=(2, 3, 4, 5, 6)).err
