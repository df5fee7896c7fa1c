"""Parquet files of others are read value for value as pyarrow reads them, whatever their types,
encodings, codecs, pages and row groups, and whatever the chunks and threads of the reading."""

import itertools

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from differential.read_tables import Job, read_tables
from parquet_tables import flat_table, nested_table

CODECS = ("none", "snappy", "gzip", "brotli", "lz4", "zstd")
# What pyarrow may write each physical type in, dictionaries aside.
ENCODINGS = {
    "bool": ("PLAIN", "RLE"),
    "int32": ("PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"),
    "int64": ("PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"),
    "float": ("PLAIN", "BYTE_STREAM_SPLIT"),
    "double": ("PLAIN", "BYTE_STREAM_SPLIT"),
    "text": ("PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"),
    "bytes": ("PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"),
    "code": ("PLAIN", "BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY"),
}


def plain(column):
    """As we read it: text in one layout, a dictionary as its values."""
    column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type):
        column = column.cast(pa.string())
    if pa.types.is_large_binary(column.type) or pa.types.is_binary_view(column.type):
        column = column.cast(pa.binary())
    return column


def check(paths):
    jobs = [Job(path, {}, kind="parquet") for path in paths]
    for path, table in zip(paths, read_tables(jobs), strict=True):
        assert table.error is None, f"{path}: {table.error}"
        assert table.deviates is None, f"{path}: {table.deviates}"
        theirs = pq.read_table(path)
        assert table.names == theirs.column_names
        for name in table.names:
            ours, expected = table.arrow[name].combine_chunks(), plain(theirs[name])
            assert ours.type == expected.type
            assert ours.equals(expected), f"{path}, {name}: {ours.to_pylist()}"


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("null_share", [0, 0.2, 1])
def test_every_type_is_read_as_pyarrow_reads_it(tmp_path, version, null_share):
    table = flat_table(600, null_share)
    paths = []
    for codec, dictionary in itertools.product(CODECS, (True, False)):
        path = tmp_path / f"{codec}{dictionary}.parquet"
        pq.write_table(
            table,
            path,
            compression=codec,
            use_dictionary=dictionary,
            data_page_version=version,
            data_page_size=700,
            write_batch_size=50,
            row_group_size=270,
            write_page_checksum=dictionary,
        )
        paths.append(path)
    check(paths)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("column", ENCODINGS)
def test_every_encoding_is_read_as_pyarrow_reads_it(tmp_path, version, column):
    paths = []
    for encoding, null_share in itertools.product(ENCODINGS[column], (0, 0.3)):
        table = flat_table(700, null_share).select([column])
        for page_size in (300, 1 << 20):
            path = tmp_path / f"{encoding}{null_share}{page_size}.parquet"
            pq.write_table(
                table,
                path,
                use_dictionary=False,
                column_encoding={column: encoding},
                data_page_version=version,
                data_page_size=page_size,
                write_batch_size=64,
            )
            paths.append(path)
    check(paths)


def test_required_columns_are_read(tmp_path):
    table = flat_table(400, 0)
    fields = [field.with_nullable(False) for field in table.schema]
    path = tmp_path / "required.parquet"
    pq.write_table(table.cast(pa.schema(fields)), path, data_page_size=500, row_group_size=150)
    check([path])


def test_dictionary_and_large_columns_come_as_plain_text(tmp_path):
    text = flat_table(300, 0.1)["text"]
    table = pa.table(
        {
            "dictionary": text.combine_chunks().dictionary_encode(),
            "large": text.cast(pa.large_string()),
            "large_bytes": text.cast(pa.large_string()).cast(pa.large_binary()),
        }
    )
    path = tmp_path / "layouts.parquet"
    pq.write_table(table, path)
    check([path])


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_nested_columns_are_read_as_pyarrow_reads_them(tmp_path, version):
    table = nested_table(400)
    paths = []
    for page_size, row_group_size in ((300, 150), (1 << 20, 1 << 20)):
        path = tmp_path / f"nested{page_size}.parquet"
        pq.write_table(
            table,
            path,
            data_page_version=version,
            data_page_size=page_size,
            row_group_size=row_group_size,
            write_batch_size=50,
        )
        paths.append(path)
    check(paths)


def test_old_timestamps_of_96_bits_are_read(tmp_path):
    path = tmp_path / "int96.parquet"
    table = flat_table(300, 0.1).select(["at_ns", "at_us"])
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    check([path])


@pytest.mark.parametrize("codec", ["uncompressed", "snappy", "zstd", "lz4", "gzip", "brotli"])
def test_files_of_polars_are_read(tmp_path, codec):
    path = tmp_path / "polars.parquet"
    table = flat_table(500, 0.1).drop_columns(["half", "dec60", "code"])
    frame = pl.from_arrow(table).with_columns(pl.col("country").cast(pl.Categorical))
    frame.write_parquet(path, compression=codec, row_group_size=150, data_page_size=400)
    check([path])


def test_a_table_without_rows_or_with_empty_row_groups_is_read(tmp_path):
    empty = flat_table(0, 0)
    path = tmp_path / "empty.parquet"
    pq.write_table(empty, path)
    holes = tmp_path / "holes.parquet"
    table = flat_table(10, 0.5)
    with pq.ParquetWriter(holes, table.schema) as writer:
        for part in (empty, table, empty, table):
            writer.write_table(part)
    check([path, holes])
