"""LazyFrames over our sources are Polars' own, and never have a row more or less."""

import datetime
import inspect

import polars
import polarway as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polarway.errors import ConfigError, MemoryLimitError, NotFound
from polarway.expressions import translated
from polarway.streaming import CsvSource, StreamingSource

col = pl.col

ROWS = pl.DataFrame(
    {
        "i": [None, 0, 1, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 30, 7],
        "f": [0.0, -0.0, float("nan"), float("inf"), float("-inf"), None, 1.5, 1e300, -2.5, 30.0],
        "s": [None, "", "a", "A", "it's", 'say "x"', "ß", "a%", "zz", "30"],
        "b": [True, False, None, True, False, None, True, True, False, False],
        "d": [datetime.date(2020, 1, 1), None, *[datetime.date(1969, 12, d) for d in range(1, 9)]],
        "t": [datetime.datetime(2020, 1, 1, h, 30, 0, h) for h in range(10)],
    }
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("lazy") / "rows.csv"
    ROWS.write_csv(path, quote_style="non_numeric")
    return path


def scanned(path):
    return pl.scan_csv(path, schema_overrides=ROWS.schema)


def test_a_scan_is_a_polars_lazy_frame_with_polars_signature(table):
    assert type(scanned(table)) is polars.LazyFrame
    ours, theirs = (inspect.signature(scan).parameters for scan in (pl.scan_csv, polars.scan_csv))
    assert list(ours) == list(theirs)
    for name in ours:
        assert (ours[name].default, ours[name].kind) == (theirs[name].default, theirs[name].kind)
    assert scanned(table).collect_schema() == ROWS.schema
    assert scanned(table).collect().equals(ROWS)


# ---- The predicate

constants = {
    "i": st.sampled_from([0, 1, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 30, 1.5, 2.0**53]),
    "f": st.sampled_from([0, 0.0, -0.0, float("nan"), float("inf"), 1.5, 30, 2**53 + 1, -2.5]),
    "s": st.sampled_from(["", "a", "A", "it's", 'say "x"', "ß", "a%", "30"]),
    "b": st.booleans(),
    "d": st.sampled_from([datetime.date(2020, 1, 1), datetime.date(1969, 12, 3)]),
    "t": st.sampled_from([datetime.datetime(2020, 1, 1, h, 30, 0, h) for h in (0, 5, 9)]),
}
OPERATORS = ["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"]


@st.composite
def comparisons(draw):
    name = draw(st.sampled_from(list(constants)))
    column, constant = col(name), draw(constants[name])
    kind = draw(st.sampled_from(["operator", "flipped", "null", "between", "in", "other"]))
    match kind:
        case "operator":
            return getattr(column, draw(st.sampled_from(OPERATORS)))(constant)
        case "flipped":
            return getattr(pl.lit(constant), draw(st.sampled_from(OPERATORS)))(column)
        case "null":
            return draw(st.sampled_from([column.is_null(), column.is_not_null()]))
        case "between":
            closed = draw(st.sampled_from(["both", "left", "right", "none"]))
            return column.is_between(constant, draw(constants[name]), closed=closed)
        case "in":
            return column.is_in([constant])
        case _:
            return draw(st.sampled_from([col("b"), col("s").str.contains("a"), col("f").is_nan()]))


predicates = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=6,
)


def expected_rows(predicate):
    try:
        return ROWS.filter(predicate)
    except pl.exceptions.PolarsError:
        return None


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(predicates)
def test_a_predicate_keeps_the_rows_that_it_keeps_in_polars(table, predicate):
    expected = expected_rows(predicate)
    if expected is None:
        return
    assert scanned(table).filter(predicate).collect().equals(expected)
    said = translated(predicate, ROWS.schema)
    if said is not None:
        options = {"schema_overrides": ROWS.schema}
        kept = CsvSource(table, filter=said.text, **options).collect()
        if said.exact:
            assert kept.equals(expected)
        else:
            assert expected.join(kept, on=ROWS.columns, how="anti", nulls_equal=True).is_empty()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    predicates,
    st.integers(0, 12),
    st.lists(st.sampled_from(ROWS.columns), min_size=1, unique=True),
    st.booleans(),
    st.sampled_from(["streaming", "in-memory"]),
)
def test_head_filter_and_select_give_what_they_give_in_polars(
    table, predicate, n, columns, head_first, engine
):
    if expected_rows(predicate) is None:
        return

    def query(frame):
        frame = frame.head(n).filter(predicate) if head_first else frame.filter(predicate).head(n)
        return frame.select(columns)

    assert query(scanned(table)).collect(engine=engine).equals(query(ROWS.lazy()).collect())


@pytest.mark.parametrize(
    ("predicate", "text"),
    [
        (col("i") > 30, '"i" > 30'),
        (30 < col("i"), '"i" > 30'),
        (col("f") > 1.5, '(not "f" <= 1.5)'),
        (col("s") == "it's", "\"s\" = 'it''s'"),
        (col("d") < datetime.date(2020, 1, 1), "\"d\" < '2020-01-01'"),
        (col("i").is_between(1, 2), '("i" >= 1 and "i" <= 2)'),
        ((col("i") > 1) & col("s").str.contains("a"), '"i" > 1'),
        ((col("i") > 1) | col("s").str.contains("a"), None),
        (~(col("i") > 1), '(not "i" > 1)'),
        (col("i") + 1 > 2, None),
    ],
)
def test_what_the_library_understands_reaches_it(predicate, text):
    said = translated(predicate, ROWS.schema)
    assert (said and said.text) == text


def test_only_what_a_query_needs_is_read(table, monkeypatch):
    opened = []
    from_config = StreamingSource.from_config.__func__

    def spy(cls, config, budget=None):
        opened.append(config)
        return from_config(cls, config, budget)

    monkeypatch.setattr(StreamingSource, "from_config", classmethod(spy))
    frame = scanned(table)
    frame.filter(col("i") > 1).select("s").collect()
    assert (set(opened[-1].columns), opened[-1].filter) == ({"i", "s"}, '"i" > 1')
    frame.head(3).collect()
    assert opened[-1].limit == 3


# ---- Memory


def test_the_limit_is_set_right_behind_the_scan_and_nowhere_else(table):
    frame = scanned(table).with_adaptive_streaming(chunk_size=4).with_memory_limit("64MB")
    assert frame.collect().equals(ROWS)
    for late in (frame.filter(col("b")), frame.select("b"), ROWS.lazy()):
        with pytest.raises(ConfigError, match="scan"):
            late.with_memory_limit("1GB")
        with pytest.raises(ConfigError, match="scan"):
            late.with_adaptive_streaming()
    with pytest.raises(ConfigError):
        scanned(table).with_memory_limit("much")
    with pytest.raises(ConfigError, match="nonsense"):
        scanned(table).with_adaptive_streaming(nonsense=1).collect()


def test_what_does_not_fit_is_a_memory_limit_error(numbers):
    frame = pl.scan_csv(numbers(1_000_000)).with_memory_limit("12MB")
    with pytest.raises(MemoryLimitError):
        frame.collect()
    with pytest.raises(MemoryLimitError):
        pl.scan_csv(numbers(1000)).with_memory_limit(1000).collect()


def test_what_is_not_kept_streams_within_a_limit(numbers, tmp_path):
    path = numbers(1_000_000)
    frame = pl.scan_csv(path).with_adaptive_streaming().with_memory_limit("12MB")
    assert frame.select(col("a").sum()).collect().item() == 499_999_500_000
    assert frame.filter(col("c") < 10).group_by("c").agg(pl.len()).collect().height == 10
    frame.select("a").sink_parquet(tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").height == 1_000_000
    assert sum(batch.height for batch in frame.collect_batches(chunk_size=10_000)) == 1_000_000


# ---- Arguments

TEXT = 'x,y\n#c\n1,"a"\n2,\n3,NA\n'


@pytest.mark.parametrize(
    "arguments",
    [
        {"comment_prefix": "#"},
        {"comment_prefix": "#", "null_values": "NA"},
        {"comment_prefix": "#", "null_values": {"y": "a"}},
        {"comment_prefix": "#", "empty_string_is_null": False},
        {"comment_prefix": "#", "has_header": False},
        {"comment_prefix": "#", "infer_schema": False},
        {"comment_prefix": "#", "schema_overrides": {"x": pl.Float64}},
        {"comment_prefix": "#", "schema": {"x": pl.Int32, "y": pl.String}},
        {"skip_lines": 2, "has_header": False, "schema": {"q": pl.Int32, "r": pl.String}},
        {"comment_prefix": "#", "new_columns": ["q", "r"]},
        {"comment_prefix": "#", "new_columns": ["q", "r"], "schema_overrides": [pl.Int16, str]},
        {"comment_prefix": "#", "n_rows": 2},
        {"comment_prefix": "#", "row_index_name": "row", "row_index_offset": 5},
        {"comment_prefix": "#", "skip_rows_after_header": 1},
        {"skip_lines": 2, "has_header": False},
        {"comment_prefix": "#", "infer_schema_length": None},
        {"comment_prefix": "#", "quote_char": None},
    ],
)
def test_an_argument_means_what_it_means_in_polars(write, arguments):
    path = write("some.csv", TEXT)

    ours, theirs = (scan(path, **arguments).collect() for scan in (pl.scan_csv, polars.scan_csv))
    assert ours.to_dict(as_series=False) == theirs.to_dict(as_series=False)


@pytest.mark.parametrize(
    "arguments",
    [
        {"ignore_errors": True},
        {"with_column_names": lambda names: names},
        {"truncate_ragged_lines": True},
        {"raise_if_empty": False},
        {"storage_options": {}},
        {"schema_overrides": [pl.Int64]},
    ],
)
def test_an_argument_that_cannot_be_had_is_an_error(desk, arguments):
    with pytest.raises(ConfigError, match=next(iter(arguments))):
        pl.scan_csv("people.csv", **arguments)


def test_a_scan_of_nothing_says_so_at_once(desk):
    with pytest.raises(NotFound):
        pl.scan_csv("nowhere.csv")
    with pytest.raises(ConfigError, match="bytes"):
        pl.scan_csv(b"a\n1\n")


def test_any_source_is_scanned_by_its_location(desk):
    frame = pl.scan_source(["file1.csv", "file2.csv"], memory_limit="64MB", n_rows=5)
    assert frame.collect()["age"].to_list() == [36, 45, 72, 36, 45]
