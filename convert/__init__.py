"""thicket-convert as a library: ``read``, ``select``, ``prepare``, ``convert``.

No printing, no signal handlers, no processes unless asked.  examples/library.py is a program
that uses all four.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from convert.version import __version__

if TYPE_CHECKING:
    from convert.library import convert, prepare, read, select

__all__ = ["__version__", "convert", "prepare", "read", "select"]


def __getattr__(name: str) -> Any:
    """Return a function on demand: importing one room must not import the whole house."""
    if name in __all__:
        return getattr(import_module("convert.library"), name)
    raise AttributeError(f"module 'convert' has no attribute {name!r}")
