"""The way of one entry, step by step.  Pure: no clock, no network, no knowledge of others."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import msgspec
from lxml import etree

from convert.content import (
    code,
    drawings,
    embeds,
    fields,
    footnotes,
    furniture,
    ids,
    images,
    links,
    maths,
)
from convert.content.draft import Draft, PrepareOptions, base_of
from convert.content.maths import formulas
from convert.content.parse import choose
from convert.content.safety import sanitise
from convert.content.structure import arrange, callouts, headings, legacy
from convert.content.text import plain_of, words
from convert.content.tree import unwrap
from convert.errors import ConvertError
from convert.model import Entry, Prepared, StoredEntry
from convert.text import languages
from convert.text.addresses import absolute
from convert.text.characters import fold, legal

Step = Callable[[etree._Element, Draft], None]

STEPS: tuple[tuple[str, Step], ...] = (
    ("depth", arrange.mark_depth),
    ("drawn formulas", maths.undraw),  # before they are drawings, icons or empty elements
    ("drawings", drawings.mark),  # before furniture: they use of each other what is hidden
    ("callouts", callouts.mark),  # before what else takes icons away: one may be a title
    ("furniture", furniture.mark),  # before all that would take it for text, code or a picture
    ("translated", embeds.translate),  # before code and maths, which may be in what comes of it
    ("code", code.mark),  # before maths: a dollar in code opens no formula
    ("math", maths.mark),
    ("links", links.mark),
    ("embeds", embeds.mark),
    ("images", images.mark),  # after embeds: their posters are pictures
    ("footnotes", footnotes.mark),
    ("dead links", links.end),  # after footnotes, which know their links by them
    ("formulas", formulas.mark),
    ("legacy", legacy.mark),
    ("ids", ids.mark),
    ("structure", arrange.mark),
    ("headings", headings.mark),
    ("references", ids.check),  # after headings: one that repeats the title took its id along
    ("sanitise", sanitise.mark),
)
"""The way of every body, in order.  The last one is the only one that safety rests on."""


_PROSE = etree.XPath(
    ".//text()[not(ancestor::*[local-name() = 'pre' or local-name() = 'code'"
    " or local-name() = 'math'])]"
)


class Unpreparable(ConvertError):
    """The body is larger than ``PrepareOptions.max_body``; the entry is left out."""


def prepare(stored: StoredEntry, options: PrepareOptions, beside: str = "") -> Prepared:
    """Return one stored entry, prepared; ``beside`` counts as in ``digest``.

    Raises ``Unpreparable`` for a body of more than ``options.max_body`` characters.
    """
    draft = _draft(stored, options)
    *_, (_, tree) = _walk(draft)
    return _finish(tree, draft, beside)


def stages(stored: StoredEntry, options: PrepareOptions) -> Iterator[tuple[str, str]]:
    """Yield the name of each stage of ``prepare`` and what the entry is after it.

    They are the markup that was "chosen", the body as XHTML when it is "parsed" and after each
    of ``STEPS``, then as JSON the furniture that was "removed", by rule, and the "prepared" entry.
    What a step raises comes after the stages before it.
    """
    draft = _draft(stored, options)
    yield "chosen", choose.choose(stored).markup
    for name, tree in _walk(draft):
        yield name, etree.tostring(tree, encoding="unicode")
    yield "removed", msgspec.json.format(msgspec.json.encode(draft.removed), indent=2).decode()
    prepared = msgspec.json.encode(_finish(tree, draft, ""))
    yield "prepared", msgspec.json.format(prepared, indent=2).decode()


def _draft(stored: StoredEntry, options: PrepareOptions) -> Draft:
    draft = Draft(
        stored=stored,
        options=options,
        title="",
        body_field=choose.choose(stored).field,
        base=base_of(stored),
    )
    draft.title = fields.short(draft, "title", stored.title, stored.title_type)
    return draft


def _walk(draft: Draft) -> Iterator[tuple[str, etree._Element]]:
    """Parse a body and take it through the steps; yield the name of each and the tree."""
    chosen = choose.choose(draft.stored)
    if len(chosen.markup) > draft.options.max_body:
        raise Unpreparable(
            f"{len(chosen.markup):,} characters, the limit is {draft.options.max_body:,};"
            " raise it with --max-body"
        )
    tree = choose.read(chosen, draft)
    yield "parsed", tree
    for name, step in STEPS:
        step(tree, draft)
        yield name, tree


def _finish(tree: etree._Element, draft: Draft, beside: str) -> Prepared:
    stored = draft.stored
    body = etree.tostring(tree, encoding="unicode")
    text = plain_of(body)
    # One element that holds the whole body speaks for it; the root has no attributes.
    around = _around(tree)
    language = languages.language_tag(stored.language) or around.get("lang")
    prose = text
    if languages.has_backward(text):
        # Programs and formulas are written from left to right in every language.
        prose = "".join(cast("list[str]", _PROSE(tree)))
    direction = (
        languages.direction_of_text(prose)
        or languages.direction_of_text(draft.title)
        or languages.direction(language)
    )
    if (stated := around.get("dir")) in {"ltr", "rtl"}:
        direction = "rtl" if stated == "rtl" else "ltr"
    if _only_says(around, language):
        # The entry says it now, and each feed puts such an element around it again.
        while _only_says(around, language):
            unwrap(around)
            around = _around(tree)
        body = etree.tostring(tree, encoding="unicode")
    page = absolute(stored.link, absolute(stored.base or "", None)) if stored.link else None
    entry = Entry(
        id=fold(stored.id),
        user=legal(stored.user),
        updated=stored.updated,
        title=draft.title,
        published=stored.published,
        link=page,
        summary=fields.line(stored.summary, stored.summary_type) or None,
        authors=fields.people(draft, "author", stored.authors),
        contributors=fields.people(draft, "contributor", stored.contributors),
        categories=fields.categories(draft, stored.categories),
        rights=fields.short(draft, "rights", stored.rights) or None,
        source=legal(stored.source) if stored.source else None,
        enclosures=fields.enclosures(draft, stored.enclosures),
        links=fields.links(draft, stored.links, page),
        image=absolute(stored.image, draft.base) if stored.image else None,
        language=language,
        direction=direction,
        path=legal(stored.path),
        origin=legal(stored.origin),
        full=bool(stored.content and stored.content.strip()),
        words=words(text),
        size=len(body.encode()),
        digest=digest(stored, draft.options, beside),
    )
    hrefs = dict.fromkeys(str(each.get("href")) for each in tree.iter("a"))
    return Prepared(
        entry=entry,
        body=body,
        text=text,
        links=tuple(address for address in hrefs if address.startswith("http")),
        anchors=ids.anchors(tree, draft) if draft.anchors else (),
        answers=fields.answers(stored.in_reply_to, draft.answers),
        images=tuple(draft.images.values()),
        problems=tuple(draft.problems),
    )


def _around(tree: etree._Element) -> etree._Element:
    """Return the element that holds a whole body but for its notes: the root where there are
    several."""
    blocks = [each for each in tree if each.get("role") != "doc-endnotes"]
    return blocks[0] if len(blocks) == 1 else tree


def _only_says(around: etree._Element, language: str | None) -> bool:
    """Tell whether an element only says that what it holds runs from right to left, or is in this
    language."""
    known = {"dir": "rtl", "lang": language}
    said = around.attrib.items() if around.tag == "div" else ()
    return bool(said) and all(known.get(str(name)) == value for name, value in said)


CODE_DIGITS = 16
"""How many digits of what ``digest`` returns stand for the code."""


def digest(stored: StoredEntry, options: PrepareOptions, beside: str = "") -> str:
    """Return what stands for all that shapes the prepared entry (hex): first for the code
    (``CODE_DIGITS``), then for the rest.

    ``beside`` stands for what the caller adds to the entry: ``code_of`` the files that make it.
    """
    shape = (options, msgspec.structs.replace(stored, stored=b""))
    try:
        encoded = msgspec.msgpack.encode(shape)
    except UnicodeEncodeError:  # a lone surrogate somewhere
        encoded = repr(shape).encode("utf-8", "backslashreplace")
    return _code(beside) + hashlib.sha256(encoded).hexdigest()[CODE_DIGITS:]


@functools.cache
def _code(beside: str) -> str:
    encoded = msgspec.msgpack.encode((_CODE, beside))
    return hashlib.sha256(encoded).hexdigest()[:CODE_DIGITS]


def code_of(*files: Path) -> str:
    """Return the digest of files of code, for ``beside``."""
    digests = (hashlib.sha256(path.read_bytes()).digest() for path in sorted(files))
    return hashlib.sha256(b"".join(digests)).hexdigest()


_TOP = Path(__file__).parent.parent
SHARED = (
    *sorted(_TOP.glob("text/*.py")),
    *(
        _TOP / f"{name}.py"
        for name in ("model", "copied", "fetcher", "contract", "entryset", "errors")
    ),
)
"""Files of code that others here use."""
FILES = (*sorted(_TOP.glob("content/**/*.py")), *SHARED)
LIBRARIES = (
    *(
        "babel",
        "cssselect2",
        "idna",
        "latex2mathml",
        "lxml",
        "markdown-it-py",
        "mdit-py-plugins",
        "msgspec",
    ),
    *("nh3", "pygments", "tinycss2"),
)
# Our own code and what it uses: two states of it may have one version number.
_CODE = (
    code_of(*FILES),
    platform.python_version(),
    etree.LIBXML_VERSION,
    *map(importlib.metadata.version, LIBRARIES),
)
