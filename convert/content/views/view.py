"""What a format chooses about prepared markup: the one argument of every view."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Literal

from convert.contract import ImagePolicy
from convert.model import Value


class Picture(Value, frozen=True, kw_only=True):
    """A picture as an output shows it: ``src`` relative to the document that holds it,
    ``width`` and ``height`` in pixels where they are known."""

    src: str
    width: int | None = None
    height: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class View:
    """How one output shows prepared markup.

    ``citation`` takes the key and fragment of an entry of the set and gives the address in
    this output, or None: then the link leads to the original address.  ``picture`` takes the
    REF of a picture and its remote address (None where it has none) and gives what to show, or
    None: then the alt text and a link stand in.

    ``images``: "embed" asks ``picture``, "link" shows the remote address, "drop" keeps only
    the alt text.

    ``math``: "mathml" is MathML with ``alttext``; "presentation" the same without the TeX inside
    of it; "svg" a drawing; "image" an ``<img>`` that holds the drawing; "tex" is
    ``<code class="tex" data-math-style="inline">TeX</code>`` (or "display", then alone in its
    ``<p>``); a formula without known TeX is what it says, on one line, in ``<code class="math">``.

    ``widest_formula`` is the width of the page in em where there is one: a wider formula that is
    drawn is cut into drawings side by side, before relations, else before operators, and a line
    may end between them; what cannot be cut is smaller, or TeX where it could not be read.

    ``drawings``: "svg" leaves SVG in the text; "image" makes it an ``<img>`` that holds it.

    ``code``: "highlighted" puts Pygments' short classes on spans (``highlight_css``).

    ``notes``: "endnotes" is the list at the end, with links back; "popup" is an ``<aside
    epub:type="footnote" role="doc-footnote">`` for each note; "footnotes" puts the note into
    the text, ``<span class="footnote" id="fn-1" data-number="1">``, where it is first referred
    to (CSS ``float: footnote``), and later references become
    ``<a class="footnote-again" href="#fn-1">``.

    ``page`` is the address of the entry's own page, where links to a place in the body shall lead
    there: to what ``anchors`` (those of ``Content``) call it.

    ``prefix`` goes before every id and ``#fragment`` of the body.  ``headings`` is the number
    of levels added to h2 … h6.  ``language`` is that of the words that we add.
    """

    citation: Callable[[str, str], str | None] = lambda key, fragment: None
    picture: Callable[[str, str | None], Picture | None] = lambda ref, address: None
    images: ImagePolicy = "embed"
    math: Literal["mathml", "presentation", "svg", "image", "tex"] = "mathml"
    widest_formula: float | None = None
    drawings: Literal["svg", "image"] = "svg"
    code: Literal["plain", "highlighted"] = "plain"
    notes: Literal["endnotes", "popup", "footnotes"] = "endnotes"
    page: str = ""
    anchors: Mapping[str, str] = dataclasses.field(default_factory=dict)
    prefix: str = ""
    headings: int = 0
    language: str = "en"
