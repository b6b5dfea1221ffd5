"""thicket-convert as a library: ``read``, ``select``, ``prepare``, ``convert``.

No printing, no signal handlers, no processes unless asked.  examples/library.py is a program
that uses all four.
"""

from __future__ import annotations

from importlib.metadata import version as _version

__version__ = _version("thicket-convert")
