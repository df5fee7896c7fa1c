"""Polarway beside its peers: the same work, on the same data, in one run. `make bench`.

Every case is a process of its own; cases are interleaved and repeated, and the table shows medians.
Times are of the whole process, start-up included. Memory is the peak of RssAnon + RssShmem of the
process, sampled every 2 ms. The ratio is the fastest peer's time by ours: above 1 we are faster.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "release" / "polarway"
PEERS = ["polars", "duckdb", "pyarrow"]

# What each task is to reach: times the fastest peer, and megabytes of anonymous memory.
GOALS = {"scan": (3.0, 64), "filter": (3.5, 96), "parquet": (1.7, 128), "count": (1.0, 32)}
TITLES = {
    "scan": "every column of every row, typed, chunk by chunk",
    "filter": "age > 30, name and email, to CSV",
    "parquet": "all columns to Parquet (snappy)",
    "count": "count the rows",
}


def ours(task: str, source: str, target: str, limit_mb: int) -> list[str]:
    quiet = ["--progress", "never", "--memory-limit", f"{limit_mb}MB"]
    stream = [str(PROGRAM), "stream", source, *quiet]
    return {
        "scan": stream,
        "filter": [*stream, "--where", "age > 30", "--select", "name,email", "--to", target],
        "parquet": [*stream, "--to", target],
        "count": [str(PROGRAM), "count", source, "--memory-limit", f"{limit_mb}MB"],
    }[task]


def anonymous_bytes(pid: int) -> int:
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in status.splitlines()
               if line.startswith(("RssAnon:", "RssShmem:")))


def measure(command: list[str]) -> dict[str, float]:
    before = os.times()
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0
    while child.poll() is None:
        peak = max(peak, anonymous_bytes(child.pid))
        time.sleep(0.002)
    wall = time.perf_counter() - start
    after = os.times()
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)} failed: {child.stderr.read().decode()[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall": wall, "cpu": cpu, "anon": peak / 1e6}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="1GB", help="of people.csv")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", default="7")
    parser.add_argument("--tasks", nargs="+", default=list(GOALS), choices=list(GOALS))
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / "build" / "bench")
    options = parser.parse_args()

    options.dir.mkdir(parents=True, exist_ok=True)
    source = options.dir / f"people-{options.size}-{options.seed}.csv"
    if not source.exists():
        subprocess.run([PROGRAM, "demo", "--only-data", source, "--size", options.size, "--seed", options.seed],
                       check=True)
    print(f"people.csv: {source.stat().st_size / 1e6:.0f} MB, {options.runs} runs, medians\n", flush=True)
    print("| task | who | wall s | CPU s | anon MB | ratio | goal | verdict |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for task in options.tasks:
        goal, goal_mb = GOALS[task]
        target = str(options.dir / ("out.parquet" if task == "parquet" else "out.csv"))
        commands = {"polarway": ours(task, str(source), target, goal_mb)}
        for peer in PEERS:
            commands[peer] = [sys.executable, str(ROOT / "bench" / "peers.py"), peer, task, str(source), target]
        results: dict[str, list[dict[str, float]]] = {who: [] for who in commands}
        for _ in range(options.runs):
            for who, command in commands.items():
                results[who].append(measure(command))
        median = {who: {key: statistics.median(run[key] for run in runs) for key in ("wall", "cpu", "anon")}
                  for who, runs in results.items()}
        best = min(PEERS, key=lambda peer: median[peer]["wall"])
        for who, figures in median.items():
            row = f"| {TITLES[task] if who == 'polarway' else ''} | {who} | {figures['wall']:.2f} | {figures['cpu']:.2f} | {figures['anon']:.0f} |"
            if who == "polarway":
                ratio = median[best]["wall"] / figures["wall"]
                met = ratio >= goal and figures["anon"] <= goal_mb
                row += f" {ratio:.2f} x {best} | ≥ {goal} x, ≤ {goal_mb} MB | {'met' if met else 'missed'} |"
            else:
                row += " | | |"
            print(row, flush=True)


if __name__ == "__main__":
    main()
