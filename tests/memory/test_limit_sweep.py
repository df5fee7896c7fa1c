"""CSV to Parquet under one limit after the other: every row, or an error about memory."""

import pytest
import sweep
from conftest import ROOT

TABLE = ROOT / "build" / "memory" / "sweep.md"


def check(attempts):
    """Right, or a clean MemoryLimit; and what succeeds at a limit succeeds at every larger one."""
    outcomes = [attempt.outcome for attempt in attempts]
    enough = outcomes.index("right")
    assert enough > 0, "the smallest limit is too small"
    assert outcomes == ["memory error"] * enough + ["right"] * (len(outcomes) - enough), attempts
    assert not any(attempt.left for attempt in attempts), attempts
    for attempt in attempts[:enough]:
        assert "limit" in attempt.detail


def test_twenty_four_limits_give_every_row_or_an_error(program, people):
    expected = sweep.expected_rows(people)
    check(sweep.sweep("polarway", people, expected, sweep.our_limits(24)))


@pytest.mark.long
def test_a_hundred_limits_give_every_row_or_an_error_and_the_peers_are_counted(
    program, make_people
):
    people = make_people("100MB")
    expected = sweep.expected_rows(people)
    ours = sweep.sweep("polarway", people, expected, sweep.our_limits(100))
    as_peers = sweep.sweep(sweep.OURS_AS_PEERS, people, expected, sweep.peer_limits(24))
    attempts = ours + as_peers
    for peer in sweep.PEERS:
        with_plenty = sweep.attempt(peer, people, expected, 8_000_000_000)
        assert with_plenty.outcome == "right", with_plenty  # what fails below is about memory
        attempts += sweep.sweep(peer, people, expected, sweep.peer_limits(24))
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(sweep.table(attempts))
    check(ours)
    assert {attempt.outcome for attempt in as_peers} <= {"right", "memory error"}, as_peers
    assert not any(attempt.left for attempt in as_peers), as_peers
