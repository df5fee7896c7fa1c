"""tools/check_layers.py finds what breaks the layers, and only that."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parent.parent / "tools" / "check_layers.py"


def check(root: Path, file: str, text: str) -> subprocess.CompletedProcess[str]:
    path = root / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("file", "included"),
    [
        ("include/polarway/config.h", '"core/location.h"'),
        ("include/polarway/config.h", "<fmt/format.h>"),
        ("include/polarway/config.h", "<simdjson.h>"),
        ("include/polarway/dataframe.h", "<arrow/api.h>"),
        ("src/core/location.cc", '"transports/transport.h"'),
        ("src/transports/http.cc", '"formats/decoder.h"'),
        ("src/formats/csv/scan.h", '"transports/transport.h"'),
        ("src/formats/csv/scan.h", '"adaptive/stream.h"'),
        ("src/sources/file.cc", '"adaptive/stream.h"'),
        ("src/adaptive/stream.cc", '"sources/file.h"'),
        ("src/sinks/csv.cc", '"formats/decoder.h"'),
        ("src/frame/lazy.cc", '"adaptive/stream.h"'),
        ("src/frame/lazy.cc", "<parquet/arrow/reader.h>"),
        ("src/sources/rest.cc", "<curl/curl.h>"),
        ("src/registry.cc", "<librdkafka/rdkafka.h>"),
        ("cli/stream.cc", '"core/memory_budget.h"'),
        ("examples/hello.cc", '"frame/lazy.h"'),
        ("bench/csv.cc", '"formats/csv/scan.h"'),
        ("src/core/location.cc", '"datasets/random.h"'),
        ("datasets/people.cc", '"core/location.h"'),
        ("src/core/location_test.cc", '"cli/report.h"'),
    ],
)
def test_an_include_across_the_layers_is_reported_with_its_line(tmp_path, file, included):
    result = check(tmp_path, file, f"#pragma once\n#include {included}\n")
    assert result.returncode == 1
    assert result.stdout.startswith(f"{file}:2: includes {included[1:-1]}, but ")


@pytest.mark.parametrize(
    ("file", "included"),
    [
        ("include/polarway/config.h", '"polarway/result.h"'),
        ("include/polarway/config.h", "<string_view>"),
        ("include/polarway/result.h", "<tl/expected.hpp>"),
        ("include/polarway/dataframe.h", "<arrow/type_fwd.h>"),
        ("src/core/location.cc", '"polarway/config.h"'),
        ("src/formats/csv/scan.cc", '"formats/decoder.h"'),
        ("src/formats/csv/scan.cc", '"frame/expr.h"'),
        ("src/formats/parquet.cc", "<parquet/arrow/reader.h>"),
        ("src/transports/http.cc", "<curl/curl.h>"),
        ("src/sources/file.cc", '"formats/decoder.h"'),
        ("src/adaptive/stream.cc", '"frame/expr.h"'),
        ("src/registry.cc", '"adaptive/stream.h"'),
        ("src/sources/builtin.cc", '"adaptive/stream.h"'),
        ("src/core/location_test.cc", '"sources/file.h"'),
        ("cli/main.cc", '"report.h"'),
        ("cli/main.cc", '"cli/report.h"'),
        ("cli/main.cc", "<polarway/polarway.h>"),
    ],
)
def test_an_include_within_the_layers_is_fine(tmp_path, file, included):
    result = check(tmp_path, file, f"#include {included}\n")
    assert (result.returncode, result.stdout) == (0, "layers: in order\n")


def test_a_file_may_have_500_lines_and_no_more(tmp_path):
    assert check(tmp_path / "long", "src/core/long.cc", "\n" * 500).returncode == 0
    too_long = check(tmp_path / "too_long", "src/core/long.cc", "\n" * 501)
    assert too_long.returncode == 1
    assert too_long.stdout.startswith("src/core/long.cc:501: has 501 lines")
