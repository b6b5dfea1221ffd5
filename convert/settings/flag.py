"""What users meet of a setting: its heading in --help, the words for it, how it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

OUTPUT, TITLES, ENTRIES = "What is made", "What it is called", "Which entries"
INPUT, RUN = "What is read", "How it runs"
PANELS = (OUTPUT, TITLES, ENTRIES, INPUT, RUN)


class Flag(NamedTuple):
    """What users meet of a setting beyond its type, default and description.

    ``panel`` is its heading in --help, ``metavar`` stands for its value there, ``default``
    says what happens where nothing is set and the value cannot tell.  ``name`` is the word
    that users write where it is not the field's, ``letter`` a flag of one letter instead of
    it, ``also`` a further flag for the same, beside both.  ``parse`` turns text into the
    value; the time is what "30d" counts back from.  ``check`` raises where
    a path leads to what cannot be used.
    """

    panel: str
    metavar: str = "TEXT"
    default: str = ""
    name: str = ""
    letter: str = ""
    also: str = ""
    parse: Callable[[str, dt.datetime], object] | None = None
    check: Callable[[Path], None] | None = None
