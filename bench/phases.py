"""Where the time of a scan goes, found by leaving work out: reading alone, then with finding the rows,
then with each column alone, then everything. `python bench/phases.py people taxi`.

Processor seconds on one thread, the least of several runs, less what a start takes. Scans of one
column do over and over what a scan of all does once beside the columns (whether the bytes are UTF-8,
chunks); how much more they take together tells how much that is. With --perf, the
functions that perf finds in a scan of all columns, too.
"""

import argparse
import collections
import pathlib
import resource
import subprocess
import tempfile

from measure import PROGRAM, ROOT, measure
from peers import header_of
from tables import SIZES, Variation, make, types_of

BLOCK_BYTES = 256 << 10
ONE_THREAD = ["--no-parallel", "--no-prefetch", "--progress", "never", "--memory-limit", "64MB"]


def read_seconds(source: pathlib.Path) -> float:
    """Of reading all of it into one buffer."""
    buffer = bytearray(BLOCK_BYTES)
    before = resource.getrusage(resource.RUSAGE_SELF)
    with source.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def phases(source: pathlib.Path, small: pathlib.Path, table: str, runs: int) -> str:
    types = types_of(table, header_of(str(source)))
    commands = {"start": ["count", str(small)], "count": ["count", str(source)],
                "all": ["stream", str(source), *ONE_THREAD],
                **{f"column {name}": ["stream", str(source), *ONE_THREAD, "--select", f'"{name}"'] for name in types}}
    least: dict[str, float] = collections.defaultdict(lambda: float("inf"))
    for _ in range(runs):
        least["read"] = min(least["read"], read_seconds(source))
        for step, command in commands.items():
            run = measure([str(PROGRAM), *command])
            least[step] = min(least[step], run.cpu)
            if step == "count":
                rows = int(run.out)
    for step in commands:
        if step != "start":
            least[step] -= least["start"]
    size = source.stat().st_size
    beyond = {step: seconds - least["count"] for step, seconds in least.items()}  # a count
    alone = [beyond[f"column {name}"] for name in types]
    once = (sum(alone) - beyond["all"]) / (len(alone) - 1)
    by_type: dict[str, list[float]] = collections.defaultdict(list)
    for name, kind in types.items():
        by_type[kind].append(beyond[f"column {name}"] - once)

    def line(what: str, seconds: float, cells: int = 0) -> str:
        each = f"{seconds / cells * 1e9:.1f} a cell" if cells else f"{seconds / size * 1e9:.3f} a byte"
        return f"| {what} | {seconds:.3f} | {100 * seconds / least['all']:.0f} % | {each} |"

    lines = [f"`{table}`, {size / 1e6:.0f} MB, {rows:,} rows of {len(types)} columns; a start takes "
             f"{least['start']:.3f} s:\n", "| step | CPU s | of the whole | ns |", "| --- | --- | --- | --- |",
             line("read", least["read"]), line("find fields and rows", least["count"] - least["read"]),
             line("check UTF-8, make chunks", once),
             *(line(f"{kind}, {len(parts)} column{'s' * (len(parts) > 1)}", sum(parts), rows * len(parts))
               for kind, parts in sorted(by_type.items())),
             line("all of it", least["all"])]
    return "\n".join(lines) + "\n"


# Who keeps the account of memory: leases, budgets, and the pool that counts.
ACCOUNTING = ("Lease", "MemoryBudget", "BudgetS", "CountingPool", "attach_lease")


def functions(source: pathlib.Path, most: int) -> str:
    """Those in which a scan of all columns spends most, by perf, and what the memory limit costs."""
    with tempfile.NamedTemporaryFile(suffix=".perf") as data:
        scan = [PROGRAM, "stream", source, *ONE_THREAD]
        subprocess.run(["perf", "record", "--quiet", "--freq", "997", "--output", data.name, "--", *scan], check=True,
                       capture_output=True)

        def report(fields: str) -> list[str]:
            shown = subprocess.run(["perf", "report", "--input", data.name, "--stdio", "--no-children", "--fields",
                                    fields], check=True, capture_output=True, text=True).stdout
            lines = shown.splitlines()
            return [" ".join(line.split()) for line in lines if line.strip() and not line.startswith("#")]

        by_function, by_thread = report("overhead,dso,symbol"), report("overhead,comm")

    def percent(lines: list[str], words: tuple[str, ...]) -> float:
        return sum(float(line.split("%")[0]) for line in lines if any(word in line for word in words))

    return "\n".join([f"The functions of `{source.name}`, by perf:\n", "```", *by_function[:most], "```", "",
                      f"The governor's thread takes {percent(by_thread, ('polarway-memory',)):.1f} % of it, "
                      f"leases, budgets and the pool {percent(by_function, ACCOUNTING):.1f} %.", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", default=["people", "taxi"], choices=list(SIZES))
    parser.add_argument("--size", default="500MB")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--perf", action="store_true")
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / "build" / "bench")
    parser.add_argument("--maker", type=pathlib.Path, default=ROOT / "build" / "release" / "bench" / "make_data")
    options = parser.parse_args()
    options.dir.mkdir(parents=True, exist_ok=True)
    for table in options.tables:
        source = make(options.maker, options.dir, table, options.size, Variation())
        small = make(options.maker, options.dir, table, "1KB", Variation())
        print(phases(source, small, table, options.runs))
        if options.perf:
            print(functions(source, 12))


if __name__ == "__main__":
    main()
