"""One job under many memory limits: CSV to Parquet, by us and by the peers. What comes of it?

Ours is told its limit (--memory-limit; with --enforce, the kernel also holds it to that). The peers,
and ours once more, run under RLIMIT_DATA, and are told the same where they have an option for it. Every run is a process
of its own with a time-out, in an empty folder. A right run has left every row; any other has to leave
no file under the output's name. The table counts how often each outcome was seen.
"""

import argparse
import collections
import contextlib
import dataclasses
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile

import polars as pl

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("POLARWAY", ROOT / "build" / "release" / "polarway"))
PEERS = ["polars", "duckdb", "pyarrow"]
OURS = "polarway"
OURS_AS_PEERS = "polarway, as the peers"  # under RLIMIT_DATA, and told the same
TIMEOUT_SECONDS = 60
OUTPUT = "out.parquet"

OUTCOMES = ["right", "memory error", "other error", "wrong rows", "signal", "hang"]
# One of these in an error, in any spelling: then it is counted as one about memory.
MEMORY_WORDS = ["memory", "bad_alloc", "failed to map segment"]


@dataclasses.dataclass
class Attempt:
    """A run and what came of it."""

    who: str
    limit_bytes: int
    outcome: str
    detail: str  # the exit code, the signal or the last line of the error
    left: list[str]  # the names of the files that a run that was not right has left


def our_limits(steps: int) -> list[int]:
    """From 1 to 64 MB in equal ratios: most of them where things change."""
    return [round(1e6 * 64 ** (step / max(steps - 1, 1))) for step in range(steps)]


def peer_limits(steps: int) -> list[int]:
    """From 40 to 385 MB in equal steps."""
    return [round(40e6 + 345e6 * step / max(steps - 1, 1)) for step in range(steps)]


def expected_rows(source: pathlib.Path) -> pl.DataFrame:
    from tables import PEOPLE

    # Dates and times: as in bench/peers.py.
    texts = {n: pl.String if t in ("Date", "Datetime") else getattr(pl, t) for n, t in PEOPLE.items()}
    frame = pl.scan_csv(source, schema=texts).with_columns(
        pl.col("signup").str.to_date("%Y-%m-%d"),
        pl.col("last_seen").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us"),
    )
    return comparable(frame.collect())


def comparable(frame: pl.DataFrame) -> pl.DataFrame:
    """Readers differ in whether an empty text is null, which is not what is measured here."""
    return frame.with_columns(pl.col(pl.String).fill_null(""))


def is_right(target: pathlib.Path, expected: pl.DataFrame, in_order: bool) -> bool:
    """The order of rows is asked of ours, and of no peer: DuckDB advises to give it up where memory is short."""
    try:
        found = pl.read_parquet(target)
    except (OSError, pl.exceptions.PolarsError):
        return False
    if found.columns != expected.columns:
        return False
    rows = comparable(found.cast(dict(expected.schema)))
    return rows.equals(expected) if in_order else rows.sort("id").equals(expected.sort("id"))


def command_of(who: str, source: pathlib.Path, target: pathlib.Path, limit_bytes: int, enforce: bool) -> list[str]:
    if who in PEERS:
        return [sys.executable, str(ROOT / "bench" / "peers.py"), who, "parquet", "people", str(source), str(target),
                "--limit", str(limit_bytes)]
    told = ["--memory-limit", str(limit_bytes), *(["--enforce-limit"] if enforce else [])]
    return [str(PROGRAM), "stream", str(source), "--to", str(target), "--progress", "never", *told]


def attempt(who: str, source: pathlib.Path, expected: pl.DataFrame, limit_bytes: int, enforce: bool = False,
            timeout_seconds: float = TIMEOUT_SECONDS) -> Attempt:
    def limit_data() -> None:
        if who != OURS:
            resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, limit_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    with tempfile.TemporaryDirectory(prefix="sweep-", dir=source.parent) as folder:
        target = pathlib.Path(folder) / OUTPUT
        process = subprocess.Popen(command_of(who, source, target, limit_bytes, enforce), cwd=folder,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   preexec_fn=limit_data)
        try:
            _, err = process.communicate(timeout=timeout_seconds)
            outcome, detail = judge(who, process.returncode, err.decode("utf-8", "replace"))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            outcome, detail = "hang", f"after {timeout_seconds} s"
        if outcome == "right" and not is_right(target, expected, who not in PEERS):
            outcome = "wrong rows"
        left = [] if outcome == "right" else sorted(os.listdir(folder))
        return Attempt(who, limit_bytes, outcome, detail, left)


def judge(who: str, code: int, err: str) -> tuple[str, str]:
    lines = [line for line in err.splitlines() if line.strip()] or [""]
    if code == 0:
        return "right", ""
    if code < 0:
        return "signal", signal.Signals(-code).name
    if who not in PEERS:
        return "memory error" if code == 6 else "other error", f"exit {code}: {lines[-1]}"
    about_memory = any(word in err.lower() for word in MEMORY_WORDS)
    return "memory error" if about_memory else "other error", f"exit {code}: {lines[-1]}"


def sweep(who: str, source: pathlib.Path, expected: pl.DataFrame, limits_bytes: list[int], **how) -> list[Attempt]:
    return [attempt(who, source, expected, limit_bytes, **how) for limit_bytes in limits_bytes]


def table(attempts: list[Attempt]) -> str:
    """Markdown: a row for each who, a column for each outcome, and how many left a broken file."""
    rows = ["| who | limits | " + " | ".join(OUTCOMES) + " | broken file left |",
            "| --- " * (len(OUTCOMES) + 3) + "|"]
    by_who = collections.defaultdict(list)
    for one in attempts:
        by_who[one.who].append(one)
    for who, runs in by_who.items():
        counts = collections.Counter(run.outcome for run in runs)
        low, high = (f"{edge(run.limit_bytes for run in runs) / 1e6:.0f}" for edge in (min, max))
        cells = [str(counts[outcome]) for outcome in OUTCOMES]
        rows.append(f"| {who} | {len(runs)}, {low} to {high} MB | {' | '.join(cells)} | "
                    f"{sum(OUTPUT in run.left for run in runs)} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="100MB", help="of people.csv")
    parser.add_argument("--steps", type=int, default=24, help="limits for ours, 1 to 64 MB")
    parser.add_argument("--peer-steps", type=int, default=8, help="limits for each peer, 40 to 385 MB")
    everyone = [OURS, OURS_AS_PEERS, *PEERS]
    parser.add_argument("--who", nargs="+", default=everyone, choices=everyone)
    parser.add_argument("--enforce", action="store_true", help="ours with --enforce-limit")
    parser.add_argument("--list", action="store_true", help="print every attempt, too")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="sweep-") as folder:
        source = pathlib.Path(folder) / "people.csv"
        with contextlib.redirect_stdout(sys.stderr):
            subprocess.run([PROGRAM, "demo", "--only-data", source, "--size", options.size, "--seed", "7"], check=True)
        expected = expected_rows(source)
        attempts = []
        for who in options.who:
            if who == OURS:
                tried = sweep(who, source, expected, our_limits(options.steps),
                              enforce=options.enforce)
            else:
                tried = sweep(who, source, expected, peer_limits(options.peer_steps))
            attempts += tried
            if options.list:
                for one in tried:
                    print(f"{who} {one.limit_bytes:,}: {one.outcome} {one.detail[:150]}", flush=True)
    print(table(attempts))


if __name__ == "__main__":
    main()
