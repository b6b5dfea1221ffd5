"""The allow-list: everything that a prepared body may hold, in one table.

``sanitise`` applies it as the last step; ``docs/allow-list.md`` is ``as_markdown()``.
A check takes an attribute's value and returns the one to keep, or None to drop the attribute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from convert.content.vocabulary import names
from convert.text.addresses import SCHEMES, clean_address
from convert.text.characters import balanced
from convert.text.languages import language_tag

Check = Callable[[str], str | None]
Table = Mapping[str, Mapping[str, Check]]
"""Allowed elements, each with its allowed attributes."""

CHECKS: dict[str, Check] = {}
"""Every check by the name that the documentation calls it."""


def _matching(name: str, pattern: str) -> Check:
    compiled = re.compile(pattern)

    def check(value: str) -> str | None:
        return value if compiled.fullmatch(value) else None

    CHECKS[name] = check
    return check


TEXT = CHECKS["any text, overrides of its direction left out"] = balanced
_FRAGMENT = _matching("`#id`", r"#[A-Za-z_][A-Za-z0-9_.-]*")
ID = _matching("`[A-Za-z_][A-Za-z0-9_.-]*`", r"[A-Za-z_][A-Za-z0-9_.-]*")
LINK = CHECKS["address to link to, or `#id`"] = lambda value: (
    value if _FRAGMENT(value) else clean_address(value, linked=True)
)
WEB = CHECKS["http or https address"] = clean_address
# EPUBCheck takes what is cited for a resource, and warns of one without https (RSC-031).
SECURE = CHECKS["https address"] = lambda value: (
    address if (address := clean_address(value)) and address.startswith("https:") else None
)
LANGUAGE = CHECKS["language tag (BCP 47)"] = language_tag
DIRECTION = _matching("`ltr`, `rtl` or `auto`", "ltr|rtl|auto")
_PIXELS = re.compile(r"\s*([0-9]{1,5})(?:\.[0-9]*)?(?:px)?\s*$")
POSITIVE = CHECKS["positive integer"] = lambda value: (
    str(int(digits[1])) if (digits := _PIXELS.match(value)) and int(digits[1]) else None
)
_INTEGER = re.compile(r"[\t\n\f\r ]*([+-]?[0-9]{1,9})(?![0-9])")
INTEGER = CHECKS["integer"] = lambda value: (
    str(int(digits[1])) if (digits := _INTEGER.match(value)) else None
)
_MONTH = r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])"
_DAY = (
    r"(?!0000)[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_CLOCK = r"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,3})?)?"
_ZONE = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])"
TIME = _matching(
    "date or time", rf"(?!0000)[0-9]{{4}}|{_MONTH}|{_DAY}(?:{_CLOCK})?|{_DAY}{_CLOCK}{_ZONE}"
)
# §4.7.3: of an edit no less than a day is said, and with a time its zone.
EDITED = _matching("date, or time with its zone", rf"{_DAY}(?:{_CLOCK}{_ZONE})?")
OPEN = CHECKS["`open`"] = lambda value: "open"
REVERSED = CHECKS["`reversed`"] = lambda value: "reversed"
ALIGN = _matching(
    "`align-left`, `align-center`, `align-right` or `align-justify`",
    "align-(?:left|center|right|justify)",
)
PARAGRAPH = _matching(
    "`embed`, `callout-title` or an alignment",
    "embed|callout-title|align-(?:left|center|right|justify)",
)
CALLOUT = _matching(
    "`callout-note`, `callout-tip`, `callout-important`, `callout-warning` or `callout-caution`",
    "callout-(?:note|tip|important|warning|caution)",
)
TEX_OR_LANGUAGE = _matching(
    "`tex`, or `language-` and a word", r"tex|language-[a-z0-9][a-z0-9+#._-]{0,39}"
)
REFERENCE = _matching("`image:` and 24 hex digits", "image:[0-9a-f]{24}")
SCOPE = _matching("`row`, `col`, `rowgroup` or `colgroup`", "row|col|rowgroup|colgroup")
LIST_TYPE = _matching("`1`, `a`, `A`, `i` or `I`", "[1aAiI]")
NOTE_REFERENCE = _matching("`doc-noteref`", "doc-noteref")
NOTES = _matching("`doc-endnotes`", "doc-endnotes")
EMBED = _matching("`video`, `audio`, `frame` or `object`", "video|audio|frame|object")
ALIAS = _matching("Pygments' alias", r"[a-z0-9][a-z0-9+#._-]*")
DISPLAY = _matching("`block` or `inline`", "block|inline")
TEX_TYPE = _matching("`application/x-tex`", "application/x-tex")
MATHS = _matching("value of MathML", r"[^:<>&\"'\\]{0,60}")
# No scheme, no function but those that draw, and url() only of an id in the same picture.
DRAWING = _matching(
    "value of SVG, `url()` only with `#id`",
    r"(?:[^:()\\<>&\"']|\burl\(#[A-Za-z_][A-Za-z0-9_.-]*\)"
    r"|\b(?:rgba?|hsla?|matrix|translate|scale|rotate|skew[XY])\([0-9eE.,%+\s-]*\))*",
)  # fmt: skip


def _table(rows: Table) -> dict[str, dict[str, Check]]:
    return {name: dict(row) for words, row in rows.items() for name in words.split()}


_GLOBAL: dict[str, Check] = {"id": ID, "lang": LANGUAGE, "dir": DIRECTION}
_ALIGNED = _GLOBAL | {"class": ALIGN}
_CELL = _ALIGNED | {"colspan": POSITIVE, "rowspan": POSITIVE}

HTML = _table(
    {
        "b bdi bdo br cite dfn em hr i kbd mark rp rt ruby s samp small span strong"
        " sub sup u var wbr dl dt caption summary": _GLOBAL,
        "aside": _GLOBAL | {"class": CALLOUT},
        "div h2 h3 h4 h5 h6 dd figure figcaption ul table tr thead tbody tfoot": _ALIGNED,
        "p": _GLOBAL | {"class": PARAGRAPH},
        "a": _GLOBAL | {"href": LINK, "title": TEXT, "role": NOTE_REFERENCE, "data-embed": EMBED},
        "abbr": _GLOBAL | {"title": TEXT},
        "blockquote": _ALIGNED | {"cite": SECURE},
        "q": _GLOBAL | {"cite": SECURE},
        "del ins": _GLOBAL | {"cite": SECURE, "datetime": EDITED},
        "time": _GLOBAL | {"datetime": TIME},
        "code": _GLOBAL | {"class": TEX_OR_LANGUAGE},
        "pre": _GLOBAL | {"data-language": ALIAS},
        "details": _GLOBAL | {"open": OPEN},
        "section": _GLOBAL | {"role": NOTES},
        "ol": _ALIGNED | {"start": INTEGER, "reversed": REVERSED, "type": LIST_TYPE},
        "li": _ALIGNED | {"value": INTEGER},
        "img": _GLOBAL
        | {
            "src": REFERENCE,
            "alt": TEXT,
            "width": POSITIVE,
            "height": POSITIVE,
            "title": TEXT,
            "data-address": WEB,
        },
        "td": _CELL,
        "th": _CELL | {"scope": SCOPE},
    }
)
"""Elements of HTML and their attributes."""


def _maths(attributes: str) -> dict[str, Check]:
    return dict.fromkeys(sorted(names(attributes)), MATHS)


_STYLE = _maths("mathbackground mathcolor")
_TOKEN = _STYLE | _maths("dir mathsize mathvariant")
_OPERATOR = _maths(
    "accent fence form largeop lspace maxsize minsize movablelimits rspace separator stretchy"
    " symmetric"
)
_SCRIPTS = _STYLE | _maths("subscriptshift superscriptshift")

MATHML = _table(
    {
        "math": {"id": ID, "display": DISPLAY, "dir": DIRECTION},
        "semantics none mprescripts": {},
        "annotation": {"encoding": TEX_TYPE},
        "mi mn mtext ms": _TOKEN,
        "mo": _TOKEN | _OPERATOR,
        "mspace": _STYLE | _maths("depth height width"),
        "mrow": _STYLE | _maths("dir"),
        "mroot msqrt mphantom merror": _STYLE,
        "mfrac": _STYLE | _maths("bevelled denomalign linethickness numalign"),
        "mstyle": _TOKEN | _OPERATOR | _maths("displaystyle scriptlevel"),
        "mpadded": _STYLE | _maths("depth height lspace voffset width"),
        "mfenced": _STYLE | _maths("close open separators"),
        "menclose": _STYLE | _maths("notation"),
        "msub msup msubsup mmultiscripts": _SCRIPTS,
        "munder": _STYLE | _maths("accentunder align"),
        "mover": _STYLE | _maths("accent align"),
        "munderover": _STYLE | _maths("accent accentunder align"),
        "mtable": _STYLE
        | _maths(
            "align columnalign columnlines columnspacing displaystyle equalcolumns equalrows frame"
            " framespacing rowalign rowlines rowspacing width"
        ),
        "mtr": _STYLE | _maths("columnalign rowalign"),
        "mtd": _STYLE | _maths("columnalign columnspan rowalign rowspan"),
    }
)
"""Elements of MathML 3 (presentation) and their attributes."""

SVG_STYLE = names(
    "alignment-baseline baseline-shift clip-rule color color-interpolation-filters"
    " dominant-baseline fill fill-opacity fill-rule filter flood-color flood-opacity font-family"
    " font-size font-style font-weight letter-spacing lighting-color marker-end marker-mid"
    " marker-start mask clip-path opacity paint-order shape-rendering stop-color stop-opacity"
    " stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit"
    " stroke-opacity stroke-width text-anchor text-decoration text-rendering visibility"
    " word-spacing"
)
"""Properties that may stand as attributes: those in a ``style`` become attributes."""
_SVG_COMMON = SVG_STYLE | names("transform")
_SVG: dict[str, str] = {
    "svg": "x y width height viewBox preserveAspectRatio",
    "g defs switch title desc": "",
    "symbol": "viewBox preserveAspectRatio",
    "path": "d pathLength",
    "rect": "x y width height rx ry",
    "circle": "cx cy r",
    "ellipse": "cx cy rx ry",
    "line": "x1 y1 x2 y2",
    "polyline polygon": "points",
    "text tspan": "x y dx dy rotate textLength lengthAdjust",
    "textPath": "startOffset method spacing",
    "use": "x y width height",
    "clipPath": "clipPathUnits",
    "mask": "x y width height maskUnits maskContentUnits",
    "marker": "viewBox refX refY markerWidth markerHeight markerUnits orient preserveAspectRatio",
    "pattern": "x y width height viewBox patternUnits patternContentUnits patternTransform"
    " preserveAspectRatio",
    "linearGradient": "x1 y1 x2 y2 gradientUnits gradientTransform spreadMethod",
    "radialGradient": "cx cy r fx fy fr gradientUnits gradientTransform spreadMethod",
    "stop": "offset",
    "filter": "x y width height filterUnits primitiveUnits",
    "feBlend": "in in2 mode",
    "feColorMatrix": "in type values",
    "feComposite": "in in2 operator k1 k2 k3 k4",
    "feFlood": "",
    "feGaussianBlur": "in stdDeviation",
    "feMerge": "",
    "feMergeNode": "in",
    "feMorphology": "in operator radius",
    "feOffset": "in dx dy",
}
_SVG_PRIMITIVE = "x y width height result"
_SVG_GRADIENTS = frozenset(("linearGradient", "radialGradient"))
_SVG_LINKS = frozenset(("use", "textPath", "linearGradient", "radialGradient", "pattern"))


def _svg_row(name: str, own: str) -> dict[str, Check]:
    if name in {"title", "desc"}:
        return {"id": ID, "lang": LANGUAGE}
    attributes = names(own) | (frozenset() if name in _SVG_GRADIENTS else _SVG_COMMON)
    if name.startswith("fe") and name != "feMergeNode":
        attributes |= names(_SVG_PRIMITIVE)
    row: dict[str, Check] = dict.fromkeys(sorted(attributes), DRAWING)
    link: dict[str, Check] = {"href": _FRAGMENT} if name in _SVG_LINKS else {}
    return {"id": ID} | link | row


SVG = {name: _svg_row(name, own) for words, own in _SVG.items() for name in words.split()}
"""Elements of SVG and their attributes."""

REMOVED: Mapping[str, str] = {
    "script": "acts; TeX inside of it has become maths, an address a link before",
    "style": "acts on the whole document; what it says of drawings stands in their attributes",
    "template": "is not shown by any browser, and a warning names it; what is the inside of an"
    " element (`shadowrootmode`) is read, and one in code is text",
    "title": "belongs to the head of a page; inside SVG it stays",
    "iframe": "its fallback text; the address has become a link, a page in it text before",
    "noembed": "is for readers without frames",
    "noframes": "is for readers without frames",
    "foreignObject": "no format takes HTML inside of SVG; its words have become text there",
    "annotation-xml": "repeats the formula in another form",
    "metadata": "is not shown by any reader",
}
"""Elements that go with all that is in them, and why.  Of any other, the text stays."""

_PAGE = """# What a prepared body may hold

This page is the table in `convert/content/safety/allowlist.py`, the only one of its kind: the last
step of preparation applies it to the tree, and a test holds this page against it. Anything else
goes: an unknown element leaves its text, an unknown attribute or a value that fails its check
leaves nothing. What looks like a tag and can be none is text: an address in angle brackets, a name
that HTML does not know and that stands alone (`List<String>`, `<Foo bar="1"/>`; but for one with a
prefix, and with attributes one of SVG, of MathML or with a hyphen), words that are no attributes
in a tag that nothing ends (`a <b and c> d`), `<?php`, `<!ELEMENT`, `</3`. An end tag that only some
program wrote, where the element around ends, makes none of it (`<pre>val f = <fun></fun></pre>`);
of an element that nobody knows and somebody ends, a line tells that its tags are left out, unless
its attributes say what it shows: that has become a link, a picture or a player before. In code
such tags are shown where they say no more than a name. What a comment, a script or a style that
nothing ends would hide is shown where it is prose, else a line says that it was left out.

## Gone with all that is inside
{removed}

Beside these, comments, processing instructions and a first heading that repeats the title of
the entry go. `noscript` is unwrapped: what it holds is what a reader without scripts sees. A
check box becomes ☑ or ☐.

An address to link to is one of http or https, or of {schemes}: EPUBCheck knows those as
registered (HTM-025), and a program that opens one shows what it leads to, or waits for its user
before it acts. `doi:` and `hdl:` become the address where they are looked up. Any other stands in
words behind the text, but for `javascript:` and the like, which are not said, and those of what is
nowhere on the web (`data:`, `blob:`, `file:`), which a warning names.

## HTML
{html}

## MathML
{mathml}

## SVG
Every element but `title`, `desc` and gradients also takes these, with the check "value of SVG":
{common}.

{svg}
"""


def as_markdown() -> str:
    """Return the allow-list as a page for people."""
    meanings = {check: name for name, check in CHECKS.items()}

    def rows(table: Table, but: frozenset[str] = frozenset()) -> str:
        lines = ["| element | attributes |", "|---|---|"]
        for name, row in sorted(table.items()):
            cells = (f"`{key}`: {meanings[check]}" for key, check in row.items() if key not in but)
            lines.append(f"| `{name}` | {'; '.join(cells)} |")
        return "\n".join(lines)

    return _PAGE.format(
        removed="\n".join(f"- `{name}`: {why}" for name, why in REMOVED.items()),
        schemes=", ".join(f"`{name}`" for name in SCHEMES),
        html=rows(HTML),
        mathml=rows(MATHML),
        common=", ".join(f"`{name}`" for name in sorted(_SVG_COMMON)),
        svg=rows(SVG, but=_SVG_COMMON),
    )
