"""Memory: what there is of it, and the account of who uses it."""

from ._core import MemoryBudget, memory_available

__all__ = ["MemoryBudget", "memory_available"]
