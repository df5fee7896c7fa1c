"""Polarway beside its peers: the same work, on the same data, in one run. `make bench`.

Every run is a process of its own; runs are interleaved and repeated, and the table shows medians.
Times are of the whole process, start-up included. Every peer is first tried in each of its
configurations (1 and 2 threads, with and without its memory limit, and its ways of doing the task)
on a smaller table; the fastest is the one that is measured. What everyone makes of the data is
compared with what pyarrow reads. A goal that is missed stays in the table.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import platform
import shlex
import shutil
import statistics
import sys
from collections.abc import Iterator
from importlib import metadata

import file_peers
import http_peers
import pages
import peers
import python_peers
import verify
from measure import PROGRAM, ROOT, Failed, Measured, measure
from peers import header_of
from stored import WRITERS, types_in
from tables import PAGED_ROWS, SIZES, Variation, files_of, make, types_of

AVX2_GOAL = 2.0  # or the task's own, if that is less
WC_GOAL = 0.9
SLOW = 3.0  # a peer that takes so many times as long as the fastest is run once
CLOSE = 1.5  # configurations this close to a peer's fastest are tried again
OURS, OURS_AVX2, WC = "polarway", "polarway, AVX2", "wc -l"
PEERS = [*peers.PEERS, *http_peers.PEERS]


@dataclasses.dataclass(frozen=True)
class Case:
    """A task on a table, and what it is to reach: times the fastest peer, and MB."""

    task: str
    table: str
    title: str
    ratio: float | None
    anon_mb: int | None
    rss_mb: int | None = None
    anon_ratio: float | None = None  # of the fastest peer's

    @property
    def name(self) -> str:
        return f"{self.task}:{self.table}"

    @property
    def form(self) -> str:
        """Empty for CSV, `gz` for that in gzip, or one of those of `stored`; of pages, `latency` or empty."""
        return self.table.partition(".")[2]

    @property
    def plain(self) -> str:
        """The table, as a CSV file."""
        return self.table.partition(".")[0]

    @property
    def peers(self):  # the module that has what they run
        if self.task in PYTHON:
            return python_peers
        if self.task in HTTP:
            return http_peers
        return file_peers if self.form in WRITERS else peers


    @property
    def size(self) -> str:
        return PAGED_ROWS if self.task in HTTP else SIZES[self.plain]


@dataclasses.dataclass(frozen=True)
class Input:
    """What a command reads: a file, or a URL."""

    place: str
    num_bytes: int


PYTHON = ("chunks", "groups")  # tasks of a Python program
# Of the pages of an API, and how ours is told where the next is.
HTTP = {"links": ["pagination=json_link", "next_path=next"],
        "pages": ["pagination=page_number", "total_path=total", f"page_size={pages.RECORDS}", "max_concurrency=16"]}
SCAN = "every column, typed, chunk by chunk"
PICK = "age > 30, name and email, chunk by chunk"
LINKS = f"`people` in pages of {pages.RECORDS:,}, each with a link to the next"
NUMBERS = f"`people` in pages of {pages.RECORDS:,}, which have numbers"
LATE = f"{pages.LATENCY_MS} ms of latency"
CASES = {case.name: case for case in (
    Case("scan", "people", f"`people`: {SCAN}", 3.0, 64),
    Case("scan", "taxi", f"`taxi`: {SCAN}", 3.0, 64),
    Case("filter", "people", "`people`: age > 30, name and email, to CSV, in order", 3.5, 96),
    Case("parquet", "people", "`people`: all columns to Parquet, snappy", 1.7, 128),
    Case("count", "people", "`people`: count the rows", 1.0, 32, 32),
    Case("scan", "quoted", f"`quoted`: {SCAN}", 2.5, 64),
    Case("scan", "wide", f"`wide`: {SCAN}", 2.0, 64),
    Case("scan", "narrow", f"`narrow`: {SCAN}", 3.0, 64),
    Case("scan", "people.gz", f"`people`, gzip: {SCAN}", None, 64),
    Case("scan", "people.128k.parquet", f"`people` in Parquet, 128k rows a group: {SCAN}", 1.0, 128),
    Case("scan", "people.1m.parquet", f"`people` in Parquet, 1M rows a group: {SCAN}", 1.0, 128),
    Case("scan", "taxi.128k.parquet", f"`taxi` in Parquet, 128k rows a group: {SCAN}", 1.0, 128),
    Case("scan", "taxi.1m.parquet", f"`taxi` in Parquet, 1M rows a group: {SCAN}", 1.0, 128),
    Case("pick", "people.1m.parquet", f"`people` in Parquet, 1M rows a group: {PICK}", 1.2, 64),
    Case("scan", "people.one.parquet", f"`people` in Parquet, one row group: {SCAN}", None, 128),
    Case("scan", "people.many.parquet", f"`people` in Parquet files of 3,000 rows: {SCAN}", 1.0, 128),
    Case("sum", "people.arrow", "`people` in Arrow IPC, mapped: the sum of every column of numbers", 1.5, 32, 64),
    Case("scan", "people.ndjson", f"`people` in NDJSON: {SCAN}", 2.0, 64),
    Case("scan", "people.json", f"`people` as one JSON array: {SCAN}", 2.0, 64),
    Case("chunks", "people", "`people`, in Python: an expression on every chunk", 2.0, None, None, 0.5),
    Case("groups", "people", "`people`, in Python: filter, group by, mean", 1.0, None, None, 1.0),
    Case("links", "people", LINKS, 5.0, 64),
    Case("links", "people.latency", f"{LINKS}, {LATE}", 1.0, 64),
    Case("pages", "people", NUMBERS, 5.0, 64),
    Case("pages", "people.latency", f"{NUMBERS}, {LATE}", 1.0, 64),
)}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def our_command(program: pathlib.Path, case: Case, source: str, target: pathlib.Path) -> list[str]:
    if case.task in PYTHON:
        return [sys.executable, python_peers.__file__, "polarway", case.task, case.plain, source, str(target)]
    limit = ["--memory-limit", f"{case.anon_mb}MB"]
    if case.task == "count":
        return [str(program), "count", source, *limit]
    if case.task == "sum":
        return [str(program.parent / "bench" / "sum_columns"), source, f"{case.anon_mb}MB"]
    outputs = {"scan": [], "pick": ["--where", "age > 30", "--select", "name,email"], "filter": ["--where", "age > 30", "--select", "name,email", "--to", str(target)],
               "parquet": ["--to", str(target)]}
    outputs |= {task: [word for option in options for word in ("-o", option)] for task, options in HTTP.items()}
    return [str(program), "stream", source, *limit, "--progress", "never", *outputs[case.task]]


def peer_command(peer: str, case: Case, source: str, target: pathlib.Path, types: dict[str, str],
                 how: list[str]) -> list[str]:
    # A URL has no header that a peer could look into for its types.
    last = ",".join(types) if case.task in HTTP else str(target)
    return [sys.executable, case.peers.__file__, peer, case.task, case.plain, source, last, *how]


class Bench:
    """What all cases share."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.dir: pathlib.Path = options.dir
        self.variation = Variation(options.seed, options.shuffle_columns, options.columns, options.quoted)
        self.notes: list[str] = []

    def source(self, table: str, size: str) -> pathlib.Path:
        return make(self.options.maker, self.dir, table, size, self.variation)

    @contextlib.contextmanager
    def input(self, case: Case, size: str) -> Iterator[Input]:
        """What commands read; a server has it meanwhile."""
        if case.task not in HTTP:
            source = self.source(case.table, size)
            yield Input(str(source), sum(file.stat().st_size for file in files_of(source)))
            return
        folder = pages.pages_of(case.plain, self.source(case.plain, size))
        with pages.served(case.plain, folder, has_latency=case.form == "latency") as url:
            yield Input(url, pages.size_of(folder))

    def target(self, case: Case) -> pathlib.Path:
        return self.dir / ("out.parquet" if case.task == "parquet" else "out.csv")

    def fresh_target(self, case: Case) -> pathlib.Path:
        """Nothing is left of the run before, on the way to the disk neither."""
        target = self.target(case)
        if target.is_dir():
            shutil.rmtree(target)
        target.unlink(missing_ok=True)
        if case.task in ("filter", "parquet"):
            os.sync()
        return target

    def types(self, case: Case, size: str) -> dict[str, str]:
        form = "json" if case.task in HTTP else case.form
        return types_in(form, types_of(case.plain, header_of(str(self.source(case.plain, size)))))

    def tune(self, case: Case) -> dict[str, tuple[list[str], float]]:
        """The fastest configuration of every peer, and the seconds it took, on a smaller table."""
        with self.input(case, self.options.tune_size) as source:
            return self.tune_on(case, source.place, self.types(case, self.options.tune_size))

    def tune_on(self, case: Case, source: str, types: dict[str, str]) -> dict[str, tuple[list[str], float]]:
        chosen: dict[str, tuple[list[str], float]] = {}
        for peer in self.options.peers:
            if not case.peers.reads(peer, case.form):
                continue
            taken: dict[tuple[str, ...], float] = {}

            def attempt(how: tuple[str, ...]) -> None:
                try:
                    run = measure(peer_command(peer, case, source, self.fresh_target(case), types, list(how)))
                    taken[how] = min(run.wall, taken.get(how, run.wall))
                except Failed as failure:
                    self.notes.append(f"{case.name}, {peer} {' '.join(how)}: {str(failure).splitlines()[-1]}")

            for how in case.peers.configurations(peer, case.task):
                attempt(tuple(how))
            if not taken:
                continue
            best = min(taken.values())
            for how in [how for how, seconds in taken.items() if seconds <= CLOSE * best and len(taken) > 1]:
                attempt(how)
            how = min(taken, key=taken.__getitem__)
            chosen[peer] = (list(how), taken[how])
            say(f"{case.name}: {peer} {' '.join(how)}: {taken[how]:.2f} s")
        return chosen

    def check(self, case: Case, who: str, run: Measured, wanted: verify.Contents, types: dict[str, str]) -> bool:
        """Whether a run gave what was wanted; if not, a note says what it gave."""
        wrong: list[str] = []
        if case.task in ("filter", "parquet"):
            # Only ours have to tell null from the empty text.
            texts = set() if who.startswith(OURS) else {name for name, kind in types.items() if kind == "String"}
            if case.task == "filter":
                texts = set(types)  # a CSV file shows no difference
            target = self.target(case)
            wrong = verify.differences(verify.written(case.task, target, types), wanted, texts)
        elif who == WC:
            wrong = [] if int(run.out.split()[0]) == wanted.rows + 1 else [run.out]
        elif case.task in HTTP and who != OURS:
            records, ages = map(int, run.out.split())
            wrong = [] if (records, ages) == (wanted.rows, wanted.sums["age"]) else [f"{records} rows, ages {ages}"]
        elif case.task == "groups":
            wrong = [] if int(run.out) == wanted.rows else [f"{run.out.strip()} rows instead of {wanted.rows}"]
        elif case.task in ("count", "chunks") or (who not in (OURS, OURS_AVX2) and run.out):  # else check_scan() looks
            wrong = [] if int(run.out) == wanted.rows else [f"{run.out.strip()} rows instead of {wanted.rows}"]
        if wrong:
            self.notes.append(f"{case.name}, {who}: {'; '.join(wrong[:3])}")
        # The order of rows is asked of ours, and of no peer.
        return not wrong or (wrong == ["other order"] and not who.startswith(OURS))

    def check_scan(self, case: Case, who: str, command: list[str], wanted: verify.Contents) -> bool:
        """Ours, once more, with --digest: not timed, since a digest takes its time. Sums come by themselves."""
        digest = measure(command if case.task == "sum" else [*command, "--digest"]).out
        wrong = verify.differences(verify.digested(digest), wanted, set(),
                                   1e-9 if case.task == "sum" else 4e-16)
        if wrong:
            self.notes.append(f"{case.name}, {who}: {'; '.join(wrong[:3])}")
        return not wrong

    def run(self, case: Case) -> list[dict]:
        """The rows of the table for a case."""
        if case.task in HTTP and (absent := pages.absent(case.form == "latency")):
            self.notes.append(f"{case.name}: not run, {absent} is not there; tools/setup.sh --bench installs it")
            return []
        size = self.options.size or case.size
        types = self.types(case, size)
        if case.task in ("filter", "pick", *PYTHON, *HTTP) and not {"age", "name", "email"} <= types.keys():
            self.notes.append(f"{case.name}: not run, its columns are left out")
            return []
        # What is stored in another form, or served, has the CSV file's rows.
        has_other_form = case.form in WRITERS or case.task in HTTP
        wanted = verify.expected(case.task, self.source(case.plain if has_other_form else case.table, size), types)
        chosen = self.tune(case)
        with self.input(case, size) as source:
            return self.run_on(case, source, types, wanted, chosen)

    def run_on(self, case: Case, source: Input, types: dict[str, str], wanted: verify.Contents,
               chosen: dict) -> list[dict]:
        target = self.target(case)
        commands = {OURS: our_command(self.options.program, case, source.place, target)}
        if self.options.avx2_program.exists() and case.form not in WRITERS and case.task not in (*PYTHON, *HTTP):
            commands[OURS_AVX2] = our_command(self.options.avx2_program, case, source.place, target)
        if case.task == "count" and case.plain != "quoted":
            commands[WC] = ["wc", "-l", source.place]
        for peer, (how, _) in chosen.items():
            commands[peer] = peer_command(peer, case, source.place, target, types, how)
        fastest = min((seconds for _, seconds in chosen.values()), default=0)
        once = {peer for peer, (_, seconds) in chosen.items() if seconds > SLOW * fastest}

        runs: dict[str, list[Measured]] = {who: [] for who in commands}
        right: dict[str, bool] = {}
        for number in range(self.options.runs):
            for who, command in commands.items():
                if (who in once and number > 0) or right.get(who) is False:
                    continue
                self.fresh_target(case)
                try:
                    runs[who].append(measure(command))
                    if number == 0:
                        right[who] = self.check(case, who, runs[who][-1], wanted, types)
                        if who.startswith(OURS) and case.task in ("scan", "pick", "sum", *HTTP):
                            right[who] = self.check_scan(case, who, command, wanted)
                except (Failed, OSError, ValueError) as failure:
                    right[who] = False
                    self.notes.append(f"{case.name}, {who}: {(str(failure).splitlines() or [''])[-1]}")
                say(f"{case.name}: {who}, {number + 1} of {self.options.runs}")
        self.fresh_target(case)
        return self.judged(case, source.num_bytes, commands, chosen, runs, right)

    def judged(self, case: Case, num_bytes: int, commands: dict, chosen: dict, runs: dict, right: dict) -> list[dict]:
        rows: dict[str, dict] = {}
        for who, command in commands.items():
            how = "" if who not in chosen else ", ".join(
                f"{name.strip('-')} {value}" for name, value in zip(chosen[who][0][::2], chosen[who][0][1::2]))
            row = {"case": case.name, "title": case.title, "who": who, "how": how, "runs": len(runs[who]),
                   "right": right.get(who, False), "command": shlex.join(command)}
            if runs[who]:
                row |= {key: statistics.median(getattr(run, key) for run in runs[who])
                        for key in ("wall", "cpu", "anon", "rss")}
                row["mb_per_s"] = num_bytes / 1e6 / row["wall"]
            rows[who] = row
        peers = [row for who, row in rows.items() if who in PEERS and "wall" in row and row["right"]]
        fastest = min(peers, key=lambda row: row["wall"], default=None)
        if fastest:
            fastest["is_fastest"] = True
        goals = {OURS: case.ratio, OURS_AVX2: case.ratio and min(case.ratio, AVX2_GOAL)}
        for who, ratio in goals.items():
            if who in rows:
                judge(rows[who], fastest, ratio, case.anon_mb, case.rss_mb, case.anon_ratio)
        if WC in rows and OURS in rows:
            beside_wc = dict(rows[OURS], title="the same, beside `wc -l`", who=OURS)
            judge(beside_wc, rows[WC], WC_GOAL, None, None)
            rows["beside wc"] = beside_wc
        return list(rows.values())


def judge(row: dict, other: dict | None, ratio: float | None, anon_mb: int | None, rss_mb: int | None,
          anon_ratio: float | None = None) -> None:
    """Adds the ratio, the goal and the verdict."""
    goals, misses = [], []
    if not row["right"]:
        misses.append("wrong or failed")
    elif other is not None and "wall" in other:
        row |= {"ratio": other["wall"] / row["wall"], "cpu_ratio": other["cpu"] / row["cpu"], "of": other["who"]}
    if ratio is not None:
        goals.append(f"≥ {ratio:g} ×")
        if "ratio" in row and row["ratio"] < ratio:
            misses.append("time")
    for key, most in (("anon", anon_mb), ("rss", rss_mb)):
        if most is None:
            continue
        goals.append(f"{key} ≤ {most} MB")
        if row.get(key, 0) > most:
            misses.append(key)
    if anon_ratio is not None:
        goals.append(f"anon ≤ {anon_ratio:g} of its")
        if other is not None and row.get("anon", 0) > anon_ratio * other["anon"]:
            misses.append("anon")
    row["goal"] = ", ".join(goals)
    if ratio is None:
        row["verdict"] = f"no goal{': ' + ', '.join(misses) if misses else ''}"
    elif "ratio" not in row and not misses:
        row["verdict"] = "no peer"
    else:
        row["verdict"] = f"missed ({', '.join(misses)})" if misses else "met"


# ---- The report


def machine() -> str:
    cpu = next((line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {cpu}, {memory:.0f} GiB, Linux {platform.release()}"


def table(rows: list[dict]) -> str:
    lines = ["| task | who | wall s | CPU s | MB/s | anon MB | RSS MB | times the fastest peer | goal | verdict |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    title = ""
    for row in rows:
        shown = row["title"] if row["title"] != title else ""
        title = row["title"]
        if "wall" in row:
            figures = (f"{row['wall']:.2f} | {row['cpu']:.2f} | {row['mb_per_s']:.0f} | {row['anon']:.0f} | "
                       f"{row['rss']:.0f}")
        else:
            figures = " | ".join(["failed", "", "", "", ""])
        ratio = f"{row['ratio']:.2f} {row['of']} (CPU {row['cpu_ratio']:.2f})" if "ratio" in row else ""
        who = row["who"] + (" (fastest)" if row.get("is_fastest") else "")
        lines.append(f"| {shown} | {who} | {figures} | {ratio} | {row.get('goal', '')} | {row.get('verdict', '')} |")
    return "\n".join(lines) + "\n"


def report(bench: Bench, rows: list[dict]) -> str:
    options = bench.options
    packages = dict.fromkeys(name for peer in options.peers for name in peer.split("+"))
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    sizes = f"each {options.size}" if options.size else ", ".join(
        f"{name} {size}" for name, size in {**SIZES, "in pages": PAGED_ROWS}.items())
    text = [f"Measured on {machine()}; {versions}; Python {platform.python_version()}. Tables: {sizes}, "
            f"made with `{' '.join(bench.variation.arguments())}`. Medians of {options.runs} runs.\n\n", table(rows)]
    text.append("\nThe commands; of a peer, the configuration that was fastest:\n\n")
    seen = set()
    for row in rows:
        command = row["command"].replace(sys.executable, "python").replace(f"{ROOT}/", "")
        if command not in seen:
            seen.add(command)
            once = " (run once)" if row["runs"] == 1 and options.runs > 1 else ""
            text.append(f"- {row['case']}, {row['who']}{once}: `{command}`\n")
    text.append("\nEvery output was compared with pyarrow's reading of the input.")
    if bench.notes:
        text.append(" What was found:\n\n" + "".join(f"- {note}\n" for note in bench.notes))
    else:
        text.append(" All were right.\n")
    # A folder's own place says nothing to those who read the report elsewhere.
    return "".join(text).replace(f"{bench.dir}/", "").replace(f"{os.path.relpath(bench.dir, ROOT)}/", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", help="of every table; else " + ", ".join(f"{n} {s}" for n, s in SIZES.items()))
    parser.add_argument("--tune-size", default="100MB", help="of the tables that configurations are tried on")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tasks", nargs="+", default=list(CASES), choices=list(CASES), metavar="TASK",
                        help="of " + ", ".join(CASES))
    parser.add_argument("--peers", nargs="+", default=PEERS, choices=PEERS)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--shuffle-columns", action="store_true")
    parser.add_argument("--columns", type=int, default=0, help="another number of columns")
    parser.add_argument("--quoted", type=float, default=0, help="percent of the cells in quotes they do not need")
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / "build" / "bench")
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM)
    parser.add_argument("--avx2-program", type=pathlib.Path, default=ROOT / "build" / "avx2" / "polarway",
                        help="ours with Highway held to AVX2; left out if it is not there")
    parser.add_argument("--maker", type=pathlib.Path, default=ROOT / "build" / "release" / "bench" / "make_data")
    options = parser.parse_args()
    options.dir = options.dir.resolve()
    options.dir.mkdir(parents=True, exist_ok=True)

    bench, rows = Bench(options), []
    for name in options.tasks:
        rows += bench.run(CASES[name])
    text = report(bench, rows)
    (options.dir / "figures.md").write_text(text)
    (options.dir / "figures.json").write_text(json.dumps(rows, indent=1) + "\n")
    print(text)


if __name__ == "__main__":
    main()
