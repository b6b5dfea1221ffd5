"""What stands in a tag after its name, written so that every parser reads it alike."""

from __future__ import annotations

import html
import itertools
import re

from convert.content.vocabulary import OWN

MAX_ATTRIBUTES = 60
LONG = 4_000
"""Characters of attributes beyond which each is looked at, however plainly they are written."""

_ATTRIBUTE = re.compile(
    r"""[\s/]*+(?P<name>=?[^\s/>=]*+)
        (?:\s*+=\s*+(?:"(?P<d>[^"]*+)"|'(?P<s>[^']*+)'|(?P<u>[^\s>]*+)))?+""",
    re.VERBOSE,
)
_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_SHORT = frozenset(
    {"align", "class", "dir", "face", "id", "lang", "name", "rel", "role", "style", "type"}
)
"""Attributes whose values are short words: longer than ``LONG`` they mean nothing, and are read
at each element below."""
_ENTITIES = re.compile("[&\u00a0]")
FEW = 1_000
NOWHERE = re.compile(
    r"""(href\s*+=\s*+["']\s*+)(?=https?:/{0,3}+(?:["'?#]|[^"'/?#]*?[ <>^|{}`]
    |[^"'/?#@:[]*+:(?:\d{0,9}+[^"'/?#@:\d]|\d{6}|[7-9]\d{4}|6[6-9]\d{3})[^"'/?#@]*+["'/?#]
    |\[[^]"'/?#]*+["'/?#])
    |[a-z][a-z0-9+.-]{1,20}+://[^"'/?#]*?[ <>^|])""".replace("\n    ", ""),
    re.IGNORECASE,
)
"""Addresses with a host that can be none, which the parser would drop without a word."""
_RENAMED = {"xlink:href": "href", "xml:lang": "lang", "epub:type": "data-epub-type"}


def rewritten(rest: str, notes: dict[str, None]) -> str:
    """Return what follows a tag's name, with attributes that every parser reads alike.

    ``notes`` gets what had to go for that.
    """
    values = _read(rest, notes)
    return f"{_written(values)}/" if rest.endswith("/") else _written(values)


def carried(name: str, rest: str, notes: dict[str, None]) -> str:
    """Return a start tag, without its brackets, that carries an element which would not pass the
    first clean: each attribute begins with ``data-``, and ``data-own`` is the name."""
    values = {"data-own": name}
    for attribute, value in _read(rest, notes).items():
        values.setdefault(f"data-{attribute.removeprefix('data-')}", value)
    return f"{OWN}{_written(values)}"


def _read(rest: str, notes: dict[str, None]) -> dict[str, str]:
    values: dict[str, str] = {}
    long = len(rest) > LONG
    for attribute in _ATTRIBUTE.finditer(rest):
        name = attribute["name"].lower()
        name = _RENAMED.get(name, name)
        if not _NAME.fullmatch(name) or name in values:
            continue
        if len(values) == MAX_ATTRIBUTES:
            reason = f"an element has more than {MAX_ATTRIBUTES} attributes"
            notes[f"{reason}; the others are left out"] = None
            break
        value = attribute["d"] or attribute["s"] or attribute["u"] or ""
        if long and len(value) > LONG:
            if name in _SHORT:
                notes[f"{name} has more than {LONG:,} characters; left out"] = None
                continue
            value = _plainer(name, value, notes)
        values[name] = value
    return values


def _written(values: dict[str, str]) -> str:
    return "".join(
        f' {name}="{value.replace(chr(34), "&quot;")}"' for name, value in values.items()
    )


def _plainer(name: str, value: str, notes: dict[str, None]) -> str:
    """Return a value without the signs that are written as entities, after the first few.

    nh3 0.3.8 takes time by the square of their number: 1,300,000 in one value took 25 s.
    """
    few = next(itertools.islice(_ENTITIES.finditer(value), FEW, None), None)
    if few is None:
        return value
    rest = html.unescape(value[few.start() :]).replace("\u00a0", " ")
    plain = _ENTITIES.sub("", rest)
    if plain != rest:
        notes[f"{name} has more than {FEW:,} ampersands; the others are left out"] = None
    return value[: few.start()] + plain
