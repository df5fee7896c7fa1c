"""What the knobs of the guide's troubleshooting do: each turned both ways, on the same job.

Time and memory as bench/run.py measures them, medians, the two settings interleaved.
"""

import argparse
import pathlib
import statistics
import subprocess

from measure import PROGRAM, ROOT, Measured, measure

# The knob, the job's arguments, the setting for less memory, the setting for more speed. Knobs that
# act together are told apart by keeping the others still.
KNOBS = [
    ("memory limit, to Parquet", ["--to", "out.parquet"],
     ["--memory-limit", "32MB"], ["--memory-limit", "1GB"]),
    ("chunk size", ["--memory-limit", "256MB", "--no-prefetch"],
     ["--chunk-size", "500", "--max-chunk-size", "500"],
     ["--chunk-size", "50000", "--max-chunk-size", "50000"]),
    ("parallel", ["--memory-limit", "256MB", "--no-prefetch"], ["--no-parallel"], []),
    ("prefetch, to CSV", ["--memory-limit", "256MB", "--no-parallel", "--to", "out.csv"],
     ["--no-prefetch"], []),
    ("memory mapping", ["--memory-limit", "256MB", "--no-parallel"], [], ["-o", "use_mmap=true"]),
]


def rows_of(source: pathlib.Path, folder: pathlib.Path, runs: int) -> list[str]:
    rows = []
    for name, job, less, more in KNOBS:
        found: dict[str, list[Measured]] = {"less": [], "more": []}
        for _ in range(runs):
            for which, setting in (("less", less), ("more", more)):
                arguments = [str(folder / word) if word.startswith("out.") else word for word in job]
                found[which].append(measure(
                    [str(PROGRAM), "stream", str(source), "--progress", "never", *arguments, *setting]))
        cells = []
        for which, setting in (("less", less), ("more", more)):
            wall, anon = (statistics.median(getattr(run, key) for run in found[which]) for key in ("wall", "anon"))
            cells.append(f"{' '.join(setting) or 'as it is'}: {wall:.2f} s, {anon:.1f} MB")
        rows.append(f"| {name} | {cells[0]} | {cells[1]} |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="300MB", help="of people.csv")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / "build" / "bench")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / "memory" / "knobs.md")
    options = parser.parse_args()
    options.dir.mkdir(parents=True, exist_ok=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    source = options.dir / f"people-{options.size}-7.csv"
    if not source.exists():
        subprocess.run([PROGRAM, "demo", "--only-data", source, "--size", options.size], check=True)
    table = "\n".join(["| knob | for less memory | for more speed |", "| --- | --- | --- |",
                       *rows_of(source, options.dir, options.runs)]) + "\n"
    options.out.write_text(table)
    print(table, end="")


if __name__ == "__main__":
    main()
