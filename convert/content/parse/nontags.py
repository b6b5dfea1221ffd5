"""What looks like a tag and can be none: addresses in angle brackets, names of types."""

from __future__ import annotations

import re
from collections.abc import Collection

from convert.content.vocabulary import HTML, WIDE_ATTRIBUTES, names

_WRITTEN = re.compile(r"<(/?[A-Za-z][^\s/>]*+)", re.ASCII)
_NAME = re.compile(r"[A-Za-z](?:[\w-]|:(?!:))*", re.ASCII)
_QUALIFIED = re.compile(r"\w[\w-]*(?:-|:\w)[\w-]*", re.ASCII)
"""The names of custom elements, and of those with a prefix, such as Word's."""
_ATTRIBUTES = WIDE_ATTRIBUTES | names(
    "align allowfullscreen async autofocus autoplay border clear compact controls default defer"
    " download inert ismap itemscope loop mozallowfullscreen multiple muted nohref noshade"
    " novalidate nowrap playsinline readonly required seamless selected webkitallowfullscreen"
)


def written(markup: str) -> frozenset[str]:
    """Return all names that stand in tags, in lower case, with their slash."""
    return frozenset(each.lower() for each in _WRITTEN.findall(markup))


def is_text(name: str, rest: str, beside: Collection[str]) -> bool:
    """Tell whether a tag is none: its name, with its slash, what follows the name, and the names
    in all of the markup, among which is its other half where it is one.

    >>> is_text("ann@a.example", "", ()), is_text("string", "", ()), is_text("o:p", "", ())
    (True, True, False)
    >>> is_text("b", " and c", ()), is_text("details", " open", ())
    (True, False)
    """
    bare = name.removeprefix("/")
    if bare in HTML:
        # Of "a <b and c> d" HTML makes an element with two attributes.
        words = re.findall(r"\w+", rest.lower())
        is_tag = (
            not words or bare != name or f"/{bare}" in beside or not _ATTRIBUTES.isdisjoint(words)
        )
        return not is_tag and "=" not in rest and "-" not in rest
    if bare.endswith(":"):
        return rest.startswith("//")
    if not _NAME.fullmatch(bare):
        return not re.search(r"[\"'=]", bare)
    other = bare if bare != name else f"/{bare}"
    is_markup = "=" in rest or rest.endswith("/") or other in beside
    return not is_markup and not _QUALIFIED.fullmatch(bare)
