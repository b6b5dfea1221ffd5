"""The last touches to a PDF that WeasyPrint has made, before it is written.

WeasyPrint writes all that CSS can say; here stands what it cannot: whom links lead to, the
language of each entry, metadata beyond the document information.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree  # written only

import pydyf

_NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Facts:
    """What a PDF says of itself beyond title, authors and dates.

    ``identifier`` is an IRI, ``sources`` where the entries came from, with the revision,
    ``titles`` what links to an anchor are called, by the anchor's name.
    """

    identifier: str
    language: str
    rights: str
    sources: tuple[str, ...]
    titles: Mapping[str, str]
    double: bool
    keywords: tuple[str, ...] = ()


def finish(document: Any, pdf: Any, facts: Facts) -> None:
    """For ``finisher`` of WeasyPrint's ``write_pdf``."""
    # Opens with the bookmarks shown (ISO 32000-1, table 28); facing pages where they are so.
    pdf.catalog["PageMode"] = "/UseOutlines"
    if facts.double:
        pdf.catalog["PageLayout"] = "/TwoPageRight"
    _name_links(pdf, facts.titles)
    _state_languages(document, pdf, facts.language)
    _say_once(pdf)
    _describe(document, pdf, facts)


def _name_links(pdf: Any, titles: Mapping[str, str]) -> None:
    """ISO 14289-1, 7.18.5: Contents says where a link leads, in words."""
    for each in pdf.objects:
        if isinstance(each, dict) and each.get("Subtype") == "/Link" and "Dest" in each:
            target = str(each["Dest"].string)
            name = titles.get(target) or titles.get(_entry_of(target))
            if name and "Contents" in each:
                each["Contents"] = pydyf.String(name)


def _entry_of(target: str) -> str:
    """The anchor of the entry in whose body a target stands: ``user.name.id`` is in
    ``user.name``."""
    return ".".join(target.split(".", maxsplit=2)[:2])


def _state_languages(document: Any, pdf: Any, language: str) -> None:
    """ISO 14289-1, 7.2: text in another language than the document's says so.

    WeasyPrint makes one Art element for each page that an article touches, in their order.
    """
    elements = [each for each in pdf.objects if isinstance(each, dict) and each.get("S") == "/Art"]
    languages = list(_article_languages(document))
    if len(elements) != len(languages):
        return
    for each, spoken in zip(elements, languages, strict=True):
        if spoken and spoken != language:
            each["Lang"] = pydyf.String(spoken)


def _article_languages(document: Any) -> Iterator[str]:
    for page in document.pages:
        waiting = [page._page_box]  # the only way to the boxes of a page
        while waiting:
            box = waiting.pop()
            if getattr(box, "element_tag", None) == "article":
                yield box.element.get("lang") or ""
            else:
                waiting.extend(reversed(list(getattr(box, "children", ()))))


def _say_once(pdf: Any) -> None:
    """WeasyPrint 70 lists each associated file of a PDF/A twice."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


def _describe(document: Any, pdf: Any, facts: Facts) -> None:
    """XMP (ISO 16684-1): identifier, language, rights and sources, in Dublin Core."""
    if "Metadata" not in pdf.catalog:
        document.metadata.include_in_pdf(pdf, "", None, None, True)
    number = int(pdf.catalog["Metadata"].split()[0])
    stream = pdf.objects[number]
    ours = _description(facts)
    # One rdf:RDF in a packet (ISO 16684-1, 7.4): ours goes into the one that is there.
    stream.stream = [
        part.replace(b"</rdf:RDF>", ours + b"</rdf:RDF>") if isinstance(part, bytes) else part
        for part in stream.stream
    ]


def _description(facts: Facts) -> bytes:
    for prefix, address in _NAMESPACES.items():
        ElementTree.register_namespace(prefix, address)
    about = {_name("rdf", "about"): ""}
    description = ElementTree.Element(_name("rdf", "Description"), about)
    ElementTree.SubElement(description, _name("dc", "identifier")).text = facts.identifier
    _list(description, "language", "Bag", [facts.language])
    if facts.sources:
        ElementTree.SubElement(description, _name("dc", "source")).text = "; ".join(facts.sources)
    rights = _list(description, "rights", "Alt", [facts.rights])
    rights.set("{http://www.w3.org/XML/1998/namespace}lang", "x-default")
    if facts.keywords:
        _list(description, "subject", "Bag", facts.keywords)
    return ElementTree.tostring(description, encoding="unicode").encode()


def _list(
    description: ElementTree.Element, name: str, kind: str, values: Any
) -> ElementTree.Element:
    holder = ElementTree.SubElement(description, _name("dc", name))
    container = ElementTree.SubElement(holder, _name("rdf", kind))
    item = holder
    for value in values:
        item = ElementTree.SubElement(container, _name("rdf", "li"))
        item.text = value
    return item


def _name(prefix: str, local: str) -> str:
    return f"{{{_NAMESPACES[prefix]}}}{local}"
