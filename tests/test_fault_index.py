"""What tests/faults/index.tsv claims is there: every fault of a chapter, and the tests it names."""

import os
import re
import subprocess

import pytest
from conftest import COLLECTED, PROGRAM, skip_or_fail
from fault_index import read_index

# The chapters that we claim whole, and how many faults each has. Of others, some may be listed.
CHAPTERS = {"M": 15, "P": 15, "Z": 8, "I": 7}

# The unit tests as `make test` has just run them.
BUILDS = PROGRAM.parent.parent
TESTS = [
    BUILDS / name
    for name in (
        "asan/polarway_tests",
        "asan/polarway_allocation_tests",
        "release/polarway_allocation_tests",
    )
]


@pytest.fixture(scope="module")
def faults():
    return read_index()


def test_every_fault_of_our_chapters_is_listed_once_and_no_other(faults):
    claimed = [f"{chapter}{n + 1}" for chapter, size in CHAPTERS.items() for n in range(size)]
    listed = [fault.id for fault in faults]
    assert [fault for fault in listed if fault[0] in CHAPTERS] == claimed
    assert len(listed) == len(set(listed))


def test_every_fault_says_what_is_injected_and_where_it_is_tested(faults):
    assert not [fault.id for fault in faults if not fault.injected or not fault.tests]


def test_every_pytest_named_is_collected(faults, request):
    collected = request.config.stash[COLLECTED]
    files = {test.split("::")[0] for test in collected}
    named = {test for fault in faults for test in fault.pytests}
    if not os.environ.get("CI"):  # there all tests are collected; on a desk, perhaps some files
        named = {test for test in named if test.split("::")[0] in files}
        if not named:
            pytest.skip("none of the files named is part of this run")
    assert named - collected == set()


def test_every_gtest_named_exists(faults):
    names, suite = set(), ""
    for program in TESTS:
        if not program.exists():
            skip_or_fail(f"{program} is not there")
        listed = subprocess.run(
            [program, "--gtest_list_tests"], capture_output=True, text=True, check=True
        )
        for line in listed.stdout.splitlines():
            name = line.split("#")[0].strip()
            if line.startswith(" "):
                names.add(suite + name)
            else:
                suite = name
    named = {test for fault in faults for test in fault.gtests}
    assert named - names == set()


@pytest.mark.skipif(not os.environ.get("CI"), reason="of CI, where the unit tests have just run")
def test_no_gtest_named_was_skipped(faults):
    passed = set()
    for program in TESTS:
        for log in program.parent.glob(f"{program.name}.*.log"):
            passed.update(re.findall(r"^\[       OK \] (\S+) ", log.read_text(), re.MULTILINE))
    named = {test for fault in faults for test in fault.gtests}
    assert named - passed == set()
