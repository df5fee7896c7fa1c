"""`polarway sniff` and `dialect=auto`: what is found is what reads the file."""

import json
import shlex

import pytest
from test_corpora import SPECTRUM_FILES, expected_rows

EUROPEAN = "Bericht 2024\nstadt;datum;preis\n" + "".join(
    f"Berlin;2024-01-{1 + i % 28:02};{i}.5\n" for i in range(2_000)
)


@pytest.fixture
def european(tmp_path):
    path = tmp_path / "european.csv"
    path.write_text(EUROPEAN, encoding="utf-8")
    return path


def options_of(run):
    """The last line of what sniff prints, as arguments."""
    last = run.out.splitlines()[-1]
    return [] if last == "no options are needed" else shlex.split(last)


def test_the_last_line_is_ready_to_paste(polarway, european):
    options = options_of(polarway("sniff", european))
    assert options == ["-o", "delimiter=;", "-o", "skip_rows=1"]
    assert polarway("count", european, *options).out == "2000\n"
    assert "stadt   string\ndatum   date\npreis   float64" in polarway(
        "schema", european, *options
    ).out


def test_auto_reads_what_sniff_tells_from_files_and_pipes(polarway, european, tmp_path):
    told = tmp_path / "told.csv"
    found = tmp_path / "found.csv"
    piped = tmp_path / "piped.csv"
    polarway("stream", european, *options_of(polarway("sniff", european)), "--to", told)
    polarway("stream", european, "-o", "dialect=auto", "--to", found)
    polarway(
        "stream", "-", "--as", "csv", "-o", "dialect=auto", "--to", piped, stdin=EUROPEAN.encode()
    )
    assert found.read_bytes() == told.read_bytes() == piped.read_bytes()
    assert len(told.read_text(encoding="utf-8").splitlines()) == 2_001


def test_given_options_win_over_what_is_found(polarway, european):
    run = polarway("schema", european, "-o", "dialect=auto", "-o", "has_header=false")
    assert "column_1" in run.out
    assert "stadt" not in run.out


def test_json_has_everything_and_is_the_same_twice(polarway, european):
    told = json.loads(polarway("sniff", european, "--json").out)
    assert told["options"]["delimiter"]["value"] == ";"
    assert told["options"]["delimiter"]["confidence"] > 0.9
    assert told["options"]["skip_rows"]["reason"]
    assert told["columns"][1] == {"name": "datum", "type": "date"}
    assert told == json.loads(polarway("sniff", european, "--json").out)


def test_mistakes_are_named(polarway, tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    polarway("sniff", empty, exits=3)
    polarway("sniff", tmp_path / "nowhere.csv", exits=3)
    assert "did you mean" in polarway("sniff", empty, "-o", "delimitr=;", exits=2).err


@pytest.mark.parametrize("path", SPECTRUM_FILES)
def test_csv_spectrum_is_read_with_what_is_found(polarway, path):
    expected = expected_rows(path)
    assert polarway("count", path, "-o", "dialect=auto").out == f"{len(expected)}\n"
    told = json.loads(polarway("sniff", path, "--json").out)
    assert [column["name"] for column in told["columns"]] == list(expected[0])


def test_sniffing_fits_the_floor(polarway, european):
    polarway("sniff", european, "--memory-limit", "48MB")
    polarway("count", european, "-o", "dialect=auto", "--memory-limit", "48MB")
