"""Runs the fuzzers: first what is kept in fuzz/corpus, then new inputs.

python fuzz/run.py SECONDS [FUZZER ...]   each for so long, as many at once as there are cores
python fuzz/run.py 2000x [FUZZER ...]     each so many inputs, which are the same in every run

An input that breaks a law or trips a sanitizer is left in build/fuzz/findings. Inputs that reach new
code stay in build/fuzz/corpus, where the next run goes on; the best of them are kept with

build/asan/fuzzers/NAME -merge=1 fuzz/corpus/NAME build/fuzz/corpus/NAME
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUZZERS = ROOT / "build" / "asan" / "fuzzers"
WORK = ROOT / "build" / "fuzz"
LONGEST_INPUT = 4096  # what is longer only takes longer


def run_fuzzer(name, amount):
    """Whether it found nothing, and what to say."""
    kept = ROOT / "fuzz" / "corpus" / name
    grown = WORK / "corpus" / name
    limits = [f"-max_total_time={amount}"]
    if amount.endswith("x"):
        grown = WORK / "corpus" / f"{name}-always-anew"
        shutil.rmtree(grown, ignore_errors=True)
        limits = [f"-runs={amount[:-1]}", "-seed=1"]
    findings = WORK / "findings"
    for folder in (grown, findings):
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        FUZZERS / name,
        *limits,
        f"-max_len={LONGEST_INPUT}",
        f"-dict={ROOT / 'fuzz' / 'dictionaries' / name}.dict",
        f"-artifact_prefix={findings / name}-",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        grown,
        kept,
    ]
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, cwd=WORK, check=False)
    log = done.stderr.decode("utf-8", "replace")
    (WORK / f"{name}.log").write_text(log)
    executed = re.search(r"number_of_executed_units: *(\d+)", log)
    if done.returncode != 0 or not executed:
        return False, f"{name}: FOUND SOMETHING\n{log[-6000:]}"
    inputs = len(list(kept.iterdir()))
    return True, (
        f"{name}: {int(executed[1]):,} executions in {time.monotonic() - started:.0f} s, "
        f"{inputs} kept inputs, no findings"
    )


def main(amount, *names):
    every = sorted(path.stem for path in (ROOT / "fuzz").glob("*.cc"))
    jobs = os.cpu_count() or 1
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda name: run_fuzzer(name, amount), names or every)
        good = True
        for is_good, text in results:
            print(f"fuzz: {text}", flush=True)
            good = good and is_good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
