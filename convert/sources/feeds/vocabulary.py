"""Which vocabulary an element of a feed belongs to, and what an element holds by name."""

from __future__ import annotations

import collections
import functools
import re
from collections.abc import Collection

from lxml import etree

from convert.sources import clean
from convert.text.languages import language_tag

_XML = "{http://www.w3.org/XML/1998/namespace}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SPACES = {
    # Atom and RSS, whose own elements differ in what they hold and not in their names: "".
    "": "",
    "www.w3.org/2005/atom": "",
    "purl.org/atom/ns": "",
    "purl.org/rss/1.0": "",
    "purl.org/net/rss1.1": "",
    "my.netscape.com/rdf/simple/0.9": "",
    "channel.netscape.com/rdf/simple/0.9": "",
    "backend.userland.com/rss": "",
    "backend.userland.com/rss2": "",
    "blogs.law.harvard.edu/tech/rss": "",
    "purl.org/rss/1.0/modules/rss091": "",
    "www.w3.org/2007/app": "app",
    "purl.org/atom/app": "app",
    "schemas.google.com/blogger/2018": "blogger",
    "web.resource.org/cc": "cc",
    "creativecommons.org/ns": "cc",
    "purl.org/rss/1.0/modules/content": "content",
    "backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "purl.org/dc/elements/1.0": "dc",
    "purl.org/dc/elements/1.1": "dc",
    "purl.org/dc/terms": "dcterms",
    "wordpress.org/export/1.0/excerpt": "excerpt",
    "wordpress.org/export/1.1/excerpt": "excerpt",
    "wordpress.org/export/1.2/excerpt": "excerpt",
    "rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "schemas.google.com/g/2005": "gd",
    "www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "example.com/dtds/podcast-1.0.dtd": "itunes",
    "search.yahoo.com/mrss": "media",
    "prismstandard.org/namespaces/1.2/basic": "prism",
    "prismstandard.org/namespaces/basic/2.0": "prism",
    "prismstandard.org/namespaces/basic/2.1": "prism",
    "prismstandard.org/namespaces/basic/3.0": "prism",
    "www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "urn:thicket-convert:feed": "thicket",
    "purl.org/syndication/thread/1.0": "thr",
    "webfeeds.org/rss/1.0": "webfeeds",
    "wellformedweb.org/commentapi": "wfw",
    "wordpress.org/export/1.0": "wp",
    "wordpress.org/export/1.1": "wp",
    "wordpress.org/export/1.2": "wp",
    "www.w3.org/1999/xhtml": "xhtml",
}
"""Short names by address, without its scheme and the sign at its end, in lower case."""
_PREFIXES = frozenset(SPACES.values()) - {""} | {"atom", "rss"}
_ADDRESSES = {space: f"http://{address}" for address, space in SPACES.items() if space}


@functools.lru_cache(maxsize=1024)
def name_of(tag: str) -> str:
    """Return an element's name in its vocabulary, in lower case: "title" for those of Atom and
    RSS, "dc:creator"; the tag itself where nobody here knows the vocabulary.

    A prefix that no one declares means what everybody means by it.
    """
    address, brace, local = tag.removeprefix("{").rpartition("}")
    if brace:
        space = SPACES.get(re.sub(r"^https?://|[/#]$", "", address.strip().lower()))
    else:
        prefix, _, local = tag.rpartition(":")
        prefix = prefix.lower()
        space = {"atom": "", "rss": "", "": ""}.get(prefix, prefix)
        space = space if prefix in _PREFIXES or not prefix else None
    if space is None:
        return tag
    return f"{space}:{local.lower()}" if space else local.lower()


def adopt(root: etree._Element, names: Collection[str]) -> None:
    """Make the vocabulary of the outermost elements that of feeds, however it is called, where
    they have one of these names: drafts of Atom had their own, and some state that of HTML.

    What has another prefix stays in it; where nobody knows what that stands for, it means what
    everybody means by it.
    """
    for element in root.iter("*"):
        space = (element.prefix or "").lower()
        if space in _PREFIXES and name_of(str(element.tag)) == element.tag:
            local = str(element.tag).rpartition("}")[2]
            element.tag = f"{{{_ADDRESSES[space]}}}{local}" if space in _ADDRESSES else local
    for top in (root, *root.iterchildren("*")):
        address, brace, local = str(top.tag).rpartition("}")
        if brace and local.lower() in names and name_of(str(top.tag)) not in names:
            prefix = top.prefix
            for element in top.iter(f"{address}}}*"):
                if element.prefix == prefix:
                    element.tag = str(element.tag).rpartition("}")[2]


def attribute(element: etree._Element, *names: str) -> str:
    """Return the first attribute that says something, whatever the case of its name; "" for
    none."""
    for name in names:
        if value := (element.get(name) or "").strip():
            return value
    if any(str(key) != str(key).lower() for key in element.keys()):  # noqa: SIM118 - of lxml
        lowered = {str(key).lower(): str(value).strip() for key, value in element.items()}
        return next((value for name in names if (value := lowered.get(name.lower(), ""))), "")
    return ""


class Parts:
    """The elements in an element, by their names.

    ``base`` is what xml:base says, or the address of the document where that counts, and
    ``home`` what references resolve against where it says nothing; ``language`` is xml:lang, or
    what an element says.  ``rss``: this is no Atom, and what is HTML need not say so.
    """

    def __init__(
        self,
        element: etree._Element,
        *,
        base: str | None = None,
        home: str | None = None,
        language: str | None = None,
        rss: bool,
    ) -> None:
        self.element = element
        self.home = home
        self.rss = rss
        self.base = based(element, base, home)
        self._named: dict[str, list[etree._Element]] = collections.defaultdict(list)
        for child in element.iterchildren("*"):
            self._named[name_of(str(child.tag))].append(child)
        stated = language_tag(self.text("language", "dc:language"))
        self.language = stated or _spoken(element, language)

    def within(self, element: etree._Element) -> Parts:
        """Return the parts of one of these elements."""
        return Parts(element, base=self.base, home=self.home, language=self.language, rss=self.rss)

    def all(self, *names: str) -> list[etree._Element]:
        """Return the elements of these names, by name and then in their order."""
        return [each for name in names for each in self._named.get(name, ())]

    def in_order(self, *names: str) -> list[tuple[str, etree._Element]]:
        """Return the elements of these names, in their order, each with its name."""
        named = ((name_of(str(each.tag)), each) for each in self.element.iterchildren("*"))
        return [(name, each) for name, each in named if name in names]

    def text(self, *names: str) -> str:
        """Return the text of the first of these elements that has any."""
        return next((text for each in self.all(*names) if (text := text_of(each))), "")

    def address_in(self, *names: str) -> str | None:
        """Return the first web address that one of these elements holds or names."""
        addresses = (self.address(each, reference(each)) for each in self.all(*names))
        return next(filter(None, addresses), None)

    def base_of(self, element: etree._Element) -> str | None:
        """Return the base of what is in one of these elements."""
        return based(element, self.base, self.home)

    def language_of(self, element: etree._Element) -> str | None:
        """Return the language of one of these elements."""
        return _spoken(element, self.language)

    def address(self, element: etree._Element, written: str) -> str | None:
        """Return a web address that one of these elements names."""
        return address(written, self.base_of(element) or self.home)


def text_of(element: etree._Element) -> str:
    """Return the text of an element and of all in it, without white space around it."""
    if not len(element):
        return (element.text or "").strip()
    return "".join(str(each) for each in element.itertext()).strip()


def address(written: str, base: str | None) -> str | None:
    """Return a reference as an address of the web, without credentials; None where it is none."""
    text = written.strip().replace("&amp;", "&")  # what was escaped twice
    host = re.match(r"(https?://)([^/?#]+/)", base or "")
    if host and text.startswith((host[2], f"www.{host[2]}")):
        text = f"{host[1]}{text}"  # no folder is called as the host that it is on
    absolute = re.match(r"[A-Za-z][A-Za-z0-9+-]*:", text)
    if not text or not (absolute or base):
        return None
    web = clean.web(text if absolute else clean.join(base or "", text))
    return clean.without_credentials(web) if web else None


def based(element: etree._Element, base: str | None, home: str | None = None) -> str | None:
    """Return what references in an element resolve against, by its own xml:base (XML Base §4.1).

    One that leads nowhere counts for nothing, one that is too long for an address for all below.
    """
    stated = (element.get(f"{_XML}base") or element.get("xml:base") or "").strip()
    if not stated:
        return base
    joined = clean.join(base or home or "", stated)
    return clean.web(joined) or (None if len(joined) > clean.LONGEST else base)


def reference(element: etree._Element) -> str:
    """Return the reference that an element names in an attribute, as RSS's pictures do, or as its
    text."""
    stated = attribute(element, "url", "href", "src", f"{RDF}resource")
    urls = (text_of(each) for each in element.iterchildren("*") if name_of(str(each.tag)) == "url")
    return stated or next(urls, "") or text_of(element)


def _spoken(element: etree._Element, language: str | None) -> str | None:
    stated = element.get(f"{_XML}lang", element.get("lang"))
    # XML 1.0 §2.12: an empty one takes back what is said further out.
    return language if stated is None else language_tag(stated)
