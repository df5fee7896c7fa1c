"""Compressed files, as they are made by other programs' hands: found by their content, whole or an
error."""

import bz2
import gzip
import itertools
import lzma
import os
import random
import shutil
import struct
import subprocess
import threading
import time
import zlib

import polars as pl
import pyarrow as pa
import pytest
from conftest import leftovers, read_people
from polars.testing import assert_frame_equal


def by_arrow(codec):
    def compress(data):
        out = pa.BufferOutputStream()
        with pa.CompressedOutputStream(out, codec) as stream:
            stream.write(data)
        return out.getvalue().to_pybytes()

    return compress


COMPRESS = {
    "gzip": gzip.compress,
    "zstd": by_arrow("zstd"),
    "bz2": bz2.compress,
    "lz4": by_arrow("lz4"),
    "xz": lzma.compress,
}
EXTENSIONS = {"gzip": "gz", "zstd": "zst", "bz2": "bz2", "lz4": "lz4", "xz": "xz"}
every_format = pytest.mark.parametrize("kind", COMPRESS)


@pytest.fixture
def rows(polarway, tmp_path):
    """The rows of a source, as the program writes them to Parquet."""

    def read(source, *options, **more):
        polarway("stream", source, *options, "--to", tmp_path / "rows.parquet", **more)
        frame = pl.read_parquet(tmp_path / "rows.parquet")
        (tmp_path / "rows.parquet").unlink()
        return frame

    return read


@pytest.fixture
def refused(polarway, tmp_path):
    """What the program says of a source that it must not read; it leaves nothing behind."""

    def read(source, *options, exits=7, **more):
        before = sorted(os.listdir(tmp_path))
        run = polarway(
            "stream", source, *options, "--to", tmp_path / "out.csv", exits=exits, **more
        )
        assert leftovers(tmp_path, *before) == []
        return run.err

    return read


@pytest.fixture(scope="module")
def packed_people(people):
    return {kind: compress(people.read_bytes()) for kind, compress in COMPRESS.items()}


@every_format
def test_a_compressed_file_has_the_rows_of_the_plain_one(
    rows, write, packed_people, people_rows, kind
):
    source = write(f"people.csv.{EXTENSIONS[kind]}", packed_people[kind])
    assert_frame_equal(rows(source, "--memory-limit", "64MB"), people_rows)


@every_format
def test_a_compressed_pipe_has_them_too(rows, packed_people, people_rows, kind):
    options = ["--as", "csv", "--memory-limit", "64MB"]
    assert_frame_equal(rows("-", *options, stdin=packed_people[kind]), people_rows)


@every_format
def test_the_content_counts_whatever_the_name_says(rows, write, kind):
    for name in ("a.csv", "a.csv.gz", "a.txt"):
        assert rows(write(name, COMPRESS[kind](b"a,b\n1,x\n"))).rows() == [(1, "x")]
    assert rows(write("a.csv.gz", b"a,b\n1,x\n")).rows() == [(1, "x")]


def test_tabs_are_told_by_the_name_behind_the_compression(rows, write):
    assert rows(write("a.tsv.gz", gzip.compress(b"a\tb\n1\tx\n"))).rows() == [(1, "x")]


def test_an_error_in_a_file_with_a_misleading_name_says_so(refused, write):
    assert "a.csv.gz (which is not gzip)" in refused(write("a.csv.gz", b"a,b\n1\n"))
    zstd = COMPRESS["zstd"](b"a,b\n1\n")
    assert "b.csv.gz (which is zstd, not gzip)" in refused(write("b.csv.gz", zstd))


def test_an_option_that_the_content_belies_is_refused(refused, write):
    xz = write("a.csv", lzma.compress(b"a\n1\n"))
    assert "compression is gzip, but the file is xz" in refused(xz, "-o", "compression=gzip")
    plain = write("b.csv", b"a\n1\n")
    said = refused(plain, "-o", "compression=gzip")
    assert "compression is gzip, but the file is not compressed" in said


# ---- Members


def bgzf(data, block=1000):
    """As bgzip makes it: gzip members with their size in an extra field, and an empty last one."""
    out = b""
    for start in itertools.chain(range(0, len(data), block), [len(data)]):
        piece = data[start : start + block]
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = deflate.compress(piece) + deflate.flush()
        head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(body) + 25)
        out += head + body + struct.pack("<II", zlib.crc32(piece), len(piece))
    return out


@every_format
def test_all_members_are_read(rows, write, kind):
    text = b"n,text\n" + b"".join(b"%d,row %d\n" % (n, n) for n in range(1000))
    parts = [text[start : start + 777] for start in range(0, len(text), 777)]
    packed = b"".join(COMPRESS[kind](part) for part in parts)
    frame = rows(write("a.csv", packed + COMPRESS[kind](b"")))
    assert frame["n"].to_list() == list(range(1000))


def test_bgzf_and_padding_are_read(rows, write):
    text = b"n\n" + b"".join(b"%d\n" % n for n in range(5000))
    for packed in (bgzf(text), gzip.compress(text) + bytes(5000)):
        assert rows(write("a.csv.gz", packed))["n"].to_list() == list(range(5000))


# ---- What is wrong with a file


@every_format
def test_a_file_cut_anywhere_is_an_error_with_the_byte(polarway, refused, write, kind):
    packed = COMPRESS[kind](b"n,text\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(300)))
    for size in sorted({1, 2, 3, 5, 10, *range(20, len(packed), 97), len(packed) - 1}):
        source = write(f"cut.csv.{EXTENSIONS[kind]}", packed[:size])
        assert f"truncated at byte {size} of the file" in refused(source)
    assert "truncated at byte 20" in refused("-", "--as", "csv", stdin=packed[:20])
    assert "truncated" in polarway("count", source, exits=7).err


def test_a_file_cut_late_is_an_error_however_many_rows_came_before(refused, write, packed_people):
    for kind, packed in packed_people.items():
        said = refused(write("cut.csv", packed[:-100]), "--memory-limit", "64MB")
        assert f"the {kind} data are truncated at byte {len(packed) - 100} of the file" in said


def test_a_wrong_checksum_or_size_is_an_error(refused, write):
    packed = bytearray(gzip.compress(b"a\n1\n"))
    for at in (-8, -4):  # of the text's checksum, of its size
        damaged = packed.copy()
        damaged[at] ^= 1
        assert "checksum or size" in refused(write("a.csv.gz", bytes(damaged)))


@every_format
def test_what_follows_a_compressed_file_is_an_error(refused, write, kind):
    packed = COMPRESS[kind](b"a\n1\n")
    said = refused(write("a.csv", packed + b"2\n"))
    assert f"end at byte {len(packed)} of the file, and something else follows" in said


@every_format
def test_a_damaged_file_ends_in_rows_or_an_error_and_in_no_crash(polarway, write, kind):
    rng = random.Random(5)
    packed = COMPRESS[kind](b"n,text\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(3000)))
    for _ in range(15):
        damaged = bytearray(packed)
        for _ in range(rng.choice([1, 1, 5])):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        polarway("count", write("damaged.csv", bytes(damaged)), exits=(0, 3, 7))


def test_what_is_not_read_is_named_with_the_way_out(refused, write):
    for name, content in {
        "zip": b"PK\x03\x04" + bytes(26),
        "legacy lz4": b"\x02\x21\x4c\x18" + bytes(20),
        "framed snappy": b"\xff\x06\x00\x00sNaPpY" + bytes(20),
        "compress": b"\x1f\x9d\x90" + bytes(20),
        "7z": b"7z\xbc\xaf\x27\x1c" + bytes(20),
    }.items():
        said = refused(write("a.csv", content))
        assert f"this is {name}, which is not read" in said and "polarway stream -" in said
    assert "this is snappy" in refused(write("a.csv.snappy", b"\x08\x1ca\n1\n2\n"), "--as", "csv")
    twice = gzip.compress(gzip.compress(b"a\n1\n"))
    assert "in the gzip data is gzip again" in refused(write("b.csv.gz", twice))


# ---- Memory


def zstd_with_window(window_log):
    """A frame of raw blocks whose header asks for a window."""
    text = b"a,b\n1,2\n"
    header = b"\x28\xb5\x2f\xfd" + bytes([0, (window_log - 10) << 3])
    return header + struct.pack("<I", len(text) << 3 | 1)[:3] + text


def test_a_window_is_refused_unless_the_limit_has_room_for_it(polarway, refused, rows, write):
    source = write("a.csv.zst", zstd_with_window(31))
    said = refused(source, "--memory-limit", "64MB", exits=6)
    assert "its window is 2.1 GB" in said and "a.csv.zst" in said
    source = write("b.csv.zst", zstd_with_window(25))
    assert refused(source, "--memory-limit", "24MB", exits=6)
    assert rows(source, "--memory-limit", "64MB").rows() == [(1, 2)]


@pytest.mark.parametrize(
    "kind", ["gzip", "zstd", "lz4", *(pytest.param(k, marks=pytest.mark.long) for k in ("bz2", "xz"))]
)
def test_a_large_file_takes_no_more_than_a_small_one(polarway, people, write, kind):
    def peak(copies):
        source = write(f"{copies}.csv", packed + one * copies)
        # Chunks of one size: those that grow while it pays differ from run to run.
        limits = ["--memory-limit", "64MB", "--chunk-size", "5000", "--max-chunk-size", "5000"]
        run = polarway("stream", source, *limits, "--stats", "json", timeout=600)
        assert run.stats["records_processed"] == 30_000 * copies
        return run.stats["peak_rss_anon_bytes"]

    lines = people.read_bytes().splitlines(keepends=True)
    packed, one = COMPRESS[kind](lines[0]), COMPRESS[kind](b"".join(lines[1:30_001]))
    few, many = (3, 6) if kind in ("bz2", "xz") else (4, 24)
    small, large = max(peak(few) for _ in range(3)), peak(many)
    assert large < small + 2_000_000
    assert large < 48_000_000


# ---- What else depends on the bytes


def test_the_bytes_read_are_those_of_the_file(polarway, write, packed_people):
    for kind, packed in packed_people.items():
        source = write(f"people.csv.{EXTENSIONS[kind]}", packed)
        stats = polarway("stream", source, "--stats", "json").stats
        assert stats["bytes_read"] == len(packed)


def test_a_slow_pipe_is_read_as_it_comes(polarway, people, people_rows, tmp_path):
    packed = gzip.compress(people.read_bytes(), 1)
    process = polarway.start(
        "stream", "-", "--as", "csv", "--to", tmp_path / "out.parquet", stdin=subprocess.PIPE
    )

    def feed():
        for start in range(0, len(packed), 1_000_000):
            process.stdin.write(packed[start : start + 1_000_000])
            process.stdin.flush()
            time.sleep(0.01)
        process.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    feeder.join()
    assert process.wait(timeout=60) == 0, process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), people_rows)


@pytest.mark.parametrize(
    "command",
    [
        ["gzip", "-c"],
        ["bzip2", "-c"],
        ["xz", "-c", "-0", "-T2"],
        ["zstd", "-c", "-T2"],
        ["lz4", "-c"],
        ["lz4", "-c", "-BD", "-B4"],
        ["pigz", "-c"],
        ["pbzip2", "-c"],
    ],
    ids=" ".join,
)
def test_what_the_usual_programs_make_is_read(rows, people, write, command):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    text = b"".join(people.read_bytes().splitlines(keepends=True)[:50_000])
    packed = subprocess.run(command, input=text, capture_output=True, check=True).stdout
    assert_frame_equal(rows(write("a.csv", packed)), read_people(text))


def test_the_options_are_listed(polarway):
    shown = polarway("sources", "csv").out
    for option in ("compression", "max_expansion", "use_mmap"):
        assert option in shown
