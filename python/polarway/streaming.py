"""The sources, and what can go wrong with them."""

from . import config, errors, memory, source, sources, stats
from .config import *
from .errors import *
from .memory import *
from .source import *
from .sources import *
from .stats import *

__all__: list[str] = ["CsvSource"]
__all__ += config.__all__
__all__ += errors.__all__
__all__ += memory.__all__
__all__ += source.__all__
__all__ += sources.__all__
__all__ += stats.__all__
