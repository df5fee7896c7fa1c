"""Polarway reads tables that are larger than the memory they may use.

It has all of Polars' names, so that `import polarway as pl` stands in for `import polars as pl`,
and adds sources that stream within a memory limit:

>>> import polarway as pl
>>> for chunk in pl.CsvSource("people.csv", memory_limit="64MB"):
...     print(chunk.filter(pl.col("age") > 40).height)
2
>>> pl.scan_csv("people.csv").with_memory_limit("64MB").select(pl.col("age").max()).collect().item()
72
"""

import atexit

# First, as it loads the Arrow that the extension was built for.
import pyarrow  # type: ignore[import-untyped] # pyright: ignore[reportMissingTypeStubs]

from . import _build

try:
    from . import _core
except ImportError as error:
    if "arrow" not in str(error) and "parquet" not in str(error):
        raise
    raise ImportError(
        f"polarway {_build.version} was built for pyarrow {_build.pyarrow}, "
        f"but pyarrow {pyarrow.__version__} is installed: pip install 'pyarrow=={_build.pyarrow}.*'"
    ) from error

from . import _polars, csv_scan, errors, file_scans, lazy, result, streaming
from ._polars import *
from .lazy import *
from .csv_scan import *
from .file_scans import *
from .source import close_all
from .streaming import *

__version__ = _core.version
__all__ = ["__version__", "errors", "result", "streaming"]
__all__ += _polars.__all__
__all__ += streaming.__all__
__all__ += lazy.__all__
__all__ += csv_scan.__all__
__all__ += file_scans.__all__

atexit.register(close_all)
