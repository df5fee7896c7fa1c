"""Tables of very many columns in little memory (fault M14): exact rows or MemoryLimit, and the
process stays below its limit either way."""

import json
import threading

import pytest

LIMIT = 64_000_000
ROWS = 20


def wide_csv(path, columns, rows):
    with open(path, "w") as file:
        file.write(",".join(f"c{i}" for i in range(columns)) + "\n")
        for row in range(rows):
            file.write(",".join(str((7 * row + i) % 1000) for i in range(columns)) + "\n")
    return path


def anonymous_bytes(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def run_watched(polarway, *arguments):
    """The exit code, what was printed, and the most anonymous memory seen."""
    process = polarway.start(*arguments)
    peak = 0
    ended = threading.Event()

    def watch():
        nonlocal peak
        while not ended.wait(0.001):
            peak = max(peak, anonymous_bytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        out, err = process.communicate(timeout=120)
    finally:
        ended.set()
        watcher.join()
        process.kill()
    return process.returncode, out.decode(), err.decode(), peak


@pytest.mark.parametrize("command", ["stream", "schema", "count", "head"])
def test_a_million_columns_are_refused_by_number_below_the_limit(polarway, tmp_path, command):
    path = wide_csv(tmp_path / "wide.csv", 1_000_000, 1)
    code, out, err, peak = run_watched(polarway, command, path, "--memory-limit", "64MB")
    assert code == 6, err
    assert out == ""
    assert "1000000 columns" in err
    assert 0 < peak < LIMIT


def test_ten_thousand_columns_are_read_exactly(polarway, tmp_path):
    path = wide_csv(tmp_path / "wide.csv", 10_000, ROWS)
    code, out, err, peak = run_watched(
        polarway, "stream", path, "--memory-limit", "64MB", "--digest"
    )
    assert code == 0, err
    assert 0 < peak < LIMIT
    digest = json.loads(out)
    assert digest["rows"] == ROWS
    assert [column["name"] for column in digest["columns"]] == [f"c{i}" for i in range(10_000)]
    assert [column["sum"] for column in digest["columns"]] == [
        sum((7 * row + i) % 1000 for row in range(ROWS)) for i in range(10_000)
    ]


def test_ten_thousand_columns_are_written_exactly(polarway, tmp_path):
    path = wide_csv(tmp_path / "wide.csv", 10_000, ROWS)
    out_path = tmp_path / "out.csv"
    code, _, err, peak = run_watched(
        polarway, "stream", path, "--memory-limit", "64MB", "--to", out_path
    )
    assert code == 0, err
    assert 0 < peak < LIMIT
    assert out_path.read_bytes() == path.read_bytes()


def test_a_parquet_file_of_ten_thousand_columns_is_refused_and_not_begun(polarway, tmp_path):
    path = wide_csv(tmp_path / "wide.csv", 10_000, 2)
    code, _, err, peak = run_watched(
        polarway, "stream", path, "--memory-limit", "64MB", "--to", tmp_path / "out.parquet"
    )
    assert code == 6
    assert "write fewer columns" in err
    assert 0 < peak < LIMIT
    assert [each.name for each in tmp_path.iterdir()] == ["wide.csv"]
