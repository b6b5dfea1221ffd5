"""What the machine decides of a PDF: its fonts, the rules that choose among them, and the libraries
that set text and are no Python packages.

Without WeasyPrint, which takes half a second to load: most runs keep what they have.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from convert.text import files, lettering

_LIBRARIES = (
    ("pango_version_string", ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll")),
    ("hb_version_string", ("libharfbuzz.so.0", "libharfbuzz.0.dylib", "libharfbuzz-0.dll")),
    ("FcGetVersion", ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll")),
)
"""What tells a version, and what WeasyPrint calls its library on each kind of system."""
_FONT = "%{file}\t%{index}\t%{family}\t%{style}\t%{fontversion}\n"


class Machine(NamedTuple):
    """Lines that are equal where the names of fonts, the rules and the libraries are, and the
    paths of the fonts."""

    lines: tuple[str, ...]
    fonts: tuple[str, ...] = ()


def fonts_and_libraries() -> Machine:
    """Return what this machine has."""
    try:
        listed = _said("fc-list", "--format", _FONT).splitlines()
        rules = [line.split(": ")[0] for line in _said("fc-conflist").splitlines()]
    except (OSError, subprocess.SubprocessError):
        # Never the same: a book is made anew rather than kept with fonts that have gone.
        return Machine((secrets.token_hex(),))
    fonts = sorted({line.partition("\t")[0] for line in listed})
    used = [each.removeprefix("+ ") for each in rules if each.startswith("+ ")]
    contents = [f"{path} {files.digest(Path(path))}" for path in used]
    return Machine((_together(listed), _together(contents), *versions()), tuple(fonts))


def _said(*command: str) -> str:
    # A fixed program, no input of anybody's.
    done = subprocess.run(  # noqa: S603
        command,
        capture_output=True,
        check=True,
        timeout=30,
        env=lettering.neutral(os.environ),
    )
    return done.stdout.decode(errors="surrogateescape")


def versions() -> Iterator[str]:
    """Yield the version of each library that can be loaded here."""
    for name, paths in _LIBRARIES:
        for path in paths:
            with suppress(OSError, AttributeError):
                version = getattr(ctypes.CDLL(path), name)
                version.restype = ctypes.c_char_p if name.endswith("_string") else ctypes.c_int
                yield f"{name} {version()}"


def _together(lines: list[str]) -> str:
    text = "\n".join(sorted(lines))
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
