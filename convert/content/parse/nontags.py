"""What looks like a tag and can be none: addresses in angle brackets, names of types."""

from __future__ import annotations

import re
from collections.abc import Collection

from convert.content.parse.tokens import STATES
from convert.content.vocabulary import (
    DRAWN_MATHS,
    HTML,
    MATHML,
    NOT_SHOWN,
    SVG_CASE,
    WIDE_ATTRIBUTES,
    names,
)
from convert.text.characters import shortened

_BEGINNING = re.compile(r"<([A-Za-z][^\s/>]*+)", re.ASCII)
_FIRST = re.compile(r"(?:\A|>)\s*+<([A-Za-z][^\s/>]*+)", re.ASCII)
"""Start tags with no text before them."""
_SPOKEN = re.compile(r"(?:\A|[\s(])<([A-Za-z][^\s/>]*+)>(?=\w)", re.ASCII)
"""Start tags between two words, of which the second is inside."""
_ENDS = re.compile(r"(?:</[A-Za-z][^<>]*+>\s*+)+", re.ASCII)
_END = re.compile(r"</([A-Za-z][^\s/>]*+)", re.ASCII)
_NAME = re.compile(r"[A-Za-z](?:[\w-]|:(?!:))*", re.ASCII)
_PREFIXED = re.compile(r"\w[\w-]*:\w[\w-]*", re.ASCII)
"""The names of elements with a prefix, such as Word's."""
DRAWN = MATHML.union(SVG_CASE)
"""Names of SVG and MathML, in lower case: most are words, too."""
_PROGRAMS = names("code pre kbd samp tt xmp")
_SHOWN = 40
_ATTRIBUTES = WIDE_ATTRIBUTES | names(
    "align allowfullscreen async autofocus autoplay border clear compact controls default defer"
    " download inert ismap itemscope loop mozallowfullscreen multiple muted nohref noshade"
    " novalidate nowrap playsinline readonly required seamless selected webkitallowfullscreen"
)


def written(markup: str) -> frozenset[str]:
    """Return all names that stand in tags, in lower case, with their slash.

    Not that of an end tag which only some program wrote: it closes what it takes for an element
    where the element around ends, as in ``<p>val f = <fun></fun></p>``.  Outside of code one whose
    start tag a word follows is somebody's.

    >>> sorted(written("<p>val f = <fun> <b>x</b></fun></p>"))
    ['/b', '/p', 'b', 'fun', 'p']
    >>> sorted(written("<p><note>x</note></p>"))
    ['/note', '/p', 'note', 'p']
    >>> sorted(written("<p>See <note>x</note></p>"))
    ['/note', '/p', 'note', 'p']
    """
    ends: set[str] = set()
    closing: set[str] = set()
    spoken: set[str] = set()
    for run in _ENDS.finditer(markup):
        named = [each.lower() for each in _END.findall(run[0])]
        known = [at for at, each in enumerate(named) if each in HTML]
        last = len(named) if run.end() == len(markup) else max(known, default=0)
        ends.update(named[last:], (named[at] for at in known))
        closing.update(named[:last])
        if _PROGRAMS.isdisjoint(named):
            spoken.update(named[:last])
    spoken.intersection_update(each.lower() for each in _SPOKEN.findall(markup))
    closing.intersection_update(each.lower() for each in _FIRST.findall(markup))
    starts = (each.lower() for each in _BEGINNING.findall(markup))
    return frozenset((*starts, *(f"/{each}" for each in ends | closing | spoken)))


def says(name: str, rest: str) -> bool:
    """Tell whether an element of somebody's own says something: by an attribute, or its name."""
    stated = "=" in rest or name.startswith(DRAWN_MATHS)
    is_drawn = name in DRAWN and not STATES.search(rest)
    return stated and name not in NOT_SHOWN and not is_drawn


def strange(name: str, *, is_code: bool = False) -> tuple[str, ...]:
    """Return what is said of an element that is nobody's, if it is: not HTML's, SVG's or MathML's,
    nor, but in code, of somebody's own."""
    if name in HTML or name in DRAWN or ("-" in name and not is_code) or ":" in name:
        return ()
    called = f"<{shortened(name, _SHOWN)}>"
    return (f"{called} is no element of HTML; what is in it is read, its tags are left out",)


def is_text(name: str, rest: str, beside: Collection[str]) -> bool:
    """Tell whether a tag is none: its name, with its slash, what follows the name, and the names
    in all of the markup, among which is its other half where it is one.

    What no element of HTML is called is text where it stands alone; one with a prefix, and with
    attributes one of SVG, of MathML or of somebody's own (with a hyphen), is none.

    >>> is_text("ann@a.example", "", ()), is_text("string", "", ()), is_text("o:p", "", ())
    (True, True, False)
    >>> is_text("foo", ' bar="1"', ()), is_text("foo", "", {"/foo"}), is_text("x-y", " z=1", ())
    (True, False, False)
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
    has_more = "=" in rest or rest.endswith("/")
    is_own = has_more and ("-" in bare or bare in DRAWN)
    return not (is_own or other in beside or _PREFIXED.fullmatch(bare))
