"""People as feeds name them: RFC 4287's elements, and names and addresses in one text."""

from __future__ import annotations

import collections
import contextlib
import re
from collections.abc import Iterable, Iterator
from email.errors import MessageError
from email.header import decode_header, make_header

from lxml import etree
from msgspec.structs import replace

from convert.content import fields
from convert.model import Person
from convert.sources import clean
from convert.sources.feeds.vocabulary import Parts, attribute, name_of, text_of

# In the order in which they count: the first that name somebody.
_NAMED_BY = {
    "author": (
        *(("author",), ("managingeditor",)),
        *(("dc:creator", "dc:author", "dcterms:creator"), ("itunes:author",)),
    ),
    "contributor": (("contributor", "dc:contributor"),),
}
_PAGES = ("uri", "url", "homepage")
_WHO = ("person", "agent", "description", "seq", "bag", "alt")
"""Elements of FOAF and RDF that hold what others say of an author at once."""
_INLINE = frozenset(("a", "b", "em", "font", "i", "p", "span", "strong"))
_NO_FACE = ".blogblog.com/img/"
"""Where the signs lie that Blogger shows for people without a picture."""
_FACES = frozenset(("", "avatar", "photo", "http://schemas.google.com/g/2005#thumbnail"))
# No more than a mailbox may have (RFC 5321 §4.5.3.1), so that nothing is read again and again.
_SIGN = r"[^\s@<>()\[\]{},;:?\"\\]"
_HOST = r"[^\s@<>()\[\]{},;:?\"\\/|]"
_MAILBOX = re.compile(
    # A name in the Fediverse has a sign before it: @ann@social.example.
    rf"(?<!{_SIGN})(?<!@)(?:mailto:)?"
    rf"(?P<email>{_SIGN}{{1,64}}@{_HOST}{{1,255}}(?:\.{_HOST}{{2,63}}|(?=>|\s?\()))(?:\?\S{{0,500}})?",
    re.IGNORECASE,
)
"""A host has a point, but where angle brackets or the name behind it tell what it is."""
_DISGUISED = re.compile(
    r"\S{1,64}\s?(?:\sat\s|[\[(]at[\])])\s?[^\s()]{1,255}"
    r"(?:\.|\sdot\s)[^\s()]{1,63}\s\(([^()]+)\)",
    re.IGNORECASE,
)
"""An address as archives of mailing lists hide it from collectors, and a name."""
_PAIR = re.compile(r"\\([\"\\()])")
"""A sign with a backslash before it, in quotes or beside an address (RFC 2822 §3.2.2)."""
_BYLINE = re.compile(r"\A(?:(?:posted|written)\s)?by(?:\s*:\s*|\s+)(?=[\w\"'<(])", re.IGNORECASE)
_AND = r"(?:&|\+|/|\||and|und|et|y|e|och|og|en)"
_TOKEN = re.compile(
    rf"""(?P<between>[,;]|(?<!\S){_AND}(?!\S))
      |(?P<closed><[^<>]*+>) | "(?:[^"\\]|\\.)*+"
      | \((?:[^()]|\([^()]*+\))*+\) | [^\s,;<>()"]++ | [<>()"]""",
    re.IGNORECASE | re.VERBOSE,
)
"""What stands between people, an address in angle brackets, and all else that is one."""
_MOST = 2_000
"""Characters of a text that names somebody; more is none."""


def people(parts: Parts, role: str) -> tuple[Person, ...]:
    """Return authors or contributors, each once, in the order of the feed."""
    groups = [[*_stated(parts, parts.all(*names))] for names in _NAMED_BY[role]]
    # An address alone names nobody to a reader where another element does.
    named = (group for group in groups if any(each.name for each in group))
    persons: dict[str, Person] = {}
    for person in map(with_name, next(named, None) or next(filter(None, groups), ())):
        if person.name:
            persons.setdefault(person.name, person)
    return tuple(persons.values())


def of_entry(persons: Iterable[Person]) -> tuple[Person, ...]:
    """Return persons as an entry has them: preparation is to find nothing in their names that is
    markup, as they have been read."""
    return tuple(replace(each, name=clean.literal(each.name) or "") for each in persons)


def mailboxes(text: str, kind: str = "text") -> tuple[Person, ...]:
    """Return who a text names: one as a rule, several where each has an address of its own.

    >>> mailboxes("ann@a.example (Ann), bob@b.example (Bob)")[1]
    Person(name='Bob', uri=None, email='bob@b.example', icon=None)
    """
    line = clean.line(fields.line(text[:_MOST], kind))
    if "=?" in line:
        with contextlib.suppress(ValueError, LookupError, MessageError):
            line = clean.line(str(make_header(decode_header(line))))  # RFC 2047
    line = _BYLINE.sub("", line)
    if not _MAILBOX.search(line):
        disguised = _DISGUISED.fullmatch(line)
        name = _name(disguised[1] if disguised else line)
        return (Person(name=name),) if name else ()
    persons: list[Person] = []
    for person in map(_person, _with_one_address(line)):
        # An address that stands there once more is nobody else's.
        if person.name or person.email not in [each.email for each in persons]:
            persons.append(person)
    return tuple(persons)


def _with_one_address(line: str) -> Iterator[str]:
    """Yield the pieces of a line each of which has one address; the last has all that follows."""
    ends: list[int] = []
    begin, holds, is_closed = 0, False, False
    for token in _TOKEN.finditer(line):
        is_mailbox = _MAILBOX.search(token[0]) is not None
        if holds and (is_mailbox or token["between"] or is_closed):
            ends.append(token.start())
            holds = False
        holds |= is_mailbox
        is_closed = is_mailbox and token["closed"] is not None
    if not holds and ends:
        ends.pop()
    for end in (*ends, len(line)):
        yield line[begin:end]
        begin = end


def _person(piece: str) -> Person:
    """Return whom a piece with one address names."""
    match = _MAILBOX.search(piece)
    if match is None:
        return Person(name=_name(piece))
    behind = re.sub(r"^([>\s]*)\(((?:[^()]|\([^()]*+\))*+)\)", r"\1 \2 ", piece[match.end() :])
    around = f"{piece[: match.start()]} {behind}"
    name = re.sub(r"<\s*>|\(\s*\)|\[\s*\]|\{\s*\}", " ", around)
    name = re.sub(rf"^(?:[\s,;:(<|/–—-]|{_AND}\s)+|(?<!\\)[\s,;:)>|/–—-]+$", "", name)
    name = re.sub(r"\s+(?=[,;])|(?<=[,;])[\s,;]+(?=[,;])", "", name)
    name = re.sub(r"([,;])[,;]", r"\1", name)
    if name.count("(") > name.count(")"):
        name += ")"
    return Person(name=_name(name, paired=True), email=match["email"].rstrip("."))


def _name(text: str, *, paired: bool = False) -> str:
    """Return a name without the quotes of RFC 2822 §3.2.5 around it; in these, and with ``paired``,
    a backslash only says that what follows is a sign."""
    name = clean.line(text)
    if quoted := re.fullmatch(r"""(["'])((?:(?!\1)[^\\]|\\.)*)\1""", name):
        name = quoted[2]
    return clean.line(_PAIR.sub(r"\1", name) if quoted or paired else name)


def _stated(parts: Parts, elements: Iterable[etree._Element]) -> Iterator[Person]:
    # RFC 4287 §3.2.1: a name is text.
    kind = "text" if parts.rss else fields.LITERAL
    for element in elements:
        if not len(element):
            yield from mailboxes(text_of(element), kind)
            continue
        # Whatever the vocabulary: FOAF has names and pages, too.
        within = parts.within(element)
        named: dict[str, list[etree._Element]] = collections.defaultdict(list)
        for each in element.iterchildren("*"):
            named[name_of(str(each.tag)).rpartition("}")[2].rpartition(":")[2].lower()].append(each)
        if _INLINE.issuperset(named):
            yield from mailboxes(" ".join("".join(map(str, element.itertext())).split()), kind)
            continue
        inner = [] if named["name"] else [each for key in _WHO for each in named[key] if len(each)]
        inner += named["li"]
        if inner:
            yield from _stated(within, inner)
            continue
        pages = [text_of(each) for key in _PAGES for each in named[key]]
        uri = next((uri for page in pages if (uri := within.address(element, page))), None)
        written = [text_of(each) for each in named["email"]]
        written += [page for page in pages if page.lower().startswith("mailto:")]
        email = next(filter(None, map(clean.line, written)), "")
        mailbox = next(iter(mailboxes(email)), None) if email else None
        faces = [*named["image"], *named["thumbnail"], *named["link"]]
        icons = (
            within.address(each, attribute(each, "src", "url", "href"))
            for each in faces
            if attribute(each, "rel").lower() in _FACES
        )
        shared = Person(
            name="",
            uri=uri,
            email=mailbox.email if mailbox else None,
            icon=next((icon for icon in icons if icon and _NO_FACE not in icon), None),
        )
        yield from [*called(map(text_of, named["name"]), shared, kind)] or [mailbox or shared]


def called(names: Iterable[str], person: Person, kind: str) -> Iterator[Person]:
    """Yield whom names name, of whom all else is stated: some write the address into the name."""
    for name in names:
        for each in mailboxes(name, kind):
            yield replace(person, name=each.name, email=person.email or each.email)


def with_name(person: Person) -> Person:
    """Return a person with a name, where anything is known: RSS 2.0's author is an address, often
    with nothing beside."""
    name = (
        person.name
        or (person.email or "").partition("@")[0]
        or clean.line((person.uri or "").partition("//")[2]).rstrip("/")
    )
    return replace(person, name=name)
