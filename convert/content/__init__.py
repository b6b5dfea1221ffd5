"""Preparation: one stored entry to one safe, well-formed, neutral entry, for every format.

Pure: no clock, no network, no knowledge of other entries.  What a body looks like
afterwards is written in docs/prepared-markup.md, what it may hold in docs/allow-list.md.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Callable
from pathlib import Path

import msgspec
from lxml import etree

from convert.content import code, drawings, embeds, fields, footnotes, ids, images, links, maths
from convert.content.draft import Draft, PrepareOptions
from convert.content.maths import formulas
from convert.content.parse import choose
from convert.content.safety import sanitise
from convert.content.structure import arrange, headings, legacy
from convert.content.text import plain_of, words
from convert.errors import ConvertError
from convert.model import Direction, Entry, Prepared, StoredEntry
from convert.text.addresses import absolute
from convert.text.characters import fold, legal
from convert.text.languages import direction, direction_of_text, language_tag

VERSION = 1
"""Counts up with every change that makes preparation give something else."""

Step = Callable[[etree._Element, Draft], None]

STEPS: tuple[tuple[str, Step], ...] = (
    ("depth", arrange.mark_depth),
    ("drawings", drawings.mark),
    ("code", code.mark),
    ("math", maths.mark),
    ("links", links.mark),
    ("embeds", embeds.mark),
    ("images", images.mark),
    ("footnotes", footnotes.mark),
    ("formulas", formulas.mark),
    ("legacy", legacy.mark),
    ("ids", ids.mark),
    ("structure", arrange.mark),
    ("headings", headings.mark),
    ("references", ids.check),
    ("sanitise", sanitise.mark),
)
"""The way of every body, in order.  The last one is the only one that safety rests on."""


class Unpreparable(ConvertError):
    """The body is larger than ``PrepareOptions.max_body``; the entry is left out."""


def prepare(stored: StoredEntry, options: PrepareOptions) -> Prepared:
    """One stored entry, prepared.

    Raises ``Unpreparable`` for a body of more than ``options.max_body`` characters.
    """
    chosen = choose.choose(stored)
    if len(chosen.markup) > options.max_body:
        raise Unpreparable(
            f"{len(chosen.markup):,} characters, the limit is {options.max_body:,};"
            " raise it with --max-body"
        )
    base = absolute(stored.link or "", None) or absolute(stored.base or "", None)
    title = fields.line(stored.title, stored.title_type)
    draft = Draft(
        stored=stored, options=options, title=title, base=absolute(stored.base or "", base) or base
    )
    tree = choose.read(chosen, draft)
    for _, step in STEPS:
        step(tree, draft)
    body = etree.tostring(tree, encoding="unicode")
    text = plain_of(body)
    anchors = dict.fromkeys(str(each.get("href")) for each in tree.iter("a"))
    return Prepared(
        entry=_entry(draft, tree, body, text),
        body=body,
        text=text,
        links=tuple(address for address in anchors if address.startswith("http")),
        answers=fields.answers(stored.in_reply_to, draft.answers),
        images=tuple(draft.images.values()),
        problems=tuple(draft.problems),
    )


def digest(stored: StoredEntry, options: PrepareOptions) -> str:
    """The SHA-256, in hex, of all that shapes the prepared entry."""
    shaping = msgspec.structs.replace(stored, stored=b"")
    shape = (_VERSIONS, options, shaping)
    try:
        encoded = msgspec.msgpack.encode(shape)
    except UnicodeEncodeError:  # a lone surrogate somewhere
        encoded = repr(shape).encode("utf-8", "backslashreplace")
    return hashlib.sha256(encoded).hexdigest()


def _code() -> str:
    """The digest of our own code of preparation: two states of it have one version number."""
    package = Path(__file__).parent.parent
    rooms = [*package.glob("content/**/*.py"), *package.glob("text/*.py")]
    files = [*rooms, package / "collection" / "similarity.py"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_VERSIONS = (
    VERSION,
    _code(),
    *(
        importlib.metadata.version(name)
        for name in ("babel", "lxml", "nh3", "markdown-it-py", "mdit-py-plugins", "latex2mathml")
    ),
)


def _entry(draft: Draft, tree: etree._Element, body: str, text: str) -> Entry:
    stored = draft.stored
    full = bool(stored.content and stored.content.strip())
    summary = fields.line(stored.summary, stored.summary_type)
    language = _language(stored, tree)
    return Entry(
        id=fold(stored.id),
        user=legal(stored.user),
        updated=stored.updated,
        title=draft.title,
        published=stored.published,
        link=absolute(stored.link or "", absolute(stored.base or "", None)),
        summary=summary or None,
        authors=fields.people(stored.authors, draft.base),
        contributors=fields.people(stored.contributors, draft.base),
        categories=fields.categories(stored.categories),
        rights=fields.line(stored.rights) or None,
        source=legal(stored.source) if stored.source else None,
        enclosures=fields.enclosures(stored.enclosures, draft.base),
        language=language,
        direction=_direction(tree, language, text or draft.title),
        path=legal(stored.path),
        origin=legal(stored.origin),
        full=full,
        words=words(text),
        size=len(body.encode()),
        digest=digest(stored, draft.options),
    )


def _language(stored: StoredEntry, tree: etree._Element) -> str | None:
    """What the feed says, else what the one element says that holds the whole body."""
    stated = language_tag(stored.language)
    if stated is None and len(tree) == 1:
        stated = tree[0].get("lang")
    return stated


def _direction(tree: etree._Element, language: str | None, text: str) -> Direction:
    """What the markup around the whole body says, else its letters, else its language."""
    if len(tree) == 1 and (stated := tree[0].get("dir")) in {"ltr", "rtl"}:
        return "rtl" if stated == "rtl" else "ltr"
    return direction_of_text(text) or direction(language)


__all__ = ["STEPS", "VERSION", "PrepareOptions", "Step", "Unpreparable", "digest", "prepare"]
