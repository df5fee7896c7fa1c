"""The policies that size chunks, beside fixed sizes: what each overshoots, how soon it is where it
should be after rows become 100 times wider or narrower, how often it changes at rest, and how fast
it is. `python bench/policies.py`; the table goes to build/memory/policies.md, too.

Every case is a process of its own, traced; cases are interleaved and repeated. Speed is rows for
each second of CPU time and of the clock, the fastest run of each. The best fixed size is the one of
a sweep that takes least CPU time, for each file and limit; so it has been told what the policies
have to find out, and differs from file to file.

A chunk is converged when it and all chunks after it, up to the next change of the data, have as many
rows as where they settle, within a quarter; chunks that are small to find something out aside.
Chunks and time are counted from the end of the chunk in which the change came; medians of the runs. The peak is RssAnon + RssShmem as the program measured it.
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "release" / "polarway"
REPORT = ROOT / "build" / "memory" / "policies.md"

POLICIES = ["classic", "model"]
FIXED_ROWS = [1_000, 4_000, 16_000, 64_000, 256_000]
NARROW_TEXT, WIDE_TEXT = 8, 1988  # bytes: a row weighs 20 in Arrow, or 2000
BAND = 1.25
CASE = {
    "people": "rows of one width",
    "narrow-first": "narrow, 100 x wider, narrow again",
    "wide-first": "wide, 100 x narrower, wide again",
}


class Failure(Exception):
    pass


# ---- Data


def write_rows(path: pathlib.Path, parts: list[tuple[int, int]]) -> list[int]:
    """Writes parts of (rows, bytes of text); gives the numbers of the rows at which parts begin."""
    starts, row = [], 0
    with path.open("w", encoding="ascii") as file:
        file.write("n,text\n")
        for rows, text_bytes in parts:
            starts.append(row)
            text = "x" * text_bytes
            for first in range(row, row + rows, 10_000):
                last = min(first + 10_000, row + rows)
                file.write("".join(f"{n},{text}\n" for n in range(first, last)))
            row += rows
    return starts


def make_data(folder: pathlib.Path, program: pathlib.Path, quick: bool) -> dict[str, tuple[pathlib.Path, list[int]]]:
    """Name -> (file, the rows at which its rows become other rows)."""
    people = folder / "people.csv"
    size = "20MB" if quick else "300MB"
    subprocess.run([program, "demo", "--only-data", people, "--size", size, "--seed", "7"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    narrow = (400_000 if quick else 1_000_000, NARROW_TEXT)
    wide = (8_000 if quick else 30_000, WIDE_TEXT)
    data = {"people": (people, [0])}
    for name, parts in (("narrow-first", [narrow, wide, narrow]), ("wide-first", [wide, narrow, wide])):
        path = folder / f"{name}.csv"
        data[name] = (path, write_rows(path, parts))
    return data


# ---- One run


def arguments(way: str) -> list[str]:
    if way in POLICIES:
        return ["-o", f"policy={way}"]
    rows = way.split()[1]
    return ["--chunk-size", rows, "--max-chunk-size", rows, "-o", f"min_chunk_size={rows}"]


def run(program: pathlib.Path, source: pathlib.Path, limit: str, way: str) -> dict:
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as trace:
        command = [program, "stream", source, "--memory-limit", limit, "--progress", "never", "--stats", "json",
                   "--trace", trace.name, *arguments(way)]
        before = os.times()
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        after = os.times()
        if done.returncode != 0:
            raise Failure(f"{' '.join(map(str, command))} failed: {done.stderr[-2000:]}")
        decisions = [json.loads(line) for line in pathlib.Path(trace.name).read_text().splitlines()]
    stats = json.loads(done.stderr.rstrip("\n").splitlines()[-1])
    # Every chunk has exactly one decision of its own; "start" has none, and these are of no chunk.
    chunks = [decision for decision in decisions if decision["rule"] not in ("start", "pause", "resume")]
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"stats": stats, "cpu": cpu, "chunks": chunks, "usage": max(decision["usage"] for decision in decisions)}


# ---- What a run shows


def phases(chunks: list[dict], starts: list[int]) -> list[list[dict]]:
    """The chunks of each part of the file. The first of a part is the one in which it begins."""
    parts: list[list[dict]] = [[] for _ in starts]
    row, part = 0, 0
    for chunk in chunks:
        end = row + chunk["rows"]
        while part + 1 < len(starts) and starts[part + 1] < end:
            part += 1
        parts[part].append(chunk)
        row = end
    return parts


def step(phase: list[dict], is_first: bool) -> dict:
    """Chunks and ms until a part's chunks have the rows that they settle at, and what they weigh."""
    # The chunk in which the rows change is of both parts, and the last one ends with its part.
    chunks = phase[:-1] if is_first else phase[1:-1]
    if not chunks:
        return {"chunks": 0, "ms": 0.0, "settled_bytes": 0, "least_bytes": 0, "most_bytes": 0}
    begins = 0.0 if is_first else phase[0]["t_ms"]
    settled = chunks[len(chunks) // 2:]
    rows = statistics.median(chunk["rows"] for chunk in settled)
    late, asked = 0, False
    for number, chunk in enumerate(chunks, 1):
        if not asked and not rows / BAND <= chunk["rows"] <= rows * BAND:
            late = number
        asked = chunk["rule"] == "probe"  # the next one is small on purpose
    weights = [chunk["bytes"] for chunk in chunks[2:]] or [0]
    return {"chunks": late, "ms": chunks[late - 1]["t_ms"] - begins if late else 0.0,
            "settled_bytes": statistics.median(chunk["bytes"] for chunk in settled),
            "least_bytes": min(weights), "most_bytes": max(weights)}


def changes_at_rest(chunks: list[dict]) -> tuple[int, int, float]:
    """Changes of size, chunks and minutes of the second half of a run over rows of one width."""
    rest = chunks[len(chunks) // 2:]
    changes = sum(chunk["rows_before"] != chunk["rows_after"] for chunk in rest)
    return changes, len(rest), (rest[-1]["t_ms"] - rest[0]["t_ms"]) / 60_000


def summary(runs: list[dict], starts: list[int]) -> dict:
    """The figures of one case."""
    figures = {
        "cpu_s": min(run["cpu"] for run in runs),
        "wall_s": min(run["stats"]["seconds"] for run in runs),
        "peak_bytes": max(run["stats"]["peak_rss_anon_bytes"] for run in runs),
        "limit_bytes": runs[0]["stats"]["memory_limit_bytes"],
        "peak_usage": max(run["stats"]["peak_memory_bytes"] / run["stats"]["memory_limit_bytes"] for run in runs),
        "trace_usage": max(run["usage"] for run in runs),
        "chunks": len(runs[0]["chunks"]),
    }
    steps = [[step(phase, number == 0) for number, phase in enumerate(phases(run["chunks"], starts))] for run in runs]
    figures["steps"] = [{key: statistics.median_high(run[number][key] for run in steps) for key in steps[0][number]}
                        for number in range(len(starts))]
    rests = [changes_at_rest(run["chunks"]) for run in runs]
    changes, chunks, minutes = (sum(rest[i] for rest in rests) for i in range(3))
    figures["per_1000"] = 1000 * changes / chunks
    figures["per_minute"] = changes / minutes if minutes > 0 else 0.0
    return figures


# ---- The table


def measure(program: pathlib.Path, data: dict, limits: list[str], runs: int) -> list[dict]:
    ways = POLICIES + [f"fixed {rows}" for rows in FIXED_ROWS]
    results = []
    for limit in limits:
        for name, (source, starts) in data.items():
            seen: dict[str, list[dict]] = {way: [] for way in ways}
            for _ in range(runs):
                for way in ways:
                    seen[way].append(run(program, source, limit, way))
            figures = {way: summary(all_runs, starts) for way, all_runs in seen.items()}
            best = min((way for way in ways if way not in POLICIES), key=lambda way: figures[way]["cpu_s"])
            for way in ways:
                results.append({"limit": limit, "data": name, "way": way, "is_best_fixed": way == best,
                                "cpu_of_best": figures[best]["cpu_s"] / figures[way]["cpu_s"],
                                "wall_of_best": figures[best]["wall_s"] / figures[way]["wall_s"],
                                **figures[way]})
    return results


def table(results: list[dict]) -> str:
    lines = [
        "| data, limit | sizes | peak MB (of the limit) | settles at MB | to converge: chunks | ms "
        "| changes at rest: per 1,000 chunks | per minute | speed, of the best fixed: CPU | clock |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        is_policy = result["way"] in POLICIES
        if not is_policy and not result["is_best_fixed"]:
            continue
        steps = result["steps"]
        joined = lambda form, key: " · ".join(format(step[key] / (1e6 if form == ".2f" else 1), form) for step in steps)
        rests = result["data"] == "people"
        lines.append(
            f"| {CASE[result['data']] + ', ' + result['limit'] if result['way'] == POLICIES[0] else ''} "
            f"| {result['way'] if is_policy else 'best ' + result['way'] + ' rows'} "
            f"| {result['peak_bytes'] / 1e6:.0f} ({result['peak_bytes'] / result['limit_bytes']:.0%}) "
            f"| {joined('.2f', 'settled_bytes')} | {joined('.0f', 'chunks') if is_policy else ''} "
            f"| {joined('.1f', 'ms') if is_policy else ''} "
            f"| {format(result['per_1000'], '.1f') if rests else ''} "
            f"| {format(result['per_minute'], '.0f') if rests else ''} | {result['cpu_of_best']:.0%} "
            f"| {result['wall_of_best']:.0%} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--quick", action="store_true", help="small files, one run: the figures are rough")
    parser.add_argument("--runs", type=int, help="of each case")
    parser.add_argument("--limits", nargs="+", default=["64MB", "256MB"])
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM)
    parser.add_argument("--out", type=pathlib.Path, default=REPORT, help="the table; the figures go beside it, as JSON")
    parser.add_argument("--dir", type=pathlib.Path, help="for the files to read; else a temporary folder")
    options = parser.parse_args()
    runs = options.runs or (1 if options.quick else 3)

    with contextlib.ExitStack() as stack:
        folder = options.dir or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        data = make_data(folder, options.program, options.quick)
        try:
            results = measure(options.program, data, options.limits, runs)
        except Failure as failure:
            sys.exit(str(failure))

    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(table(results))
    options.out.with_suffix(".json").write_text(json.dumps(results, indent=1) + "\n")
    print(table(results), end="")


if __name__ == "__main__":
    main()
