"""What the documents show works: commands run, code compiles and runs, tables are the program's.

    python tests/test_docs.py    brings the options tables of docs/USER_GUIDE.md up to date

Of a document's code blocks,
    ```cpp               is compiled and run, in a function that returns Result<void> if it has
                         no main() of its own;
    ```cpp no-run        is compiled;
    ```console           has its lines "$ command" run by bash; what stands below a command is
                         what it prints, "..." standing for anything;
    ```console no-run    names make targets, which must exist.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest
from conftest import PROGRAM, ROOT, Polarway, environment

DOCUMENTS = ["README.md", "docs/USER_GUIDE.md"]
GUIDE = ROOT / "docs" / "USER_GUIDE.md"
BUILD = PROGRAM.parent
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.cc"))
NOT_LANDED = {
    "cloud_storage",
    "cloud_tuning",
    "dynamodb",
    "kafka",
    "network_timeouts",
}


# These take a URL; tests/services gives them one.
NEED_A_SERVER = {"http_api", "http_tuning"}


def blocks(language):
    """The code blocks of that language: parameters (words behind the language, text)."""
    found = []
    for document in DOCUMENTS:
        lines = (ROOT / document).read_text(encoding="utf-8").splitlines()
        start = None
        for number, line in enumerate(lines, 1):
            if start is None and line.startswith("```"):
                start, words = number, line[3:].split()
            elif start is not None and line == "```":
                if words[:1] == [language]:
                    text = "\n".join(lines[start : number - 1]) + "\n"
                    found.append(pytest.param(words[1:], text, id=f"{Path(document).name}:{start}"))
                start = None
    return found


# ---- A folder where the documents' commands and programs find the files that they name


@pytest.fixture(scope="session")
def desk(make_people, tmp_path_factory):
    people = make_people("2MB")

    def make(folder):
        (folder / "data").mkdir()
        for name in ("people.csv", "large.csv", "data.csv", "data/large_file.csv"):
            shutil.copy(people, folder / name)
        (folder / "data" / "files").mkdir()
        for part in ("a", "b"):
            pl.read_csv(people).write_parquet(folder / "data" / "files" / f"{part}.parquet")
        (folder / "two.csv").write_text("name,age\nAda,36\nGrace,45\n", encoding="utf-8")
        events = [{"id": 1, "user": {"name": "Ada", "tags": ["a", "b"]}}, {"id": 2, "user": None}]
        lines = "".join(json.dumps(event) + "\n" for event in events)
        (folder / "events.ndjson").write_text(lines, encoding="utf-8")
        people_of_two = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}]
        answer = {"total": 2, "data": {"items": people_of_two, "next": None}}
        (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
        return folder

    return make


# ---- C++


class Compiler:
    """Compiles programs against the public headers and the library, and nothing else."""

    def __init__(self, folder):
        self.folder = folder
        cache = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")
        commands = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
        any_command = next(entry["command"] for entry in commands if "/src/core/" in entry["file"])
        private = str(ROOT / "src")
        include = re.findall(r"-(?:I|isystem) ?(\S+)", any_command)
        self.flags = [
            "-std=c++20",
            "-O0",
            "-Wall",
            "-Wextra",
            "-Werror",
            f"-I{ROOT / 'include'}",
            *(word for path in include if path != private for word in ("-isystem", path)),
        ]
        sanitize = re.search(r"^POLARWAY_SANITIZE:STRING=(.+)$", cache, re.MULTILINE)
        if sanitize:
            self.flags += [f"-fsanitize={sanitize[1]}"]
        self.compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.+)$", cache, re.MULTILINE)[1]
        library = BUILD / "libpolarway.so"
        arrow = re.search(r"(\S+/libarrow\.so\S*)", self.run("ldd", library))[1]
        self.link = [
            library,
            arrow,
            f"-Wl,-rpath,{library.parent}",
            f"-Wl,-rpath,{Path(arrow).parent}",
        ]

        # Nine tenths of the time goes into the headers: compiled once, they serve every program.
        self.prelude = folder / "prelude.h"
        self.prelude.write_text("#include <polarway/polarway.h>\n#include <iostream>\n")
        self.run(
            self.compiler,
            *self.flags,
            "-x",
            "c++-header",
            self.prelude,
            "-o",
            f"{self.prelude}.gch",
        )

    @staticmethod
    def run(*command):
        done = subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def compile(self, source, program):
        self.run(
            *(self.compiler, *self.flags, "-include", self.prelude),
            *(source, "-o", program, *self.link),
        )
        return program

    def example(self, name):
        """The program of that example: the build's own, if it made one that is not stale."""
        source, built = ROOT / "examples" / f"{name}.cc", BUILD / "examples" / name
        written = [source, *(ROOT / "include" / "polarway").glob("*.h")]
        newest = max(path.stat().st_mtime for path in written)
        if built.exists() and built.stat().st_mtime > newest:
            return built
        program = self.folder / name
        return program if program.exists() else self.compile(source, program)


@pytest.fixture(scope="session")
def compiler(program, tmp_path_factory):
    return Compiler(tmp_path_factory.mktemp("compiler"))


def run_program(program, folder, *arguments):
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


WRAPPED = """\
#include <polarway/polarway.h>

#include <chrono>
#include <iostream>
#include <thread>
#include <vector>

using namespace polarway;

Result<void> block() {{
{block}
  return {{}};
}}

int main() {{
  Result<void> done = block();
  if (!done) std::cerr << to_string(done.error().kind) << ": " << done.error().to_string() << '\\n';
  return done ? 0 : 1;
}}
"""


@pytest.mark.parametrize("words, block", blocks("cpp"))
def test_a_block_of_cpp_compiles_and_runs(compiler, desk, tmp_path, words, block):
    source = tmp_path / "block.cc"
    source.write_text(
        block if "int main(" in block else WRAPPED.format(block=block), encoding="utf-8"
    )
    program = compiler.compile(source, tmp_path / "block")
    if "no-run" not in words:
        done = run_program(program, desk(tmp_path))
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - NEED_A_SERVER))
def test_an_example_runs(compiler, desk, tmp_path, name):
    program = compiler.example(name)
    done = run_program(program, desk(tmp_path))
    if name in NOT_LANDED:
        assert done.returncode == 1
        assert done.stderr.startswith("UnsupportedSource: "), done.stderr
    else:
        assert done.returncode == 0, done.stderr
        assert done.stdout


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - NOT_LANDED - NEED_A_SERVER - {"custom_source"}))
def test_an_example_says_what_is_wrong(compiler, tmp_path, name):
    program = compiler.example(name)
    done = run_program(program, tmp_path, "nowhere.csv")
    assert done.returncode == 1
    assert done.stderr.startswith("NotFound: nowhere.csv"), done.stderr


# ---- Commands


def matches(shown, actual):
    """Whether the output is the one shown, "..." standing for anything."""
    pattern = ".*".join(re.escape(part) for part in shown.rstrip().split("..."))
    return re.fullmatch(pattern, actual.rstrip(), re.DOTALL)


@pytest.mark.parametrize("words, block", blocks("console"))
def test_a_console_block_shows_what_happens(program, desk, tmp_path, words, block):
    if "no-run" in words:
        for target in re.findall(r"^\$ make (\S+)", block, re.MULTILINE):
            subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)
        return
    nothing, *commands = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert nothing == "", "a console block begins with '$ '"
    folder = desk(tmp_path)
    surroundings = environment(PATH=f"{program.parent}:{os.environ['PATH']}")
    for command, _, shown in (text.partition("\n") for text in commands):
        errors = subprocess.STDOUT if "polarway: " in shown else subprocess.PIPE
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        if shown.strip():
            assert matches(shown, done.stdout), f"$ {command}\n{done.stdout}"


# ---- Tables


TABLES = {
    "csv": ("csv", "options"),
    "json": ("json", "options"),
    "every source": ("csv", "stream_options"),
}
TABLE = re.compile(r"(<!-- options of (.+?): .*? -->\n).*?(<!-- end -->)", re.DOTALL)


def option_table(name):
    """The options of a kind, or of every source, as a table for people."""
    kind, options = TABLES[name]
    described = json.loads(Polarway(ROOT)("sources", kind, "--json").out)
    lines = ["| option | type | default | meaning |", "| --- | --- | --- | --- |"]
    for option in described[options]:
        also = (
            f" Also: {', '.join(f'`{alias}`' for alias in option['aliases'])}."
            if option["aliases"]
            else ""
        )
        default = f"`{option['default']}`" if option["default"] else ""
        cells = f"`{option['name']}`", option["type"], default, option["meaning"] + also
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def with_tables(text):
    return TABLE.sub(lambda found: found[1] + option_table(found[2]) + found[3], text)


def test_the_tables_of_options_are_the_programs(program):
    text = GUIDE.read_text(encoding="utf-8")
    assert {found[2] for found in TABLE.finditer(text)} == TABLES.keys()
    assert text == with_tables(text), "run PYTHONPATH=tests/faults python tests/test_docs.py"


def test_links_between_documents_lead_somewhere():
    for document in [*DOCUMENTS, "docs/ARCHITECTURE.md"]:
        path = ROOT / document
        for target in re.findall(r"\]\(([^)#: ]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{document} links to {target}"


def test_decisions_have_a_title_and_three_parts():
    for path in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# "), path
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
        ], path


if __name__ == "__main__":
    GUIDE.write_text(with_tables(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
