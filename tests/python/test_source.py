"""Sources in Python: opening, reading, changing course, telling of themselves."""

import dataclasses
import pickle

import polars
import polarway as pl
import pytest
from polarway.errors import (
    ConfigError,
    EmptySourceError,
    MemoryLimitError,
    NotFound,
    ParseError,
    SchemaError,
    SourceError,
    UnsupportedOperationError,
    UnsupportedSourceError,
)
from polarway.result import Err, Ok, Some
from polarway.streaming import Checkpoint, CsvSource, SourceConfig, SourceRegistry, StreamingSource


def test_the_package_stands_in_for_polars():
    for name in set(polars.__all__) - {"scan_csv", "scan_ipc", "scan_ndjson", "scan_parquet"}:
        assert getattr(pl, name) is getattr(polars, name), name
    assert set(polars.__all__) <= set(pl.__all__)
    assert pl.CsvSource is CsvSource


def test_every_kind_of_the_registry_has_a_class_and_no_other():
    kinds = SourceRegistry().kinds()
    assert "csv" in kinds
    classes = {
        value.kind
        for value in vars(pl).values()
        if isinstance(value, type) and issubclass(value, StreamingSource) and value.kind
    }
    assert classes == set(kinds)


def test_chunks_are_polars_frames_and_together_the_file(numbers):
    path = numbers(10_000)
    chunks = list(CsvSource(path, chunk_size=1000, max_chunk_size=1000))
    assert len(chunks) == 10
    assert {type(chunk) for chunk in chunks} == {polars.DataFrame}
    assert pl.concat(chunks).equals(polars.read_csv(path))


def test_a_chunk_is_ok_some_and_the_end_is_ok_none(desk):
    source = CsvSource("people.csv")
    match source.read_chunk():
        case Ok(Some(chunk)):
            assert isinstance(chunk, polars.DataFrame)
            assert chunk.height == 3
        case other:
            pytest.fail(f"{other}")
    match source.read_chunk():
        case Ok(None):
            pass
        case other:
            pytest.fail(f"{other}")


def test_create_gives_the_error_that_the_class_raises(desk):
    with pytest.raises(NotFound) as raised:
        CsvSource("nowhere.csv")
    assert isinstance(raised.value, FileNotFoundError)
    match CsvSource.create("nowhere.csv"):
        case Err(NotFound(message)):
            assert message == raised.value.message
        case other:
            pytest.fail(f"{other}")


def test_iter_chunks_ends_behind_its_first_error(write):
    path = write("broken.csv", "a\n" + "1\n" * 5000 + "x\n" + "2\n" * 5000)
    results = list(CsvSource(path, chunk_size=1000, infer_schema_length=10).iter_chunks())
    assert all(result.is_ok() for result in results[:-1])
    match results[-1]:
        case Err(SchemaError() | ParseError() as error):
            assert (error.row, error.column, error.location) == (5001, "a", str(path))
        case other:
            pytest.fail(f"{other}")


@pytest.mark.parametrize(
    ("content", "options", "expected", "builtin"),
    [
        ("", {}, EmptySourceError, ValueError),
        ("a,b\n1\n", {}, ParseError, ValueError),
        ("a\n1\n", {"delimitr": ";"}, ConfigError, ValueError),
        ("a\n1\n", {"memory_limit": "much"}, ConfigError, ValueError),
        ("a\n1\n", {"memory_limit": 1000}, MemoryLimitError, MemoryError),
        ("a\n1\n", {"columns": ["b"]}, SourceError, Exception),
    ],
)
def test_errors_are_source_errors_and_the_builtin_that_says_the_same(
    write, content, options, expected, builtin
):
    path = write("some.csv", content)
    with pytest.raises(expected) as raised:
        list(CsvSource(path, **options))
    assert isinstance(raised.value, SourceError)
    assert isinstance(raised.value, builtin)
    copy = pickle.loads(pickle.dumps(raised.value))
    assert (type(copy), str(copy), copy.__dict__) == (
        type(raised.value),
        str(raised.value),
        raised.value.__dict__,
    )


def test_an_unknown_option_is_told_its_neighbour(desk):
    with pytest.raises(ConfigError, match="delimiter"):
        CsvSource("people.csv", delimitr=";")


def test_a_location_of_no_known_kind_is_unsupported(write):
    with pytest.raises(UnsupportedSourceError):
        pl.open(write("some.bin", "x"))
    assert isinstance(
        SourceRegistry().create("nonsense", SourceConfig("x")).err(), UnsupportedSourceError
    )


def test_options_are_given_as_python_values(write):
    path = write("some.csv", "1;x;NA\n2;y;-\n")
    source = CsvSource(
        path,
        delimiter=";",
        has_header=False,
        null_values=["NA", "-"],
        new_columns=["n", "t", "nothing"],
        schema_overrides={"n": pl.Float64, "t": str, "nothing": pl.Datetime("us", "UTC")},
    )
    assert source.schema == {
        "n": pl.Float64,
        "t": pl.String,
        "nothing": pl.Datetime("us", "UTC"),
    }
    assert source.collect().rows() == [(1.0, "x", None), (2.0, "y", None)]


def test_columns_filter_and_limit_go_into_the_source(numbers):
    source = CsvSource(numbers(1000), columns=["c"], filter="a >= 10 and b < 100", limit=5)
    assert source.collect().equals(
        pl.DataFrame({"c": [i * 1000003 % 1000 for i in range(10, 15)]})
    )
    same = CsvSource(numbers(1000), filter=pl.col("a").is_null() | pl.col("b").is_not_null())
    assert same.collect().height == 1000
    with pytest.raises(ConfigError, match="as text"):
        CsvSource(numbers(1000), filter=pl.col("a").sqrt() > 2)


def test_the_chunk_size_changes_in_mid_stream(numbers):
    source = CsvSource(numbers(20_000), chunk_size=4000, max_chunk_size=4000, prefetch=False)
    first = source.read_chunk().unwrap()
    assert (first.height, source.config.chunk_size) == (4000, 4000)
    source.config.chunk_size //= 2
    assert source.config.chunk_size == 2000
    assert source.read_chunk().map(len) == Ok(2000)
    assert source.config.as_given().chunk_size == 4000


def test_the_memory_limit_changes_in_mid_stream(numbers):
    source = CsvSource(numbers(1000), memory_limit="64MB")
    assert source.set_memory_limit("32MB").unwrap() is source
    # The limit in force may be lower, where the machine has less room.
    assert 0 < source.config.memory_limit <= 32_000_000
    source.config.memory_limit = "24MB"
    assert 0 < source.stats().memory_limit_bytes <= 24_000_000
    assert isinstance(source.set_memory_limit(1000).err(), MemoryLimitError)
    assert isinstance(source.set_memory_limit("much").err(), ConfigError)
    assert source.read_chunk().map(len) == Ok(1000)


def test_a_source_goes_on_behind_a_checkpoint(numbers):
    path = numbers(1000)
    source = CsvSource(path, chunk_size=300, max_chunk_size=300)
    source.read_chunk().unwrap()
    checkpoint = source.checkpoint()
    assert (checkpoint.kind, checkpoint.location, checkpoint.rows) == ("csv", str(path), 300)
    rest = source.collect()
    kept = pickle.loads(pickle.dumps(checkpoint))
    assert CsvSource(path, resume=kept).collect().equals(rest)
    source.seek(kept)
    assert source.collect().equals(rest)
    source.reset()
    assert source.collect().height == 1000
    with pytest.raises(ConfigError):
        Checkpoint(checkpoint.json.replace("300", "301"))


def test_the_splits_are_together_the_whole(numbers):
    path = numbers(100_000)
    whole = CsvSource(path)
    splits = pickle.loads(pickle.dumps(whole.splits(4)))
    assert len(splits) > 1
    parts = [CsvSource(path, split=split).collect() for split in splits]
    assert pl.concat(parts).equals(whole.collect())


def test_a_config_is_kept_as_json_and_as_a_pickle(numbers):
    path = numbers(10)
    config = SourceConfig(
        path.as_posix(),
        memory_limit="64MB",
        chunk_size=5,
        columns=["b"],
        filter="a > 3",
        limit=4,
        options={"delimiter": ","},
    )
    for copy in (SourceConfig.from_json(config.to_json()), pickle.loads(pickle.dumps(config))):
        assert dataclasses.asdict(copy) | {"filter": ""} == dataclasses.asdict(config) | {
            "filter": ""
        }
        assert CsvSource.from_config(copy).collect()["b"].to_list() == [0.5, 0.625, 0.75, 0.875]
    with pytest.raises(ConfigError):
        SourceConfig.from_json('{"location": "a", "colour": "red"}')


def test_a_files_name_may_be_any_bytes(tmp_path):
    path = tmp_path / b"caf\xe9.csv".decode("utf-8", "surrogateescape")
    path.write_text("a\n1\n", encoding="utf-8")
    assert CsvSource(path).collect().rows() == [(1,)]
    assert pickle.loads(pickle.dumps(SourceConfig(path))).location == str(path)


def test_several_files_are_one_source(desk):
    assert CsvSource(["file1.csv", desk / "file2.csv"]).collect().height == 6
    assert pl.open("file*.csv").collect().height == 9


def test_a_closed_source_is_at_its_end_and_its_chunks_stay_good(desk):
    with CsvSource("people.csv").unwrap() as source:
        chunk = source.read_chunk().unwrap()
    assert source.read_chunk() == Ok(None)
    assert chunk["name"].to_list() == ["Ada", "Grace", "Edsger"]
    source.close()


def test_an_open_source_is_not_pickled(desk):
    with pytest.raises(TypeError, match="as_given"):
        pickle.dumps(CsvSource("people.csv"))


def test_a_source_tells_of_itself(numbers):
    path = numbers(10_000)
    source = CsvSource(path, chunk_size=1000, memory_limit="64MB")
    metadata = source.metadata()
    assert metadata.schema == source.schema == polars.read_csv(path).schema
    assert metadata.size_bytes == path.stat().st_size
    assert metadata.seekable
    total = sum(chunk.height for chunk in source)
    stats = source.stats()
    assert (total, stats.records_processed) == (10_000, 10_000)
    assert stats.bytes_read == path.stat().st_size
    assert stats.chunks_read >= 1
    assert 0 < stats.memory_limit_bytes <= 64_000_000
    assert not source.has_more()
    decisions = source.decisions()
    assert decisions[0].rule == "start"
    assert all(decision.sentence for decision in decisions)
    assert "people" not in repr(source)
    assert str(path) in repr(source)


def test_a_shared_budget_pays_for_all(numbers):
    path = numbers(50_000)
    one = CsvSource(path, memory_limit="64MB")
    other = CsvSource(path, budget=one.budget)
    before = one.budget.used_bytes
    held = list(other)
    assert one.budget.used_bytes >= before + sum(chunk.estimated_size() for chunk in held)


def test_a_pipe_is_read_once(tmp_path):
    import os
    import threading

    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    threading.Thread(target=lambda: pipe.write_text("a\n1\n2\n"), daemon=True).start()
    source = CsvSource(pipe)
    assert source.collect().height == 2
    with pytest.raises(UnsupportedOperationError):
        source.reset()
    with pytest.raises(UnsupportedOperationError):
        pl.DataFrame(source)


def test_rejected_rows_say_where_and_why(tmp_path):
    path = tmp_path / "ages.csv"
    path.write_text("name,age\nAda,36\nBob,old\nCleo\n")
    types = {"name": "string", "age": "int64"}
    source = CsvSource(path, ragged="reject", on_schema_change="reject", schema=types)
    assert pl.concat(source).rows() == [("Ada", 36)]
    bob, cleo = source.take_rejects()
    assert (bob.row, bob.column, bob.raw, bob.fault) == (2, "age", b"Bob,old", "type")
    assert (bob.row_byte_offset, bob.byte_offset) == (16, 20)
    assert bob.location.endswith("ages.csv")
    assert (cleo.row, cleo.fault, cleo.row_byte_offset) == (3, "too few fields", 24)
    assert source.take_rejects() == []
