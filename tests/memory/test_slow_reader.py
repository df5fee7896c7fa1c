"""Whoever reads our output slowly makes us wait, not grow."""

import os
import time

from limited_run import MIB, start_in
from memory_group import memory_group

LIMIT = 64_000_000
READ_BYTES = 1 << 16
READ_SECONDS = 0.018  # 3.6 MB/s: a hundredth of what the source gives


def test_a_reader_a_hundred_times_slower_than_the_source_costs_time_and_no_memory(
    make_people, tmp_path
):
    people = make_people("10MB")
    # Chunks of one size, so that whatever grows is not a chunk.
    arguments = ["--memory-limit", "64MB", "--chunk-size", "5000", "--max-chunk-size", "5000"]
    half, peaks, text = people.stat().st_size // 2, [], bytearray()
    with (
        memory_group(LIMIT) as group,
        start_in(group, "stream", people, *arguments, "--to", "-") as (process, sampler),
    ):
        while part := os.read(process.stdout.fileno(), READ_BYTES):
            text += part
            time.sleep(READ_SECONDS)
            if not peaks and len(text) >= half:
                peaks.append(sampler.peak_bytes)
                sampler.peak_bytes = 0
        peaks.append(sampler.peak_bytes)
        errors = process.stderr.read()
        assert process.wait(timeout=60) == 0, errors
        assert group.kills() == 0
    with open(people, "rb") as file:
        assert text.count(b"\n") == sum(1 for _ in file)
    assert 0 < peaks[0] <= LIMIT
    assert peaks[1] <= peaks[0] + MIB, peaks
