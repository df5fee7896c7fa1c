"""What the text of a CSV means, through the program: types, options about values, and that none is
ever changed in silence."""

import json

import pytest

BAD_DATA = 7
USAGE = 2


@pytest.fixture
def csv(tmp_path):
    def write(text, name="t.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def options(**given):
    """The command line of options; values that are no text become JSON."""
    words = []
    for name, value in given.items():
        words += ["-o", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    return words


def types(polarway, path, **given):
    schema = json.loads(polarway("schema", path, "--json", *options(**given)).out)
    return {field["name"]: field["type"] for field in schema["fields"]}


def rows(polarway, path, *arguments, **given):
    out = polarway("stream", path, "--to", "-", *arguments, *options(**given)).out
    return out.splitlines()[1:]


def misfit(polarway, path, **given):
    return polarway("stream", path, *options(**given), exits=BAD_DATA).err


# ---- Inference, and what lies beyond the sample


@pytest.mark.parametrize(
    "fields, expected",
    [
        (["1", "2.5"], "float64"),
        (["0123"], "string"),
        (["12345678901234567890"], "string"),
        (["9223372036854775808"], "string"),
        (["1.5", "9007199254740993"], "string"),
        (["1e5", "7"], "float64"),
        (["2024-02-30"], "string"),
        (["2024-02-29"], "date"),
        (["0x1F"], "string"),
        (["1_000"], "string"),
        (["1e400"], "string"),
        (["NaN", "-0", "inf"], "float64"),
        (["0000-00-00"], "string"),
        (["9999-12-31T23:59:60"], "string"),
    ],
)
def test_what_would_lose_something_is_inferred_as_text(polarway, csv, fields, expected):
    path = csv("x,y\n" + "".join(f"{field},\n" for field in fields))
    assert types(polarway, path)["x"] == expected


@pytest.mark.parametrize(
    "sample, beyond",
    [
        ("1", "1e5"),
        ("1", "0123"),
        ("1", "9223372036854775808"),
        ("1.5", "9007199254740993"),
        ("1.5", "12345678901234567890"),
        ("1.5", "1e400"),
        ("2024-01-01", "2024-02-30"),
        ("2024-01-01", "300000-01-01"),
        ("2024-01-01T00:00:00", "2024-01-01T23:59:60"),
        ("2024-01-01T00:00:00", "2024-01-01T00:00:00Z"),
        ("true", "1"),
    ],
)
def test_beyond_the_sample_nothing_is_changed_in_silence(polarway, csv, sample, beyond):
    path = csv(f"x,y\n{sample},a\n{sample},b\n{beyond},c\n")
    err = misfit(polarway, path, infer_schema_length="2")
    assert "row 3" in err and beyond in err and "x" in err


def test_with_full_inference_nothing_lies_beyond_the_sample(polarway, csv):
    path = csv("x,y\n" + "1,a\n" * 30_000 + "2.5,b\n")
    assert types(polarway, path)["x"] == "int64"
    assert types(polarway, path, infer_schema_length="full")["x"] == "float64"
    assert len(rows(polarway, path, infer_schema_length="full")) == 30_001
    misfit(polarway, path)
    run = polarway(
        "count", "-", "--as", "csv", "-o", "infer_schema_length=full",
        stdin=path.read_bytes(), exits=USAGE,
    )  # fmt: skip
    assert "pipe" in run.err


def test_without_inference_columns_are_text(polarway, csv):
    path = csv("a,b,c\n1,2024-01-01,true\n")
    text = {"a": "string", "b": "string", "c": "string"}
    assert types(polarway, path, infer_schema="false") == text
    assert types(polarway, path, infer_schema_length="0") == text
    assert types(polarway, path, infer_schema="false", dtypes={"a": "int8"})["a"] == "int8"
    assert types(polarway, path, try_parse_dates="false") == {**text, "a": "int64", "c": "bool"}


# ---- Types that are pinned


@pytest.mark.parametrize(
    "spelling, text, out",
    [
        ("int8", "-128", "-128"),
        ("uint8", "255", "255"),
        ("int16", "32767", "32767"),
        ("uint16", "65535", "65535"),
        ("int32", "-2147483648", "-2147483648"),
        ("uint32", "4294967295", "4294967295"),
        ("uint64", "18446744073709551615", "18446744073709551615"),
        ("float32", "0.1", "0.1"),
        ("decimal(38, 2)", "123456789012345678901234567890123456.78", None),
        ("date", "2024-02-29", "2024-02-29"),
        ("time[us]", "12:34:56.000001", "12:34:56.000001"),
        ("timestamp[ns]", "2024-02-29T12:34:56.123456789", None),
        ("timestamp[s]", "2024-02-29T12:34:56", None),
        ("timestamp[ms, Europe/Paris]", "2024-07-01T12:00:00.500+02:00", None),
        ("string", "0123", "0123"),
    ],
)
def test_a_pinned_type_is_what_the_column_has(polarway, csv, spelling, text, out):
    path = csv(f"x,y\n{text},\n")
    assert types(polarway, path, schema_overrides={"x": spelling})["x"] == spelling
    [row] = rows(polarway, path, "--select", "x", schema_overrides={"x": spelling})
    if out is not None:
        assert row == out


@pytest.mark.parametrize(
    "spelling, text",
    [
        ("int8", "128"),
        ("uint8", "-1"),
        ("uint64", "18446744073709551616"),
        ("int64", "9223372036854775808"),
        ("int64", "1e5"),
        ("float32", "16777217"),
        ("float64", "9007199254740993"),
        ("decimal(5, 2)", "1.005"),
        ("decimal(5, 2)", "1000"),
        ("date", "2024-02-30"),
        ("time[s]", "12:00:00.5"),
        ("timestamp[ms]", "2024-01-01T00:00:00.0001"),
        ("timestamp[ns]", "1600-01-01T00:00:00"),
        ("timestamp[us]", "2024-01-01T00:00:00Z"),
        ("timestamp[us, UTC]", "2024-01-01T00:00:00"),
    ],
)
def test_what_a_pinned_type_cannot_hold_is_an_error_with_its_place(polarway, csv, spelling, text):
    path = csv(f"w,x\n,{text}\n")
    err = misfit(polarway, path, schema_overrides={"x": spelling})
    assert text in err and "row 1" in err and "byte 5" in err and "column" in err


def test_leading_zeros_are_kept_as_text_and_read_where_a_number_is_pinned(polarway, csv):
    path = csv("x\n0123\n7\n")
    assert rows(polarway, path) == ["0123", "7"]
    assert rows(polarway, path, types={"x": "int64"}) == ["123", "7"]


def test_overrides_win_over_the_schema_and_unknown_columns_are_an_error(polarway, csv):
    path = csv("a,b\n1,2\n")
    got = types(polarway, path, schema={"a": "int8"}, schema_overrides={"a": "int16"})
    assert got == {"a": "int16", "b": "int64"}
    for option in ("schema", "schema_overrides", "date_format", "null_values"):
        value = {"aa": "int8"} if option.startswith("schema") else {"aa": "%F"}
        err = misfit(polarway, path, **{option: value})
        assert "aa" in err and option in err


def test_columns_are_renamed_from_the_left(polarway, csv):
    path = csv("a,b,c\n1,2,3\n")
    got = types(polarway, path, new_columns="x,y", dtypes={"y": "int8"})
    assert list(got.items()) == [("x", "int64"), ("y", "int8"), ("c", "int64")]
    assert "4 names" in misfit(polarway, path, new_columns="w,x,y,z")
    headless = csv("1,2\n", "h.csv")
    assert list(types(polarway, headless, has_header="false", names="p,q")) == ["p", "q"]


# ---- Which rows


def test_rows_behind_the_header_are_left_out(polarway, csv):
    path = csv("a,b\nunits,none\n1,2\n3,4\n")
    assert rows(polarway, path, skip_rows_after_header="1") == ["1,2", "3,4"]
    assert types(polarway, path, skip_rows_after_header="1")["a"] == "int64"
    assert rows(polarway, path, skip_rows_after_header="9") == []


def test_n_rows_counts_rows_of_the_file_before_the_filter(polarway, csv):
    path = csv("a\n" + "".join(f"{i}\n" for i in range(100_000)) + '"never closed')
    assert rows(polarway, path, "--where", "a >= 5", n_rows="8") == ["5", "6", "7"]
    assert polarway("count", path, "-o", "n_rows=70000").out.strip() == "70000"
    assert rows(polarway, path, n_rows="0") == []
    assert polarway("count", path, "-o", "n_rows=100000").out.strip() == "100000"


# ---- Nulls


def test_null_values_are_for_all_columns_or_for_some(polarway, csv):
    path = csv("a,b\nNA,1\n1,NA\n-,-\n")
    assert rows(polarway, path, null_values="NA,-") == [",1", "1,", ","]
    assert types(polarway, path, null_values={"a": ["NA", "-"]}) == {"a": "int64", "b": "string"}


def test_empty_text_and_missing_text_can_be_told_apart_or_not(polarway, csv):
    path = csv('a,b\n,1\n"",2\nx,3\n')
    nulls = ["--where", "a is null", "--select", "b"]
    assert rows(polarway, path, *nulls) == ["1"]
    assert rows(polarway, path, *nulls, empty_string_is_null="true") == ["1", "2"]
    assert rows(polarway, path, *nulls, missing_utf8_is_empty_string="true") == []


def test_quotes_can_keep_a_text_from_being_null(polarway, csv):
    path = csv('a,b\nNA,1\n"NA",2\n')
    nulls = ["--where", "a is null", "--select", "b"]
    assert rows(polarway, path, *nulls, null_values="NA") == ["1", "2"]
    assert rows(polarway, path, *nulls, null_values="NA", allow_quoted_nulls="false") == ["1"]


# ---- How values are written


def test_dates_and_times_have_the_formats_they_are_given(polarway, csv):
    path = csv("d,t,u\n31.12.2024,12/31/24 11:59 PM,7:05\n1.2.2024,1/2/24 12:00 am,23:59\n")
    given = {
        "date_format": "%d.%m.%Y",
        "timestampformat": "%m/%d/%y %I:%M %p",
        "time_format": {"u": "%H:%M"},
        "schema_overrides": {"u": "time[s]"},
    }
    got = types(polarway, path, **given)
    assert got == {"d": "date", "t": "timestamp[us]", "u": "time[s]"}
    assert rows(polarway, path, "--select", "d,u", **given) == [
        "2024-12-31,07:05:00",
        "2024-02-01,23:59:00",
    ]
    assert polarway("count", path, "--where", "t >= '2024-12-31T23:59:00'", *options(**given)).out == "1\n"
    per_column = types(polarway, path, date_format={"d": "%d.%m.%Y"})
    assert per_column == {"d": "date", "t": "string", "u": "string"}
    err = polarway("schema", path, "-o", "date_format=%d.%Q", exits=USAGE).err
    assert "%Q" in err and "date_format" in err


def test_a_format_fits_wholly_or_not_at_all(polarway, csv):
    for text in ("30.02.2024", "31.12.2024x", "31.12.24"):
        path = csv(f"d\n{text}\n")
        given = {"date_format": "%d.%m.%Y", "dtypes": {"d": "date"}}
        assert text in misfit(polarway, path, **given)


def test_local_times_need_a_zone_to_become_points_in_time(polarway, csv):
    path = csv("t\n2024-07-01T12:00:00\n2024-01-01T12:00:00\n")
    assert types(polarway, path) == {"t": "timestamp[us]"}
    paris = {"time_zone": "Europe/Paris"}
    assert types(polarway, path, **paris) == {"t": "timestamp[us, Europe/Paris]"}
    given = {**paris, "schema_overrides": {"t": "timestamp[us, UTC]"}}
    for hour, count in (("2024-07-01T10:00:00Z", 1), ("2024-01-01T11:00:00Z", 1)):
        out = polarway("count", path, "--where", f"t = '{hour}'", *options(**given)).out
        assert out == f"{count}\n"
    twice = csv("t\n2024-10-27T02:30:00\n", "twice.csv")
    assert "2024-10-27T02:30:00" in misfit(polarway, twice, **paris)


def test_numbers_have_the_marks_they_are_given(polarway, csv):
    path = csv("n;m\n1.234,5;1.000\n-0,25;7\n")
    given = {"separator": ";", "decimal_comma": "true", "thousands": "."}
    assert types(polarway, path, **given) == {"n": "float64", "m": "int64"}
    assert rows(polarway, path, **given) == ["1234.5,1000", "-0.25,7"]
    assert types(polarway, path, separator=";", decimal_separator=",") == {
        "n": "string",
        "m": "string",
    }
    assert "1.23" in misfit(polarway, csv("n;m\n1.23;\n"), dtypes={"n": "int64"}, **given)


def test_booleans_have_the_spellings_they_are_given(polarway, csv):
    path = csv("b\nja\nnein\n")
    given = {"true_values": "ja,j", "false_values": "nein,n"}
    assert types(polarway, path) == {"b": "string"}
    assert rows(polarway, path, **given) == ["true", "false"]
    err = polarway("schema", path, "-o", "true_values=ja", exits=USAGE).err
    assert "false_values" in err
