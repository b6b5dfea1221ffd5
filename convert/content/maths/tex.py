"""TeX to MathML, by latex2mathml, in bounds; the TeX stays beside it."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from lxml import etree

from convert.content.maths.commands import only_typesets
from convert.content.tree import new, text_of
from convert.text.late import Late
from convert.text.markup import parse

if TYPE_CHECKING:
    from latex2mathml import converter
else:
    converter = Late("latex2mathml.converter")

Display = Literal["block", "inline"]

MAX_TEX = 5_000
"""Characters of one formula; what is longer stays TeX."""
MAX_NESTING = 60
"""Braces and environments inside one another."""
MAX_DEPTH = 40
"""Elements of MathML inside one another; a prepared body has 60 at most."""
_STEPS = {"{": 1, "\\left": 1, "\\begin": 1, "}": -1, "\\right": -1, "\\end": -1}
_STEP = re.compile(r"\\[{}]|[{}]|\\(?:left|right|begin|end)(?![a-z])")
_MATHML = "http://www.w3.org/1998/Math/MathML"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)

# What lays out or numbers but says nothing.
_SILENT = re.compile(
    r"\\(?:nonumber|notag|displaylimits|nolimits|allowbreak|nobreak|relax|centering|noindent)(?![a-zA-Z])"
    r"|\\(?:label|phantomsection|vspace|hspace\*?)\s*\{[^{}]*\}"
)
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_TEXT_WITH_MATHS = re.compile(r"\\(text|textrm|mbox)\{([^{}]*\$[^{}]*)\}")
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")
_ENVIRONMENTS = {
    "align": "align*",
    "gather": "gather*",
    "multline": "gather*",
    "multline*": "gather*",
    "equation": "equation*",
    "flalign": "align*",
    "flalign*": "align*",
    "alignat": "align*",
    "displaymath": "equation*",
    "math": "equation*",
}
_ENVIRONMENT = re.compile(r"\\(begin|end)\{([a-zA-Z]+\*?)\}")


def on_one_line(tex: str) -> str:
    """Return TeX on one line, without comments, each of which would swallow all that follows."""
    return " ".join(_COMMENT.sub(r"\1", tex).split())


def formula(tex: str, display: Display) -> etree._Element:
    """Return ``<math>`` that keeps its TeX, or ``<code class="tex">`` where it cannot be turned.

    TeX that may act is ``<code>`` like any program.
    """
    if not only_typesets(tex):
        return new("code", tex.strip())
    maths = try_formula(tex, display)
    return maths if maths is not None else new("code", tex.strip(), class_="tex")


def try_formula(tex: str, display: Display) -> etree._Element | None:
    """Return ``<math>`` that holds ``<semantics>`` with the row and its TeX; None where it cannot
    be turned or may act."""
    plain = tex.strip()
    mathml = _mathml(plain)
    if mathml is None:
        return None
    row = parse(mathml)
    return with_tex(row, plain, display)


def with_tex(row: etree._Element, tex: str, display: Display) -> etree._Element:
    """Return a formula made of one ``mrow`` and its TeX."""
    maths = new("math", display=display)
    semantics = etree.SubElement(maths, "semantics")
    semantics.append(row)
    semantics.append(new("annotation", tex, encoding="application/x-tex"))
    return maths


# The same few formulas (x, n, \alpha) come again all through a text.
@lru_cache(maxsize=2048)
def _mathml(tex: str) -> str | None:
    """Return an ``<mrow>`` as text, or None where the TeX is out of bounds or not understood."""
    if not tex or len(tex) > MAX_TEX or not only_typesets(tex):
        return None
    depths = itertools.accumulate(_STEPS.get(step, 0) for step in _STEP.findall(tex))
    if max(depths, default=0) > MAX_NESTING:
        return None
    try:
        root = etree.fromstring(  # noqa: TID251 - of TeX by strangers: deep nests are refused
            converter.convert(_simplified(tex)).replace(
                ' xmlns="http://www.w3.org/1998/Math/MathML"', "", 1
            ),
            _PARSER,
        )
    except Exception:
        return None
    # A command that latex2mathml does not know comes through as it was.
    if is_deep(root) or any("\\" in text_of(each) for each in root.iter("mi", "mo", "mn")):
        return None
    if len(root) == 1 and root[0].tag == "mrow":
        row = root[0]
    else:
        row = new("mrow")
        row.extend(list(root))
    if not text_of(row).strip():
        return None
    return etree.tostring(row, encoding="unicode", with_tail=False)


def is_deep(formula: etree._Element) -> bool:
    """Return whether a formula is too deep for a prepared body, or to be read by anyone."""
    return any(
        sum(1 for _ in each.iterancestors()) > MAX_DEPTH for each in formula.iter() if not len(each)
    )


def _simplified(tex: str) -> str:
    """Return the formula without what latex2mathml does not know or would number itself."""

    def split_text(match: re.Match[str]) -> str:
        # \text{if $x$ is} becomes \text{if }{x}\text{ is}.
        parts = match[2].split("$")
        if len(parts) % 2 == 0:
            return match[0]
        return "".join(
            f"{{{part}}}" if place % 2 else f"\\{match[1]}{{{part}}}"
            for place, part in enumerate(parts)
            if part
        )

    tex = re.sub(r"(?<!\\)((?:\\\\)*)\\\n", r"\1 \n", tex)  # a backslash that ends a line: a space
    tex = _SILENT.sub(" ", tex)
    tex = _TEXT_WITH_MATHS.sub(split_text, tex)
    tex = _TAG.sub(r"\\qquad \\text{(\1)}", tex)
    tex = re.sub(r"\\begin\{alignat\*?\}\s*\{\d+\}", r"\\begin{align*}", tex)
    tex = re.sub(r"\\end\{alignat\*?\}", r"\\end{align*}", tex)
    tex = re.sub(r"\\begin\{eqnarray\*?\}", r"\\begin{array}{rcl}", tex)
    tex = re.sub(r"\\end\{eqnarray\*?\}", r"\\end{array}", tex)
    return _ENVIRONMENT.sub(
        lambda match: f"\\{match[1]}{{{_ENVIRONMENTS.get(match[2], match[2])}}}", tex
    )
