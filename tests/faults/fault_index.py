"""The list of the faults that we claim to withstand: index.tsv, beside this file."""

import csv
import dataclasses
from pathlib import Path

INDEX = Path(__file__).parent / "index.tsv"


@dataclasses.dataclass
class Fault:
    id: str  # as in the catalogue: M10
    injected: str
    tests: list[str]  # pytest's ids without parameters, or gtest's Suite.Name

    @property
    def pytests(self):
        return [test for test in self.tests if "::" in test]

    @property
    def gtests(self):
        return [test for test in self.tests if "::" not in test]


def read_index():
    with open(INDEX, newline="") as file:
        return [
            Fault(row["fault"], row["injected"], row["tests"].split())
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
