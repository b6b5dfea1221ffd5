"""The names of elements, by what a parser and the rules of HTML make of them.

HTML Living Standard §13.1.2 (kinds of elements), §13.2 (parsing); SVG 2; MathML Core.
All names are lower case here, as an HTML tokenizer makes them, but for ``SVG_CASE``.
"""

from __future__ import annotations


def names(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


VOID = names(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source"
    " track wbr"
)
RAW_TEXT = names("script style title textarea iframe xmp plaintext")
"""What is inside these is no markup to a tokenizer (``title`` only outside of SVG)."""
SKIPPED = names("template annotation-xml")
"""Gone with all that is inside them: no reader shows it, or no format takes it."""
FORMATTING = names("b big code em i s small strong u")
"""§13.2.4.3: opened again by the parser in each block until they are closed."""
OPTIONAL_END = names("p li dt dd tr td th thead tbody tfoot caption colgroup rb rt rp rtc")
"""§13.1.2.4: the parser closes these itself, so a row of them does not nest."""

OTHER_NAMES = {
    "acronym": "abbr",
    "body": "div",
    "clipboard-copy": "button",
    "data-err": "span",
    "data-lsp": "span",
    "dir": "ul",
    "font": "span",
    "html": "div",
    "listing": "pre",
    "menu": "ul",
    "noembed": "div",
    "noframes": "div",
    "noscript": "tex-noscript",
    "strike": "s",
    "tt": "code",
}
"""Elements that are obsolete, or GitHub's or Twoslash's own: parsed and shown like another."""
BLOCK_WRAPPERS = names(
    "address article center dialog fieldset footer form header hgroup main nav search"
)
"""Blocks that only group others: a ``div`` to us."""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_HTML = names(
    "a abbr area aside audio b bdi bdo big blockquote br button caption cite code col colgroup data"
    " dd del details dfn div dl dt em embed figcaption figure hr i iframe image img"
    " input ins kbd label legend li map mark object ol p param picture pre q rb rp"
    " rt rtc ruby s samp section select small source span strong sub summary sup svg table"
    " tbody td textarea tfoot th thead time tr track u ul var video wbr math"
).union(HEADINGS, BLOCK_WRAPPERS)

SVG_CASE = {
    name.lower(): name
    for name in names(
        "a circle clipPath defs desc ellipse feBlend feColorMatrix feComponentTransfer feComposite"
        " feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood"
        " feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset"
        " fePointLight feSpecularLighting feSpotLight feTile feTurbulence filter g image line"
        " linearGradient marker mask metadata path pattern polygon polyline radialGradient rect"
        " stop svg switch symbol text textPath title tspan use view"
    )
}
"""Elements of SVG that the first clean lets through, by their lower-case names."""
MATHML = names(
    "annotation maction math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded"
    " mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext"
    " mtr mlabeledtr munder munderover none semantics"
)
MATHML_TOKENS = names("annotation mi mn mo ms mtext")

TEX_SCRIPT = "tex-script"
NO_SCRIPT = "tex-noscript"
SHEET = "tex-style"
"""How ``<script type="math/tex">``, ``noscript`` and the ``style`` of drawings pass the first
clean, which would write their content unescaped; ``parsing`` gives their names back."""
DRAWN_LABEL = "data-label"
"""What says, of an element in a drawing, which one of HTML it was: ``foreignobject``, and what
stood in it."""

OWN = "x-own"
"""What carries an element that is none of HTML, with its name in ``data-own``, up to where it is
translated."""
DRAWN_MATHS = "mjx-"
"""What the names of MathJax's elements begin with, which say what each draws."""
NOT_SHOWN = names("base link meta option optgroup noindex nobr xml")
"""Elements of HTML that show nothing of their own, whatever attributes they have."""
UNREADABLE = "unreadable:"
"""What stands before an address with a host that can be none, up to where it is said in words:
the first clean would drop it."""

WIDE = (
    _HTML
    | MATHML
    | frozenset(SVG_CASE.values())
    | names(f"textarea {OWN} {TEX_SCRIPT} {NO_SCRIPT} {SHEET}")
)
"""What the first clean lets through, so that the steps can understand it."""
KNOWN_HTML = _HTML | {NO_SCRIPT}
HTML = KNOWN_HTML.union(VOID, RAW_TEXT, SKIPPED, OTHER_NAMES) | names(
    "applet blink canvas fencedframe frameset head ilayer isindex layer marquee meter multicol nobr"
    " noindex optgroup option output progress slot spacer foreignobject xml"
)
"""All that is markup wherever it stands, whatever becomes of it."""
WIDE_ATTRIBUTES = names(
    "abbr align alt alttext aria-checked aria-controls aria-expanded aria-hidden aria-label"
    " aria-labelledby aria-describedby aria-level bgcolor border checked cite class color colspan"
    " content data datetime dir disabled display encoding face for"
    " headers height hidden href hreflang id itemprop kind label lang media name open poster"
    " readonly rel reversed role rowspan scope size shape sizes span src srclang srcset srcdoc"
    " start style consent-original-src-_ suppressedsrc requiredFeatures summary systemLanguage"
    " title type usemap valign value vertical-align width"
)

# ---- What stands where: HTML Living Standard §3.2.5 and the content model of each element.

PHRASING = names(
    "a abbr b bdi bdo br cite code del dfn em i img ins kbd mark math q rp rt ruby s samp small"
    " span strong sub sup svg time u var wbr"
)
"""Inline elements of prepared markup (``math display=block`` counts as a block)."""
PHRASING_ONLY = names("p pre summary").union(HEADINGS)
"""Blocks that hold only inline content."""
CONTAINERS = names("div section blockquote aside details")
"""Blocks whose loose inline content becomes paragraphs, as the root's does."""
CELLS = names("li dd dt td th figcaption caption figure")
"""What holds blocks or inline content, and keeps inline content as it is."""
BLOCKS = names("p ul ol dl blockquote pre table figure hr div section details aside").union(
    HEADINGS
)
"""What may stand in the root."""
PARTS = names("li dt dd figcaption summary caption thead tbody tfoot tr td th")
"""Blocks that stand only inside of certain others."""
