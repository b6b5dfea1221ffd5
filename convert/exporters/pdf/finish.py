"""The last touches to a PDF that WeasyPrint has made, before it is written.

WeasyPrint writes all that CSS can say; here stands what it cannot: whom links lead to, the
language of each entry, metadata beyond the document information.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
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


def finish(document: Any, pdf: Any, facts: Facts) -> None:
    """Change a PDF before it is written: a ``finisher`` of WeasyPrint's ``write_pdf``."""
    # Opens with the bookmarks shown (ISO 32000-1, table 28); facing pages where they are so.
    pdf.catalog["PageMode"] = "/UseOutlines"
    if facts.double:
        pdf.catalog["PageLayout"] = "/TwoPageRight"
    # ISO 14289-1, 7.18.5: Contents says where a link leads, in words.
    for each in pdf.objects:
        if isinstance(each, dict) and each.get("Subtype") == "/Link" and "Dest" in each:
            target = str(each["Dest"].string)
            # A place in a body, "user.name.id", is called by its entry, "user.name".
            entry = ".".join(target.split(".", maxsplit=2)[:2])
            title = facts.titles.get(target) or facts.titles.get(entry)
            if title and "Contents" in each:
                each["Contents"] = pydyf.String(title)
    _state_languages(document, pdf, facts.language)
    # WeasyPrint 70 lists each associated file of a PDF/A twice.
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    if "Metadata" not in pdf.catalog:
        document.metadata.include_in_pdf(pdf, "", None, None, True)
    stream = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    # One rdf:RDF in a packet (ISO 16684-1, 7.4): ours goes into the one that is there.
    end = b"</rdf:RDF>"
    stream.stream = [
        part.replace(end, _description(facts) + end) if isinstance(part, bytes) else part
        for part in stream.stream
    ]


def _state_languages(document: Any, pdf: Any, language: str) -> None:
    """Let text in another language than the document's say so (ISO 14289-1, 7.2).

    WeasyPrint makes one Art element for each page that an article touches, in their order.
    """
    languages: list[str] = []
    for page in document.pages:
        waiting = [page._page_box]  # the only way to the boxes of a page
        while waiting:
            box = waiting.pop()
            if getattr(box, "element_tag", None) == "article":
                languages.append(box.element.get("lang") or "")
            else:
                waiting.extend(reversed(list(getattr(box, "children", ()))))
    elements = [each for each in pdf.objects if isinstance(each, dict) and each.get("S") == "/Art"]
    if len(elements) != len(languages):
        return
    for each, spoken in zip(elements, languages, strict=True):
        if spoken and spoken != language:
            each["Lang"] = pydyf.String(spoken)


def _description(facts: Facts) -> bytes:
    """Return identifier, language, rights and sources as XMP (ISO 16684-1) in Dublin Core."""
    for prefix, address in _NAMESPACES.items():
        ElementTree.register_namespace(prefix, address)
    description = ElementTree.Element(_name("rdf", "Description"), {_name("rdf", "about"): ""})
    ElementTree.SubElement(description, _name("dc", "identifier")).text = facts.identifier
    _add(description, "language", "Bag", facts.language)
    if facts.sources:
        ElementTree.SubElement(description, _name("dc", "source")).text = "; ".join(facts.sources)
    rights = _add(description, "rights", "Alt", facts.rights)
    rights.set("{http://www.w3.org/XML/1998/namespace}lang", "x-default")
    return ElementTree.tostring(description, encoding="unicode").encode()


def _add(description: ElementTree.Element, name: str, kind: str, value: str) -> ElementTree.Element:
    holder = ElementTree.SubElement(description, _name("dc", name))
    container = ElementTree.SubElement(holder, _name("rdf", kind))
    element = ElementTree.SubElement(container, _name("rdf", "li"))
    element.text = value
    return element


def _name(prefix: str, local: str) -> str:
    return f"{{{_NAMESPACES[prefix]}}}{local}"
