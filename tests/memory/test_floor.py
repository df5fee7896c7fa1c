"""A limit that is too small is refused with one that is large enough."""

import re

import pytest

MOST_BYTES = 48_000_000
OUTPUTS = {"none": [], "csv": ["--to", "out.csv"], "parquet": ["--to", "out.parquet"]}
# Too little for the program itself, for the source, for the sink, and perhaps for none of them.
LIMITS = [1, 1_000_000, *range(5_000_000, 12_000_000, 1_000_000)]


def named_floor(message):
    """The limit that the error proposes, in bytes."""
    named = re.search(r"set it to at least ([\d.]+) MB", message)
    assert named, f"no floor is named: {message}"
    return round(float(named[1]) * 1e6)


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_floor_that_the_error_names_is_enough_at_once(polarway, people, output):
    arguments = ["stream", people, *OUTPUTS[output], "--memory-limit"]
    floors = {}
    for limit_bytes in LIMITS:
        run = polarway(*arguments, limit_bytes, exits=(0, 6))
        if run.code == 6:
            floors[limit_bytes] = named_floor(run.err)
    assert floors, "the smallest limits are too small"
    assert max(floors.values()) <= MOST_BYTES, floors
    for floor in set(floors.values()):
        polarway(*arguments, floor)


def test_a_limit_below_what_the_program_itself_takes_is_refused_with_both_numbers(polarway, people):
    refused = polarway("stream", people, "--memory-limit", "1MB", exits=6)
    assert re.search(r"limit 1\.0 MB, used [3-9]\.\d MB", refused.err), refused.err
