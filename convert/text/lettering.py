"""What of the environment decides how text is set in glyphs: nothing, where we set it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping

CHOOSING = ("FC_", "FREETYPE_", "FT2_", "G_", "HB_", "LANG", "LC_", "PANGO")
"""How the variables begin by which fontconfig, FreeType, GLib, HarfBuzz and Pango set text
otherwise.  Where fonts and rules lie (``FONTCONFIG_FILE``) is the user's word."""


def neutral(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which text is set as everywhere."""
    others = {name: environment[name] for name in environment if not name.startswith(CHOOSING)}
    return others | {"LC_ALL": "C"}


@contextlib.contextmanager
def set_everywhere_alike(**variables: str) -> Iterator[None]:
    """Let this process have a neutral environment, with these variables; all is left as it was.

    The libraries remember theirs from their first use, FreeType from when it is loaded: whoever
    has them do so before, in one process with us, has chosen.
    """
    before = dict(os.environ)
    _change_to(neutral(before) | variables)
    try:
        yield
    finally:
        _change_to(before)


def _change_to(environment: Mapping[str, str]) -> None:
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
