"""`--checkpoint`: a job that is killed, at any moment and again and again, gives what one run gives.
And folders of parts: a hive tree, files of a size."""

import json
import random
import signal
import time

import polars as pl
import pytest
from conftest import leftovers
from polars.testing import assert_frame_equal

SEED = 20261126


@pytest.fixture(scope="module")
def large(polarway_module, tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "people.csv"
    polarway_module("demo", "--only-data", path, "--size", "12MB", "--seed", "11")
    return path


@pytest.fixture(scope="module")
def polarway_module(tmp_path_factory):
    from conftest import Polarway

    return Polarway(tmp_path_factory.mktemp("program"))


def run_with_kills(polarway, command, times, how):
    """Runs the command until it is done; the first `times` runs are ended at random moments. Says how many
    were."""
    out, checkpoint = (command[command.index(option) + 1] for option in ("--to", "--checkpoint"))
    ended = 0
    chance = random.Random(SEED + times)
    for _ in range(times):
        process = polarway.start(*command)
        time.sleep(chance.uniform(0.0, 0.15))
        process.send_signal(how)
        _, err = process.communicate(timeout=30)
        if process.returncode == 0:
            return ended
        ended += 1
        assert process.returncode in (-how, 128 + how), err.decode()
        if (out / "_SUCCESS").exists() and not checkpoint.exists():
            return ended  # as it went away: all was done, and a finished folder is not written again
    polarway(*command)
    return ended


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill", "interrupt"])
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_killed_job_goes_on_and_writes_the_same_bytes(polarway, large, tmp_path, form, how):
    whole, out = tmp_path / f"whole.{form}", tmp_path / f"out.{form}"
    query = ["stream", large, "--where", "age > 30", "--memory-limit", "64MB", "--chunk-size", "500",
             "--max-chunk-size", "500"]
    polarway(*query, "--to", whole)
    command = [*query, "--to", out, "--checkpoint", tmp_path / "at", "--checkpoint-every", "0.01"]
    ended = run_with_kills(polarway, command, 20, how)
    assert ended > 0  # or nothing was tried
    assert out.read_bytes() == whole.read_bytes()
    assert leftovers(tmp_path, whole.name, out.name) == []


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_killed_job_leaves_complete_parts_and_goes_on(polarway, large, tmp_path, form):
    out = tmp_path / f"out.{form}"
    command = ["stream", large, "--memory-limit", "64MB", "--chunk-size", "2000", "--max-chunk-size", "2000",
               "--to", out, "--checkpoint", tmp_path / "at", "--checkpoint-every", "0.03"]
    run_with_kills(polarway, command, 20, signal.SIGKILL)
    assert (out / "_SUCCESS").exists()
    read = pl.read_parquet if form == "parquet" else pl.read_ipc
    parts = sorted(out.glob(f"part-*.{form}"))
    assert len(parts) > 1
    assert leftovers(out, "_SUCCESS", *(part.name for part in parts)) == []
    polarway("stream", large, "--to", tmp_path / "whole.parquet")
    assert_frame_equal(pl.concat([read(part) for part in parts]), pl.read_parquet(tmp_path / "whole.parquet"))


@pytest.mark.parametrize("source", ["parquet", "arrow"])
@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_a_killed_job_that_reads_batches_goes_on_within_them(polarway, large, tmp_path, source, form):
    """With a filter, so that positions are between rows that are left out."""
    files = tmp_path / "in"
    files.mkdir()
    for number in range(3):
        polarway("stream", large, "--to", files / f"{number}.{source}")
    query = ["stream", files, "--where", "age > 30 and country != 'DE'", "--memory-limit", "64MB", "--chunk-size",
             "700", "--max-chunk-size", "700"]
    polarway(*query, "--to", tmp_path / "whole.csv")
    out = tmp_path / f"out.{form}"
    command = [*query, "--to", out, "--checkpoint", tmp_path / "at", "--checkpoint-every", "0.01"]
    assert run_with_kills(polarway, command, 20, signal.SIGKILL) > 2
    if form != "csv":
        assert (out / "_SUCCESS").exists()
        polarway("stream", out / f"*.{form}", "--to", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_the_rows_left_out_are_written_once_each(polarway, tmp_path):
    source = tmp_path / "in.csv"
    lines = [f"{i},{'x' if i % 50 == 7 else i}" for i in range(60_000)]
    source.write_text("id,value\n" + "\n".join(lines) + "\n")
    query = ["stream", source, "-o", "on_schema_change=reject", "-o", "schema={\"id\": \"int64\", \"value\": \"int64\"}",
             "--chunk-size", "500", "--max-chunk-size", "500"]
    polarway(*query, "--to", tmp_path / "whole.csv", "--rejects", tmp_path / "whole-rejects.csv")
    command = [*query, "--to", tmp_path / "out.csv", "--rejects", tmp_path / "rejects.csv",
               "--checkpoint", tmp_path / "at", "--checkpoint-every", "0"]
    run_with_kills(polarway, command, 15, signal.SIGKILL)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert (tmp_path / "rejects.csv").read_bytes() == (tmp_path / "whole-rejects.csv").read_bytes()


def interrupted(polarway, source, tmp_path, *more):
    """A job that was ended in the middle: the checkpoint is there. Gives its command."""
    command = ["stream", source, "--chunk-size", "500", "--max-chunk-size", "500", "--to", tmp_path / "out.csv",
               "--checkpoint", tmp_path / "at", "--checkpoint-every", "0", *more]
    process = polarway.start(*command)
    deadline = time.monotonic() + 20
    while not has_rows(tmp_path / "at") and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    assert has_rows(tmp_path / "at")
    return command


def has_rows(checkpoint):
    """Whether some are safe: the first position is the start."""
    return checkpoint.exists() and json.loads(checkpoint.read_text())["rows"] > 0


def test_a_limit_counts_the_rows_of_all_runs(polarway, large, tmp_path):
    command = interrupted(polarway, large, tmp_path, "--limit", "50000")
    polarway(*command)
    assert pl.read_csv(tmp_path / "out.csv").height == 50_000


def test_a_changed_source_is_refused(polarway, large, tmp_path):
    source = tmp_path / "in.csv"
    source.write_bytes(large.read_bytes())
    command = interrupted(polarway, source, tmp_path)
    source.write_bytes(large.read_bytes().replace(b"Kim", b"Kin"))
    run = polarway(*command, exits=1)
    assert "not the one that the checkpoint" in run.err
    assert not (tmp_path / "out.csv").exists()


def test_another_command_is_refused(polarway, large, tmp_path):
    command = interrupted(polarway, large, tmp_path)
    run = polarway(*command, "--where", "age > 40", exits=2)
    assert "another command" in run.err


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"job": 1}', "\x00"])
def test_what_is_no_checkpoint_is_refused(polarway, large, tmp_path, text):
    (tmp_path / "at").write_text(text)
    run = polarway("stream", large, "--to", "out.csv", "--checkpoint", tmp_path / "at", exits=2)
    assert "checkpoint" in run.err


@pytest.mark.parametrize("arguments", [[], ["--to", "-"], ["--to", "o.csv", "--digest"]])
def test_a_checkpoint_needs_a_file_to_go_on_with(polarway, people, arguments):
    polarway("stream", people, *arguments, "--checkpoint", "at", exits=2)


# ---- Folders of parts


def test_a_hive_tree_is_read_back_with_its_columns(polarway, people, people_rows, tmp_path):
    polarway("stream", people, "--to", tmp_path / "tree", "--to-format", "parquet",
             "--partition-by", "country,active")
    tree = tmp_path / "tree"
    assert (tree / "_SUCCESS").exists()
    folders = {path.parent.relative_to(tree).as_posix() for path in tree.rglob("part-*.parquet")}
    assert "country=DE/active=true" in folders
    polarway("stream", tree, "-o", "hive_partitioning=true", "--to", tmp_path / "back.parquet")
    back = pl.read_parquet(tmp_path / "back.parquet")
    assert back.height == people_rows.height
    assert_frame_equal(
        back.select("id", "country", "balance").sort("id"),
        people_rows.select("id", "country", "balance").sort("id"),
    )


def test_values_that_are_no_names_of_folders_come_back(polarway, tmp_path):
    values = ["a/b", "..", ".", "x=y", "100%", "", "ä", "a\tb", None]
    frame = pl.DataFrame({"key": values, "n": range(len(values))})
    frame.write_parquet(tmp_path / "in.parquet")
    polarway("stream", tmp_path / "in.parquet", "--to", tmp_path / "tree", "--to-format", "ndjson",
             "--partition-by", "key")
    assert {path.parent.parent for path in (tmp_path / "tree").rglob("part-*")} == {tmp_path / "tree"}
    polarway("stream", tmp_path / "tree", "-o", "hive_partitioning=true", "--to", tmp_path / "back.parquet")
    back = pl.read_parquet(tmp_path / "back.parquet").sort("n")
    assert back["key"].to_list() == values


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_files_end_where_they_are_large_enough(polarway, large, tmp_path, form):
    polarway("stream", large, "--to", tmp_path / "out", "--to-format", form, "--max-file-size", "2MB",
             "--chunk-size", "1000", "--max-chunk-size", "1000")
    polarway("stream", large, "--to", tmp_path / f"whole.{form}")
    parts = sorted((tmp_path / "out").glob("part-*"))
    assert len(parts) > 3
    assert all(2_000_000 <= part.stat().st_size < 2_500_000 for part in parts[:-1])
    read = [part.read_bytes() for part in parts]
    if form == "csv":
        header = read[0][: read[0].index(b"\n") + 1]
        read = [read[0], *(part.removeprefix(header) for part in read[1:])]
    assert b"".join(read) == (tmp_path / f"whole.{form}").read_bytes()


def test_a_folder_with_something_in_it_is_refused(polarway, people, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious").write_text("x")
    run = polarway("stream", people, "--to", tmp_path / "out", "--to-format", "csv", "--max-file-size", "1MB", exits=2)
    assert "not empty" in run.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["precious"]


def test_an_error_leaves_no_part_behind(polarway, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("a,b\n" + "1,2\n" * 200_000 + "1,x\n")
    polarway("stream", source, "--to", tmp_path / "out", "--to-format", "csv", "--max-file-size", "100KB",
             "--partition-by", "a", exits=7)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("columns, said", [("contry", "country"), ("country,country", "twice")])
def test_a_wrong_column_to_partition_by_is_refused(polarway, people, tmp_path, columns, said):
    run = polarway("stream", people, "--to", tmp_path / "t", "--to-format", "csv", "--partition-by", columns, exits=2)
    assert said in run.err
    assert not (tmp_path / "t").exists()
