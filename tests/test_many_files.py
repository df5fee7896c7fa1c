"""Many files as one source: lists, globs, directories, columns from paths, differences."""

import json
import os
import resource

import pytest


@pytest.fixture
def rows(polarway):
    """rows(arguments...) is what the program writes to standard output, line by line."""

    def run(*arguments, **options):
        return polarway("stream", *arguments, "--to", "-", **options).out.splitlines()

    return run


@pytest.fixture
def make(tmp_path):
    def make_file(name, content=""):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    return make_file


# ---- Which files, in which order


def test_several_sources_are_read_in_the_order_given(rows, make, polarway):
    make("b.csv", "n\n1\n")
    make("a.csv", "n\n2\n")
    assert rows("b.csv", "a.csv") == ["n", "1", "2"]
    assert rows("b.csv", "a.csv", "b.csv", "--where", "n < 2") == ["n", "1", "1"]
    assert polarway("count", "a.csv", "b.csv").out == "2\n"
    assert "int64" in polarway("schema", "a.csv", "b.csv").out
    assert "2" in polarway("head", "b.csv", "a.csv", "-n", "5").out


def test_a_glob_and_a_directory_are_their_files_sorted_by_path(rows, make):
    for name in ("d/b.csv", "d/a/z.csv", "d/a-1/y.csv", "d/_c.csv", "d/.d.csv", "d/e.md"):
        make(name, f"f\n{name}\n")
    assert rows("d/*.csv") == ["f", "d/_c.csv", "d/b.csv"]
    assert rows("d/**/*.csv") == ["f", "d/_c.csv", "d/a-1/y.csv", "d/a/z.csv", "d/b.csv"]
    assert rows("d") == ["f", "d/a-1/y.csv", "d/a/z.csv", "d/b.csv"]
    assert rows("d/?/", "d/b.csv") == ["f", "d/a/z.csv", "d/b.csv"]


def test_without_glob_a_name_is_taken_as_it_stands(rows, make, polarway):
    make("a*.csv", "n\n1\n")
    make("ab.csv", "n\n2\n")
    assert rows("a*.csv") == ["n", "1"]  # it is there
    assert rows("a?.csv") == ["n", "1", "2"]
    polarway("count", "x*.csv", "-o", "glob=false", exits=3)


@pytest.mark.parametrize("source", ["no*.csv", "empty", "nowhere/**", "empty.c[s]v"])
def test_nothing_to_read_exits_with_3_and_names_the_pattern(make, polarway, source):
    make("empty/readme.md")
    make("empty.csv")
    run = polarway("count", source, "--as", "csv", exits=3)
    assert source.replace("c[s]v", "csv") in run.err  # of one file, the file is named
    assert run.out == ""


def test_broken_and_circular_links_are_errors_that_name_them(make, polarway, tmp_path):
    make("d/a.csv", "n\n1\n")
    os.symlink("gone.csv", tmp_path / "d" / "b.csv")
    assert "d/b.csv: this link leads to no file" in polarway("count", "d", exits=3).err
    os.remove(tmp_path / "d" / "b.csv")
    os.symlink("../d", tmp_path / "d" / "loop")
    assert "d/loop/: this link leads back" in polarway("count", "d", exits=1).err
    assert polarway("count", "d/*.csv").out == "1\n"


def test_an_empty_file_among_others_has_no_rows(rows, make):
    make("a.csv")
    make("b.csv", "n\n1\n")
    make("c.csv")
    make("d.csv", "n\n2\n")
    assert rows("*.csv") == ["n", "1", "2"]


def test_a_pipe_may_be_one_of_them(rows, make):
    make("a.csv", "n\n1\n")
    for sources, expected in ((("a.csv", "-"), ["n", "1", "2"]), (("-", "a.csv"), ["n", "2", "1"])):
        assert rows(*sources, "--as", "csv", stdin=b"n\n2\n") == expected


# ---- Columns that differ


def test_columns_are_found_by_name_and_differences_are_errors_that_name_the_file(
    rows, make, polarway
):
    make("1.csv", "a,b\n1,x\n")
    make("2.csv", "b,a\ny,2\n")
    assert rows("*.csv") == ["a,b", "1,x", "2,y"]
    make("3.csv", "a\n3\n")
    error = polarway("count", "*.csv", exits=7).err
    assert "3.csv" in error and "lacks column b" in error and "missing_columns=insert" in error
    make("3.csv", "a,b,c\n3,z,?\n")
    error = polarway("count", "*.csv", exits=7).err
    assert "3.csv" in error and "has column c" in error and "extra_columns=ignore" in error


def test_differences_may_be_allowed_and_are_said_on_stderr(make, polarway):
    make("1.csv", "a,b\n1,x\n")
    make("2.csv", "c,a\n?,2.5\n")
    run = polarway("stream", "*.csv", "--to", "-", "-o", "union_by_name=true")
    assert run.out.splitlines() == ["a,b,c", "1.0,x,", "2.5,,?"]
    assert "column b is not in 1 of 2 files, such as 2.csv" in run.err
    assert "column c is not in 1 of 2 files, such as 1.csv" in run.err
    run = polarway(
        *("stream", "*.csv", "--to", "-", "-o", "missing_columns=insert"),
        *("-o", "extra_columns=ignore", "-o", 'schema={"a": "float64"}'),
    )
    assert run.out.splitlines() == ["a,b", "1.0,x", "2.5,"]
    assert "1 of 2 files have columns that are left out: 2.csv has c" in run.err


def test_no_value_is_changed_by_a_type_from_another_file(make, polarway):
    make("1.csv", "a\n0.5\n")
    make("2.csv", "a\n9007199254740993\n")
    error = polarway("stream", "*.csv", "-o", "union_by_name=true", exits=7).err
    assert "2.csv, row 1" in error and "9007199254740993" in error


# ---- Columns from the path, and numbers


def test_partitions_are_typed_columns_and_their_values_are_data(rows, make, polarway, tmp_path):
    make("d/year=2023/day=2023-05-01/name=..%2F..%2Fetc/a.csv", "n\n1\n")
    make("d/year=2024/day=2024-05-01/name=%252F/a.csv", "n\n2\n")
    fields = json.loads(polarway("schema", "d", "--json").out)["fields"]
    assert [(field["name"], field["type"]) for field in fields] == [
        ("n", "int64"),
        ("year", "int64"),
        ("day", "date"),
        ("name", "string"),
    ]
    assert rows("d") == ["n,year,day,name", "1,2023,2023-05-01,../../etc", "2,2024,2024-05-01,%2F"]
    assert rows("d", "--where", "day > '2024-01-01'", "--select", "n") == ["n", "2"]
    assert rows("d", "-o", "hive_partitioning=false") == ["n", "1", "2"]
    assert sorted(os.listdir(tmp_path)) == ["d"]


def test_a_filter_on_partitions_alone_reads_only_files_that_may_match(make, polarway):
    make("d/k=1/a.csv", "n\n" + "1\n" * 10_000)
    make("d/k=2/a.csv", "n\n2\n")
    run = polarway("stream", "d", "--where", "k = 2", "--stats", "json")
    assert run.stats["bytes_read"] == 4


def test_paths_and_row_numbers_are_columns(rows, make):
    make("a.csv", "n\n1\n2\n")
    make("b.csv", "n\n3\n")
    options = ("-o", "include_file_paths=path", "-o", "row_index_name=i", "-o", "row_index_offset=5")
    assert rows("*.csv", *options) == ["i,n,path", "5,1,a.csv", "6,2,a.csv", "7,3,b.csv"]
    assert rows("*.csv", *options, "--where", "n > 1", "--limit", "1") == ["i,n,path", "6,2,a.csv"]
    assert rows("*.csv", *options, "--select", "i", "--where", "path = 'b.csv'") == ["i", "7"]
    assert rows("a.csv", "-o", "filename=true") == ["n,filename", "1,a.csv", "2,a.csv"]


# ---- Bounds


def test_a_thousand_files_take_the_memory_and_the_descriptors_of_one(make, polarway):
    text = "n,text\n" + "".join(f"{n},{'x' * 90}\n" for n in range(1000))
    for number in range(1000):
        make(f"d/{number:04}.csv", text)
    few = polarway("stream", "d/000?.csv", "--memory-limit", "64MB", "--stats", "json").stats
    many = polarway(
        *("stream", "d", "--memory-limit", "64MB", "--stats", "json"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32)),
    ).stats
    assert many["records_processed"] == 1_000_000
    assert many["bytes_read"] == 1000 * len(text)
    assert many["peak_memory_bytes"] < few["peak_memory_bytes"] + 4_000_000


@pytest.mark.long
def test_a_million_files_are_listed_within_the_limit_or_refused_by_number(polarway, tmp_path):
    folder = tmp_path / "d"
    for number in range(1_000_000):
        if number % 10_000 == 0:
            (folder / f"{number // 10_000:03}").mkdir(parents=True)
        if number == 0:
            (folder / "000" / "000000.csv").write_text("n\n1\n")
        elif number % 10_000 == 0:
            (folder / f"{number // 10_000:03}" / "000000.csv").write_text("n\n1\n")
        else:
            os.link(
                folder / f"{number // 10_000:03}" / "000000.csv",
                folder / f"{number // 10_000:03}" / f"{number % 10_000:06}.csv",
            )
    assert polarway("head", "d", "-n", "1", "--memory-limit", "128MB", timeout=300).out
    error = polarway("count", "d", "--memory-limit", "24MB", exits=6, timeout=300).err
    assert "no room for a list of more than" in error
