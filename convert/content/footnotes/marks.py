"""How footnotes are spelled: fragments, classes, roles and markers of the known dialects.

Pandoc ``fn1``, Markdown engines ``fn:1``, ``fn-1``, GitHub ``user-content-fn-1``, WordPress
``easy-footnote-bottom-1-12``, ``footnote_0_12``, Substack ``footnote-1``, Word ``_ftn1``, Google
Docs ``ftnt1``, MediaWiki ``cite_note-1``, Asciidoctor ``_footnotedef_1``, Org ``fn.1``,
LessWrong ``fnabc123``, and their ways back.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from lxml import etree

from convert.content.tree import classes, is_blank, text_of

MARKER = re.compile(
    r"[\[({]?\s*(?:(?:note|nb|n\.?b\.?)(?![a-z])\s*)?(?:\d{1,4}|[a-z]|[ivxl]{1,6}|[*†‡§¶#‖]{1,4}"
    r"|[¹²³⁴⁵⁶⁷⁸⁹⁰]{1,3})\s*[\])}]?[.:]?",
    re.IGNORECASE,
)
"""What a reference shows: a number, a letter, a sign, in brackets or not."""

ARROW = re.compile(r"[\s\xa0^\u2190-\u21ff\u2934-\u2937\ufe0e\ufe0f\u25b2\u25b4\[\](){}|.\d]*")
"""What a way back shows, where it shows no words."""

NOTE_HEADINGS = frozenset(
    {
        "anmerkungen",
        "endnotes",
        "footnotes",
        "fussnoten",
        "fußnoten",
        "note",
        "notas",
        "notes",
        "notes de bas de page",
        "references",
        "références",
        "脚注",
        "注",
    }
)
"""What a heading says that belongs to the notes and to nothing else."""

BACK_WORDS = frozenset(
    {"back", "back to text", "go back", "jump back", "jump up", "return", "return to text", "up"}
)
"""What a way back shows in words, in lower case."""

_PREFIX = r"(?:user-content-)?"
_FORWARD = re.compile(
    _PREFIX + r"(?:_?fn|_?ftnt?|_?edn|fnote|_?foot-?note(?:s|def)?|footnote|end-?notes?|notes?"
    r"|cite[_-]note|easy-footnote-bottom|sdfootnote|mfn-content)[-_:.]?(?P<name>\w.*)",
    re.IGNORECASE,
)
_BACKWARD = re.compile(
    _PREFIX
    + r"(?:ref-?\d*-fn|_?fn-?ref|_?fnr|_?ftnt?_?ref|_?ednref|foot-?note-?(?:ref|anchor|back)"
    r"|_footnoteref|cite[_-]ref|identifier_|note-?ref|noteref|easy-footnote(?!-bottom)|refs?[-_:]"
    r"|sdfootnote\d+anc|back-?(?:ref|to)?)[-_:.]*(?P<name>.*)",
    re.IGNORECASE,
)
_BACK_CLASSES = frozenset(
    {
        "reversefootnote",
        "footnote-back",
        "footnote-backref",
        "footnote-back-link",
        "footnote-backlink",
        "footnote-return",
        "footnote_backlink",
        "footnotebacklink",
        "footnote-to-top",
        "easy-footnote-to-top",
        "fn-backref",
        "footnum",
        "footnote-number",
        "back-link",
        "backlink",
        "mw-cite-backlink",
        "footnotereverse",
    }
)
_REFERENCE_CLASSES = frozenset(
    {
        "footnote-ref",
        "footnote-reference",
        "footnoteref",
        "footnote_ref",
        "footref",
        "fnref",
        "fn-label",
        "fn",
        "footnote",
        "footnote-anchor",
        "footnote-link",
        "footnote-identifier-link",
        "easy-footnote",
        "noteref",
        "sidenote-ref",
    }
)
_CONTAINER_CLASSES = frozenset(
    {
        "footnotes",
        "footnote",
        "footnotes-list",
        "footnote-list",
        "footnote-section",
        "footnote-definitions",
        "easy-footnotes-wrapper",
        "wp-block-footnotes",
        "footnotes-container",
        "footnote-container",
        "endnotes",
        "footdef",
        "notes-list",
        "references-small",
    }
)
_REFERENCE_DATA = ("data-footnote-ref", "data-footnote-reference", "data-fn")
_NOTE_ROLES = frozenset({"doc-endnote", "doc-footnote"})


def fragment(link: etree._Element) -> str:
    """Return the fragment that a link leads to, decoded; "" where there is none."""
    return unquote((link.get("href") or "").partition("#")[2])


def names_footnote(label: str) -> bool:
    """Return whether a fragment is spelled like that of a note."""
    return bool(_FORWARD.fullmatch(label)) and not _BACKWARD.fullmatch(label)


def is_explicit(link: etree._Element) -> bool:
    """Return whether class, role or data attribute say that the link refers to a note."""
    for each in (link, *wrappers(link)):
        if each.get("role") == "doc-noteref" or not _REFERENCE_CLASSES.isdisjoint(classes(each)):
            return True
        if any(each.get(name) is not None for name in _REFERENCE_DATA):
            return True
    return link.get("rel") == "footnote"


def is_back_link(link: etree._Element) -> bool:
    """Return whether a link leads from a note back to the text."""
    if says_back(link):
        return True
    # A reference that says so by its class may lead to an id that reads "back".
    return bool(_BACKWARD.fullmatch(fragment(link))) and not is_explicit(link)


def says_back(link: etree._Element) -> bool:
    """Return whether class, role or data attribute say that a link leads back."""
    if link.get("data-footnote-backref") is not None or link.get("rev") == "footnote":
        return True
    if any(not _BACK_CLASSES.isdisjoint(classes(each)) for each in (link, *wrappers(link))):
        return True
    # Org gives references this role.
    return link.get("role") == "doc-backlink" and "footref" not in classes(link)


def wrappers(link: etree._Element) -> list[etree._Element]:
    """Return the ``sup`` or ``span`` elements around a link, innermost first, three at most."""
    around: list[etree._Element] = []
    for above in link.iterancestors():
        if above.tag not in {"sup", "span", "b", "strong", "i", "em"} or len(around) == 3:
            break
        around.append(above)
    return around


def own_names(link: etree._Element) -> dict[str, None]:
    """Return the ids that a way back to this reference may lead to: its own and those around."""
    names: dict[str, None] = {}
    for each in (link, *wrappers(link), *link.iterchildren()):
        names |= dict.fromkeys(_names(each))
    for each in (link, *wrappers(link)):
        # Easy Footnotes puts an empty element with the id before the reference.
        before = each.getprevious()
        if before is None:
            continue
        if not is_blank(before.tail) or text_of(before).strip():
            break  # what stands before the elements around belongs to another reference
        names |= dict.fromkeys(_names(before))
    return names


def _names(each: etree._Element) -> list[str]:
    return [name for name in (each.get("id"), each.get("name")) if name]


def is_notes_container(each: etree._Element) -> bool:
    """Return whether a list, or the box around it, holds notes by its own word."""
    if each.get("role") == "doc-endnotes" or each.get("data-footnotes") is not None:
        return True
    # kramdown gives its references the class that others give the list.
    if each.tag in {"a", "sup", "span"}:
        return False
    return not _CONTAINER_CLASSES.isdisjoint(classes(each)) or (
        (each.get("id") or "").lower() in {"footnotes", "endnotes"}
    )


def is_note(each: etree._Element) -> bool:
    """Return whether an element is one note by its own word."""
    if each.get("role") in _NOTE_ROLES:
        return True
    named = {"footnote", "footnote-item", "footdef", "footnote-definition", "fn"}
    return each.tag not in {"a", "sup", "span", "ol", "ul"} and not named.isdisjoint(classes(each))


def name_there(label: str) -> str:
    """Return what a way there calls its note: "x" of "fn:x"; "" where it is none."""
    match = _FORWARD.fullmatch(label)
    return match["name"].lower() if match else ""


def names_back(label: str) -> list[str]:
    """Return what a way back may call its note: "x" of "fnref:x" and of "fnref:x:2"."""
    match = _BACKWARD.fullmatch(label)
    if match is None or not match["name"]:
        return []
    name = match["name"].lower()
    return list(dict.fromkeys((name, re.sub(r"[:-]\d+$", "", name))))


def announces_notes(heading: etree._Element) -> bool:
    """Return whether a heading says "Notes" and no more."""
    return text_of(heading).strip(" \xa0\n:").casefold() in NOTE_HEADINGS
