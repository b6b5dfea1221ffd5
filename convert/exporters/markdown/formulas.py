"""Formulas: TeX between dollars, inert for those who read no formulas."""

from __future__ import annotations

import re

from lxml import etree

from convert.content.maths.tex import on_one_line
from convert.exporters.markdown.escape import JOINER


def formula(tex: str, *, block: bool, cell: bool = False) -> str | None:
    """Return TeX between dollars, on one line, and such that a reader without formulas sees no
    HTML, link, attribute or template in it; TeX ignores the spaces that this takes.  None where
    there can be no such line."""
    tex = on_one_line(tex)
    # A reader that counts braces takes one with open ends for no formula, and reads on as
    # Markdown (commonmark-hs: pandoc's ``commonmark_x`` and ``gfm``).
    if "`" in tex or _DOLLAR.search(tex) or not _is_balanced(tex):
        return None
    # A bar parts cells; to kramdown any line that has one is a row of a table.
    pieces = _SPELLED.split(tex)
    if cell and any("|" in spelled for spelled in pieces[1::2]):
        return None
    pieces[::2] = [_BAR.sub(lambda bar: _BARS.get(bar[0], bar[0]), each) for each in pieces[::2]]
    tex = "".join(pieces).rstrip()
    tex = re.sub(r"<(?=[^\s\d=])", "< ", tex)
    tex = re.sub(r"(?<=\])(?=[(\[:{])|(?<=[{\[])(?=[{\[%#!:])|(?<=#)(?=})|(?<=%)(?=>)", " ", tex)
    emphasis = _EMPHASIS.search(tex)
    if emphasis:
        # Python-Markdown would give its attributes to an emphasis.
        at = emphasis.end()
        tex = tex[:at] + re.sub(r"(?<=[_*])\{", " {", tex[at:])
    if _may_run(tex):
        tex += "{\\,}"
    elif re.search(r"(?<!\\)(?:\\\\)*\\$", tex):
        tex += " {}"  # "\$" would be no end
    dollars = "$$" if block else "$"
    return f"{dollars}{tex}{dollars}" if tex else ""


def apart(each: etree._Element) -> tuple[str, str]:
    """Return what stands before and after a formula: something where a digit (pandoc, MyST) or
    another formula would make its dollar none."""
    before, above = each.getprevious(), each.getparent()
    earlier = before.tail if before is not None else above.text if above is not None else ""
    later = each.tail or ("$" if each.getnext() is not None else "")
    return (
        JOINER if earlier and earlier[-1].isdigit() else "",
        JOINER if later and (later[0].isdigit() or later[0] == "$") else "",
    )


def _is_balanced(tex: str) -> bool:
    """Return whether every brace has its other, after it and not before it."""
    depth = 0
    for brace in _BRACE.findall(tex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0


def _may_run(tex: str) -> bool:
    """Return whether MDX without its plug-in for formulas might run something as JavaScript.

    What stands in braces is JavaScript to it: harmless where nothing calls or assigns, and
    refused with the whole file where one brace holds what JavaScript forbids, a backslash
    outside of quotes.
    """
    inside = tex.partition("{")[2]
    if not any(sign in inside for sign in ("(", "=", "++", "--")):
        return False
    return any(sign in tex for sign in "'\"/") or not _FORBIDDEN.search(tex)


# Two backslashes are the end of a line, and escape nothing.
_DOLLAR = re.compile(r"(?<!\\)(?:\\\\)*\$")
_BRACE = re.compile(r"\\.|[{}]")
_SPELLED = re.compile(
    r"(\\(?:text[a-z]*|[mh]box|operatorname\*?)\s*\{[^{}]*\}"
    r"|\\begin\{[A-Za-z*]+\}\s*(?:\{[^{}]*\})?)"
)
"""Where a bar is no delimiter."""
_BAR = re.compile(r"\\\\|\\\||\|")
_BARS = {"\\|": "\\Vert ", "|": "\\vert "}
_EMPHASIS = re.compile(r"(?:^|(?<=\W))[_*]")
_FORBIDDEN = re.compile(r"(?<!\\)\{[^{}]*\\[a-tv-zA-Z,]")
