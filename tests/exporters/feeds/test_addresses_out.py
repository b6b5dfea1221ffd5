"""Addresses that go out are URIs and lead where they led; ids stay as they are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import atom_rules
import pytest
import rss_rules
from feed_sets import exported
from lxml import etree

from convert.exporters import opml
from convert.exporters.feeds import atom, jsonfeed, rss
from convert.model import Enclosure, Feed, Link, Person, User
from convert.testing import entry_set, prepared
from convert.text.addresses import clean_address, same_address_key, uri

ADDRESSES = [
    "https://bücher.example/straße/7",
    "https://faß.example/",
    "http://例え.テスト/記事?q=日本#節",
    "https://пример.example:8443/б/%D0%B1",
    "https://a.example/é|[x] {y}^",
    "https://a.example/?q=ä&b=%C3%A4",
    "https://" + "ü" * 70 + ".example/no-label",
    "https://a.example/plain",
]
SCHEMA_FIELDS = ("url", "external_url", "image", "avatar", "feed_url", "home_page_url", "icon")


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_in_ascii_leads_to_the_same_place(address: str) -> None:
    cleaned = clean_address(address)
    assert cleaned is not None
    written = uri(cleaned)
    assert written.isascii()
    assert re.fullmatch(r"https?://[!-~]+", written)
    assert unquote(urlsplit(written).path) == unquote(urlsplit(cleaned).path)
    assert same_address_key(written) == same_address_key(cleaned)
    assert uri(written) == written


def test_a_host_is_written_as_browsers_look_it_up() -> None:
    assert uri("https://faß.example/ß") == "https://xn--fa-hia.example/%C3%9F"
    assert uri("https://bücher.example:81/") == "https://xn--bcher-kva.example:81/"


def test_every_address_of_a_feed_is_a_uri_and_every_id_as_it_was(tmp_path: Path) -> None:
    iri = "https://bücher.example/straße"
    tag = "tag:bücher.example,2024:straße"
    everywhere: dict[str, Any] = {
        "link": iri,
        "enclosures": (Enclosure(href=f"{iri}.mp3", type="audio/mpeg"), Enclosure(href=f"{iri}.é")),
        "links": (Link(rel="via", href=f"{iri}/via"), Link(rel="related", href=f"{iri}/related")),
        "image": f"{iri}.png",
        "authors": (Person(name="Ann", uri=iri, icon=f"{iri}/face.png"),),
        "source": "feed",
    }
    entries = entry_set(
        [
            prepared("ann/1", title="One", id=tag, **everywhere),
            prepared("ann/2", title="Two", **(everywhere | {"id": iri, "link": f"{iri}/2"})),
            prepared(
                "ann/3", title="Three", **(everywhere | {"id": f"{iri}/3", "link": f"{iri}/3"})
            ),
        ],
        users={"ann": User(username="ann", homepage=iri, feeds=(f"{iri}/rss",))},
        feeds={
            "feed": Feed(id=tag, title="Ann", address=f"{iri}/feed", link=iri, icon=f"{iri}.ico")
        },
    )
    options: dict[str, Any] = {
        "base_url": "https://plänet.example/",
        "icon": iri,
        "logo": iri,
        "hub": iri,
    }
    first = exported(atom.EXPORTER, entries, tmp_path / "a", ".atom", **options)["eeg.atom"]
    assert atom_rules.problems(first) == []
    second = exported(rss.EXPORTER, entries, tmp_path / "r", ".rss", **options)["eeg.rss"]
    assert rss_rules.problems(second) == []
    third = exported(opml.EXPORTER, entries, tmp_path / "o", ".opml")["eeg.opml"]
    for document in (first, second, third):
        for each in etree.fromstring(document).iter(etree.Element):
            name = etree.QName(each).localname
            for key in ("href", "url", "xmlUrl", "htmlUrl"):
                assert str(each.get(key, "")).isascii(), (name, key)
            if name in {"link", "uri", "url", "icon", "logo"}:
                assert (each.text or "").isascii(), name
    ids = [tag, iri, f"{iri}/3"]
    written = etree.fromstring(first).findall(f"{atom_rules.ATOM}entry/{atom_rules.ATOM}id")
    assert [each.text for each in written] == ids
    guids = etree.fromstring(second).findall("channel/item/guid")
    assert [each.text for each in guids] == ids
    # A guid that is no URI cannot be opened, and so is no permanent link.
    assert {each.get("isPermaLink") for each in guids} == {"false"}
    fourth = json.loads(
        exported(jsonfeed.EXPORTER, entries, tmp_path / "j", ".json", **options)["eeg.json"]
    )
    assert [item["id"] for item in fourth["items"]] == ids

    def addresses(value: object) -> list[str]:
        if isinstance(value, list):
            return [found for each in value for found in addresses(each)]
        if not isinstance(value, dict):
            return []
        own = [text for name, text in value.items() if name in SCHEMA_FIELDS]
        return own + [found for each in value.values() for found in addresses(each)]

    found = addresses(fourth)
    assert len(found) > 20
    assert all(each.isascii() for each in found)
