"""Arrow IPC streams within its limit, whatever the size of its batches, mapped or not."""

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pytest
from limited_run import forget_pages, run_in
from memory_group import memory_group

ROWS = 6_000_000
LIMIT_MB = 48


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ipc")


def table():
    numbers = np.arange(ROWS)
    text = pa.array(np.char.add("customer number ", (numbers % 100_000).astype(str)))
    return pa.table({"i": numbers, "x": numbers / 7, "text": text})


@pytest.fixture(scope="module")
def one_batch(folder):
    """A file of 250 MB, in one batch."""
    path = folder / "one.arrow"
    whole = table()
    with pa.ipc.new_file(path, whole.schema) as writer:
        writer.write_table(whole)
    return path


@pytest.fixture(scope="module")
def packed(folder):
    """The same in batches of 100,000 rows, compressed."""
    path = folder / "packed.arrow"
    whole = table()
    with pa.ipc.new_file(path, whole.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(whole, max_chunksize=100_000)
    return path


def run_within(path, *arguments, cwd):
    forget_pages(path)
    with memory_group(LIMIT_MB * 1_000_000) as group:
        run = run_in(
            group,
            *["stream", path, "--memory-limit", f"{LIMIT_MB}MB", "--stats", "json", *arguments],
            cwd=cwd,
        )
    assert run.kills == 0, run.story
    assert run.code == 0, run.story
    assert 0 < run.peak_bytes <= LIMIT_MB * 1_000_000, run.story
    assert run.stats["records_processed"] == ROWS


@pytest.mark.parametrize("mapped", ["false", "true", "auto"])
def test_one_batch_of_250_megabytes_streams_within_48(one_batch, tmp_path, mapped):
    run_within(one_batch, "-o", f"use_mmap={mapped}", cwd=tmp_path)


def test_a_batch_is_written_to_another_file_within_48_megabytes(one_batch, tmp_path):
    run_within(one_batch, "--to", "out.arrow", cwd=tmp_path)


def test_compressed_batches_stream_within_48_megabytes(packed, tmp_path):
    run_within(packed, cwd=tmp_path)
