"""Libraries that most runs do not need, loaded when something of them is first used.

A name that is bound to one stands for the module; type checkers see the module itself.
"""

from __future__ import annotations

import importlib
from typing import Any


class Late:
    """A module that is not loaded yet, or is: safe in several threads, as importing is."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the module."""
        return getattr(importlib.import_module(self._name), name)
